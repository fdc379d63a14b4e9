import type { HistoryAnalysis, StatementAnalysis } from './analyze.ts';
import type { LockMode, Work } from './effects/effect.ts';
import type { Migration } from './tools/tool.ts';

/**
 * One line of `lockkeeper explain --format json`: what one statement does. Others build on this form (docs/cli.md).
 * Offsets are UTF-16 units from 0, a BOM and the closing `;` counted.
 */
export interface ExplainLine {
  /** Relative to the history's root here; the CLI joins it with its argument. */
  readonly file: string;
  /** Counts the file's statements from 0. */
  readonly index: number;
  /** From 1. */
  readonly startLine: number;
  readonly startOffset: number;
  readonly endOffset: number;
  /** The command tag. */
  readonly kind: string;
  /** May run in a transaction block. */
  readonly transactional: boolean;
  /** One a relation: tables, partitioned tables, views, materialized views, sequences, foreign tables. */
  readonly effects: readonly ExplainEffect[];
  /** Not fully analysed. */
  readonly opaque: boolean;
  readonly error: { readonly message: string; readonly offset: number } | null;
}

export interface ExplainEffect {
  /** Schema-qualified, as named before the statement. */
  readonly relation: string;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  /** Made by this statement or an earlier one of the same migration. */
  readonly newRelation: boolean;
}

/** All statements of a history, in order, with the migration that each is in. */
export function explainLines(
  analysis: HistoryAnalysis,
): { readonly migration: Migration; readonly line: ExplainLine; readonly analysis: StatementAnalysis }[] {
  return analysis.migrations.flatMap(({ migration, statements }) =>
    statements.map((each) => ({ migration, line: explainLine(migration.path, each), analysis: each })),
  );
}

/** One statement's line. */
export function explainLine(file: string, { statement, effects }: StatementAnalysis): ExplainLine {
  return {
    file,
    index: statement.index,
    startLine: statement.startLine,
    startOffset: statement.start,
    endOffset: statement.end,
    kind: statement.kind,
    transactional: effects.transactional,
    effects: effects.effects.map(({ relation, lock, work, newRelation }) => ({
      relation: `${relation.schema}.${relation.name}`,
      lock,
      work,
      newRelation,
    })),
    opaque: effects.opaque.length > 0 || statement.notAnalysed !== null,
    error: statement.error === null ? null : { message: statement.error.message, offset: statement.error.offset },
  };
}
