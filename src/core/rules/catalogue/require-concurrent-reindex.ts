import { reindexFixes } from '../fixes/concurrentIndex.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const requireConcurrentReindex = defineRule({
  id: 'require-concurrent-reindex',
  operations: ['reindex'],
  meta: {
    title: 'Rebuild indexes concurrently',
    severity: 'error',
    cause: 'blocks',
    why: 'Writes to the table wait until the index is built again, and so do reads that would plan with it, since its own lock is ACCESS EXCLUSIVE.',
    instead: 'REINDEX … CONCURRENTLY, outside a transaction.',
    references: ['https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY'],
    alsoKnownAs: { squawk: 'require-concurrent-reindex', pgfence: 'reindex-non-concurrent', migrationpilot: 'MP021' },
  },
  examples: {
    bad: ['REINDEX TABLE orders;', 'REINDEX INDEX orders_placed_at_idx;'],
    good: ['REINDEX TABLE CONCURRENTLY orders;', 'REINDEX INDEX CONCURRENTLY orders_placed_at_idx;'],
  },
  check(context) {
    reportHazards(context, () => ({ fixes: () => reindexFixes(context) }));
  },
});
