import type { ToolId } from '../../tools/tool.ts';
import { defineHistoryRule } from '../rule.ts';

/** What happens where the later migration is applied already. */
const CONSEQUENCE: Readonly<Partial<Record<ToolId, string>>> = {
  'golang-migrate':
    'migrate only goes on from the highest version that is applied: this file is never run there, without a word.',
  flyway: 'Flyway stops at validation, unless outOfOrder is set.',
  supabase: 'supabase db push stops, unless it is called with --include-all.',
  dbmate: 'dbmate runs it after the later one, or stops with --strict.',
};

export const outOfOrder = defineHistoryRule({
  id: 'out-of-order',
  dialect: 'any',
  needsFacts: true,
  meta: {
    title: 'Put a new migration behind those that are merged',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Databases that have the later migration get this one after it, and new databases get it before: they may differ, or the tool refuses.',
    instead: 'Rename the file so that it comes last.',
    more: 'Typical: two branches made migrations, and the one with the later number was merged first.',
    references: [],
    alsoKnownAs: { atlas: 'non-linear history' },
  },
  examples: {
    bad: [
      {
        sql: 'ALTER TABLE orders ADD COLUMN remark text;',
        later: 'ALTER TABLE customers ADD COLUMN remark text;',
      },
    ],
    good: ['ALTER TABLE orders ADD COLUMN remark text;'],
  },
  check({ analysis, speaking, isNew, reportAt }) {
    if (speaking.length === 0 || speaking.length === analysis.migrations.length) return;
    const last = analysis.migrations.findLast((each) => !isNew(each) && !isRepeatable(each.migration.id));
    if (!last) return;
    const limit = analysis.migrations.indexOf(last);
    const speaks = new Set(speaking);
    for (const migration of analysis.migrations.slice(0, limit)) {
      if (!speaks.has(migration) || !isNew(migration)) continue;
      const { migration: own } = migration;
      reportAt(migration, own.range.start, {
        what: `${own.path} is new, but comes before ${last.migration.path}, which is not.`,
        ...(CONSEQUENCE[own.tool] === undefined ? {} : { why: CONSEQUENCE[own.tool] }),
      });
    }
  },
});

function isRepeatable(id: string): boolean {
  return id.startsWith('R__');
}
