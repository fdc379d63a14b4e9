import type { LockMode } from '../effects/effect.ts';
import type { Estimate, NoEstimate } from '../staging/estimate.ts';
import type { SizedTimes } from '../staging/growthFit.ts';
import type { ToolId, TransactionMode } from '../tools/tool.ts';

/**
 * What *Profile on Staging* measured of one migration on one server: plain data, made in src/node/staging, shown by
 * this folder and kept inside evidence. Times are milliseconds of the client's monotonic clock, counted from the start
 * of the migration's first statement. Never holds row values, URLs or passwords.
 */
export interface StagingRun {
  readonly version: 2;
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
  /** Why its figures say nothing about production: another major. Null: comparable, or production's major is not known. */
  readonly notComparable: string | null;
  readonly snapshot: Snapshot;
  readonly tables: readonly FilledTable[];
  readonly statements: readonly MeasuredStatement[];
  readonly transactions: readonly MeasuredTransaction[];
  readonly probes: readonly Probe[];
  readonly stalls: readonly Stall[];
  /** What Lockkeeper predicted and the server did not do, or the other way round. */
  readonly differences: readonly Difference[];
  /** The way back, run right after; null: there is none, or the migration failed. */
  readonly rollback: MeasuredRollback | null;
  /** The migration behind a long transaction of somebody else; null: no statement takes a lock that would wait for one. */
  readonly lockQueue: LockQueueRun | null;
  /** Measured at several sizes, with the estimates for production's; null: measured at one size only. */
  readonly growth: Growth | null;
  /** From the first statement's start to after the last COMMIT. */
  readonly milliseconds: number;
  /** What the reader must know to judge the figures: not all scripts could be run as their tool does, and so on. */
  readonly notes: readonly string[];
}

