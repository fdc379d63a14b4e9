import { defineRule } from '../rule.ts';

export const syntaxError = defineRule({
  id: 'syntax-error',
  dialect: 'any',
  wants: ({ statement }) => statement.error !== null,
  meta: {
    title: 'Write SQL that PostgreSQL can read',
    severity: 'error',
    cause: 'hygiene',
    why: "PostgreSQL's own grammar does not accept the statement, so a server would stop here. What follows is analysed as if the statement were not there.",
    instead: 'Correct the statement.',
    references: ['https://www.postgresql.org/docs/current/sql-commands.html'],
    alsoKnownAs: { squawk: 'syntax-error' },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUM remark text;'],
    good: ['ALTER TABLE orders ADD COLUMN remark text;'],
  },
  check({ statement: { statement }, report }) {
    if (!statement.error) return;
    const { message, offset } = statement.error;
    const start = Math.min(Math.max(offset, statement.start), Math.max(statement.end - 1, statement.start));
    report({
      what: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
      range: { start, end: statement.end },
    });
  },
});
