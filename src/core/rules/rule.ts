import type { AnalysisSettings, HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { Effect, EffectCause, RelationReference } from '../effects/effect.ts';
import type { Operation } from '../effects/operation.ts';
import type { Dialect } from '../sql/statement.ts';
import type { NodeKind } from '../sql/tree.ts';
import type { DurationRange } from '../statistics/durationClass.ts';
import type { History, ToolId, TransactionMode } from '../tools/tool.ts';
import type { LintFacts } from './facts.ts';
import type { SizeLookup } from './sizes.ts';
import type { WaiverUse } from './waivers.ts';

export const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is wrong, in a word; documented in docs/cli.md and part of `lint --format json`. */
export type Cause =
  | 'blocks' // this statement's own work, growing with the table, under a lock that stops others
  | 'fails' // on a table with rows
  | 'holds' // locks held together or too long
  | 'rows' // sweeping DML
  | 'loses data'
  | 'breaks code'
  | 'hygiene'
  | 'preference';

/** One replacement in a file: UTF-16 offsets. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/**
 * A quick fix: edits of the migration's own file, files to be made beside it, and what a person does meanwhile. Edits and
 * files belong together: a front end applies all or none (src/core/rules/fixes/applyFixes.ts).
 */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** New files, path relative to the history's root; they come after all migrations that are there. */
  readonly newFiles?: readonly { readonly path: string; readonly text: string }[];
  /** Fields of `schema.prisma` that have to be optional or required after the fix (src/core/tools/prismaSchema.ts). */
  readonly schemaFields?: readonly SchemaField[];
  /** What a person has to do, and between which deploys: a sentence or a few each, in order. */
  readonly steps?: readonly string[];
}

/** A column as the database names it, and whether its field is to be optional. */
export interface SchemaField {
  readonly table: string;
  readonly column: string;
  readonly optional: boolean;
}

/** A rule's verdict on a statement. */
export interface Finding {
  readonly rule: string;
  readonly cause: Cause;
  readonly severity: Severity;
  /** What happens here (the user's own names), why it matters, and what to do instead, ready to paste. Several lines. */
  readonly message: string;
  /** Index of the statement in its file. */
  readonly statement: number;
  /** UTF-16 range in the file that is underlined. */
  readonly start: number;
  readonly end: number;
  readonly startLine: number;
  readonly fixes: readonly Fix[];
  /** How long others wait, where the sizes of all tables concerned are known. Milliseconds. */
  readonly estimate?: DurationRange;
}

/** What a rule reports; the engine adds id, default severity, place, and the prose of the rule's metadata. */
export interface Report {
  /** What happens here, with the user's own names and the lock: one sentence or two. */
  readonly what: string;
  /** Instead of the metadata's `why`. */
  readonly why?: string;
  /** What to do instead *here*, ready to paste, under a line of its own. Without it the metadata's `instead`. */
  readonly instead?: string;
  readonly cause?: Cause;
  readonly severity?: Severity;
  /** Underline only this part of the statement. */
  readonly range?: { readonly start: number; readonly end: number };
  /** The causes that this report is about: `blocking-work` then leaves them alone. */
  readonly claims?: readonly EffectCause[];
  /** Only asked for where the migration may be edited. */
  readonly fixes?: () => readonly Fix[];
}

/** One reason for an effect on a relation that existed before the migration. */
export interface Match {
  readonly effect: Effect;
  readonly cause: EffectCause;
}

export interface StatementContext {
  readonly statement: StatementAnalysis;
  readonly migration: MigrationAnalysis;
  readonly history: History;
  readonly settings: AnalysisSettings;
  /** Of the rule's `operations`, in the statement's order; of all operations for a rule that names none. Never empty for a rule that names some. */
  readonly matches: readonly Match[];
  /** Causes that rules before this one in the registry have reported. */
  readonly claimed: ReadonlySet<EffectCause>;
  readonly report: (report: Report) => void;
}

export interface MigrationContext {
  readonly migration: MigrationAnalysis;
  /** The statements that the rule wants; all, of a rule that has no `wants`. */
  readonly wanted: readonly StatementAnalysis[];
  readonly history: History;
  readonly settings: AnalysisSettings;
  /** Null where no size is known. */
  readonly sizes: SizeLookup | null;
  /** Made by another new migration: empty, and used by nobody, when both are applied. */
  readonly isPending: (relation: RelationReference) => boolean;
  readonly report: (statement: StatementAnalysis, report: Report) => void;
  /** For what concerns a place in the file rather than a statement; counts for the statement there, or the one before. */
  readonly reportAt: (offset: number, report: Report) => void;
}

/** A whole history, with what is known besides: for what only shows across files. */
export interface HistoryContext {
  readonly analysis: HistoryAnalysis;
  /** Those whose findings are wanted, in the tool's order. */
  readonly speaking: readonly MigrationAnalysis[];
  /** The statements of one that speaks that the rule wants; all, of a rule that has no `wants`. */
  readonly wanted: (migration: MigrationAnalysis) => readonly StatementAnalysis[];
  readonly facts: LintFacts;
  readonly sizes: SizeLookup | null;
  /** Made by another new migration: empty, and used by nobody, when both are applied. */
  readonly isPending: (relation: RelationReference) => boolean;
  /** Not on the default branch and not applied, as far as that is known: a migration may speak for having been named only. */
  readonly isNew: (migration: MigrationAnalysis) => boolean;
  readonly report: (migration: MigrationAnalysis, statement: StatementAnalysis, report: Report) => void;
  readonly reportAt: (migration: MigrationAnalysis, offset: number, report: Report) => void;
}

