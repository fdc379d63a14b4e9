import type { Column, TableRelation } from '../../catalog/catalog.ts';
import { ownedSequences } from '../../catalog/lookup.ts';
import { constantValue } from '../../sql/tree.ts';
import { checkReferencedRows, foreignKeyActions } from '../foreignKeys.ts';
import { usesOfIndexes } from '../indexUses.ts';
import type { Constant } from '../partitionProof.ts';
import type { QueryWalker } from '../queryWalker.ts';
import { applyRules, fireTriggers, withRowsOf } from './rowTriggers.ts';
import type { Given } from './writtenRows.ts';
import { nameText } from '../../sql/quote.ts';

/** What new and changed rows set off: defaults, checks, foreign keys, triggers, rules. */

/** What new rows set off: defaults that call nextval, foreign keys that look up the other table, triggers. */
export function insertInto(
  table: TableRelation,
  walker: QueryWalker,
  rows: {
    readonly given: ReadonlyMap<number, Given>;
    readonly values: ReadonlyMap<string, readonly Constant[]>;
  },
): void {
  const { given } = rows;
  const filled = new Set<number>();
  for (const column of table.columns) {
    const state = given.get(column.number);
    if (state === 'value' || state === 'both') filled.add(column.number);
    if (state !== undefined && state !== 'both') continue;
    if (column.generated !== null) filled.add(column.number);
    else if (column.identity !== null || hasDefault(column) || isDomain(column, walker)) {
      filled.add(column.number);
      useDefault(table, column, walker);
    }
  }
  const values = new Map<number, readonly Constant[]>();
  for (const column of table.columns) {
    const list = rows.values.get(column.name);
    if (list !== undefined) values.set(column.number, list);
  }
  checkReferencedRows(walker.recorder, table, filled, { values });
  evaluateOwn(table, walker);
  for (const part of withRowsOf(table, 'insert', walker).slice(1)) {
    checkReferencedRows(walker.recorder, part, numbersIn(part, namesOf(table, filled)), { ownOnly: true });
    evaluateOwn(part, walker, true);
  }
  fireTriggers(table, 'insert', walker);
  applyRules(table, 'CMD_INSERT', walker);
}

/** OVERRIDING USER VALUE: identity columns get their own. */
export function withoutIdentity(table: TableRelation, given: ReadonlyMap<number, Given>): ReadonlyMap<number, Given> {
  const identities = new Set(table.columns.flatMap(({ identity, number }) => (identity === null ? [] : [number])));
  return new Map([...given].filter(([number]) => !identities.has(number)));
}

export const NOTHING_GIVEN: ReadonlyMap<number, Given> = new Map();

/** @param assigned by the column's name: true if to something else than NULL */
export function updateOf(
  table: TableRelation,
  walker: QueryWalker,
  assigned: ReadonlyMap<string, boolean>,
  only = false,
): void {
  const changed = new Set(assigned.keys());
  const filled = new Set([...assigned].flatMap(([name, toValue]) => (toValue ? [name] : [])));
  for (const each of withRowsOf(table, 'update', walker, only)) {
    const ownOnly = each !== table;
    const numbers = { changed: numbersIn(each, changed), ownOnly };
    checkReferencedRows(walker.recorder, each, numbersIn(each, filled), numbers);
    evaluateOwn(each, walker, ownOnly);
  }
  foreignKeyActions(walker.recorder, table, { deleted: false, columns: numbersIn(table, changed) });
  fireTriggers(table, 'update', walker, { changed, only });
  applyRules(table, 'CMD_UPDATE', walker);
}

/** A row that moves to another partition is deleted here and inserted there: all its keys are looked up. */
export function movedTo(
  table: TableRelation,
  partitions: readonly TableRelation[],
  walker: QueryWalker,
  assigned: ReadonlyMap<string, boolean>,
): void {
  const filled = new Set(table.columns.flatMap(({ name }) => (assigned.get(name) === false ? [] : [name])));
  for (const each of [table, ...partitions])
    checkReferencedRows(walker.recorder, each, numbersIn(each, filled), { ownOnly: each !== table });
  fireTriggers(table, 'delete', walker);
  fireTriggers(table, 'insert', walker);
}

function numbersIn({ columns }: TableRelation, names: ReadonlySet<string>): ReadonlySet<number> {
  return new Set(columns.flatMap(({ name, number }) => (names.has(name) ? [number] : [])));
}

function namesOf({ columns }: TableRelation, numbers: ReadonlySet<number>): ReadonlySet<string> {
  return new Set(columns.flatMap(({ name, number }) => (numbers.has(number) ? [name] : [])));
}

/**
 * A new row is held against the checks, whose functions may read other tables; what is generated from it, and what it is
 * indexed by, is computed.
 *
 * @param ownOnly leaves out what the table has from its parent
 */
function evaluateOwn(table: TableRelation, walker: QueryWalker, ownOnly = false): void {
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'check' || !constraint.enforced || constraint.expression.uses === undefined) continue;
    if (!ownOnly || constraint.local) walker.useAll(constraint.expression.uses, `CHECK ${constraint.name}`);
  }
  for (const { generated, name, local } of table.columns)
    if (generated?.expression.uses !== undefined && (!ownOnly || local))
      walker.useAll(generated.expression.uses, `generated ${name}`);
  const catalog = walker.recorder.before;
  for (const uses of usesOfIndexes(catalog, table)) walker.useAll(uses, `index of ${table.name}`);
  for (const { type } of ownOnly ? [] : table.columns) {
    const domain = type.id === null ? undefined : catalog.types.get(type.id);
    if (domain?.kind !== 'domain') continue;
    for (const { name, expression } of domain.constraints) walker.useAll(expression.uses, `CHECK ${name}`);
  }
}

export function useDefault(table: TableRelation, column: Column, walker: QueryWalker): void {
  const what = `default of ${nameText(table.name)}.${nameText(column.name)}`;
  if (column.identity !== null) {
    for (const sequence of ownedSequences(walker.recorder.before, table.id, column.number)) {
      walker.useSequence(sequence.id, what);
    }
    return;
  }
  const { types } = walker.recorder.before;
  const domain = column.default === null && column.type.id !== null ? types.get(column.type.id) : undefined;
  walker.useAll(domain?.kind === 'domain' ? domain.default?.uses : column.default?.uses, what);
}

/** A domain may bring a default of its own. */
function isDomain(column: Column, walker: QueryWalker): boolean {
  if (column.type.id === null || column.default !== null) return false;
  const type = walker.recorder.before.types.get(column.type.id);
  return type?.kind === 'domain' && type.default !== null;
}

function hasDefault(column: Column): boolean {
  if (column.default === null) return false;
  return constantValue(column.default.tree) !== null;
}
