import { analyzeHistory, type HistoryAnalysis, type MigrationAnalysis } from '../../core/analyze.ts';
import type { MeasuredRollback } from '../../core/report/stagingRun.ts';
import { synthesizeRollback } from '../../core/rollback/rollback.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { rollbackPlace } from '../../core/tools/history.ts';
import { demandRunnable } from '../apply/runnable.ts';
import { RunError } from '../runError.ts';
import { RunClock } from './runClock.ts';
import { watchedRun, type RunContext } from './watchedRun.ts';

/** A way back that can be run, or why there is none. */
export type Way =
  { readonly source: MeasuredRollback['source']; readonly analysis: MigrationAnalysis } | { readonly none: string };

/**
 * The way back, analysed as the history's next script, so that what it does can be held against what is predicted: the
 * written one, else the one that Lockkeeper would write.
 */
export function wayBack(history: HistoryAnalysis, migration: MigrationAnalysis, parser: Parser): Way {
  const { rollback: written, id } = migration.migration;
  const synthesized = written === null ? synthesizeRollback(migration, history.history) : null;
  if (synthesized !== null && synthesized.declined !== null) return { none: synthesized.declined };
  const text = written === null ? (synthesized?.text ?? '') : written.text;
  const place = history.migrations.indexOf(migration);
  const down = {
    ...migration.migration,
    id: `${id} (rollback)`,
    path: `${migration.migration.path} (rollback)`,
    text,
    range: written?.range ?? { start: 0, end: text.length },
    transactionMode: rollbackPlace(history.history, migration.migration).transactionMode,
    rollback: null,
  };
  const upTo = { ...history.history, migrations: [...history.history.migrations.slice(0, place + 1), down] };
  const analysis = analyzeHistory(upTo, { parser, settings: history.settings, previous: history }).migrations.at(-1);
  if (analysis === undefined) return { none: 'the rollback could not be read' };
  try {
    demandRunnable(history.history, analysis);
  } catch (error) {
    if (error instanceof RunError) return { none: error.message };
    throw error;
  }
  return { source: written === null ? 'synthesized' : 'written', analysis };
}

/** Runs the way back on the database that the migration has just changed. A statement that fails is a result. */
export async function measuredRollback(
  context: RunContext,
  way: Exclude<Way, { readonly none: string }>,
): Promise<MeasuredRollback> {
  const clock = new RunClock();
  const measured = await watchedRun(context, { migration: way.analysis, clock, onStatement: () => undefined });
  return {
    source: way.source,
    outcome: measured.failure === null ? 'completed' : 'failed',
    failure: measured.failure,
    statements: measured.statements,
    transactions: measured.transactions,
    differences: measured.differences,
    milliseconds: clock.now(),
  };
}
