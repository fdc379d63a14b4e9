import { DEFINES_COLUMNS, columnsOfTypes } from '../columnDefinitions.ts';
import { defineRule } from '../rule.ts';

const TYPES: ReadonlySet<string> = new Set(['varchar']);

export const preferText = defineRule({
  id: 'prefer-text',
  statements: DEFINES_COLUMNS,
  meta: {
    title: 'Prefer text with a CHECK to varchar(n)',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'text is as fast and as small; a limit in the type can be widened for nothing but narrowed only by a rewrite, while a CHECK is replaced NOT VALID.',
    instead: 'text, with CHECK (length(…) <= n) if there is a limit.',
    references: ['https://www.postgresql.org/docs/current/datatype-character.html'],
    alsoKnownAs: { squawk: 'prefer-text-field', migrationpilot: 'MP037' },
  },
  examples: {
    bad: ['CREATE TABLE refunds (reason varchar(80));'],
    good: ['CREATE TABLE refunds (reason text CHECK (length(reason) <= 80));'],
  },
  check({ statement, report }) {
    const columns = columnsOfTypes(statement.statement, TYPES);
    if (columns !== null) report({ what: `${columns}: varchar, where text and a CHECK would do.` });
  },
});
