import type { Missing } from '../../core/policy/gate.ts';
import type { EnvironmentClass } from '../../core/policy/policy.ts';
import type { ScanReport } from '../../core/report/scanReport.ts';
import type { SchemaField, Severity } from '../../core/rules/rule.ts';
import type { StatusItem } from '../../core/status.ts';
import type { ToolId } from '../../core/tools/tool.ts';
import type { RequestContext } from './channel.ts';

/**
 * What the extension and its engine tell each other. Plain data only: catalogs and trees stay in the engine.
 * Paths are absolute. Positions are the editor's: lines and UTF-16 columns from 0.
 */

export interface Place {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface PlacedEdit {
  readonly place: Place;
  readonly newText: string;
}

export interface EditorFix {
  readonly title: string;
  readonly edits: readonly PlacedEdit[];
  readonly newFiles: readonly { readonly path: string; readonly text: string }[];
  /** Fields of Prisma's schema that go with it: found in its files, as they are then, when the fix is applied. */
  readonly schemaFields: readonly SchemaField[];
  /** What a person does between the deploys. */
  readonly steps: readonly string[];
}

export interface EditorFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
  /** Where its statement begins, if a comment there may accept the finding; null: not in a file that must not change. */
  readonly waiveAt: Pick<Place, 'startLine' | 'startColumn'> | null;
}

/** A finding with its fixes, which are made when they are asked for. */
export interface FixableFinding {
  readonly finding: EditorFinding;
  readonly fixes: readonly EditorFix[];
}

/** All findings of one file, replacing the earlier ones. */
export interface FileFindings {
  readonly path: string;
  /** The editor's version of the text that was read; null: as it lies on disk. */
  readonly version: number | null;
  readonly findings: readonly EditorFinding[];
}

/** Names a migration of a workspace folder. */
export interface MigrationKey {
  readonly folder: string;
  readonly history: string;
  readonly migration: string;
}

export interface MigrationSummary {
  readonly key: MigrationKey;
  /** The up script. */
  readonly path: string;
  /** Not on the default branch and not applied: only these speak. */
  readonly isNew: boolean;
  /** Of the new ones; those of older and of very large ones are asked for when their row is opened. */
  readonly status: readonly StatusLine[] | null;
}

export interface HistorySummary {
  readonly folder: string;
  readonly id: string;
  readonly tool: ToolId;
  /** "Prisma 7.1" */
  readonly label: string;
  readonly root: string;
  readonly dialect: string;
  readonly major: number;
  /** Not configured, so assumed. */
  readonly majorAssumed: boolean;
  readonly migrations: readonly MigrationSummary[];
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
}

export interface FolderSummary {
  readonly folder: string;
  readonly name: string;
  readonly histories: readonly HistorySummary[];
  /** What is wrong with the folder's configuration or records, or could not be read; shown as rows. */
  readonly problems: readonly { readonly message: string; readonly path: string | null }[];
  readonly environments: readonly EnvironmentSummary[];
}

export interface EnvironmentSummary {
  readonly name: string;
  readonly class: EnvironmentClass;
  /** Where this machine names its URL, besides the editor: a variable or the user's environments.jsonc. Null: nowhere. */
  readonly source: string | null;
}

/** The URL of a database that the folder's compose file publishes. */
export interface ProposedAddress {
  /** Host, port, database and user. */
  readonly label: string;
  /** The service and its file. */
  readonly from: string;
  /** May hold the password: never show or log it. */
  readonly url: string;
  /** The password is in it, so that nothing has to be typed. */
  readonly isWhole: boolean;
}

/** URLs from the editor's secret storage, by environment. They win over the machine's own. */
export type Addresses = Readonly<Record<string, string>>;

export type StatusKind = 'lint' | 'rollback' | 'staging' | 'approvals' | 'integrity' | 'applied';

/** One of a migration's rows in the tree. */
export interface StatusLine extends StatusItem {
  readonly kind: StatusKind;
}

/** One statement's lock impact, for the hover. */
export interface StatementHover {
  readonly place: Place;
  readonly kind: string;
  /** Markdown without commands or HTML. */
  readonly markdown: string;
}

/** The lock impact of a whole file, for its code lens and inlay hints. */
export interface FileImpact {
  readonly key: MigrationKey;
  /** Only such a migration speaks. */
  readonly isNew: boolean;
  /** How many staging runs of it are kept: with two, they can be compared. */
  readonly stagingRuns: number;
  readonly statements: number;
  /** Of them, wholly. */
  readonly analysed: number;
  /** The first statement that is not. */
  readonly notAnalysed: Place | null;
  /** Null: nothing that existed before is locked. */
  readonly worst: {
    /** In few words. */
    readonly text: string;
    /** In a sentence. */
    readonly detail: string;
    /** Others wait for work that grows with a table, and not only for an instant. */
    readonly isGrave: boolean;
    /** How long depends on a table whose size nobody told. */
    readonly sizeUnknown: boolean;
    readonly place: Place;
  } | null;
  readonly hints: readonly ImpactHint[];
}

