import type { HistoryAnalysis, MigrationAnalysis } from './analyze.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { CheckedHistory } from './rules/check.ts';
import { fixesOfFinding, lintAcross, lintMigration, lintWaivers } from './rules/engine.ts';
import { NO_FACTS, sameFacts } from './rules/facts.ts';
import type { LintFacts } from './rules/facts.ts';
import type { EngineOptions, RuleSettings } from './rules/finding.ts';
import { RULES } from './rules/registry.ts';
import type { Finding, Fix, Severity } from './rules/rule.ts';
import { sizeLookup } from './rules/sizes.ts';
import type { SizeLookup, TypedSizes } from './rules/sizes.ts';
import { SQUAWK_RULES } from './rules/squawk.ts';
import { applyWaivers } from './rules/waivers.ts';
import type { ConfiguredWaiver, WaiverUse } from './rules/waivers.ts';
import { standsIn } from './tools/supabaseSchema.ts';
import type { Migration } from './tools/tool.ts';

export interface LintOptions {
  /** Whose findings are wanted; the other migrations only feed the catalog. */
  readonly speaks: (migration: Migration) => boolean;
  /** Neither applied nor on the default branch: only such a migration gets fixes. Without it, none. */
  readonly mayEdit?: (migration: Migration) => boolean;
  /** False: none are made, since they take longer than everything else; `fixesOf` makes those of one finding. */
  readonly fixes?: boolean;
  /** The project's configuration: `rules` switches a rule off or gives it another severity. */
  readonly config: {
    readonly rules?: RuleSettings;
    readonly sizes?: TypedSizes;
    readonly waivers?: readonly ConfiguredWaiver[];
  };
  /** What is known besides the texts. */
  readonly facts?: LintFacts;
  /** The catalog by whose names sizes are known: as it is before the first migration that speaks, unless given. */
  readonly namesIn?: (analysis: HistoryAnalysis) => Catalog | undefined;
  /** Rules that speak once in a project and have spoken in another history of it: `LintResult.said` of that. */
  readonly said?: ReadonlySet<string>;
}

/** The findings of one migration's file. */
export interface FileLint {
  /** The migration's path, relative to the history's root. */
  readonly file: string;
  readonly migration: Migration;
  readonly analysis: MigrationAnalysis;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  /** Every waiver that concerns the file, for reviewers: what it keeps silent, why, and until when. */
  readonly waivers: readonly WaiverUse[];
  /** Statements in the file, and how many of them were analysed wholly. */
  readonly statements: number;
  readonly analysed: number;
}

export interface LintSummary {
  readonly files: number;
  readonly statements: number;
  readonly analysed: number;
  readonly findings: Readonly<Record<Severity, number>>;
  /** Findings that waivers keep silent. */
  readonly waived: number;
}

export interface LintResult {
  readonly history: HistoryAnalysis['history'];
  readonly files: readonly FileLint[];
  readonly summary: LintSummary;
  /** Rules that speak once and have spoken: for the project's next history. */
  readonly said: ReadonlySet<string>;
}

const ONCE: ReadonlySet<string> = new Set(
  RULES.filter(({ oncePerHistory, oncePerProject }) => oncePerHistory || oncePerProject).map(({ id }) => id),
);
/** Ids of the rules that speak once in a project. */
export const ONCE_PER_PROJECT: ReadonlySet<string> = new Set(
  RULES.filter(({ oncePerProject }) => oncePerProject).map(({ id }) => id),
);

const AS_THEY_COME: RuleSettings = {};
const NO_SIZES: TypedSizes = {};
const NO_WAIVERS: readonly ConfiguredWaiver[] = [];
const NOTHING_FOUND: readonly Finding[] = [];
const NOTHING_SAID: ReadonlySet<string> = new Set();

/**
 * The findings of a history's migrations that speak, one entry a migration; a migration that does not speak has one only
 * if something about it is new, an edit of what is applied. What did not change since the last analysis (the same
 * effects, in the same transaction) is not looked at again.
 */
export function lintHistory(analysis: HistoryAnalysis, options: LintOptions): LintResult {
  const { config } = options;
  const checked = checkedHistory(analysis, options);
  const { speaking, optionsFor } = checked;
  const own = new Map(speaking.map((each) => [each, lintMigration(each, analysis, optionsFor(each))]));
  const across = lintAcross(checked);
  const said = new Set(options.said ?? NOTHING_SAID);
  const files: FileLint[] = [];
  for (const migration of analysis.migrations) {
    const extra = across.get(migration) ?? NOTHING_FOUND;
    const raw = own.get(migration) ?? NOTHING_FOUND;
    if (!own.has(migration) && extra.length === 0) continue;
    const { findings: found, waivers } = withWaivers(migration, analysis, {
      raw,
      extra,
      own: optionsFor(migration),
      config,
    });
    const findings = found.filter(({ rule }) => {
      if (!ONCE.has(rule)) return true;
      const isFirst = !said.has(rule);
      said.add(rule);
      return isFirst;
    });
    files.push({
      file: migration.migration.path,
      migration: migration.migration,
      analysis: migration,
      findings: findings.length === found.length ? found : findings,
      waivers,
      statements: migration.statements.length,
      analysed: analysedOf(migration),
    });
  }
  const spoken = new Set([...said].filter((rule) => ONCE_PER_PROJECT.has(rule)));
  return { history: analysis.history, files, summary: summarize(files), said: spoken };
}

/**
 * The fixes of one finding of a lint without fixes: an editor shows many findings, and asks for the fixes of few.
 *
 * @param options of that lint
 */
