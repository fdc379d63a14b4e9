import { DEFINES_COLUMNS, columnsOfTypes } from '../columnDefinitions.ts';
import { defineRule } from '../rule.ts';

const TYPES: ReadonlySet<string> = new Set(['timestamp']);

export const preferTimestamptz = defineRule({
  id: 'prefer-timestamptz',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Prefer timestamptz to timestamp',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'timestamp drops the zone that a value came with: what it means hangs on the reader, and a change to timestamptz later may rewrite the table.',
    instead: 'timestamptz, which stores a moment.',
    references: ['https://www.postgresql.org/docs/current/datatype-datetime.html'],
    alsoKnownAs: { squawk: ['prefer-timestamptz', 'prefer-timestamp-tz'], migrationpilot: 'MP040' },
  },
  examples: {
    bad: ['CREATE TABLE refunds (made_at timestamp);'],
    good: ['CREATE TABLE refunds (made_at timestamptz);'],
  },
  check({ statement, report }) {
    const columns = columnsOfTypes(statement.statement, TYPES);
    if (columns !== null) report({ what: `${columns}: timestamp without a time zone.` });
  },
});
