import { concurrentIndexFixes, concurrentIndexSql } from '../fixes/concurrentIndex.ts';
import { partitionedIndexFixes } from '../fixes/partitionedIndex.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

const PARTITIONED = `-- a partitioned table has no CONCURRENTLY:
CREATE INDEX … ON ONLY the parent;
CREATE INDEX CONCURRENTLY … ON each partition;
ALTER INDEX … ATTACH PARTITION …;  -- for each`;

export const requireConcurrentIndex = defineRule({
  id: 'require-concurrent-index',
  operations: ['create index'],
  meta: {
    title: 'Create indexes concurrently',
    severity: 'error',
    cause: 'blocks',
    why: 'Inserts, updates and deletes on the table wait until the index is built, and the time grows with the table.',
    instead: 'CREATE INDEX CONCURRENTLY, outside a transaction.',
    more: `CREATE INDEX CONCURRENTLY reads the table twice and waits for older transactions, so it takes longer, but only other schema
changes of that table wait. It can't run in a transaction block: put it into a migration of its own if your tool wraps files in one.
If it is interrupted it leaves an INVALID index: drop that with DROP INDEX CONCURRENTLY before the next attempt, since IF NOT EXISTS takes it for done.

A partitioned table has no CONCURRENTLY: create the index ON ONLY the parent, then concurrently on each partition, then
ALTER INDEX … ATTACH PARTITION.`,
    references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
    alsoKnownAs: {
      squawk: 'require-concurrent-index-creation',
      eugene: 'E6',
      strong_migrations: 'add_index',
      atlas: 'PG101',
    },
  },
  examples: {
    bad: ['CREATE INDEX orders_customer_idx ON orders (customer_id);', 'CREATE UNIQUE INDEX ON orders (number);'],
    good: [
      'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);',
      'CREATE TABLE refunds (id bigint, order_id bigint);\nCREATE INDEX ON refunds (order_id);',
      'CREATE INDEX IF NOT EXISTS orders_placed_at_idx ON orders (placed_at);',
    ],
  },
  check(context) {
    reportHazards(context, ({ first }) => {
      if (first.effect.relation.kind === 'partitioned table')
        return { instead: PARTITIONED, fixes: () => partitionedIndexFixes(context) };
      const sql = concurrentIndexSql(context);
      return { ...(sql === null ? {} : { instead: sql }), fixes: () => concurrentIndexFixes(context) };
    });
  },
});
