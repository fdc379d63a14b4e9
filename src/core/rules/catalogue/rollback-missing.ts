import { defineHistoryRule } from '../rule.ts';

export const rollbackMissing = defineHistoryRule({
  id: 'rollback-missing',
  dialect: 'any',
  meta: {
    title: 'Write the way back where the others have one',
    severity: 'information',
    cause: 'hygiene',
    why: 'Whoever rolls the history back stops here, usually in the middle of an incident.',
    instead:
      'Write Rollback in the editor (lockkeeper rollback on the command line) writes it from the schema before the migration.',
    more: 'Only said in a history where most migrations have a rollback: many teams go forward only, and that is a choice.',
    references: [],
    alsoKnownAs: { 'safe-migrate': 'irreversible-migration', 'django-migration-linter': 'RUNSQL_REVERSIBLE' },
  },
  examples: {
    bad: [{ down: null, sql: 'ALTER TABLE orders ADD COLUMN remark text;' }],
    good: [
      'ALTER TABLE orders ADD COLUMN remark text;',
      { sql: 'ALTER TABLE orders ADD COLUMN remark text;', down: 'ALTER TABLE orders DROP COLUMN remark;' },
    ],
  },
  check({ analysis, speaking, isNew, reportAt }) {
    const missing = speaking.filter(
      (each) => each.migration.rollback === null && isNew(each) && each.before !== each.after,
    );
    if (missing.length === 0) return;
    const others = analysis.migrations.filter((each) => !missing.includes(each));
    const withOne = others.filter(({ migration }) => migration.rollback !== null).length;
    if (withOne === 0 || withOne * 2 < others.length) return;
    for (const migration of missing)
      reportAt(migration, migration.statements[0]?.statement.start ?? migration.migration.range.start, {
        what: `${migration.migration.path} has no rollback; ${String(withOne)} of ${String(others.length)} other migrations have one.`,
      });
  },
});
