import type { MigrationAnalysis } from '../analyze.ts';
import { strongerLock } from './effect.ts';
import type { LockMode, RelationReference } from './effect.ts';

/** A lock that an earlier statement of the same transaction took and that is still held. */
export interface HeldLock {
  readonly relation: RelationReference;
  readonly lock: LockMode;
  readonly newRelation: boolean;
  /** Index of the statement that first took a lock on it. */
  readonly since: number;
}

/**
 * What a statement finds locked by the earlier statements of its transaction: for rules about locks that are held
 * through later work. Empty for statements that run by themselves.
 *
 * @param index of the statement in its file
 */
export function locksHeldBefore(migration: MigrationAnalysis, index: number): readonly HeldLock[] {
  const held = new Map<number | string, HeldLock>();
  const first = migration.statements[index]?.transaction.first ?? index;
  for (let earlier = first; earlier < index; earlier++) {
    for (const effect of migration.statements[earlier]?.effects.effects ?? []) {
      if (effect.held !== 'transaction') continue;
      const { relation, lock, newRelation } = effect;
      const key = relation.id ?? `${relation.schema}.${relation.name}`;
      const known = held.get(key);
      held.set(
        key,
        known === undefined
          ? { relation, lock, newRelation, since: earlier }
          : { ...known, lock: strongerLock(known.lock, lock) },
      );
    }
  }
  return [...held.values()];
}
