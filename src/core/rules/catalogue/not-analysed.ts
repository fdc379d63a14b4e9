import { defineRule } from '../rule.ts';

export const notAnalysed = defineRule({
  id: 'not-analysed',
  dialect: 'any',
  meta: {
    title: 'Keep schema changes where they can be read',
    severity: 'information',
    cause: 'hygiene',
    why: 'Lockkeeper does not know what this part does, and says nothing about it: silence here does not mean that it is harmless.',
    instead:
      'Write schema changes as plain statements where you can; look at this one by hand, and profile the migration on staging.',
    references: [],
    alsoKnownAs: { 'safe-migrate': 'opaque-dynamic-sql', migrationpilot: 'MP063' },
  },
  examples: {
    bad: ["DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_setting('app.table'); END $$;"],
    good: ['DO $$ BEGIN RAISE NOTICE $m$hello$m$; END $$;', 'SELECT 1;'],
  },
  check({ statement: { statement, effects }, report }) {
    if (statement.error) return;
    if (statement.notAnalysed !== null) {
      report({ what: `Not analysed: ${statement.notAnalysed}.` });
      return;
    }
    const [first, ...others] = effects.opaque;
    if (!first) return;
    const also = others.length === 0 ? '' : ` (and ${String(others.length)} more places in this statement)`;
    report({
      what: `Not analysed: ${first.reason}${also}.`,
      ...(first.offset >= statement.start && first.offset < statement.end
        ? { range: { start: first.offset, end: statement.end } }
        : {}),
    });
  },
});