/** A migration's waivers, after they were applied. */
export interface WaiverContext {
  readonly migration: MigrationAnalysis;
  readonly uses: readonly WaiverUse[];
  /** The file's text. */
  readonly text: string;
  /** False for rules that are silent where git or an environment does not tell: what they find is not known for sure. */
  readonly isAlwaysKnown: (rule: string) => boolean;
  readonly reportAt: (offset: number, report: Report) => void;
}

export interface RuleMeta {
  /** Imperative, short: the page's heading. */
  readonly title: string;
  readonly severity: Severity;
  readonly cause: Cause;
  /** One or two sentences, true of every finding of the rule. */
  readonly why: string;
  /** What to do, where the statement itself can't be written out. */
  readonly instead: string;
  /** More for the rule's page: a recipe, limits, versions. Markdown. */
  readonly more?: string;
  readonly references: readonly string[];
  /** The same rule's name in other tools. */
  readonly alsoKnownAs: Readonly<Record<string, string | readonly string[]>>;
  /** Off until a project gives it a severity: a matter of taste, or of a policy that not every team has. */
  readonly off?: true;
}

/** SQL that is run against `EXAMPLE_SCHEMA` as the newest migration of a history. */
export interface Example {
  readonly sql: string;
  /** An earlier migration of the same history. */
  readonly earlier?: string;
  /** Another new migration before this one, run in the same mode. */
  readonly alsoNew?: string;
  /** A later migration of the same history. */
  readonly later?: string;
  /** The migration's own down script; the others of the history have one too. Null: only the others. */
  readonly down?: string | null;
  /** How the tool runs the file; statement by statement unless told. */
  readonly mode?: TransactionMode;
  /** Plain SQL unless told. */
  readonly tool?: ToolId;
  readonly dialect?: Dialect;
  /** What is known besides the texts. */
  readonly facts?: LintFacts;
  /** Leave `EXAMPLE_SCHEMA` out: a history that does not start from nothing. */
  readonly withoutSchema?: boolean;
}

interface RuleBase {
  readonly id: string;
  readonly meta: RuleMeta;
  readonly examples: { readonly bad: readonly (string | Example)[]; readonly good: readonly (string | Example)[] };
  /** PostgreSQL unless told. */
  readonly dialect?: Dialect | 'any';
  /** Said once in a history, at the first place. */
  readonly oncePerHistory?: boolean;
  /** Said once in a project of several histories. */
  readonly oncePerProject?: boolean;
  /** Hangs on what is not always known (git, an environment): a waiver of it is never called unused. */
  readonly needsFacts?: boolean;
}

/** Looks at one statement. What it says may depend on the statement, its catalogs, its effects and who opened its transaction, on nothing else. */
export interface StatementRule extends RuleBase {
  readonly scope: 'statement';
  /** Asked only where an effect on a relation that existed before the migration has such a cause. */
  readonly operations?: readonly Operation[];
  /** Asked only for statements of these kinds, whatever their effects. */
  readonly statements?: readonly NodeKind[];
  /** Of a rule that names neither: false where it certainly has nothing to say. */
  readonly wants?: (statement: StatementAnalysis) => boolean;
  readonly check: (context: StatementContext) => void;
}

export interface Wanting {
  /**
   * Whether a statement may make the rule speak. Without one that does the rule is not asked, which keeps typing in a long
   * file quick. Asked once a statement: what it says may depend on the statement, its catalogs and effects, on nothing else.
   */
  readonly wants?: (statement: StatementAnalysis) => boolean;
  /**
   * Of a rule that reports on statements and reads no text of the file but theirs: which statements decide what it says,
   * besides those that it wants. An edit that touches none of them does not make it be asked again, which keeps typing in a
   * long file quick; without it every edit does. Depends on what `wants` may depend on.
   */
  readonly alsoReads?: (statement: StatementAnalysis) => boolean;
}

/** Of a rule that reads no statements but those that it wants, and the catalogs before and after the file. */
export const NOTHING_ELSE = (): boolean => false;

/** Looks at the statements of a migration together. */
export interface MigrationRule extends RuleBase, Wanting {
  readonly scope: 'migration';
  readonly check: (context: MigrationContext) => void;
}

/**
 * Looks at a history as a whole, after the other rules and each time that anything changed: it has to be quick. It may
 * report on migrations that don't speak where what is wrong with them is new.
 */
export interface HistoryRule extends RuleBase, Wanting {
  readonly scope: 'history';
  readonly check: (context: HistoryContext) => void;
}

/** Looks at the waivers of one migration. */
export interface WaiverRule extends RuleBase {
  readonly scope: 'waivers';
  readonly check: (context: WaiverContext) => void;
}

/** One rule, one file in `catalogue/`; the file's name is the id. Its metadata is the only copy of its prose. */
export type Rule = StatementRule | MigrationRule | HistoryRule | WaiverRule;

/** A rule about one statement. */
export function defineRule(rule: Omit<StatementRule, 'scope'>): StatementRule {
  return { scope: 'statement', ...rule };
}

/** A rule about the statements of one migration together. */
export function defineMigrationRule(rule: Omit<MigrationRule, 'scope'>): MigrationRule {
  return { scope: 'migration', ...rule };
}

/** A rule about a whole history. */
export function defineHistoryRule(rule: Omit<HistoryRule, 'scope'>): HistoryRule {
  return { scope: 'history', ...rule };
}

/** A rule about waivers. */
export function defineWaiverRule(rule: Omit<WaiverRule, 'scope'>): WaiverRule {
  return { scope: 'waivers', ...rule };
}

/** The severity unless a project says otherwise. */
export function ruleSeverity({ meta }: Rule): Severity | 'off' {
  return meta.off ? 'off' : meta.severity;
}

/** The rule's page, relative to the package's root. */
export function rulePage(id: string): string {
  return `docs/rules/${id}.md`;
}
