import type { Dialect } from '../sql/statement.ts';

/** The migration tools that Lockkeeper knows. One file each in this folder. */
export type ToolId = 'plain' | 'golang-migrate' | 'dbmate' | 'goose' | 'sqitch' | 'prisma' | 'supabase' | 'flyway';

/** What runs a folder of plain SQL files in a way of its own (runners.ts). */
export type RunnerId = 'drizzle' | 'atlas' | 'liquibase' | 'sqlx' | 'diesel' | 'graphile-migrate' | 'folders';

/**
 * How a tool runs one script.
 * - `explicit`: wrapped in BEGIN … COMMIT;
 * - `implicit`: the file sent as one simple query, which is a transaction only if it holds more than one statement;
 * - `autocommit`: statement by statement.
 */
export type TransactionMode = 'explicit' | 'implicit' | 'autocommit';

/** A part of a script that the tool runs apart from the others, in a transaction of its own or in none: Liquibase's changeset. */
export interface Changeset {
  /** UTF-16 offset into the file's text; it reaches to the next one or the script's end. */
  readonly start: number;
  readonly transactionMode: TransactionMode;
}

/** A part of a file, as UTF-16 offsets: dbmate keeps up and down in one file. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Text of one file in a history, path relative to the history's root, with `/` (and `..` for what lies outside it). */
export interface HistoryFile {
  readonly path: string;
  readonly text: string;
  /** What is wrong with its bytes: not UTF-8. */
  readonly problem?: FileProblem;
}

/** `offset`: UTF-16 offset into the text, of the U+FFFD that stands for what could not be read. */
export interface FileProblem {
  readonly message: string;
  readonly offset: number;
}

/** A rollback that a person wrote, in the tool's own form. */
export interface WrittenRollback {
  readonly path: string;
  readonly range: TextRange;
}

/** One migration: an up script, its rollback if there is one, and an id unique in its history. */
export interface Migration {
  /** The tool's own version: a Prisma folder name, `20240101120000`, `V2.1`, `R__views`, or the file's path for plain SQL. */
  readonly id: string;
  readonly tool: ToolId;
  /** Path of the up script, relative to the history's root. */
  readonly path: string;
  /** The up script's text as it lies on disk; of the whole file where up and down share one. */
  readonly text: string;
  /** Where in `text` the up script is. */
  readonly range: TextRange;
  /** Where `changesets` differ, `autocommit`. */
  readonly transactionMode: TransactionMode;
  /** In the file's order, where there are several. */
  readonly changesets?: readonly Changeset[];
  readonly rollback: (WrittenRollback & { readonly text: string }) | null;
  /** What is wrong with the file's bytes; see also `Script.problems`. */
  readonly problem?: FileProblem;
}

/** One migration folder of one tool, in that tool's order, for one database. */
export interface History {
  /** Stable and readable, unique in the workspace: the root's path relative to the workspace, or the name from the configuration. */
  readonly id: string;
  readonly tool: ToolId;
  /** As far as it could be read (a lock file, a configuration); decides about transactions. */
  readonly toolVersion: string | null;
  /** Of plain SQL: what runs it, where a file tells. */
  readonly runner?: RunnerId;
  readonly dialect: Dialect;
  /** Relative to the workspace root, with `/`; '.' for the root itself. */
  readonly root: string;
  /** In the tool's order. */
  readonly migrations: readonly Migration[];
  /** What the history starts on: a schema dump that the configuration names, else what the tool gives (`ToolDefinition.given`). */
  readonly baseline: HistoryFile | null;
  /** Files in the folder that the tool would not pick up, or would refuse: said to people, never dropped in silence. */
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
}
