import type { Node, ResTarget } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { constantValue } from '../../sql/tree.ts';
import { plainConstant } from '../partitionProof.ts';
import type { Constant } from '../partitionProof.ts';

/** What the text of an INSERT or UPDATE tells of the rows: which columns get a value, NULL, or a constant. */

export const NO_VALUES: ReadonlyMap<string, readonly Constant[]> = new Map();

/** A column in the rows of an INSERT: always NULL, a value in some, or a value in some and DEFAULT in others. */
export type Given = 'value' | 'null' | 'both';

/** Columns that an INSERT gives a value. DEFAULT in all of VALUES counts as not given. */
export function givenColumns(
  table: TableRelation,
  listed: readonly string[],
  source: Node | undefined,
): ReadonlyMap<number, Given> {
  const columns =
    listed.length > 0
      ? listed.map((name) => table.columns.find((column) => column.name === name))
      : table.columns.filter(({ generated }) => generated === null);
  const rows = source !== undefined && 'SelectStmt' in source ? source.SelectStmt.valuesLists : undefined;
  const selected = source !== undefined && 'SelectStmt' in source ? source.SelectStmt.targetList : undefined;
  const given = new Map<number, Given>();
  columns.forEach((column, position) => {
    if (column === undefined || (source === undefined && listed.length === 0 && position >= table.columns.length))
      return;
    const state = rows === undefined ? selectedState(selected, position) : valuesState(rows, position);
    if (state !== 'default') given.set(column.number, state);
  });
  return given;
}

/** Columns that every row of VALUES gives a constant: which ones. */
export function constantsGiven(
  table: TableRelation,
  listed: readonly string[],
  source: Node | undefined,
): ReadonlyMap<string, readonly Constant[]> {
  const rows = source !== undefined && 'SelectStmt' in source ? source.SelectStmt.valuesLists : undefined;
  // Thousands of rows are not worth the look.
  if (rows === undefined || rows.length > 100) return NO_VALUES;
  const names = listed.length > 0 ? listed : table.columns.map(({ name }) => name);
  const values = new Map<string, readonly Constant[]>();
  names.forEach((name, position) => {
    const list = rows.map((row) => ('List' in row ? plainConstant(row.List.items?.[position]) : undefined));
    if (!list.includes(undefined)) values.set(name, list as Constant[]);
  });
  return values;
}

function selectedState(targets: readonly Node[] | undefined, position: number): 'value' | 'null' {
  const target = targets?.[position];
  if (target === undefined || !('ResTarget' in target)) return 'value';
  return constantValue(target.ResTarget.val) === null ? 'null' : 'value';
}

function valuesState(rows: readonly Node[], position: number): Given | 'default' {
  let state: 'null' | 'default' = 'default';
  let filled = false;
  let defaults = false;
  for (const row of rows) {
    const item = 'List' in row ? row.List.items?.[position] : undefined;
    if (item === undefined || 'SetToDefault' in item) defaults = true;
    else if (constantValue(item) !== null) filled = true;
    else state = 'null';
    if (filled && defaults) return 'both';
  }
  if (defaults) return state === 'null' || filled ? 'both' : 'default';
  return filled ? 'value' : state;
}

/** Columns that SET assigns: true if to something else than NULL. A column set to itself changes nothing. */
export function assignedColumns(targets: readonly Node[] | undefined): ReadonlyMap<string, boolean> {
  const assigned = new Map<string, boolean>();
  for (const node of targets ?? []) {
    if (!('ResTarget' in node)) continue;
    const { name, val }: ResTarget = node.ResTarget;
    if (name === undefined || isColumn(val, name)) continue;
    assigned.set(name, constantValue(val) !== null);
  }
  return assigned;
}

function isColumn(node: Node | undefined, name: string): boolean {
  if (node === undefined || !('ColumnRef' in node)) return false;
  const last = node.ColumnRef.fields?.at(-1);
  return last !== undefined && 'String' in last && last.String.sval === name;
}

/** No WHERE, or one that is a constant true or compares constants. */
export function touchesAllRows(where: Node | undefined): boolean {
  if (where === undefined) return true;
  if (constantValue(where) === true) return true;
  if (!('A_Expr' in where)) return false;
  const { lexpr, rexpr } = where.A_Expr;
  const left = constantValue(lexpr);
  return left !== undefined && left !== null && left === constantValue(rexpr);
}
