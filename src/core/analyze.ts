import type { Catalog, ServerMajor } from './catalog/catalog.ts';
import type { StatementEffects } from './effects/effect.ts';
import type { Script, Statement } from './sql/statement.ts';
import type { History, Migration } from './tools/tool.ts';

/** Facts about the target that the text can't tell. */
export interface AnalysisSettings {
  readonly major: ServerMajor;
  /** TimeZone of the session that will apply; decides timestamp ↔ timestamptz. Null: not known. */
  readonly timeZone: string | null;
}

/** One statement with all that is known about it. */
export interface StatementAnalysis {
  readonly statement: Statement;
  readonly before: Catalog;
  readonly after: Catalog;
  readonly effects: StatementEffects;
  readonly transaction: TransactionState;
}

/** The transaction that a statement runs in, as the tool runs the script. */
export interface TransactionState {
  /** Null: runs by itself (autocommit), or starts no transaction. Equal numbers: the same transaction. */
  readonly id: number | null;
  /** Who opened it: the tool's own wrapper, one simple query of several statements, or a BEGIN in the script. */
  readonly openedBy: 'tool' | 'implicit' | 'script' | null;
  /** Indexes of the earlier statements of the same transaction. */
  readonly earlier: readonly number[];
}

export interface MigrationAnalysis {
  readonly migration: Migration;
  readonly script: Script;
  readonly statements: readonly StatementAnalysis[];
  readonly before: Catalog;
  readonly after: Catalog;
}

export interface HistoryAnalysis {
  readonly history: History;
  readonly settings: AnalysisSettings;
  readonly migrations: readonly MigrationAnalysis[];
}
