import { analyzeHistory, type HistoryAnalysis } from '../../src/core/analyze.ts';
import { historyFromFiles } from '../../src/core/tools/history.ts';
import { parser } from './parser.ts';

/** Those that the stand-in grants to. */
export const SUPABASE_ROLES = 'anon, authenticated, service_role';

/** A Supabase history on the stand-in for the platform's schemas; the files are named 1_m.sql, 2_m.sql … */
export function analyzeSupabase(...texts: readonly string[]): HistoryAnalysis {
  const files = texts.map((text, index) => ({ path: `${String(index + 1)}_m.sql`, text }));
  const root = 'supabase/migrations';
  const history = historyFromFiles({ id: root, tool: 'supabase', root, files });
  return analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
}
