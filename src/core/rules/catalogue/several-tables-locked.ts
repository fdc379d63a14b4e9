import type { StatementAnalysis } from '../../analyze.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';
import { isStrongAndHeld, mayBeBusy, relationKey, transactionsOf } from '../transactions.ts';
import { listed, relationName } from '../wording.ts';

/** From so many tables on it is a warning. */
const MANY = 4;

export const severalTablesLocked = defineMigrationRule({
  id: 'several-tables-locked',
  wants: ({ effects }) => effects.effects.some(isStrongAndHeld),
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Lock one busy table a transaction',
    severity: 'information',
    cause: 'holds',
    why: 'Each lock waits for the running queries of its table while the ones before it are held already, so one long query stops all of these tables; and an application that takes them in another order is in a deadlock with the migration.',
    instead: 'Give each table a migration (a transaction) of its own, and set a lock_timeout.',
    more: 'Only tables that existed before the new migrations count, and locks that stop writes at least. A table whose size is known to be below 1,000 rows is not taken for busy. One statement that locks several tables (a foreign key) does not count by itself: it has no other form.',
    references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS'],
    alsoKnownAs: {
      online_migrations: 'multiple_foreign_keys',
      pgfence: 'wide-lock-window',
      'postgres-language-server': 'avoidWideLockWindow',
      migrationpilot: 'SQ001',
    },
  },
  examples: {
    bad: [
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE customers ADD COLUMN remark text;',
      },
    ],
    good: [
      'ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE customers ADD COLUMN remark text;',
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE TABLE refunds (id bigint);\nALTER TABLE refunds ADD COLUMN remark text;',
      },
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;',
      },
    ],
  },
  check({ migration, sizes, isPending, report }) {
    for (const statements of transactionsOf(migration)) {
      const names = new Map<string, string>();
      let second: StatementAnalysis | undefined;
      let lockings = 0;
      for (const statement of statements) {
        const locked = statement.effects.effects.filter(
          (effect) =>
            isStrongAndHeld(effect) &&
            (effect.relation.kind === 'table' || effect.relation.kind === 'partitioned table') &&
            mayBeBusy(effect.relation, sizes) &&
            !isPending(effect.relation),
        );
        const fresh = locked.filter(({ relation }) => !names.has(relationKey(relation)));
        if (fresh.length === 0) continue;
        lockings++;
        if (lockings === 2) second = statement;
        for (const { relation } of fresh) names.set(relationKey(relation), relationName(relation));
      }
      if (!second) continue;
      report(second, {
        what: `The transaction comes to hold strong locks on ${String(names.size)} tables at once: ${listed([...names.values()])}.`,
        ...(names.size >= MANY ? { severity: 'warning' as const } : {}),
      });
    }
  },
});
