import { analyzeHistory } from '../../../src/core/analyze.ts';
import type { HistoryAnalysis, StatementAnalysis } from '../../../src/core/analyze.ts';
import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';
import type { History, Migration, TransactionMode } from '../../../src/core/tools/tool.ts';
import { parser } from '../../support/parser.ts';

export interface HistoryOptions {
  readonly major?: ServerMajor;
  readonly timeZone?: string | null;
  readonly mode?: TransactionMode;
  readonly previous?: HistoryAnalysis;
}

/** A plain history of scripts, one migration each. */
export function historyOf(scripts: readonly string[], mode: TransactionMode = 'explicit'): History {
  const migrations = scripts.map((text, index): Migration => {
    const path = `${String(index)}.sql`;
    const range = { start: 0, end: text.length };
    return { id: path, tool: 'plain', path, text, range, transactionMode: mode, rollback: null };
  });
  return {
    id: 'test',
    tool: 'plain',
    toolVersion: null,
    dialect: 'postgresql',
    root: '.',
    migrations,
    baseline: null,
    ignored: [],
  };
}

export function analyze(scripts: readonly string[], options: HistoryOptions = {}): HistoryAnalysis {
  const { major = 16, timeZone = null, mode, previous } = options;
  return analyzeHistory(historyOf(scripts, mode), {
    parser,
    settings: { major, timeZone },
    ...(previous === undefined ? {} : { previous }),
  });
}

/** The statements of the last script. */
export function lastStatements(scripts: readonly string[], options?: HistoryOptions): readonly StatementAnalysis[] {
  return analyze(scripts, options).migrations.at(-1)?.statements ?? [];
}

/**
 * What the last statement of the last script does: `orders: SHARE [index build]`, a line a relation, sorted; `new `
 * before what the migration made. Public is left out.
 */
export function effectsOf(scripts: readonly string[], options?: HistoryOptions): string[] {
  const last = lastStatements(scripts, options).at(-1);
  return (last?.effects.effects ?? [])
    .map(({ relation, lock, work, newRelation }) => {
      const schema = relation.schema === 'public' ? '' : `${relation.schema}.`;
      const done = work.length === 0 ? '' : ` [${work.join(', ')}]`;
      return `${newRelation ? 'new ' : ''}${schema}${relation.name}: ${lock}${done}`;
    })
    .sort();
}