export function fixesOf(
  finding: Finding,
  { analysis: migration, waivers }: FileLint,
  analysis: HistoryAnalysis,
  options: LintOptions,
): readonly Fix[] {
  if (options.mayEdit?.(migration.migration) !== true) return [];
  return fixesOfFinding(finding, waivers, migration, checkedHistory(analysis, { ...options, fixes: false }));
}

function checkedHistory(analysis: HistoryAnalysis, options: LintOptions): CheckedHistory {
  const { config, facts = NO_FACTS } = options;
  const speaking = analysis.migrations.filter(({ migration }) => options.speaks(migration));
  const names = options.namesIn?.(analysis) ?? speaking[0]?.before;
  const sizes = sizesOf(config.sizes ?? NO_SIZES, facts, names);
  const isNew = ({ migration }: MigrationAnalysis): boolean => options.mayEdit?.(migration) ?? false;
  const known = {
    settings: config.rules ?? AS_THEY_COME,
    facts,
    sizes,
    pendingFrom: pendingFrom(analysis, isNew),
  };
  const editable: EngineOptions = { ...known, mayEdit: options.fixes ?? true };
  const readOnly: EngineOptions = { ...known, mayEdit: false };
  const optionsFor = (migration: MigrationAnalysis): EngineOptions => (isNew(migration) ? editable : readOnly);
  return { analysis, speaking, optionsFor, shared: known, isNew };
}

/**
 * The first id that a new migration gives. Null where none or all are new: then nothing tells what is there already,
 * unless the project names a baseline (a stand-in is none).
 */
function pendingFrom(
  { migrations, history }: HistoryAnalysis,
  isNew: (migration: MigrationAnalysis) => boolean,
): number | null {
  const first = migrations.findIndex(isNew);
  if (first < 0 || (first === 0 && (history.baseline === null || standsIn(history)))) return null;
  return migrations.slice(first).every(isNew) ? (migrations[first]?.before.nextId ?? null) : null;
}

interface Waived {
  readonly raw: readonly Finding[];
  readonly extra: readonly Finding[];
  readonly configured: readonly ConfiguredWaiver[];
  readonly today: string | undefined;
  readonly findings: readonly Finding[];
  readonly waivers: readonly WaiverUse[];
}

/** The last answer for a migration: the same arrays for as long as nothing changed, so that nobody sends or shows them again. */
const keptWaived = new WeakMap<MigrationAnalysis, Waived>();

function withWaivers(
  migration: MigrationAnalysis,
  { history }: HistoryAnalysis,
  { raw, extra, own, config }: Pick<Waived, 'raw' | 'extra'> & { own: EngineOptions; config: LintOptions['config'] },
): Waived {
  const configured = config.waivers ?? NO_WAIVERS;
  const { today } = own.facts;
  const kept = keptWaived.get(migration);
  if (
    kept?.raw === raw &&
    kept.today === today &&
    sameFindings(kept.extra, extra) &&
    (kept.configured === configured || JSON.stringify(kept.configured) === JSON.stringify(configured))
  )
    return kept;
  const { path } = migration.migration;
  const { findings, uses } = applyWaivers({
    migration,
    findings: extra.length === 0 ? raw : [...raw, ...extra],
    configured,
    path: history.root === '.' ? path : `${history.root}/${path}`,
    today,
    squawkRules: SQUAWK_RULES,
  });
  const about = lintWaivers(uses, history.dialect, { migration, options: own });
  const all = [...findings, ...about].sort((a, b) => a.statement - b.statement || a.start - b.start);
  const made = { raw, extra, configured, today, findings: all, waivers: uses };
  keptWaived.set(migration, made);
  return made;
}

function sameFindings(a: readonly Finding[], b: readonly Finding[]): boolean {
  return a.length === b.length && (a.length === 0 || JSON.stringify(a) === JSON.stringify(b));
}

interface KeptSizes {
  readonly facts: LintFacts;
  readonly names: Catalog | undefined;
  readonly lookup: SizeLookup | null;
}

/** The last lookup, by the object that holds the typed sizes: the same one for the same sizes, since findings are kept by it. */
const keptSizes = new WeakMap<TypedSizes, KeptSizes>();

function sizesOf(typed: TypedSizes, facts: LintFacts, names: Catalog | undefined): SizeLookup | null {
  const kept = keptSizes.get(typed);
  if (kept && kept.names === names && sameFacts(kept.facts, facts)) return kept.lookup;
  const byName = sizeLookup(typed, facts.statistics ?? []);
  const lookup: SizeLookup | null =
    byName &&
    ((relation) => {
      // A table that new migrations rename has its old name in production.
      const there = relation.id == null ? undefined : names?.relations.get(relation.id);
      return (there && byName(there)) ?? byName(relation);
    });
  keptSizes.set(typed, { facts, names, lookup });
  return lookup;
}

function analysedOf({ statements }: MigrationAnalysis): number {
  let count = 0;
  for (const { statement, effects } of statements)
    if (statement.error === null && statement.notAnalysed === null && effects.opaque.length === 0) count++;
  return count;
}

/** Counts over files, of several histories too. */
export function summarize(files: readonly FileLint[]): LintSummary {
  const findings: Record<Severity, number> = { error: 0, warning: 0, information: 0, hint: 0 };
  for (const file of files) for (const { severity } of file.findings) findings[severity]++;
  return {
    files: files.length,
    statements: files.reduce((sum, { statements }) => sum + statements, 0),
    analysed: files.reduce((sum, { analysed }) => sum + analysed, 0),
    findings,
    waived: new Set(files.flatMap(({ waivers }) => waivers.flatMap(({ accepted }) => accepted))).size,
  };
}
