import type { ForeignKeyAction, IndexRelation, TableRelation } from '../catalog/catalog.ts';
import {
  ancestors,
  columnNames,
  columnNumbered,
  descendants,
  foreignKeysTo,
  indexesOf,
  tableById,
} from '../catalog/lookup.ts';
import type { ForeignKeyOf } from '../catalog/lookup.ts';
import type { Work } from './effect.ts';
import { measured } from './fact.ts';
import type { Fact } from './fact.ts';
import type { Constant } from './partitionProof.ts';
import { allowedByRows, reachedPartitions } from './pruning.ts';
import type { EffectRecorder } from './recorder.ts';
import { nameText } from '../sql/quote.ts';

const FACTS = {
  check: {
    operation: 'foreign key check',
    lock: 'ROW SHARE',
    why: 'The foreign key looks up the other table and locks the rows that it finds with FOR KEY SHARE.',
    source: measured(),
  },
  action: {
    operation: 'foreign key action',
    lock: 'ROW EXCLUSIVE',
    why: 'The foreign key changes the rows that refer to the changed ones (ON DELETE or ON UPDATE).',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const NOTHING: readonly Work[] = [];
const SCAN: readonly Work[] = ['scan'];
const ROWS: readonly Work[] = ['rows'];
const SCAN_AND_ROWS: readonly Work[] = ['scan', 'rows'];

/**
 * New or changed rows of a table: its foreign keys look up the referenced tables. Not those that are checked at COMMIT.
 *
 * @param filled columns that may be other than NULL in the new rows
 * @param options `changed`: of an UPDATE, only keys with such a column are checked
 */
export function checkReferencedRows(
  recorder: EffectRecorder,
  table: TableRelation,
  filled: ReadonlySet<number>,
  options: {
    readonly changed?: ReadonlySet<number>;
    /** Constants that the rows have, by column: they tell which partitions are looked up. */
    readonly values?: ReadonlyMap<number, readonly Constant[]>;
    /** Without those that come from the partitioned table above. */
    readonly ownOnly?: boolean;
  } = {},
): void {
  const { changed, values, ownOnly = false } = options;
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'foreign key' || constraint.initiallyDeferred || !constraint.enforced) continue;
    if (ownOnly && constraint.parent !== null) continue;
    const concerned = changed === undefined || constraint.columns.some((column) => changed.has(column));
    const complete = constraint.columns.every((column) => filled.has(column) || changed?.has(column) === false);
    if (!concerned || !complete || constraint.referenced === null) continue;
    const referenced = tableById(recorder.before, constraint.referenced);
    if (referenced === undefined) continue;
    const detail = { what: `foreign key ${nameText(constraint.name)}`, object: constraint.name };
    const known = new Map<string, readonly Constant[]>();
    constraint.columns.forEach((column, position) => {
      const list = values?.get(column);
      const other = constraint.referencedColumns[position];
      const name = other === undefined ? undefined : columnNumbered(referenced, other)?.name;
      if (list !== undefined && name !== undefined) known.set(name, list);
    });
    for (const each of [referenced, ...reachedPartitions(recorder, referenced, allowedByRows(known))]) {
      if (each === referenced || referenced.kind === 'partitioned table') recorder.touch(each.id, FACTS.check, detail);
    }
  }
}

/**
 * Rows of a table are deleted, or columns that others refer to are changed: what the foreign keys do to the tables
 * that refer to it, and so on through cascades.
 *
 * @param change `columns`: those that an UPDATE changes; null: all
 */
export function foreignKeyActions(
  recorder: EffectRecorder,
  table: TableRelation,
  change: { readonly deleted: boolean; readonly columns: ReadonlySet<number> | null },
  seen: Set<number> = new Set(),
): void {
  for (const key of keysTo(recorder, table)) {
    const { constraint, table: referencing } = key;
    if (seen.has(constraint.id) || !constraint.enforced) continue;
    if (change.columns !== null && !concerns(recorder, constraint, table, change.columns)) continue;
    seen.add(constraint.id);
    const action = change.deleted ? constraint.onDelete : constraint.onUpdate;
    if (action === 'no action' && constraint.initiallyDeferred) continue;
    touchReferencing(recorder, key, action);
    if (action === 'cascade' && change.deleted) {
      foreignKeyActions(recorder, referencing, { deleted: true, columns: null }, seen);
    } else if (action === 'cascade' || action === 'set null' || action === 'set default') {
      foreignKeyActions(recorder, referencing, { deleted: false, columns: new Set(constraint.columns) }, seen);
    }
  }
}

/** Whether a key refers to one of a table's columns. It may refer to a child of the table, which numbers them in its own way. */
function concerns(
  { before }: EffectRecorder,
  { referenced, referencedColumns }: ForeignKeyOf['constraint'],
  table: TableRelation,
  columns: ReadonlySet<number>,
): boolean {
  const other = referenced === null || referenced === table.id ? undefined : tableById(before, referenced);
  if (other === undefined) return referencedColumns.some((column) => columns.has(column));
  const names = new Set(columnNames(other, referencedColumns));
  return table.columns.some(({ name, number }) => columns.has(number) && names.has(name));
}

function touchReferencing(
  recorder: EffectRecorder,
  { table, constraint }: ForeignKeyOf,
  action: ForeignKeyAction,
): void {
  const checks = action === 'no action' || action === 'restrict';
  const fact = checks ? FACTS.check : FACTS.action;
  const indexed = indexesOf(recorder.before, table).some((index) => covers(index, constraint.columns));
  const why = indexed
    ? fact.why
    : `${fact.why} No index of ${table.name} starts with its columns, so each row means a scan of the whole table.`;
  const rows = checks ? NOTHING : ROWS;
  const work = indexed ? rows : checks ? SCAN : SCAN_AND_ROWS;
  const detail = {
    what: `foreign key ${nameText(constraint.name)} of ${nameText(table.name)}`,
    object: constraint.name,
    why,
  };
  for (const each of withPartitions(recorder, table)) {
    recorder.touch(each.id, fact, { ...detail, work: each.kind === 'partitioned table' ? NOTHING : work });
  }
}

/** The index's first columns are these, in any order. */
function covers(index: IndexRelation, columns: readonly number[]): boolean {
  if (index.predicate !== null || !index.valid) return false;
  const leading = index.keys.slice(0, columns.length).map(({ column }) => column);
  return columns.every((column) => leading.includes(column));
}

/** Keys that refer to a table, or to the partitioned table that it is a part of. */
export function keysTo(recorder: EffectRecorder, table: TableRelation): ForeignKeyOf[] {
  const referenced = [table, ...descendants(recorder.before, table)];
  if (table.partitionOf !== null) referenced.push(...ancestors(recorder.before, table));
  const keys = referenced.flatMap(({ id }) => foreignKeysTo(recorder.before, id));
  // A partition's copy of its parent's key comes with the parent's.
  return keys.filter(({ constraint }) => constraint.parent === null);
}

export function withPartitions(recorder: EffectRecorder, table: TableRelation): TableRelation[] {
  if (table.kind !== 'partitioned table') return [table];
  return [table, ...descendants(recorder.before, table)];
}
