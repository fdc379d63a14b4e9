import type { Column, TableRelation } from '../../catalog/catalog.ts';
import { ownedSequences } from '../../catalog/lookup.ts';
import { constantValue } from '../../sql/tree.ts';
import { checkReferencedRows, foreignKeyActions } from '../foreignKeys.ts';
import type { Constant } from '../partitionProof.ts';
import type { QueryWalker } from '../queryWalker.ts';
import { applyRules, fireTriggers } from './rowTriggers.ts';
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
  fireTriggers(table, 'insert', walker);
  applyRules(table, 'CMD_INSERT', walker);
}

/** OVERRIDING USER VALUE: identity columns get their own. */
export function withoutIdentity(table: TableRelation, given: ReadonlyMap<number, Given>): ReadonlyMap<number, Given> {
  const identities = new Set(table.columns.flatMap(({ identity, number }) => (identity === null ? [] : [number])));
  return new Map([...given].filter(([number]) => !identities.has(number)));
}

export const NOTHING_GIVEN: ReadonlyMap<number, Given> = new Map();

export function updateOf(table: TableRelation, walker: QueryWalker, assigned: ReadonlyMap<string, boolean>): void {
  const changed = new Set<number>();
  const filled = new Set<number>();
  for (const column of table.columns) {
    const toValue = assigned.get(column.name);
    if (toValue === undefined) continue;
    changed.add(column.number);
    if (toValue) filled.add(column.number);
  }
  checkReferencedRows(walker.recorder, table, filled, { changed });
  foreignKeyActions(walker.recorder, table, { deleted: false, columns: changed });
  evaluateOwn(table, walker);
  fireTriggers(table, 'update', walker, changed);
  applyRules(table, 'CMD_UPDATE', walker);
}

/** A new row is held against the checks, whose functions may read other tables; what is generated from it is computed. */
function evaluateOwn(table: TableRelation, walker: QueryWalker): void {
  for (const constraint of table.constraints) {
    if (constraint.kind === 'check' && constraint.enforced && constraint.expression.uses !== undefined)
      walker.useAll(constraint.expression.uses, `CHECK ${constraint.name}`);
  }
  for (const { generated, name } of table.columns)
    if (generated?.expression.uses !== undefined) walker.useAll(generated.expression.uses, `generated ${name}`);
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
