import type { HistoryFile, Migration, RunnerId, ToolId, TransactionMode } from './tool.ts';

/** What is known of one migration tool. One file a tool; `registry.ts` lists them. */
export interface ToolDefinition {
  readonly id: ToolId;
  /** As its makers write it. */
  readonly name: string;
  /** Where the facts of this file come from: the tool's own source. */
  readonly source: string;
  /**
   * Whether the tool takes the file for one of its migrations, or for another script that it runs by itself.
   * Lockkeeper never writes such a file, but for a tool's own form of rollback.
   *
   * @param path relative to the tool's folder
   */
  readonly picksUp: (path: string) => boolean;
  /** Whether the file has to be read to know the history: scripts, and settings beside them. */
  readonly reads: (path: string) => boolean;
  /** The migrations in the tool's own order. */
  readonly read: (input: ToolInput) => ToolReading;
  readonly rollbackPlace: (migration: Migration, input: RollbackPlaceInput) => RollbackPlace;
  /** The tool's own table of what is applied; null where there is none. */
  readonly historyTable: HistoryTable | null;
  /** What a database of the tool's platform has before the first migration, for histories that name no baseline. */
  readonly given?: HistoryFile;
}

export interface ToolInput {
  /** All files that `reads` asked for, by path relative to the tool's folder. */
  readonly files: readonly HistoryFile[];
  /** All paths in the folder, those that were not read too. */
  readonly paths: readonly string[];
  /** The tool's version where it could be read, `7.4.1`. */
  readonly version: string | null;
  /** What a project file near a folder of plain SQL says. */
  readonly nearbyRunner: RunnerId | null;
  /** What runs it, if it was looked for already. */
  readonly runner?: RunnerId | null | undefined;
}

export interface ToolReading {
  readonly migrations: readonly Omit<Migration, 'tool'>[];
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
  readonly runner?: RunnerId;
}

export interface RollbackPlaceInput {
  /** Where scripts lie that no tool may see, relative to the tool's folder: `../.lockkeeper/rollbacks/<history>`. */
  readonly outside: string;
  readonly migrations: readonly Migration[];
}

/** Where a rollback script may lie so that the tool does not run it by mistake. */
export interface RollbackPlace {
  /** Relative to the history's root. */
  readonly path: string;
  /** A file of its own, or a section of the up script's file. */
  readonly form: 'file' | 'section';
  /** Of a section: what of the file's present text it replaces, and what has to stand before the script. */
  readonly section: { readonly start: number; readonly end: number; readonly before: string } | null;
  /** How the tool runs the down script. */
  readonly transactionMode: TransactionMode;
  /** What runs it: `migrate down 1`; null where the tool has no way back and a person runs it with psql. */
  readonly runBy: string | null;
}

/** The tool's table of applied migrations. */
export interface HistoryTable {
  /** Null: the first schema of the search_path. */
  readonly schema: string | null;
  readonly name: string;
  /** The column that identifies a migration, and how its value follows from it. */
  readonly idColumn: string;
  readonly checksumColumn: string | null;
}
