import type { MigrationAnalysis, StatementAnalysis } from '../../analyze.ts';
import type { RelationReference } from '../../effects/effect.ts';
import { NOTHING_ELSE, defineHistoryRule } from '../rule.ts';
import { isStrongAndHeld, relationKey, transactionsOf } from '../transactions.ts';
import { relationName } from '../wording.ts';

interface LockedTable {
  readonly at: number;
  readonly name: string;
  readonly relation: RelationReference;
  readonly by: StatementAnalysis;
}

interface Locking {
  readonly migration: MigrationAnalysis;
  /** The transaction's tables in the order in which they are locked, each with the statement that does it first. */
  readonly order: ReadonlyMap<string, LockedTable>;
}

export const lockOrder = defineHistoryRule({
  id: 'lock-order',
  wants: ({ effects }) => effects.effects.some(isStrongAndHeld),
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Lock tables in the same order in every migration',
    severity: 'information',
    cause: 'holds',
    why: 'Where two of them run at the same time (two services on one database, a rollback beside a deploy), each holds the table that the other waits for: PostgreSQL ends one of them with a deadlock error (40P01).',
    instead: 'Put the statements into the same order in both, or each table into a migration of its own.',
    references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS'],
    alsoKnownAs: { migrationpilot: 'SQ002' },
  },
  examples: {
    bad: [
      {
        alsoNew: 'ALTER TABLE orders ADD COLUMN channel text;\nALTER TABLE customers ADD COLUMN channel text;',
        mode: 'explicit',
        sql: 'ALTER TABLE customers ADD COLUMN remark text;\nALTER TABLE orders ADD COLUMN remark text;',
      },
    ],
    good: [
      {
        alsoNew: 'ALTER TABLE orders ADD COLUMN channel text;\nALTER TABLE customers ADD COLUMN channel text;',
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE customers ADD COLUMN remark text;',
      },
    ],
  },
  check({ speaking, wanted, isPending, report }) {
    const earlier: Locking[] = [];
    for (const migration of speaking) {
      if (wanted(migration).length < 2) continue;
      const own = lockingsOf(migration);
      let told = false;
      for (const locking of own) {
        for (const other of earlier) {
          const pair = told ? null : crossing(locking, other, isPending);
          if (!pair) continue;
          told = true;
          const [first, then] = pair;
          report(migration, then.by, {
            what: `${first.name} is locked before ${then.name} here, and after it in ${other.migration.migration.path}.`,
          });
        }
      }
      earlier.push(...own);
    }
  },
});

const known = new WeakMap<MigrationAnalysis, readonly Locking[]>();

/** Transactions that lock two tables or more, in different statements; kept, since the rule is asked again and again. */
function lockingsOf(migration: MigrationAnalysis): readonly Locking[] {
  const kept = known.get(migration);
  if (kept) return kept;
  const found = transactionsOf(migration).flatMap((statements): Locking[] => {
    const order = new Map<string, LockedTable>();
    for (const [at, by] of statements.entries()) {
      for (const effect of by.effects.effects) {
        const { relation } = effect;
        if (!isStrongAndHeld(effect) || relation.kind !== 'table' || order.has(relationKey(relation))) continue;
        order.set(relationKey(relation), { at, name: relationName(relation), relation, by });
      }
    }
    return order.size > 1 ? [{ migration, order }] : [];
  });
  known.set(migration, found);
  return found;
}

/** Two tables that the first locks one after the other, and the second the other way round. */
function crossing(
  one: Locking,
  other: Locking,
  isPending: (relation: RelationReference) => boolean,
): readonly [LockedTable, LockedTable] | null {
  for (const [key, first] of one.order) {
    const otherFirst = other.order.get(key);
    if (!otherFirst || isPending(first.relation)) continue;
    for (const [second, then] of one.order) {
      const otherThen = other.order.get(second);
      if (otherThen && first.at < then.at && otherFirst.at > otherThen.at && !isPending(then.relation))
        return [first, then];
    }
  }
  return null;
}