export interface StagingServer {
  /** `embedded`: a throw-away server on this machine. `scratch database`: made beside the environment's own database. */
  readonly place: 'embedded' | 'scratch database' | 'template' | 'in-place' | 'command';
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

/** The data that the run stood on. */
export interface Snapshot {
  /** For people: "made-up rows", "a clone of app_golden". */
  readonly source: string;
  /** How old the data is: when the snapshot was made, RFC 3339. Null: made for this run, or nobody says. */
  readonly takenAt: string | null;
  /** Statistics of which environment gave sizes and shapes; null: none. */
  readonly statistics: { readonly environment: string; readonly at: string | null } | null;
  /** All tables of the run with indexes and TOAST; of a clone the whole database. */
  readonly bytes: number;
  /** Rows of the touched tables, as a share of production's; null: production's size is not known. */
  readonly fraction: number | null;
}

/** The way back, measured as the migration was. */
export interface MeasuredRollback {
  readonly source: 'written' | 'synthesized';
  readonly outcome: 'completed' | 'failed';
  readonly failure: StatementFailure | null;
  readonly statements: readonly MeasuredStatement[];
  readonly transactions: readonly MeasuredTransaction[];
  readonly differences: readonly Difference[];
  readonly milliseconds: number;
}

/** What happens when somebody's long transaction stands before the migration's strongest lock. */
export interface LockQueueRun {
  readonly table: string;
  readonly lock: LockMode;
  /** What the long transaction did to the table: it read, or wrote. */
  readonly ahead: 'read' | 'write';
  /** Index of the statement that had to wait. */
  readonly statement: number;
  /** As the session had it, milliseconds; 0: none. */
  readonly lockTimeout: number;
  /** `gave up`: lock_timeout ended the statement. `waited`: it got its lock when the long transaction ended. */
  readonly outcome: 'gave up' | 'waited';
  /** How long the statement stood in the queue, and with it those behind it. */
  readonly milliseconds: number;
  /** The longest that an operation of a probe session stood behind it. */
  readonly longestStall: number;
  readonly stalled: number;
  /** Did `pg_blocking_pids` name the long transaction as what was waited for? */
  readonly blockerSeen: boolean;
}

/** One migration at several sizes. */
export interface Growth {
  /** Ascending. */
  readonly sizes: readonly MeasuredSize[];
  /** One a statement and one a COMMIT of several statements, in the order of the run. */
  readonly estimates: readonly StepEstimate[];
  /** The whole migration. */
  readonly total: Estimate | NoEstimate;
  /** How durations of earlier migrations in production compare with what was estimated for them here; null: no such history. */
  readonly calibration: CalibrationBasis | null;
}

export interface MeasuredSize {
  /** Share of production's rows. */
  readonly fraction: number;
  /** Of all touched tables. */
  readonly rows: number;
  /** The whole migration, each run on a clone of its own. */
  readonly milliseconds: readonly number[];
}

export interface StepEstimate {
  /** Null: the COMMIT of a transaction of several statements. */
  readonly statement: number | null;
  /** What it rests on: rows of the tables that the work is on, and the times there. */
  readonly points: readonly SizedTimes[];
  readonly estimate: Estimate | NoEstimate;
}

export interface CalibrationBasis {
  readonly environment: string;
  /** Production took so many times what was estimated, the median. */
  readonly factor: number;
  readonly migrations: number;
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
  /** Columns that hold nothing but NULL, since made-up rows did not meet a CHECK on them: in words. */
  readonly leftNull?: string;
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
  /** Of these, ready to run and waiting for a processor, which other programs had: on a server of this machine. Null: not known. */
  readonly processorWait: number | null;
  /** In `StagingRun.transactions`; null: ran outside a transaction block. */
  readonly transaction: number | null;
  /** Locks that this statement added, the strongest one per relation. */
  readonly locks: readonly HeldLock[];
  /** `own pg_locks`: complete. `polled`: by a second session, brief ones are missed. */
  readonly locksSeenBy: 'own pg_locks' | 'polled';
  /** Tables with a new file on disk. */
  readonly rewritten: readonly string[];
  /** What the server itself gave as reasons (event trigger `table_rewrite`); empty where no trigger could be made, or it does not fire. */
  readonly rewriteReasons: readonly RewriteReason[];
  /** Indexes of tables that were there before, built or built again. */
  readonly indexesBuilt: readonly string[];
  /** Tables that it read from end to end, or wrote rows of. Parallel workers' part is missing in `rowsRead`. */
  readonly scans: readonly Scan[];
  /** Server-wide WAL position before and after; contains the little that the probes write. */
  readonly walBytes: number;
  /** Of a statement that runs in a transaction of its own; one of several has them in `MeasuredTransaction`. */
  readonly figures: BackendFigures | null;
  readonly rows: number | null;
  /** What it waited for itself, sampled: the share of samples, as time. */
  readonly waits: readonly Wait[];
  /** Phases that the server reported (pg_stat_progress_…), in order of appearance, sampled. */
  readonly phases: readonly Phase[];
  /** Sessions that it waited for, by their application names, sampled: what CONCURRENTLY waits for, and whoever held a lock. */
  readonly waitedFor: readonly WaitedFor[];
  /** On fresh clones of the same data, this run among them; null: run once. */
  readonly repeats: Repeats | null;
}

export interface RewriteReason {
  readonly relation: string;
  /** "a new column's default", "another column type" … */
  readonly reasons: readonly string[];
}

export interface Scan {
  readonly relation: string;
  readonly sequential: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** What the server counted for the migration's own session, from before the transaction to after its COMMIT. */
export interface BackendFigures {
  /** `pg_stat_get_backend_io`, PostgreSQL 18 and later. Parallel workers' part is not in it. */
  readonly io: {
    readonly readBytes: number;
    readonly writtenBytes: number;
    readonly extendedBytes: number;
    readonly fsyncs: number;
  } | null;
  /** `pg_stat_get_backend_wal`, PostgreSQL 18 and later: this session's own, unlike `walBytes`. */
  readonly wal: { readonly bytes: number; readonly records: number; readonly fullPageImages: number } | null;
  /** Of the scratch database, which nobody else uses: parallel workers included. */
  readonly temporary: { readonly files: number; readonly bytes: number } | null;
}

export interface Wait {
  /** "IO: DataFileRead", "Lock: relation". */
  readonly event: string;
  readonly milliseconds: number;
}

export interface Phase {
  /** "create index: building index: scanning table". */
  readonly name: string;
  readonly milliseconds: number;
}

export interface WaitedFor {
  readonly session: string;
  readonly milliseconds: number;
  /** That session waited for this migration as well: a deadlock, had the probe session not stepped aside. */
  readonly mutual: boolean;
}

/** Milliseconds. */
export interface Repeats {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
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
  readonly figures: BackendFigures | null;
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
