import type { Node } from '@pgsql/types';
import type { TableRelation } from '../catalog/catalog.ts';

/**
 * Whether a table's constraints prove already that a column holds no NULL, so that SET NOT NULL need not look at the
 * rows: NOT NULL itself, or a valid CHECK with `column IS NOT NULL` among its AND-ed parts
 * (NotNullImpliedByRelConstraints() in tablecmds.c; measured on 14–18).
 *
 * @param except names of constraints that do not count, since the same statement drops them
 * @returns the name of the constraint that proves it, or null
 */
export function provenNotNull(table: TableRelation, column: string, except?: ReadonlySet<string>): string | null {
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'check' || !constraint.validated || !constraint.enforced) continue;
    if (except?.has(constraint.name) === true) continue;
    const { tree } = constraint.expression;
    if (tree !== null && conjuncts(tree).some((part) => isNotNullTest(part, column))) return constraint.name;
  }
  return null;
}

/** The parts of an expression that AND joins, on all levels. */
export function conjuncts(tree: Node): Node[] {
  if (!('BoolExpr' in tree) || tree.BoolExpr.boolop !== 'AND_EXPR') return [tree];
  return (tree.BoolExpr.args ?? []).flatMap(conjuncts);
}

function isNotNullTest(tree: Node, column: string): boolean {
  if ('NullTest' in tree) {
    return tree.NullTest.nulltesttype === 'IS_NOT_NULL' && isColumn(tree.NullTest.arg, column);
  }
  if (!('BoolExpr' in tree) || tree.BoolExpr.boolop !== 'NOT_EXPR') return false;
  const inner = tree.BoolExpr.args?.[0];
  if (inner === undefined || !('NullTest' in inner)) return false;
  return inner.NullTest.nulltesttype === 'IS_NULL' && isColumn(inner.NullTest.arg, column);
}

export function isColumn(tree: Node | undefined, column: string): boolean {
  if (tree === undefined || !('ColumnRef' in tree)) return false;
  const last = tree.ColumnRef.fields?.at(-1);
  return last !== undefined && 'String' in last && last.String.sval === column;
}
