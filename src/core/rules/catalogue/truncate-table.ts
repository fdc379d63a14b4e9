import { defineRule } from '../rule.ts';
import { listed, relationName } from '../wording.ts';

export const truncateTable = defineRule({
  id: 'truncate-table',
  operations: ['truncate', 'truncate cascade'],
  meta: {
    title: 'Do not TRUNCATE a table that holds data',
    severity: 'warning',
    cause: 'loses data',
    why: 'All rows are gone for good, no trigger ON DELETE sees them go, and reads and writes wait for the ACCESS EXCLUSIVE lock.',
    instead:
      'DELETE in batches what is not wanted any more; without CASCADE, a reference from another table stops a TRUNCATE that reaches too far.',
    references: ['https://www.postgresql.org/docs/current/sql-truncate.html'],
    alsoKnownAs: { squawk: 'ban-truncate-cascade', pgfence: 'truncate', migrationpilot: 'MP036' },
  },
  examples: {
    bad: ['TRUNCATE orders;', 'TRUNCATE customers CASCADE;'],
    good: ['CREATE TABLE scratch (id bigint);\nTRUNCATE scratch;'],
  },
  check({ matches, report }) {
    const cascaded = matches.filter(({ cause }) => cause.operation === 'truncate cascade');
    const names = (of: typeof matches): string => listed(of.map(({ effect }) => relationName(effect.relation)));
    report({
      what:
        cascaded.length > 0
          ? `TRUNCATE … CASCADE takes all rows of ${names(matches)} away: ${names(cascaded)} only because it refers to the others.`
          : `TRUNCATE takes all rows of ${names(matches)} away.`,
      ...(cascaded.length > 0 ? { severity: 'error' as const } : {}),
      claims: matches.map(({ cause }) => cause),
    });
  },
});