/** An inlay hint, at the end of its statement. */
export interface ImpactHint {
  readonly place: Place;
  readonly text: string;
  readonly tooltip: string;
}

export interface RollbackProposal {
  /** Where it goes: a file that the tool will not run by mistake, or the tool's own rollback. */
  readonly path: string;
  readonly text: string;
  /** What lies there now; null: nothing. */
  readonly existing: string | null;
  /** It is empty or Lockkeeper's own: nobody has to be asked. */
  readonly mayReplace: boolean;
  /** "complete", or what is missing, in a sentence. */
  readonly summary: string;
}

/** What *Test Rollback* found. */
export interface RollbackTestReport {
  readonly passed: boolean;
  /** A sentence without its full stop. */
  readonly summary: string;
  readonly markdown: string;
  /** The scripts; null: none is written. */
  readonly written: string | null;
  readonly synthesized: string;
}

/** A revert migration before it is written; paths are absolute. */
export interface RevertProposal {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Files of Prisma's schema, as they would be. */
  readonly schema: readonly { readonly path: string; readonly text: string }[];
  readonly notes: readonly string[];
}

/** Rows that could be kept before a statement destroys them. */
export interface ArchiveOfferHere {
  readonly title: string;
  /** The statement. */
  readonly place: Place;
  /** Goes before it. */
  readonly insert: string;
}

export interface ProfileRequest {
  readonly key: MigrationKey;
  /** Null: a throw-away server on this machine. */
  readonly environment: string | null;
  /** The kind of server that was chosen from the list. */
  readonly server: 'embedded' | 'scratch' | 'template' | 'in-place' | 'command';
  /** From the settings of the machine, for the server kind `command`. */
  readonly command: { readonly create: string; readonly destroy: string | null } | null;
  readonly addresses: Addresses;
  /** The person agreed that PostgreSQL's binaries are fetched. */
  readonly mayDownload: boolean;
  readonly options: {
    /** Rows that are made up: so many, or at these shares of production's, or within so many milliseconds. Empty: as large as the time allows. */
    readonly sizing: { readonly rows?: number; readonly sizes?: readonly number[]; readonly budget?: number };
    /** Run the rollback too. */
    readonly rollback: boolean;
    /** Run it behind a long transaction too. */
    readonly lockQueue: boolean;
    /** The environment whose earlier migrations scale the estimates; null: none. */
    readonly calibrate: string | null;
  };
}

/** A stored report, ready for the panel. */
export interface ReportDocument {
  readonly key: MigrationKey;
  readonly title: string;
  /** What stands in the page's body: no scripts, no outside addresses. */
  readonly html: string;
  readonly css: string;
  /** How many runs are kept: with two, they can be compared. */
  readonly runs: number;
  /** The comparison with the run before is in it. */
  readonly compared: boolean;
}

/** A report for a file of its own. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

export type ReportFormat = 'html' | 'json' | 'markdown';

/** What was measured of one statement. */
export interface MeasuredPlace {
  readonly place: Place;
  /** "0.81 s, others waited 1.1 s". */
  readonly label: string;
  /** When, where, with how many rows. */
  readonly detail: string;
  /** The migration's text was changed since. */
  readonly stale: boolean;
}

export interface ApprovalChoice {
  readonly role: string;
  /** "1 of 2 given", "not demanded by any environment" … */
  readonly note: string;
}

export interface ApprovalOffer {
  readonly person: { readonly name: string; readonly email: string };
  readonly digest: string;
  readonly choices: readonly ApprovalChoice[];
}

export interface GateSummary {
  readonly migration: string;
  readonly open: boolean;
  readonly missing: readonly { readonly kind: Missing['kind']; readonly text: string; readonly toDo: string }[];
}

export interface CheckResult {
  readonly history: string;
  readonly environment: EnvironmentSummary;
  /** Host, port and database, without a password; null where no URL is known. */
  readonly database: string | null;
  /** Where the demands were read, as a sentence. */
  readonly policySource: string;
  /** Of the migrations that are not applied there, in their order. */
  readonly gates: readonly GateSummary[];
}

export interface RunResult {
  readonly ok: boolean;
  /** A sentence. */
  readonly summary: string;
  readonly lines: readonly string[];
}

