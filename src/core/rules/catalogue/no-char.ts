import { DEFINES_COLUMNS, columnsOfTypes } from '../columnDefinitions.ts';
import { defineRule } from '../rule.ts';

const TYPES: ReadonlySet<string> = new Set(['bpchar']);

export const noChar = defineRule({
  id: 'no-char',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Do not use char(n)',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'Values are padded with spaces to the length, which count in some comparisons and not in others; nothing is gained by it.',
    instead: 'text.',
    references: ['https://www.postgresql.org/docs/current/datatype-character.html'],
    alsoKnownAs: { squawk: 'ban-char-field', migrationpilot: 'MP041' },
  },
  examples: {
    bad: ['CREATE TABLE refunds (code char(3));'],
    good: ['CREATE TABLE refunds (code text);'],
  },
  check({ statement, report }) {
    const columns = columnsOfTypes(statement.statement, TYPES);
    if (columns !== null) report({ what: `${columns}: char(n).` });
  },
});
