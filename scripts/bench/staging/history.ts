import { analyzeHistory, type HistoryAnalysis } from '../../../src/core/analyze.ts';
import { historyFromFiles } from '../../../src/core/tools/history.ts';
import { parser } from '../../../test/support/parser.ts';

/** A schema and a migration after it, `2.sql`, as plain files on PostgreSQL 18. */
export function benchHistory(schema: string, migration: string): HistoryAnalysis {
  const files = [schema, migration].map((text, index) => ({ path: `${String(index + 1)}.sql`, text }));
  const history = historyFromFiles({ id: '.', tool: 'plain', root: '.', files, paths: files.map(({ path }) => path) });
  return analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
}
