import type { Node } from '@pgsql/types';
import type { StatementAnalysis } from '../analyze.ts';
import type { TableRelation } from '../catalog/catalog.ts';
import { nodeAs, stringValue } from '../sql/tree.ts';
import { containsNode } from './containsNode.ts';

/**
 * True where an UPDATE or DELETE at the statement's top chooses few rows for sure: WHERE CURRENT OF, equality with
 * constants on all columns of a primary or unique key, or a subquery with LIMIT. False for what has no tree of that kind.
 */
export function choosesFewRows({ statement, before, effects }: StatementAnalysis): boolean {
  const tree = nodeAs(statement.tree, 'UpdateStmt') ?? nodeAs(statement.tree, 'DeleteStmt');
  if (!tree?.whereClause) return false;
  const conjuncts = flattenAnd(tree.whereClause);
  if (conjuncts.some((part) => nodeAs(part, 'CurrentOfExpr') !== undefined || hasLimitedSubquery(part))) return true;
  const fixed = new Set(conjuncts.map(fixedColumn).filter((name) => name !== undefined));
  const name = tree.relation?.relname;
  const target = effects.effects.find(({ relation }) => relation.name === name)?.relation;
  const table = target?.id == null ? undefined : before.relations.get(target.id);
  // Without a baseline the usual name of a key has to do.
  if (!table || !('constraints' in table)) return fixed.has('id');
  return keysOf(table).some((key) => key.length > 0 && key.every((column) => fixed.has(column)));
}

function flattenAnd(node: Node): readonly Node[] {
  const expression = nodeAs(node, 'BoolExpr');
  return expression?.boolop === 'AND_EXPR' ? (expression.args ?? []).flatMap(flattenAnd) : [node];
}

/** The column that `column = constant`, `column IN (constants)` or `column BETWEEN …` fixes. */
function fixedColumn(node: Node): string | undefined {
  const expression = nodeAs(node, 'A_Expr');
  if (!expression) return undefined;
  const operator = stringValue(expression.name?.[0]);
  const fixes =
    (expression.kind === 'AEXPR_OP' && operator === '=') ||
    (expression.kind === 'AEXPR_IN' && operator === '=') ||
    expression.kind === 'AEXPR_BETWEEN';
  if (!fixes) return undefined;
  const left = columnName(expression.lexpr);
  return left !== undefined && !mentionsColumn(expression.rexpr) ? left : columnName(expression.rexpr);
}

function columnName(node: Node | undefined): string | undefined {
  return stringValue(nodeAs(node, 'ColumnRef')?.fields?.at(-1));
}

function mentionsColumn(tree: unknown): boolean {
  return containsNode(tree, (kind) => kind === 'ColumnRef' || kind === 'SubLink');
}

function hasLimitedSubquery(node: Node): boolean {
  return containsNode(node, (kind, body) => kind === 'SelectStmt' && body['limitCount'] !== undefined);
}

function keysOf(table: TableRelation): readonly (readonly string[])[] {
  const nameOf = new Map(table.columns.map((column) => [column.number, column.name]));
  return table.constraints.flatMap((constraint) =>
    constraint.kind === 'primary key' || constraint.kind === 'unique'
      ? [constraint.columns.map((number) => nameOf.get(number) ?? '')]
      : [],
  );
}
