import { isolateFixes } from '../fixes/split.ts';
import { defineRule } from '../rule.ts';
import { runnerName } from '../../tools/runnerName.ts';

export const notInTransaction = defineRule({
  id: 'not-in-transaction',
  wants: ({ effects }) => !effects.transactional,
  meta: {
    title: 'Run what refuses a transaction outside of one',
    severity: 'error',
    cause: 'fails',
    why: 'PostgreSQL refuses it there with an error (25001), so the migration stops.',
    instead: 'Put the statement into a migration of its own that the tool runs without a transaction.',
    more: `CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY, REINDEX CONCURRENTLY, DETACH PARTITION … CONCURRENTLY, VACUUM, CREATE and DROP DATABASE
and ALTER SYSTEM refuse a transaction block. Several statements sent in one query are one, too, even without BEGIN.`,
    references: ['https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT'],
    alsoKnownAs: {
      squawk: 'ban-concurrent-index-creation-in-transaction',
      pgfence: 'concurrent-in-transaction',
      atlas: 'PG103',
    },
  },
  examples: {
    bad: [
      { mode: 'explicit', sql: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);' },
      { mode: 'implicit', sql: 'ALTER TABLE orders ADD COLUMN remark text;\nVACUUM orders;' },
      'BEGIN;\nCREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);\nCOMMIT;',
    ],
    good: [
      { mode: 'implicit', sql: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);' },
      'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);',
    ],
  },
  check(context) {
    const { statement, history, report } = context;
    const { effects, transaction } = statement;
    if (effects.transactional || transaction.id === null) return;
    const { kind } = statement.statement;
    const statementName = /concurrently/i.test(statement.statement.text) ? `${kind} … CONCURRENTLY` : kind;
    const runner = runnerName(history) ?? 'whatever runs this file';
    const reason =
      transaction.openedBy === 'script'
        ? 'the BEGIN before it opens one'
        : transaction.openedBy === 'implicit'
          ? `${runner} sends the file's statements in one query, which makes them one transaction`
          : `${runner} runs the file in one`;
    report({
      what: `${statementName} can't run in a transaction, and here ${reason}.`,
      fixes: () => isolateFixes(context),
    });
  },
});
