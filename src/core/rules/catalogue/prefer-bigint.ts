import { DEFINES_COLUMNS, columnsOfTypes } from '../columnDefinitions.ts';
import { defineRule } from '../rule.ts';

const TYPES: ReadonlySet<string> = new Set(['int4', 'int2', 'serial', 'serial4', 'serial2', 'smallserial']);

export const preferBigint = defineRule({
  id: 'prefer-bigint',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Prefer bigint to integer and smallint',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'A counter that overflows stops every insert, and a wider type is a rewrite of the table under ACCESS EXCLUSIVE.',
    instead: 'bigint.',
    references: ['https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT'],
    alsoKnownAs: {
      squawk: ['prefer-bigint-over-int', 'prefer-bigint-over-smallint'],
      pgfence: 'prefer-bigint-over-int',
      online_migrations: 'short_primary_key_type',
    },
  },
  examples: {
    bad: ['CREATE TABLE refunds (id integer);', 'ALTER TABLE orders ADD COLUMN position smallint;'],
    good: ['CREATE TABLE refunds (id bigint);'],
  },
  check({ statement, report }) {
    const columns = columnsOfTypes(statement.statement, TYPES);
    if (columns !== null) report({ what: `${columns}: an integer that ends at 2147483647 or before.` });
  },
});
