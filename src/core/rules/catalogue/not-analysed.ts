import type { StatementAnalysis } from '../../analyze.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const notAnalysed = defineMigrationRule({
  id: 'not-analysed',
  dialect: 'any',
  wants: ({ statement, effects }) => statement.notAnalysed !== null || effects.opaque.length > 0,
  alsoReads: NOTHING_ELSE,
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
    good: [
      'DO $$ BEGIN RAISE NOTICE $m$hello$m$; END $$;',
      'SELECT 1;',
      { withoutSchema: true, sql: 'DROP INDEX CONCURRENTLY IF EXISTS made_elsewhere_idx;' },
    ],
  },
  check({ wanted, report }) {
    const seen = new Map<string, { readonly statement: StatementAnalysis; readonly offset: number; count: number }>();
    for (const statement of wanted) {
      if (statement.statement.error) continue;
      const { start, notAnalysed: skipped } = statement.statement;
      const parts = skipped === null ? statement.effects.opaque : [{ reason: skipped, offset: start }];
      for (const { reason, offset } of parts) {
        const known = seen.get(reason);
        if (known) known.count++;
        else seen.set(reason, { statement, offset, count: 1 });
      }
    }
    const places = new Map<number, { readonly statement: StatementAnalysis; readonly reasons: string[] }>();
    for (const [reason, { statement, offset, count }] of seen) {
      const also = count === 1 ? '' : ` (here and in ${String(count - 1)} more places of this file)`;
      const place = places.get(offset);
      if (place) place.reasons.push(`${reason}${also}`);
      else places.set(offset, { statement, reasons: [`${reason}${also}`] });
    }
    for (const [offset, { statement, reasons }] of places) {
      const { start, end } = statement.statement;
      report(statement, {
        what: `Not analysed: ${reasons.join('; ')}.`,
        ...(offset >= start && offset < end ? { range: { start: offset, end } } : {}),
      });
    }
  },
});
