import type { RunnerId, ToolId } from '../../tools/tool.ts';
import { runnerName } from '../../tools/runnerName.ts';
import { defineRule } from '../rule.ts';

/** Tools that wait for a second deployer in a query or a transaction of their own, and what lets one go round it. */
const BLOCKING: Readonly<Partial<Record<ToolId | RunnerId, { readonly how: string; readonly instead: string }>>> = {
  // https://github.com/prisma/prisma-engines/issues/5755
  prisma: {
    how: 'a second prisma migrate deploy waits for that lock inside a query (SELECT pg_advisory_lock)',
    instead:
      'From a deploy job, not from each instance at its start; or set PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK=1 for the one that does.',
  },
  // https://github.com/flyway/flyway/issues/3682, https://github.com/flyway/flyway/issues/1654
  flyway: {
    how: 'Flyway holds its lock in a transaction of its own, and so does a second flyway migrate that waits',
    instead: 'And set flyway.postgresql.transactional.lock=false.',
  },
  // https://github.com/golang-migrate/migrate/issues/960
  'golang-migrate': {
    how: 'a second migrate waits for that lock inside a query (SELECT pg_advisory_lock)',
    instead: 'From a deploy job, not from each instance at its start.',
  },
  // https://github.com/launchbadge/sqlx/blob/main/sqlx-postgres/src/migrate.rs
  sqlx: {
    how: 'a second one that migrates waits for that lock inside a query (SELECT pg_advisory_lock)',
    instead: 'From a deploy job, not from each instance at its start.',
  },
};

export const concurrentlyUnderAdvisoryLock = defineRule({
  id: 'concurrently-under-advisory-lock',
  oncePerHistory: true,
  wants: ({ effects }) => effects.waitsFor.length > 0,
  meta: {
    title: 'Let one deployer run while an index is built concurrently',
    severity: 'information',
    cause: 'holds',
    why: 'CONCURRENTLY waits for every older query and transaction, and one that waits for the migration tool’s own lock never ends before it: PostgreSQL ends one of the two with a deadlock error (40P01), which may leave an INVALID index.',
    instead: 'Let one deployer run at a time.',
    more: 'Tried on PostgreSQL 18 with two sessions as the tools open them (test/postgres/advisoryLock.test.ts). Said once in a history.',
    references: [
      'https://github.com/prisma/prisma-engines/issues/5755',
      'https://github.com/flyway/flyway/issues/3682',
      'https://github.com/golang-migrate/migrate/issues/960',
      'https://github.com/launchbadge/sqlx/blob/main/sqlx-postgres/src/migrate.rs',
    ],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        tool: 'prisma',
        mode: 'implicit',
        sql: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);',
      },
    ],
    good: [
      'CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);',
      { tool: 'prisma', mode: 'implicit', sql: 'CREATE INDEX orders_customer_idx ON orders (customer_id);' },
    ],
  },
  check({ statement, history, report }) {
    if (statement.effects.waitsFor.length === 0) return;
    const tool = BLOCKING[history.runner ?? history.tool];
    if (!tool) return;
    report({
      what: `${runnerName(history) ?? 'The tool'} holds an advisory lock while this runs: ${tool.how}.`,
      instead: tool.instead,
    });
  },
});
