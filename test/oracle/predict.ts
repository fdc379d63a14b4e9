import { analyzeHistory, type HistoryAnalysis } from '../../src/core/analyze.ts';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { strongerLock, type EffectCause, type LockMode } from '../../src/core/effects/effect.ts';
import { explainLines, type ExplainLine } from '../../src/core/explain.ts';
import type { History, Migration } from '../../src/core/tools/tool.ts';
import { parser } from '../support/parser.ts';
import type { PredictedEffect } from './compare.ts';

/** A plain-SQL history of the given scripts, each run statement by statement. */
export function plainHistory(scripts: readonly { readonly path: string; readonly text: string }[]): History {
  return {
    id: 'oracle',
    tool: 'plain',
    toolVersion: null,
    dialect: 'postgresql',
    root: '.',
    migrations: scripts.map(({ path, text }): Migration => ({
      id: path,
      tool: 'plain',
      path,
      text,
      range: { start: 0, end: text.length },
      transactionMode: 'autocommit',
      rollback: null,
    })),
    baseline: null,
    ignored: [],
  };
}

/** What Lockkeeper says of one statement that follows a set-up. */
export function predictCase(
  major: ServerMajor,
  timeZone: string,
  setup: string,
  sql: string,
  previous?: HistoryAnalysis,
): { readonly line: ExplainLine; readonly analysis: HistoryAnalysis } {
  const history = plainHistory([
    { path: '1-setup.sql', text: setup },
    { path: '2-case.sql', text: sql },
  ]);
  const analysis = analyzeHistory(history, {
    parser,
    settings: { major, timeZone },
    ...(previous ? { previous } : {}),
  });
  const line = explainLines(analysis)
    .filter(({ migration }) => migration.path === '2-case.sql')
    .at(-1)?.line;
  if (line === undefined) throw new Error(`not a statement: ${sql}`);
  return { line, analysis };
}

/** What Lockkeeper says of every statement of a whole history. */
export function predictHistory(
  major: ServerMajor,
  scripts: readonly { readonly path: string; readonly text: string }[],
): readonly PredictedLine[] {
  return explainLines(analyzeHistory(plainHistory(scripts), { parser, settings: { major, timeZone: 'UTC' } })).map(
    ({ line, analysis }) => ({
      ...line,
      effects: line.effects.map((effect, at) => ({
        ...effect,
        certainLock: certainLock(analysis.effects.effects[at]?.causes ?? []),
      })),
    }),
  );
}

/** A line of `explain`, with what is known of its locks beyond that. */
export interface PredictedLine extends Omit<ExplainLine, 'effects'> {
  readonly effects: readonly PredictedEffect[];
}

/** Without what stands in branches that may not run; null: all of it does. */
function certainLock(causes: readonly EffectCause[]): LockMode | null | undefined {
  if (!causes.some(({ conditional }) => conditional)) return undefined;
  let strongest: LockMode | null = null;
  for (const { lock, conditional } of causes) {
    if (!conditional) strongest = strongest === null ? lock : strongerLock(strongest, lock);
  }
  return strongest;
}
