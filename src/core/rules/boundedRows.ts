import type { DeleteStmt, Node, UpdateStmt } from '@pgsql/types';
import type { StatementAnalysis } from '../analyze.ts';
import type { TableRelation } from '../catalog/catalog.ts';
import { nodeAs, stringValue } from '../sql/tree.ts';
import { containsNode } from './containsNode.ts';

/**
 * True for an UPDATE or DELETE whose WHERE does not choose few rows for sure: by WHERE CURRENT OF, by equality with
 * constants on all columns of a primary or unique key, or by a subquery with LIMIT. False for any other statement: what
 * a trigger or a function changes is not looked into here.
 */
export function choosesManyRows(analysis: StatementAnalysis): boolean {
  const { tree } = analysis.statement;
  const changed = nodeAs(tree, 'UpdateStmt') ?? nodeAs(tree, 'DeleteStmt');
  return changed !== undefined && !choosesFewRows(changed, analysis);
}

function choosesFewRows(tree: UpdateStmt | DeleteStmt, { before, effects }: StatementAnalysis): boolean {
  if (!tree.whereClause) return false;
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
