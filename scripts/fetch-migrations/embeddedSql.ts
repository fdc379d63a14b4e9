import ts from 'typescript';

const STATEMENT =
  /^\s*(?:--[^\n]*\n\s*)*(?:alter|analyze|call|cluster|comment|copy|create|delete|do|drop|grant|insert|lock|merge|refresh|reindex|revoke|select|set|truncate|update|vacuum|with)\s/i;

/**
 * The SQL in a JavaScript migration's string literals, in their order, what undoes it left out. Nothing is run; texts
 * that are put together from parts are passed over, but for templates whose expressions all have a known value.
 *
 * @param known the value of an expression in a template, by its text (`schema` for `${schema}`)
 */
export function embeddedSql(javascript: string, known: Readonly<Record<string, string>> = {}): string {
  const file = ts.createSourceFile('migration.js', javascript, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (isDown(node)) return;
    if (ts.isBinaryExpression(node) && !isAssignment(node)) return;
    const text = textOf(node, known, file);
    if (text !== null) {
      if (STATEMENT.test(text) && text.trim().includes(' ')) found.push(text.trim().replace(/;*\s*$/, ';'));
      return;
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found.map((text) => `${text}\n`).join('');
}

function textOf(node: ts.Node, known: Readonly<Record<string, string>>, file: ts.SourceFile): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  const parts = node.templateSpans.map(({ expression, literal }) => {
    const value = known[expression.getText(file)];
    return value === undefined ? null : value + literal.text;
  });
  return parts.includes(null) ? null : node.head.text + parts.join('');
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
