import { isolateFixes } from '../fixes/split.ts';
import { defineMigrationRule } from '../rule.ts';

export const flywayMixedTransactions = defineMigrationRule({
  id: 'flyway-mixed-transactions',
  wants: ({ effects }) => !effects.transactional,
  meta: {
    title: 'Flyway: do not mix what refuses a transaction with other statements',
    severity: 'error',
    cause: 'fails',
    why: 'Flyway stops before it runs the file ("Detected both transactional and non-transactional statements within the same migration"), unless mixed is set; with mixed, nothing of the file is rolled back when a statement fails.',
    instead: 'Give each statement that refuses a transaction (CREATE INDEX CONCURRENTLY …) a migration of its own.',
    more: 'SET counts as an ordinary statement: a lock_timeout for an index that is built concurrently belongs to the role or the URL.',
    references: [
      'https://documentation.red-gate.com/fd/flyway-mixed-setting-277579034.html',
      'https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/internal/sqlscript/ParserSqlScript.java',
    ],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        tool: 'flyway',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE INDEX CONCURRENTLY orders_remark_idx ON orders (remark);',
      },
    ],
    good: [
      { tool: 'flyway', sql: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);' },
      {
        tool: 'golang-migrate',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE INDEX CONCURRENTLY orders_remark_idx ON orders (remark);',
      },
    ],
  },
  check({ migration, history, report }) {
    if (history.tool !== 'flyway' || migration.statements.length < 2) return;
    const refusing = migration.statements.find(({ effects }) => !effects.transactional);
    const ordinary = migration.statements.find(({ effects, statement }) => effects.transactional && !statement.error);
    if (!refusing || !ordinary) return;
    const later = refusing.statement.index > ordinary.statement.index ? refusing : ordinary;
    const other = later === refusing ? ordinary : refusing;
    report(later, {
      fixes: () => isolateFixes({ statement: refusing, migration, history }),
      what:
        later === refusing
          ? `${later.statement.kind} refuses a transaction, and ${other.statement.kind} in line ${String(other.statement.startLine)} runs in one.`
          : `${later.statement.kind} runs in a transaction, and ${other.statement.kind} in line ${String(other.statement.startLine)} refuses one.`,
    });
  },
});
