import type { Constraint, Relation, TableRelation } from '../catalog/catalog.ts';
import { ancestors, defaultPartition, isTable, tableById } from '../catalog/lookup.ts';
import { documented, measured } from './fact.ts';
import type { Fact } from './fact.ts';
import { withPartitions } from './foreignKeys.ts';
import type { EffectRecorder } from './recorder.ts';

const FACTS = {
  dropped: {
    operation: 'drop table',
    lock: 'ACCESS EXCLUSIVE',
    why: 'What is dropped is locked against everything until the transaction ends.',
    source: documented('explicit-locking.html#LOCKING-TABLES'),
  },
  changed: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'CASCADE takes something off this table: reads and writes of it wait.',
    source: measured(),
  },
  parent: {
    operation: 'detach partition',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The partitioned table loses a partition: reads and writes of all of it wait for a moment.',
    source: measured(),
  },
  referenced: {
    operation: 'drop constraint',
    lock: 'ACCESS EXCLUSIVE',
    why: 'The foreign key that goes had triggers on the table that it refers to: taking them off stops reads and writes of it.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

/**
 * Records what a statement removed, as the catalogs before and after tell: relations that are gone, and tables that
 * lost a constraint, column, default, trigger, policy or rule. Follows dependencies, so CASCADE is exact.
 *
 * @param seeds ids (of relations, types, functions) that were dropped or changed; null: look at everything
 * @param fact for what is changed through them
 */
export function touchRemoved(
  recorder: EffectRecorder,
  seeds: readonly number[] | null,
  fact: Fact,
  what: string,
  droppedFact: Fact = FACTS.dropped,
): void {
  const { before, after } = recorder;
  if (before.relations === after.relations) return;
  const visit = (relation: Relation): boolean => {
    const now = after.relations.get(relation.id);
    if (now === relation) return false;
    if (now === undefined) {
      recorder.touch(relation.id, droppedFact, { what });
      if (isTable(relation)) {
        foreignKeysGone(recorder, relation, [], what, true);
        if (relation.partitionOf !== null) touchParent(recorder, relation.partitionOf.parent, what);
      }
      return true;
    }
    const lost = losses(relation, now);
    if (lost === null) return true;
    recorder.touch(relation.id, fact, { what, object: lost });
    if (isTable(relation) && isTable(now)) foreignKeysGone(recorder, relation, now.constraints, what, false);
    return true;
  };
  if (seeds === null) {
    for (const relation of before.relations.values()) visit(relation);
    return;
  }
  const seen = new Set<number>(seeds);
  for (const id of seen) {
    const relation = before.relations.get(id);
    // A type or function is followed whenever it is a seed; a relation only if it changed.
    const follow = relation === undefined ? true : visit(relation);
    if (!follow) continue;
    for (const dependent of before.dependents.get(id) ?? []) seen.add(dependent);
    if (relation === undefined || !isTable(relation)) continue;
    for (const child of relation.children) seen.add(child);
    // What refers to the partitioned table refers to its partitions too.
    for (const above of relation.partitionOf === null ? [] : ancestors(before, relation)) {
      for (const dependent of before.dependents.get(above.id) ?? []) seen.add(dependent);
    }
  }
}

/** A dropped partition's parent, and its default partition. */
function touchParent(recorder: EffectRecorder, id: number, what: string): void {
  const parent = tableById(recorder.before, id);
  if (parent === undefined) return;
  recorder.touch(id, FACTS.parent, { what });
  const fallback = defaultPartition(recorder.before, parent);
  if (fallback !== undefined) {
    const why = 'What the default partition may hold changes: it can’t be read or written for a moment.';
    recorder.touch(fallback.id, FACTS.parent, { what, why });
  }
}

/** What a relation lost, by name; null if nothing. */
function losses(before: Relation, now: Relation): string | null {
  if (!('columns' in before) || !('columns' in now)) return null;
  for (const column of before.columns) {
    const kept = now.columns.find(({ number }) => number === column.number);
    if (kept === undefined || (column.default !== null && kept.default === null)) return column.name;
  }
  if (isTable(before) && isTable(now)) {
    const gone =
      missing(before.constraints, now.constraints) ??
      missingByName(before.policies, now.policies) ??
      missingByName(before.rules, now.rules);
    if (gone !== null) return gone;
  }
  if ('triggers' in before && 'triggers' in now) return missing(before.triggers, now.triggers);
  return null;
}

function missing(before: readonly { id: number; name: string }[], now: readonly { id: number }[]): string | null {
  return before === now ? null : (before.find(({ id }) => !now.some((kept) => kept.id === id))?.name ?? null);
}

function missingByName(before: readonly { name: string }[], now: readonly { name: string }[]): string | null {
  return before === now ? null : (before.find(({ name }) => !now.some((kept) => kept.name === name))?.name ?? null);
}

/** The other side of foreign keys that are gone. 14 has no triggers on partitioned tables themselves. */
function foreignKeysGone(
  recorder: EffectRecorder,
  table: TableRelation,
  kept: readonly Constraint[],
  what: string,
  tableDropped: boolean,
): void {
  for (const constraint of table.constraints) {
    if (constraint.kind !== 'foreign key' || constraint.referenced === null) continue;
    // A partition's copy has no triggers of its own on the referenced table.
    if (constraint.parent !== null && tableDropped) continue;
    if (kept.some(({ id }) => id === constraint.id)) continue;
    const referenced = tableById(recorder.before, constraint.referenced);
    if (referenced === undefined) continue;
    for (const each of withPartitions(recorder, referenced)) {
      if (recorder.major === 14 && each.kind === 'partitioned table') continue;
      recorder.touch(each.id, FACTS.referenced, { what, object: constraint.name });
    }
  }
}
