import { refreshFixes } from '../fixes/concurrentIndex.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const requireConcurrentRefresh = defineRule({
  id: 'require-concurrent-refresh',
  operations: ['refresh materialized view'],
  meta: {
    title: 'Refresh materialized views concurrently',
    severity: 'warning',
    cause: 'blocks',
    why: 'Reads of the materialized view wait until its query has run and its rows are written.',
    instead: 'REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on plain columns of the view.',
    references: ['https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html'],
    alsoKnownAs: { pgfence: 'refresh-matview-blocking', migrationpilot: 'MP033' },
  },
  examples: {
    bad: ['REFRESH MATERIALIZED VIEW sales;'],
    good: ['REFRESH MATERIALIZED VIEW CONCURRENTLY sales;'],
  },
  check(context) {
    reportHazards(context, ({ first }) => ({
      fixes: () => refreshFixes(context),
      instead: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${relationName(first.effect.relation)};  -- needs a unique index on it`,
    }));
  },
});
