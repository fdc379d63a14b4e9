import ts from 'typescript';

const STATEMENT =
  /^\s*(?:--[^\n]*\n\s*)*(?:alter|analyze|call|cluster|comment|copy|create|delete|do|drop|grant|insert|lock|merge|refresh|reindex|revoke|select|set|truncate|update|vacuum|with)\s/i;

/**
 * The SQL in a JavaScript migration's string literals, in their order, what undoes it left out. Nothing is run; texts
 * that are put together from parts are passed over.
 */
export function embeddedSql(javascript: string): string {
  const file = ts.createSourceFile('migration.js', javascript, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (isDown(node)) return;
    if (ts.isBinaryExpression(node) && !isAssignment(node)) return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (STATEMENT.test(node.text) && node.text.trim().includes(' '))
        found.push(node.text.trim().replace(/;*\s*$/, ';'));
      return;
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found.map((text) => `${text}\n`).join('');
}

function isAssignment(node: ts.BinaryExpression): boolean {
  return node.operatorToken.kind === ts.SyntaxKind.EqualsToken || node.operatorToken.kind === ts.SyntaxKind.CommaToken;
}

function isDown(node: ts.Node): boolean {
  if (ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node) || ts.isFunctionDeclaration(node)) {
    return node.name !== undefined && ts.isIdentifier(node.name) && node.name.text === 'down';
  }
  if (ts.isVariableDeclaration(node)) return ts.isIdentifier(node.name) && node.name.text === 'down';
  if (!ts.isBinaryExpression(node) || !ts.isPropertyAccessExpression(node.left)) return false;
  return node.left.name.text === 'down';
}