export interface EnvironmentTarget {
  readonly folder: string;
  readonly history: string;
  readonly environment: string;
  readonly addresses: Addresses;
}

export interface GateTarget extends EnvironmentTarget {
  /** The user's setting. */
  readonly allowProduction: boolean;
}

export interface CleanTarget {
  readonly folder: string;
  readonly environments: readonly string[];
  readonly addresses: Addresses;
}

export interface PulledStatistics {
  /** Absolute. */
  readonly file: string;
  /** Lines for people; the first says how much. */
  readonly summary: string;
}

type Method<P, R> = (parameters: P, context: RequestContext) => R | Promise<R>;

/** What the engine can be asked. */
export interface EngineMethods {
  /** Reads the folders anew. Findings and the summary follow as events. */
  readonly open: Method<{ readonly folders: readonly { readonly path: string; readonly name: string }[] }, void>;
  /** Files changed on disk. */
  readonly filesChanged: Method<{ readonly paths: readonly string[] }, void>;
  /** The text of an editor, saved or not. Answers when its findings have been sent. */
  readonly setText: Method<{ readonly path: string; readonly text: string; readonly version: number }, void>;
  readonly closeText: Method<{ readonly path: string }, void>;
  readonly hover: Method<
    { readonly path: string; readonly line: number; readonly column: number },
    StatementHover | null
  >;
  /** The findings that a place of an editor's text touches; none where the engine knows another version of the text by now. */
  readonly fixes: Method<
    { readonly path: string; readonly version: number; readonly place: Place },
    readonly FixableFinding[]
  >;
  /** Null: the file is no up script of a history, or of a dialect without locks. */
  readonly impact: Method<{ readonly path: string; readonly hints: boolean }, FileImpact | null>;
  /** The files of Prisma's schema that belong to a migration's history; none for another tool. */
  readonly schemaFiles: Method<{ readonly path: string }, readonly string[]>;
  /** The old migrations of all folders, the worst first. Paths are absolute. */
  readonly scan: Method<null, ScanReport>;
  readonly status: Method<{ readonly key: MigrationKey }, readonly StatusLine[]>;
  readonly rollback: Method<{ readonly key: MigrationKey }, RollbackProposal>;
  /** `both`: Lockkeeper's script too where one is written. */
  readonly testRollback: Method<
    Omit<ProfileRequest, 'server' | 'command' | 'options'> & { readonly both: boolean },
    RollbackTestReport
  >;
  readonly revertMigration: Method<{ readonly key: MigrationKey }, RevertProposal>;
  readonly archive: Method<{ readonly key: MigrationKey; readonly dropAfter: string }, readonly ArchiveOfferHere[]>;
  readonly profile: Method<ProfileRequest, ReportDocument>;
  readonly report: Method<{ readonly key: MigrationKey; readonly compare?: boolean }, ReportDocument | null>;
  readonly exportReport: Method<{ readonly key: MigrationKey; readonly format: ReportFormat }, ReportFile | null>;
  readonly measurements: Method<{ readonly key: MigrationKey }, readonly MeasuredPlace[]>;
  readonly approvalOffer: Method<{ readonly key: MigrationKey }, ApprovalOffer>;
  readonly approve: Method<
    {
      readonly key: MigrationKey;
      readonly role: string;
      readonly comment: string | null;
      readonly digest: string;
    },
    string
  >;
  readonly check: Method<GateTarget & { readonly purpose: 'check' | 'apply' }, CheckResult>;
  /** Weighs the gate again, and refuses where the migrations to apply are no longer those that were confirmed. */
  readonly apply: Method<GateTarget & { readonly migrations: readonly string[] }, RunResult>;
  readonly verify: Method<EnvironmentTarget, RunResult>;
  /** What the folder's compose file publishes; connects to nothing. */
  readonly composeDatabases: Method<{ readonly folder: string }, readonly ProposedAddress[]>;
  readonly pullStatistics: Method<Omit<EnvironmentTarget, 'history'>, PulledStatistics>;
  /** What crashed runs left, a line each. Only the named environments are connected to. */
  readonly leftovers: Method<CleanTarget, readonly string[]>;
  readonly cleanUp: Method<CleanTarget, { readonly removed: readonly string[]; readonly failed: readonly string[] }>;
}

/** What the engine tells by itself. */
export interface EngineEvents {
  readonly findings: readonly FileFindings[];
  readonly workspace: readonly FolderSummary[];
}

export type MethodName = keyof EngineMethods;
export type Parameters<M extends MethodName> = globalThis.Parameters<EngineMethods[M]>[0];
export type Result<M extends MethodName> = Awaited<ReturnType<EngineMethods[M]>>;
