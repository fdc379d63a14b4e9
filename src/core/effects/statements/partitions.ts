import type { AlterTableCmd } from '@pgsql/types';
import type { Constraint, IndexRelation, PartitionBound, TableRelation } from '../../catalog/catalog.ts';
import {
  ancestors,
  columnNumbered,
  defaultPartition,
  foreignKeysTo,
  indexesOf,
  isTable,
  tableById,
} from '../../catalog/lookup.ts';
import type { LockMode, Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { withPartitions } from '../foreignKeys.ts';
import { boundIsExcluded, boundIsProven } from '../partitionProof.ts';
import type { EffectRecorder } from '../recorder.ts';
import { holdsRows } from './alteredTable.ts';
import type { AlteredTable } from './alteredTable.ts';
import { nameText } from '../../sql/quote.ts';

const ATTACH = 'sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION';
const DETACH = 'sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION';

const FACTS = {
  attachParent: {
    operation: 'attach partition',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes of the partitioned table go on.',
    source: documented(ATTACH),
  },
  attachChild: {
    operation: 'attach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The whole table is read to check that its rows fit the partition, while nobody can read or write it; a valid CHECK that says so saves that.',
    source: documented(ATTACH),
  },
  attachDefault: {
    operation: 'attach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The default partition is read for rows that belong to the new one, while nobody can read or write it; a valid CHECK that excludes them saves that.',
    source: documented(ATTACH),
  },
  attachReferenced: {
    operation: 'add foreign key',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'The partitioned table’s foreign key comes to the new partition: its rows are looked up here.',
    source: measured(),
  },
  attachAncestor: {
    operation: 'attach partition',
    lock: 'ACCESS SHARE',
    why: 'What the partitioned table is a partition of tells what its rows must fulfil too.',
    source: measured(),
  },
  attachReused: {
    operation: 'attach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The new partition’s own foreign key becomes part of the partitioned table’s: its triggers are taken off the referenced table, which can’t be read or written for a moment.',
    source: measured(),
  },
  attachReferencing: {
    operation: 'attach partition',
    lock: { 14: 'ACCESS SHARE', 15: 'SHARE ROW EXCLUSIVE' },
    why: 'The foreign key of this table to the partitioned one is extended to the new partition.',
    source: measured(),
  },
  detach: {
    operation: 'detach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The partitioned table, the partition and the default partition can’t be read or written for a moment.',
    source: documented(DETACH),
  },
  detachReferencing: {
    operation: 'detach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'A foreign key refers to the partitioned table: this table is read for rows that would lose what they refer to.',
    source: measured(),
  },
  detachConcurrently: {
    operation: 'detach partition concurrently',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Reads and writes of the partitioned table go on.',
    source: documented(DETACH),
  },
  detachedConcurrently: {
    operation: 'detach partition concurrently',
    lock: 'ACCESS EXCLUSIVE',
    why: 'At the end the partition itself is locked for a moment.',
    source: documented(DETACH),
  },
  finalize: {
    operation: 'detach partition finalize',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'Ends a DETACH CONCURRENTLY that was interrupted; reads and writes of the partitioned table go on.',
    source: documented(DETACH),
  },
  inherit: {
    operation: 'inherit',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Only the definition changes: reads and writes wait for a moment.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-DESC-INHERIT'),
  },
  inheritParent: {
    operation: 'inherit',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'The parent gets a child: reads and writes of it go on.',
    source: documented('sql-altertable.html#SQL-ALTERTABLE-DESC-INHERIT'),
  },
  inheritChild: {
    operation: 'inherit',
    lock: 'ACCESS SHARE',
    why: 'Children of the table are looked up, so that none comes to inherit from itself.',
    source: measured(),
  },
  noInherit: {
    operation: 'no inherit',
    lock: 'ACCESS EXCLUSIVE',
    why: 'Only the definition changes: reads and writes wait for a moment.',
    source: documented(ATTACH),
  },
  noInheritParent: {
    operation: 'no inherit',
    lock: 'ACCESS SHARE',
    why: 'The parent is only looked at.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

const SCAN: readonly Work[] = ['scan'];

/** ALTER TABLE … ATTACH PARTITION. */
export function attachPartition(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const part = command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  const what = `ATTACH PARTITION ${nameText(part?.name?.relname)}`;
  altered.on(altered.self, FACTS.attachParent, { what });
  if (table.partitionOf !== null) {
    for (const { id } of ancestors(recorder.before, table)) recorder.touch(id, FACTS.attachAncestor, { what });
  }
  const child = recorder.resolve(part?.name);
  if (child === undefined || !isTable(child)) {
    if (part?.name !== undefined) recorder.touchUnknown(part.name, FACTS.attachChild, { what, work: ['unknown'] });
    return;
  }
  const attached = tableById(recorder.after, child.id)?.partitionOf ?? null;
  attachChild(recorder, table, child, attached?.bound ?? null, what);
  touchDefault(recorder, table, attached?.bound ?? null, what);
  touchForeignKeys(recorder, table, { what, child });
}

function attachChild(
  recorder: EffectRecorder,
  parent: TableRelation,
  child: TableRelation,
  bound: PartitionBound | null,
  what: string,
): void {
  const column = keyColumn(parent);
  const proven =
    bound !== null &&
    column !== null &&
    parent.partitionOf === null &&
    boundIsProven(child, { column, strategy: parent.partitionKey?.strategy ?? 'range' }, bound);
  const needed = bound === null || (bound.kind === 'default' && parent.children.length === 0) ? [] : proven ? [] : SCAN;
  const missing = indexesOf(recorder.before, parent).filter(
    (index) => !indexesOf(recorder.before, child).some((own) => sameIndex(recorder, index, parent, own, child)),
  );
  for (const each of withPartitions(recorder, child)) {
    const build: readonly Work[] = missing.length > 0 ? ['index build'] : [];
    const work = holdsRows(each) ? [...needed, ...build] : [];
    const why = proven ? 'A valid CHECK proves that all rows fit the partition: nothing is read.' : undefined;
    recorder.touch(each.id, FACTS.attachChild, { what, work, ...(why === undefined ? {} : { why }) });
  }
}

/** An index of the new partition that can stand for one of the parent. */
function sameIndex(
  recorder: EffectRecorder,
  index: IndexRelation,
  parent: TableRelation,
  own: IndexRelation,
  child: TableRelation,
): boolean {
  if (own.parent !== null || own.method !== index.method || own.unique !== index.unique || !own.valid) return false;
  if (own.keys.length !== index.keys.length || (own.predicate === null) !== (index.predicate === null)) return false;
  // An index behind a constraint needs one behind a constraint of the same kind.
  if (index.constraint !== null && own.constraint === null) return false;
  return index.keys.every((key, position) => {
    const match = own.keys[position];
    if (match === undefined || (key.column === null) !== (match.column === null)) return false;
    if (key.column === null || match.column === null) return recorder.after.relations.get(own.id) !== own;
    return columnNumbered(parent, key.column)?.name === columnNumbered(child, match.column)?.name;
  });
}

/** The default partition must hold no row of a new bound. */
function touchDefault(
  recorder: EffectRecorder,
  parent: TableRelation,
  bound: PartitionBound | null,
  what: string,
): void {
  const fallback = defaultPartition(recorder.before, parent);
  if (fallback === undefined || bound?.kind === 'default') return;
  const column = keyColumn(parent);
  const excluded = bound !== null && column !== null && boundIsExcluded(fallback, column, bound);
  for (const each of withPartitions(recorder, fallback)) {
    const why = excluded ? 'A valid CHECK excludes rows of the new partition: nothing is read.' : undefined;
    const work = excluded || !holdsRows(each) ? [] : SCAN;
    recorder.touch(each.id, FACTS.attachDefault, { what, work, ...(why === undefined ? {} : { why }) });
  }
}

/**
 * A new partition takes over the foreign keys of the partitioned table, and those that refer to it.
 *
 * @param options `child`: a table with rows; without it the partition is made empty
 */
export function touchForeignKeys(
  recorder: EffectRecorder,
  parent: TableRelation,
  options: { readonly what: string; readonly child?: TableRelation },
): void {
  const { what, child } = options;
  for (const constraint of parent.constraints) {
    if (constraint.kind !== 'foreign key' || constraint.referenced === null) continue;
    const referenced = tableById(recorder.before, constraint.referenced);
    if (referenced === undefined) continue;
    const same = child?.constraints.find((own) => isSameKey(own, child, constraint, parent));
    // From 18 on one that was not valid yet is taken over too, and made valid.
    const reused = same !== undefined && (same.validated || recorder.major >= 18);
    const fills = child !== undefined && !recorder.isEmpty(child.id);
    const scanned = fills && same?.validated !== true && constraint.validated && constraint.enforced;
    for (const each of withPartitions(recorder, referenced)) {
      const work = scanned && holdsRows(each) ? SCAN : [];
      // 14 leaves a table that refers to itself its triggers.
      const keeps = recorder.major === 14 && referenced.id === parent.id;
      const fact = reused && !keeps ? FACTS.attachReused : FACTS.attachReferenced;
      recorder.touch(each.id, fact, { what, object: constraint.name, work });
    }
    if (scanned && holdsRows(child))
      recorder.touch(child.id, FACTS.attachChild, { what, object: constraint.name, work: SCAN });
  }
  for (const { table, constraint } of keysOfFamily(recorder, parent)) {
    recorder.touch(table.id, FACTS.attachReferencing, { what, object: constraint.name });
  }
}

/** A key of its own that becomes part of the partitioned table's (tryAttachPartitionForeignKey() in tablecmds.c). */
export function isSameKey(own: Constraint, child: TableRelation, key: Constraint, parent: TableRelation): boolean {
  if (own.kind !== 'foreign key' || key.kind !== 'foreign key' || own.parent !== null) return false;
  if (own.referenced !== key.referenced || own.columns.length !== key.columns.length) return false;
  const columns = own.columns.every((number, at) => {
    const other = key.columns[at];
    return (
      other !== undefined &&
      own.referencedColumns[at] === key.referencedColumns[at] &&
      columnNumbered(child, number)?.name === columnNumbered(parent, other)?.name
    );
  });
  return (
    columns &&
    own.deferrable === key.deferrable &&
    own.initiallyDeferred === key.initiallyDeferred &&
    own.onUpdate === key.onUpdate &&
    own.onDelete === key.onDelete &&
    own.match === key.match
  );
}

/** Foreign keys to a partitioned table or to what it is a partition of. */
function keysOfFamily(recorder: EffectRecorder, parent: TableRelation): ReturnType<typeof foreignKeysTo> {
  const family = [parent, ...ancestors(recorder.before, parent)];
  return family
    .flatMap(({ id }) => foreignKeysTo(recorder.before, id))
    .filter(({ constraint }) => constraint.parent === null);
}

/** CREATE TABLE … PARTITION OF: what happens to the others. */
export function touchForNewPartition(
  recorder: EffectRecorder,
  parent: TableRelation,
  bound: PartitionBound | null,
  what: string,
): void {
  touchDefault(recorder, parent, bound, what);
  touchForeignKeys(recorder, parent, { what });
}

/** ALTER TABLE … DETACH PARTITION. */
export function detachPartition(altered: AlteredTable, command: AlterTableCmd): void {
  const { recorder, table } = altered;
  const part = command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  const concurrent = part?.concurrent === true;
  const what = `DETACH PARTITION ${nameText(part?.name?.relname)}${concurrent ? ' CONCURRENTLY' : ''}`;
  const released = concurrent ? { releasedAtEnd: true } : {};
  altered.on(altered.self, concurrent ? FACTS.detachConcurrently : FACTS.detach, { what, ...released });
  const fact = concurrent ? FACTS.detachedConcurrently : FACTS.detach;
  if (concurrent) {
    recorder.transactional = false;
    recorder.waits('transactions that use the partitioned table to end');
  }
  const child = recorder.resolve(part?.name);
  if (child === undefined || !isTable(child)) {
    if (part?.name !== undefined) recorder.touchUnknown(part.name, fact, { what, ...released });
    return;
  }
  if (concurrent) {
    for (const { id } of ancestors(recorder.before, table)) {
      recorder.touch(id, FACTS.attachAncestor, { what, ...released });
    }
  }
  for (const each of withPartitions(recorder, child)) recorder.touch(each.id, fact, { what, ...released });
  const fallback = defaultPartition(recorder.before, table);
  if (fallback !== undefined && !concurrent) recorder.touch(fallback.id, FACTS.detach, { what });
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'foreign key' || constraint.referenced === null) continue;
    const referenced = tableById(recorder.before, constraint.referenced);
    if (referenced === undefined) continue;
    // 14 only makes the partition's own triggers, and none for a partitioned table on the other side.
    if (recorder.major === 14 && referenced.kind === 'partitioned table') continue;
    for (const each of withPartitions(recorder, referenced)) {
      recorder.touch(each.id, FACTS.attachReferenced, { what, object: constraint.name, ...released });
    }
  }
  for (const key of keysOfFamily(recorder, table)) {
    // One that refers to itself is only read: its triggers stay on the other partitions.
    const kept: LockMode = recorder.major === 14 ? 'ACCESS SHARE' : 'SHARE ROW EXCLUSIVE';
    for (const each of withPartitions(recorder, key.table)) {
      const own: LockMode = each === key.table ? 'ACCESS EXCLUSIVE' : 'ACCESS SHARE';
      const lock = { lock: key.table.id === table.id ? kept : own };
      const detail = { what, object: key.constraint.name, work: holdsRows(each) ? SCAN : [], ...released, ...lock };
      recorder.touch(each.id, FACTS.detachReferencing, detail);
      if (holdsRows(child))
        recorder.touch(child.id, fact, { what, object: key.constraint.name, work: SCAN, ...released });
    }
  }
}

export function detachFinalize(altered: AlteredTable, command: AlterTableCmd): void {
  const part = command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  const what = `DETACH PARTITION ${nameText(part?.name?.relname)} FINALIZE`;
  altered.on(altered.self, FACTS.finalize, { what });
  altered.recorder.touchNamed(part?.name, FACTS.detachedConcurrently, { what });
}

export function inherit(altered: AlteredTable, command: AlterTableCmd, adds: boolean): void {
  const parent = command.def !== undefined && 'RangeVar' in command.def ? command.def.RangeVar : undefined;
  const what = `${adds ? '' : 'NO '}INHERIT ${nameText(parent?.relname)}`;
  altered.on(altered.self, adds ? FACTS.inherit : FACTS.noInherit, { what });
  altered.recorder.touchNamed(parent, adds ? FACTS.inheritParent : FACTS.noInheritParent, { what });
  if (!adds) return;
  for (const child of altered.everything) {
    if (child !== altered.table) altered.recorder.touch(child.id, FACTS.inheritChild, { what });
  }
}

/** The one plain column of a partition key; null if there are more, or expressions. */
function keyColumn(parent: TableRelation): string | null {
  const columns = parent.partitionKey?.columns ?? [];
  const number = columns.length === 1 ? columns[0]?.column : null;
  return number === null || number === undefined ? null : (columnNumbered(parent, number)?.name ?? null);
}
