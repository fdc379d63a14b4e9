import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const rewriteTable = defineRule({
  id: 'rewrite-table',
  operations: ['vacuum full', 'cluster', 'set tablespace', 'set logged', 'set unlogged', 'set access method'],
  meta: {
    title: 'Do not write a whole table anew in a migration',
    severity: 'error',
    cause: 'blocks',
    why: 'Reads and writes wait until the table and its indexes are copied, and the time grows with the table.',
    instead:
      'Plain VACUUM reuses the space without stopping anyone; pg_repack (and REPACK (CONCURRENTLY) from PostgreSQL 19 on) copies a table while it is in use.',
    references: [
      'https://www.postgresql.org/docs/current/sql-vacuum.html',
      'https://www.postgresql.org/docs/current/sql-cluster.html',
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-TABLESPACE',
    ],
    alsoKnownAs: { squawk: 'prefer-repack', pgfence: 'vacuum-full', migrationpilot: 'MP006' },
  },
  examples: {
    bad: ['VACUUM FULL orders;', 'CLUSTER orders USING orders_placed_at_idx;', 'ALTER TABLE orders SET UNLOGGED;'],
    good: ['VACUUM orders;', 'ALTER TABLE orders SET (fillfactor = 80);'],
  },
  check(context) {
    reportHazards(context);
  },
});
