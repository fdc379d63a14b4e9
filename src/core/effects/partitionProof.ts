import type { Node } from '@pgsql/types';
import type { Expression, PartitionBound, TableRelation } from '../catalog/catalog.ts';
import { constantValue } from '../sql/tree.ts';
import { conjuncts, isColumn } from './notNullProof.ts';

/**
 * Whether a table's valid CHECKs prove what a partition's bound would ask of it, so that ATTACH PARTITION need not read
 * it (ConstraintImpliedByRelConstraint() in tablecmds.c). Understood: keys of one plain column, bounds of constants
 * that compare as numbers or as text; anything else counts as not proven, which is never too little.
 */
export function boundIsProven(
  table: TableRelation,
  key: { readonly column: string; readonly strategy: 'range' | 'list' | 'hash' },
  bound: PartitionBound,
): boolean {
  const column = table.columns.find(({ name }) => name === key.column);
  if (column === undefined) return false;
  const values = allowedValues(table, key.column);
  if (bound.kind === 'range' && bound.from.length === 1) {
    // A range partition's constraint says NOT NULL too.
    if (!column.notNull) return false;
    const [low, high] = [limitOf(bound.from[0], 'low'), limitOf(bound.to[0], 'high')];
    if (low === undefined || high === undefined) return false;
    return atLeast(values.low, low) && below(values.high, high);
  }
  if (bound.kind === 'list' && values.list !== null) {
    const wanted = new Set(bound.values.map((value) => constantOf(value)));
    if (wanted.has(undefined) || !(column.notNull || wanted.has(null))) return false;
    return values.list.every((value) => wanted.has(value));
  }
  return false;
}

/** Whether the default partition's CHECKs rule out every row of a new bound. */
export function boundIsExcluded(table: TableRelation, column: string, bound: PartitionBound): boolean {
  const values = allowedValues(table, column);
  if (bound.kind === 'range' && bound.from.length === 1) {
    const [low, high] = [limitOf(bound.from[0], 'low'), limitOf(bound.to[0], 'high')];
    if (low === undefined || high === undefined) return false;
    const endsBefore =
      values.high !== null && low !== null && compares(values.high.value, low, values.high.inclusive ? '<' : '<=');
    const startsAfter = values.low !== null && high !== null && compares(high, values.low.value, '<=');
    return endsBefore || startsAfter;
  }
  if (bound.kind === 'list' && values.list !== null) {
    const wanted = bound.values.map((value) => constantOf(value));
    return !wanted.includes(undefined) && values.list.every((value) => !wanted.includes(value));
  }
  return false;
}

type Constant = string | number | boolean | null;
interface Limit {
  readonly value: Constant;
  readonly inclusive: boolean;
}
interface Allowed {
  low: Limit | null;
  high: Limit | null;
  list: readonly Constant[] | null;
}

/** What the AND-ed comparisons of a column with constants leave. */
function allowedValues(table: TableRelation, column: string): Allowed {
  const allowed: Allowed = { low: null, high: null, list: null };
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'check' || !constraint.validated || !constraint.enforced) continue;
    const { tree } = constraint.expression;
    for (const part of tree === null ? [] : conjuncts(tree)) narrow(allowed, part, column);
  }
  return allowed;
}

function narrow(allowed: Allowed, part: Node, column: string): void {
  if (!('A_Expr' in part)) return;
  const { kind, name, lexpr, rexpr } = part.A_Expr;
  const operator = name?.[0] !== undefined && 'String' in name[0] ? name[0].String.sval : '';
  if (kind === 'AEXPR_IN' && operator === '=' && isColumn(lexpr, column) && rexpr !== undefined && 'List' in rexpr) {
    const values = (rexpr.List.items ?? []).map(plainConstant);
    if (!values.includes(undefined)) allowed.list = values as Constant[];
    return;
  }
  if (kind !== 'AEXPR_OP') return;
  const flipped = isColumn(rexpr, column);
  if (!flipped && !isColumn(lexpr, column)) return;
  const value = plainConstant(flipped ? lexpr : rexpr);
  if (value === undefined) return;
  switch (flipped ? FLIPPED[operator ?? ''] : operator) {
    case '=':
      allowed.list = [value];
      allowed.low = allowed.high = { value, inclusive: true };
      break;
    case '>':
    case '>=':
      allowed.low = { value, inclusive: operator?.includes('=') === true };
      break;
    case '<':
    case '<=':
      allowed.high = { value, inclusive: operator?.includes('=') === true };
      break;
    default:
  }
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

function plainConstant(node: Node | undefined): Constant | undefined {
  if (node !== undefined && 'TypeCast' in node) return plainConstant(node.TypeCast.arg);
  return constantValue(node);
}

function constantOf(expression: Expression): Constant | undefined {
  return plainConstant(expression.tree ?? undefined);
}

/** A bound's limit: a constant, null for MINVALUE and MAXVALUE, undefined for what is not understood. */
function limitOf(expression: Expression | undefined, side: 'low' | 'high'): Constant | undefined {
  const tree = expression?.tree;
  if (tree === null || tree === undefined) return undefined;
  if (isColumn(tree, side === 'low' ? 'minvalue' : 'maxvalue')) return null;
  return plainConstant(tree) ?? undefined;
}

/** Lower end of what is allowed is not under the bound's. */
function atLeast(limit: Limit | null, low: Constant): boolean {
  if (low === null) return true;
  return limit !== null && compares(low, limit.value, '<=');
}

/** Upper end of what is allowed is under the bound's, which is exclusive. */
function below(limit: Limit | null, high: Constant): boolean {
  if (high === null) return true;
  return limit !== null && compares(limit.value, high, limit.inclusive ? '<' : '<=');
}

/** Numbers as numbers, ISO dates and times of one form as text; everything else is not compared. */
function compares(a: Constant, b: Constant, operator: '<' | '<='): boolean {
  const [left, right] = [comparable(a), comparable(b)];
  if (left === null || right === null || typeof left !== typeof right) return false;
  return operator === '<' ? left < right : left <= right;
}

function comparable(value: Constant): string | number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return /^\d{4}-\d{2}-\d{2}/.test(value) ? value.replace(/ 00:00:00(\.0+)?(\+00)?$/, '') : null;
}
