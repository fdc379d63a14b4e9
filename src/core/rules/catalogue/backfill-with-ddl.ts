import { batchFixes } from '../fixes/unbatchedDml.ts';
import type { StatementAnalysis } from '../../analyze.ts';
import type { Effect } from '../../effects/effect.ts';
import { defineMigrationRule } from '../rule.ts';
import { sweepingChange } from '../rowChanges.ts';
import { isStrongAndHeld, transactionsOf } from '../transactions.ts';
import { relationName, waiters } from '../wording.ts';

export const backfillWithDdl = defineMigrationRule({
  id: 'backfill-with-ddl',
  wants: (statement) => sweepingChange(statement) !== undefined,
  alsoReads: ({ effects }) => effects.effects.some(isStrongAndHeld),
  meta: {
    title: 'Do not fill rows in the transaction that changes the schema',
    severity: 'warning',
    cause: 'holds',
    why: 'A transaction keeps all of its locks until it ends: the schema change stops others for as long as the rows take, and every changed row stays locked while the schema change waits for its turn.',
    instead:
      'Three steps: change the schema in a migration of its own; fill the rows in batches that are committed one by one; then, in a later migration, set what depends on them (NOT NULL, constraints).',
    more: `A file of one \`DO\` block that commits after each batch fills rows on most tools, since a file with a single statement needs no transaction around it:

\`\`\`sql
DO $$
DECLARE
  last bigint := 0;
  upper bigint;
BEGIN
  LOOP
    SELECT max(id) INTO upper FROM (SELECT id FROM orders WHERE id > last ORDER BY id LIMIT 5000) AS batch;
    EXIT WHEN upper IS NULL;
    UPDATE orders SET remark = '' WHERE id > last AND id <= upper AND remark IS NULL;
    COMMIT;
    last := upper;
  END LOOP;
END $$;
\`\`\``,
    references: [
      'https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES',
      'https://www.postgresql.org/docs/current/plpgsql-transactions.html',
    ],
    alsoKnownAs: { migrationpilot: ['MP067', 'MP080'], gitlab: 'UpdateColumnInBatches' },
  },
  examples: {
    bad: [
      { mode: 'explicit', sql: "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = '';" },
      {
        mode: 'implicit',
        sql: "UPDATE orders SET note = '' WHERE note IS NULL;\nALTER TABLE orders ADD COLUMN remark text;",
      },
    ],
    good: [
      "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = '';",
      {
        mode: 'explicit',
        sql: "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = '' WHERE id = 1;",
      },
      { mode: 'explicit', sql: 'CREATE TABLE remarks (id bigint, text text);\nUPDATE remarks SET text = id::text;' },
    ],
  },
  check({ migration, history, settings, isPending, report }) {
    for (const statements of transactionsOf(migration)) {
      if (statements.length < 2) continue;
      const filled = statements.flatMap((statement) => {
        const effect = sweepingChange(statement);
        return effect && !isPending(effect.relation) ? [{ statement, effect }] : [];
      });
      const [first] = filled;
      const locks = first && schemaChanges(statements).filter(({ effect }) => !isPending(effect.relation));
      if (!first || !locks) continue;
      const lock = locks.find(({ by }) => by.statement.index < first.statement.statement.index) ?? locks[0];
      if (!lock || lock.by === first.statement) continue;
      const rows = relationName(first.effect.relation);
      const table = relationName(lock.effect.relation);
      const isBefore = lock.by.statement.index < first.statement.statement.index;
      const line = String(lock.by.statement.startLine);
      report(first.statement, {
        fixes: () => batchFixes({ statement: first.statement, migration, history, settings }),
        what: isBefore
          ? `This statement changes rows of ${rows} while the transaction holds ${lock.effect.lock} on ${table}, taken in line ${line} by ${lock.by.statement.kind}.`
          : `This statement changes rows of ${rows}, which stay locked while ${lock.by.statement.kind} in line ${line} waits for ${lock.effect.lock} on ${table}.`,
        why: isBefore
          ? `Until the transaction ends ${waiters(lock.effect.lock)} wait.`
          : `Whoever wants to change one of these rows waits, and all that comes after them on ${table} queues behind the schema change.`,
      });
    }
  },
});

/** The strong locks of schema changes: what rows' own changes lock does not count. */
function schemaChanges(statements: readonly StatementAnalysis[]): readonly { by: StatementAnalysis; effect: Effect }[] {
  return statements.flatMap((by) => by.effects.effects.filter(isStrongAndHeld).map((effect) => ({ by, effect })));
}
