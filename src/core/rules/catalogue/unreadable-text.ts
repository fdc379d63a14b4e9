import { defineMigrationRule } from '../rule.ts';

export const unreadableText = defineMigrationRule({
  id: 'unreadable-text',
  dialect: 'any',
  meta: {
    title: 'Keep migrations in UTF-8, without NUL bytes',
    severity: 'error',
    cause: 'hygiene',
    why: 'PostgreSQL and the migration tools read another text than an editor shows, or stop at that place.',
    instead: 'Save the file as UTF-8.',
    references: ['https://www.postgresql.org/docs/current/multibyte.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: ["INSERT INTO orders (id, note) VALUES (1, 'a\u0000b');"],
    good: ["INSERT INTO orders (id, note) VALUES (1, 'ä€😀');"],
  },
  check({ migration, reportAt }) {
    const { problem } = migration.migration;
    for (const { message, offset } of [...(problem ? [problem] : []), ...migration.script.problems])
      reportAt(offset, { what: `${message.charAt(0).toUpperCase()}${message.slice(1)}.` });
  },
});
