import type { Node } from '@pgsql/types';
import type { Expression, PartitionBound, TableRelation, TypeReference } from '../catalog/catalog.ts';
import { constantValue, stringValues } from '../sql/tree.ts';
import { conjuncts, isColumn, provenNotNull } from './notNullProof.ts';

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
  const notNull = column.notNull || provenNotNull(table, key.column) !== null;
  if (bound.kind === 'range' && bound.from.length === 1) {
    // A range partition's constraint says NOT NULL too.
    if (!notNull) return false;
    const [low, high] = [limitOf(bound.from[0], 'low'), limitOf(bound.to[0], 'high')];
    if (low === undefined || high === undefined) return false;
    return atLeast(values.low, low) && below(values.high, high);
  }
  if (bound.kind === 'list' && values.list !== null) {
    const wanted = new Set(bound.values.map((value) => constantOf(value)));
    if (wanted.has(undefined) || !(notNull || wanted.has(null))) return false;
    return values.list.every((value) => wanted.has(value));
  }
  return false;
}

/** Whether the default partition's CHECKs rule out every row of a new bound. */
export function boundIsExcluded(table: TableRelation, column: string, bound: PartitionBound): boolean {
  return isOutside(allowedValues(table, column), bound) || negatedChecks(table, column, bound);
}

/** CHECK (NOT (…)): none of the rows that the bound would take. */
function negatedChecks(table: TableRelation, column: string, bound: PartitionBound): boolean {
  return table.constraints.some((constraint) => {
    if (constraint.kind !== 'check' || !constraint.validated || !constraint.enforced) return false;
    const { tree } = constraint.expression;
    return (tree === null ? [] : conjuncts(tree)).some((part) => {
      if (!('BoolExpr' in part) || part.BoolExpr.boolop !== 'NOT_EXPR') return false;
      const [inner] = part.BoolExpr.args ?? [];
      return inner !== undefined && isInside(bound, conjuncts(inner), column);
    });
  });
}

/** Every row of the bound fulfils the conditions. */
function isInside(bound: PartitionBound, conditions: readonly Node[], column: string): boolean {
  if (bound.kind !== 'range' || bound.from.length !== 1) return false;
  const [low, high] = [limitOf(bound.from[0], 'low'), limitOf(bound.to[0], 'high')];
  if (low === undefined || high === undefined || low === null || high === null) return false;
  return conditions.every((condition) => {
    const allowed: Allowed = { low: null, high: null, list: null };
    narrow(allowed, condition, column);
    if (allowed.list !== null) return false;
    if (allowed.low !== null) return compares(allowed.low.value, low, allowed.low.inclusive ? '<=' : '<');
    // The bound's upper end is exclusive.
    return allowed.high !== null && compares(high, allowed.high.value, '<=');
  });
}

/** None of the allowed values belongs into the bound. */
export function isOutside(values: Allowed, bound: PartitionBound): boolean {
  if (bound.kind === 'range' && bound.from.length === 1) {
    const [low, high] = [limitOf(bound.from[0], 'low'), limitOf(bound.to[0], 'high')];
    if (low === undefined || high === undefined) return false;
    if (values.list !== null) {
      return values.list.every((value) => isBelow(value, low) || isAtLeast(value, high));
    }
    const endsBefore =
      values.high !== null && low !== null && compares(values.high.value, low, values.high.inclusive ? '<' : '<=');
    const startsAfter = values.low !== null && high !== null && compares(high, values.low.value, '<=');
    return endsBefore || startsAfter;
  }
  if (bound.kind === 'list' && values.list !== null) {
    const wanted = bound.values.map((value) => constantOf(value));
    return values.list.every((value) => wanted.every((each) => each !== undefined && differs(value, each)));
  }
  return false;
}

/** Two constants that are certainly not the same value. */
function differs(a: Constant, b: Constant): boolean {
  if (a === null || b === null) return a !== b;
  const [left, right] = [comparable(a) ?? a, comparable(b) ?? b];
  return typeof left === typeof right && left !== right;
}

export type Constant = string | number | boolean | null;
export interface Limit {
  readonly value: Constant;
  readonly inclusive: boolean;
}
/** What conditions leave of a column's values; null: no limit. */
export interface Allowed {
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

/** @param type of the column, where constants of other types must not count: the planner does not compare them */
export function narrow(allowed: Allowed, part: Node, column: string, type?: TypeReference): void {
  if (!('A_Expr' in part)) return;
  const { kind, name, lexpr, rexpr } = part.A_Expr;
  const operator = name?.[0] !== undefined && 'String' in name[0] ? name[0].String.sval : '';
  if (kind === 'AEXPR_IN' && operator === '=' && isColumn(lexpr, column) && rexpr !== undefined && 'List' in rexpr) {
    const values = (rexpr.List.items ?? []).map((item) => (isOfType(item, type) ? plainConstant(item) : undefined));
    if (!values.includes(undefined)) allowed.list = values as Constant[];
    return;
  }
  if (kind !== 'AEXPR_OP') return;
  const flipped = isColumn(rexpr, column);
  if (!flipped && !isColumn(lexpr, column)) return;
  const other = flipped ? lexpr : rexpr;
  const value = isOfType(other, type) ? plainConstant(other) : undefined;
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

/** Without a cast, or with one to the type itself; a number with a fraction is no integer. */
function isOfType(node: Node | undefined, type: TypeReference | undefined): boolean {
  if (node === undefined || type === undefined) return true;
  if ('TypeCast' in node) return stringValues(node.TypeCast.typeName?.names).at(-1) === type.name;
  const number = 'A_Const' in node ? node.A_Const.fval?.fval : undefined;
  return number === undefined || !/[.e]/i.test(number) || !/^int[248]$/.test(type.name);
}

export function plainConstant(node: Node | undefined): Constant | undefined {
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

/** The value is known to lie under the range, or not under its end. */
function isBelow(value: Constant, low: Constant): boolean {
  return low !== null && compares(value, low, '<');
}

function isAtLeast(value: Constant, high: Constant): boolean {
  return high !== null && compares(high, value, '<=');
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
