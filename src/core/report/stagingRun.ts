import type { LockMode } from '../effects/effect.ts';
import type { ToolId, TransactionMode } from '../tools/tool.ts';

/**
 * What *Profile on Staging* measured of one migration on one server: plain data, made in src/node/staging, shown by
 * this folder and kept inside evidence. Times are milliseconds of the client's monotonic clock, counted from the start
 * of the migration's first statement. Never holds row values, URLs or passwords.
 */
export interface StagingRun {
  readonly version: 1;
  /** `History.id`, `Migration.id`, the up script's path relative to the workspace root. */
  readonly history: string;
  readonly migration: string;
  readonly path: string;
  readonly tool: ToolId;
  readonly transactionMode: TransactionMode;
  /** `migrationDigest` of what ran; `catalogFingerprint` of the replayed catalog before it. */
  readonly digest: string;
  readonly base: string;
  /** RFC 3339, UTC, from the server's clock. */
  readonly at: string;
  readonly server: StagingServer;
  /** Session settings as the server read them back. */
  readonly settings: Readonly<Record<string, string>>;
  readonly outcome: 'completed' | 'failed';
  readonly failure: StatementFailure | null;
  readonly tables: readonly FilledTable[];
  readonly statements: readonly MeasuredStatement[];
  readonly transactions: readonly MeasuredTransaction[];
  readonly probes: readonly Probe[];
  readonly stalls: readonly Stall[];
  /** What Lockkeeper predicted and the server did not do, or the other way round. */
  readonly differences: readonly Difference[];
  /** From the first statement's start to after the last COMMIT. */
  readonly milliseconds: number;
  /** What the reader must know to judge the figures: not all scripts could be run as their tool does, and so on. */
  readonly notes: readonly string[];
}

export interface StagingServer {
  /** `embedded`: a throw-away server on this machine. `scratch database`: made beside the environment's own database. */
  readonly place: 'embedded' | 'scratch database';
  /** The environment's name; null for an embedded server. */
  readonly environment: string | null;
  /** `SHOW server_version`. */
  readonly version: string;
  readonly major: number;
}

export interface StatementFailure {
  /** Index of the statement in the file; null when the COMMIT failed. */
  readonly statement: number | null;
  readonly message: string;
  readonly sqlState: string | null;
}

/** A table that got rows before the run. */
export interface FilledTable {
  /** Quoted where it has to be: `public.orders`. */
  readonly table: string;
  /** `touched` by the migration, or only `referenced` by a foreign key of such a table. */
  readonly role: 'touched' | 'referenced';
  readonly rows: number;
  /** Rows that were asked for. */
  readonly wanted: number;
  /** Table with its indexes and TOAST. */
  readonly bytes: number;
  /** Why it holds fewer rows than asked for; null if it holds them all. */
  readonly shortfall: string | null;
}

export interface MeasuredStatement {
  readonly index: number;
  /** The command tag. */
  readonly kind: string;
  /** The statement, shortened for reading. */
  readonly text: string;
  readonly startLine: number;
  readonly start: number;
  /** Without the COMMIT, if that is a step of its own: see `MeasuredTransaction`. */
  readonly milliseconds: number;
  /** In `StagingRun.transactions`; null: ran outside a transaction block. */
  readonly transaction: number | null;
  /** Locks that this statement added, the strongest one per relation. */
  readonly locks: readonly HeldLock[];
  /** `own pg_locks`: complete. `polled`: by a second session, brief ones are missed. */
  readonly locksSeenBy: 'own pg_locks' | 'polled';
  /** Tables with a new file on disk. */
  readonly rewritten: readonly string[];
  /** Indexes of tables that were there before, built or built again. */
  readonly indexesBuilt: readonly string[];
  /** Server-wide WAL position before and after; contains the little that the probes write. */
  readonly walBytes: number;
  readonly rows: number | null;
}

export interface HeldLock {
  readonly relation: string;
  readonly lock: LockMode;
  /** Made by this migration. */
  readonly newRelation: boolean;
}

export interface MeasuredTransaction {
  readonly id: number;
  readonly start: number;
  /** To after COMMIT. */
  readonly milliseconds: number;
  /** Of these, the COMMIT. */
  readonly commitMilliseconds: number;
  readonly statements: readonly number[];
}

/** A session that kept reading or writing one table while the migration ran. */
export interface Probe {
  readonly table: string;
  readonly operation: 'read' | 'write';
  readonly operations: number;
  /** Operations that took longer than `STALL_THRESHOLD`. */
  readonly stalled: number;
  readonly longest: number;
}

/** One operation of a probe session that had to wait. */
export interface Stall {
  readonly table: string;
  readonly operation: 'read' | 'write';
  readonly start: number;
  readonly milliseconds: number;
  /** Index of the statement during which it began. */
  readonly statement: number | null;
}

/** Milliseconds. Below, a wait is the machine's own unrest: a client on two busy cores measures that much without any lock. */
export const STALL_THRESHOLD = 50;

/** Predicted against observed. */
export interface Difference {
  readonly statement: number;
  readonly relation: string;
  readonly what: 'lock' | 'rewrite';
  /** In words: "ACCESS EXCLUSIVE", "rewritten", "nothing". */
  readonly predicted: string;
  readonly observed: string;
}
