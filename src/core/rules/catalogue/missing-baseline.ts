import { defineRule } from '../rule.ts';
import { listed } from '../wording.ts';

export const missingBaseline = defineRule({
  id: 'missing-baseline',
  oncePerHistory: true,
  wants: ({ effects }) => effects.unknownRelations.length > 0,
  meta: {
    title: 'Start a history from nothing, or give it a baseline',
    severity: 'information',
    cause: 'hygiene',
    why: 'What is not known of a table (its columns, types, constraints) is taken for the worst, so some findings may be about nothing. Said once in a history.',
    instead:
      'Set "baseline" in lockkeeper.jsonc to a schema dump from before the first migration: pg_dump --schema-only --file baseline.sql',
    references: ['https://www.postgresql.org/docs/current/app-pgdump.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [{ withoutSchema: true, sql: 'ALTER TABLE orders ADD COLUMN remark text;' }],
    good: ['ALTER TABLE orders ADD COLUMN remark text;'],
  },
  check({ statement, report }) {
    const { unknownRelations } = statement.effects;
    if (unknownRelations.length === 0) return;
    const verb = new Set(unknownRelations).size === 1 ? 'is' : 'are';
    report({ what: `${listed(unknownRelations)} ${verb} made nowhere in this history before this statement.` });
  },
});
