import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { EffectCause, StatementEffects } from '../effects/effect.ts';
import type { Dialect, Statement } from '../sql/statement.ts';
import { nodeKind } from '../sql/tree.ts';
import type { Migration } from '../tools/tool.ts';
import { sameFacts } from './facts.ts';
import { isOn, makeFinding, makeFindingAt } from './finding.ts';
import type { EngineOptions, Placed } from './finding.ts';
import { RULES } from './registry.ts';
import type {
  Finding,
  Fix,
  HistoryRule,
  Match,
  MigrationRule,
  StatementContext,
  StatementRule,
  WaiverRule,
} from './rule.ts';
import type { WaiverUse } from './waivers.ts';

interface RuleSet {
  /** In the order of the registry. */
  readonly statement: readonly StatementRule[];
  /** Positions in `statement` of the rules that look at every statement. */
  readonly always: readonly number[];
  /** Positions in `statement` of the rules that an operation concerns. */
  readonly byOperation: ReadonlyMap<string, readonly number[]>;
  /** Positions in `statement` of the rules that a kind of statement concerns. */
  readonly byKind: ReadonlyMap<string, readonly number[]>;
  readonly migration: readonly MigrationRule[];
  readonly history: readonly HistoryRule[];
  readonly waivers: readonly WaiverRule[];
  /** Rules that choose their statements; a rule's place here is its bit in a mask. */
  readonly wanting: readonly (MigrationRule | HistoryRule)[];
}

/** As many as the bits of an integer that stay positive. */
const MOST_WANTING = 30;

const RULE_SETS: Readonly<Record<Dialect, RuleSet>> = { postgresql: rulesFor('postgresql'), mysql: rulesFor('mysql') };

function rulesFor(dialect: Dialect): RuleSet {
  const rules = RULES.filter((rule) => rule.dialect === 'any' || (rule.dialect ?? 'postgresql') === dialect);
  const statement = rules.filter((rule): rule is StatementRule => rule.scope === 'statement');
  const wanting = rules.filter(
    (rule): rule is MigrationRule | HistoryRule =>
      (rule.scope === 'migration' || rule.scope === 'history') && rule.wants !== undefined,
  );
  if (wanting.length > MOST_WANTING) throw new TypeError('more rules choose their statements than a mask has bits');
  return {
    wanting,
    statement,
    always: statement.flatMap(({ operations, statements }, position) => (operations || statements ? [] : [position])),
    byOperation: positions(statement, ({ operations = [] }) => operations),
    byKind: positions(statement, ({ statements = [] }) => statements),
    migration: rules.filter((rule): rule is MigrationRule => rule.scope === 'migration'),
    history: rules.filter((rule): rule is HistoryRule => rule.scope === 'history'),
    waivers: rules.filter((rule): rule is WaiverRule => rule.scope === 'waivers'),
  };
}

function positions(
  rules: readonly StatementRule[],
  keysOf: (rule: StatementRule) => readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [position, rule] of rules.entries())
    for (const key of keysOf(rule)) found.set(key, [...(found.get(key) ?? []), position]);
  return found;
}

const UNSURE: ReadonlySet<string> = new Set(RULES.filter(({ needsFacts }) => needsFacts).map(({ id }) => id));

interface Kept {
  readonly statement: StatementAnalysis;
  /** The file's only statement. */
  readonly isAlone: boolean;
  readonly openedBy: StatementAnalysis['transaction']['openedBy'];
  readonly options: EngineOptions;
  readonly findings: readonly Finding[];
  readonly mask: number;
}

/**
 * What the statement rules said, by the effects that they read: the analysis keeps that object for as long as the
 * statement's text and the catalog before it are the same. Findings whose fixes touch other parts of the file are made anew.
 */
const keptFindings = new WeakMap<StatementEffects, Kept>();
const keptMigrations = new WeakMap<MigrationAnalysis, KeptMigration>();

interface KeptMigration {
  readonly options: EngineOptions;
  readonly findings: readonly Finding[];
  /** Some fix makes a file. */
  readonly makesFiles: boolean;
  readonly files: readonly Migration[];
  /** Which rules want each statement. */
  readonly masks: readonly number[];
}

/** The findings of one migration, before waivers. The same array for as long as nothing that they rest on changed. */
export function lintMigration(
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): readonly Finding[] {
  const kept = keptMigrations.get(migration);
  const { migrations } = analysis.history;
  if (kept && sameOptions(kept.options, options) && (!kept.makesFiles || sameFiles(kept.files, migrations)))
    return kept.findings;
  const findings: Finding[] = [];
  const { text } = migration.migration;
  const rules = RULE_SETS[analysis.history.dialect];
  const masks: number[] = [];
  let any = 0;
  for (const statement of migration.statements) {
    const { findings: own, mask } = statementFindings(statement, migration, analysis, options);
    if (own.length > 0) findings.push(...own);
    masks.push(mask);
    any |= mask;
  }
  for (const rule of rules.migration) {
    if (!isOn(rule, options.settings)) continue;
    const bit = bitOf(rules, rule);
    if (bit !== 0 && (any & bit) === 0) continue;
    rule.check({
      migration,
      wanted:
        bit === 0 ? migration.statements : migration.statements.filter((_, index) => ((masks[index] ?? 0) & bit) !== 0),
      history: analysis.history,
      settings: analysis.settings,
      sizes: options.sizes,
      report: (statement, made) => findings.push(makeFinding(rule, statement, made, { options, text })),
      reportAt: (offset, made) => findings.push(makeFindingAt(rule, migration, offset, made, options)),
    });
  }
  const makesFiles = findings.some(({ fixes }) => fixes.some(({ newFiles = [] }) => newFiles.length > 0));
  keptMigrations.set(migration, { options, findings, makesFiles, files: migrations, masks });
  return findings;
}

/** 0 for a rule that does not choose its statements. */
function bitOf({ wanting }: RuleSet, rule: MigrationRule | HistoryRule): number {
  const place = wanting.indexOf(rule);
  return place < 0 ? 0 : 1 << place;
}

/** The names of new files are made from those that are there. */
function sameFiles(a: readonly Migration[], b: readonly Migration[]): boolean {
  return a === b || (a.length === b.length && a.every(({ path }, index) => path === b[index]?.path));
}

/** What only shows across the files of a history, by migration. After `lintMigration` of those that speak. */
export function lintAcross(
  analysis: HistoryAnalysis,
  speaking: readonly MigrationAnalysis[],
  optionsFor: (migration: MigrationAnalysis) => EngineOptions,
  shared: Pick<EngineOptions, 'settings' | 'facts' | 'sizes'> & {
    readonly isNew: (migration: MigrationAnalysis) => boolean;
  },
): ReadonlyMap<MigrationAnalysis, readonly Finding[]> {
  const found = new Map<MigrationAnalysis, Finding[]>();
  const add = (migration: MigrationAnalysis, finding: Finding): void => {
    const list = found.get(migration);
    if (list) list.push(finding);
    else found.set(migration, [finding]);
  };
  const rules = RULE_SETS[analysis.history.dialect];
  for (const rule of rules.history) {
    if (!isOn(rule, shared.settings)) continue;
    const bit = bitOf(rules, rule);
    rule.check({
      analysis,
      speaking,
      wanted: (migration) => {
        const masks = bit === 0 ? undefined : keptMigrations.get(migration)?.masks;
        return masks
          ? migration.statements.filter((_, index) => ((masks[index] ?? 0) & bit) !== 0)
          : migration.statements;
      },
      facts: shared.facts,
      sizes: shared.sizes,
      isNew: shared.isNew,
      report: (migration, statement, made) => {
        const where = { options: optionsFor(migration), text: migration.migration.text };
        add(migration, makeFinding(rule, statement, made, where));
      },
      reportAt: (migration, offset, made) => {
        add(migration, makeFindingAt(rule, migration, offset, made, optionsFor(migration)));
      },
    });
  }
  return found;
}

/** What is wrong with a migration's waivers. */
export function lintWaivers(
  migration: MigrationAnalysis,
  uses: readonly WaiverUse[],
  dialect: Dialect,
  options: EngineOptions,
): readonly Finding[] {
  if (uses.length === 0) return [];
  const findings: Finding[] = [];
  for (const rule of RULE_SETS[dialect].waivers) {
    if (!isOn(rule, options.settings)) continue;
    rule.check({
      migration,
      uses,
      text: migration.migration.text,
      isAlwaysKnown: (id) => !UNSURE.has(id),
      reportAt: (offset, made) => findings.push(makeFindingAt(rule, migration, offset, made, options)),
    });
  }
  return findings;
}

function statementFindings(
  statement: StatementAnalysis,
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): { readonly findings: readonly Finding[]; readonly mask: number } {
  const kept = keptFindings.get(statement.effects);
  const isAlone = migration.statements.length === 1;
  if (kept && isSameStatement(kept, statement, { options, isAlone }))
    return { findings: moved(kept, statement), mask: kept.mask };
  const findings = freshFindings(statement, migration, analysis, options);
  let mask = 0;
  for (const [place, { wants }] of RULE_SETS[analysis.history.dialect].wanting.entries())
    if (wants?.(statement) === true) mask |= 1 << place;
  keptFindings.set(statement.effects, {
    statement,
    isAlone,
    openedBy: statement.transaction.openedBy,
    options,
    findings,
    mask,
  });
  return { findings, mask };
}

function freshFindings(
  statement: StatementAnalysis,
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): readonly Finding[] {
  const rules = RULE_SETS[analysis.history.dialect];
  const all = existingMatches(statement.effects);
  const findings: Finding[] = [];
  const claimed = new Set<EffectCause>();
  const where = { options, text: migration.migration.text };
  let asked: StatementRule | undefined;
  // One context for all rules, since there are far more statements than findings.
  const context: Writable<StatementContext> = {
    statement,
    migration,
    history: analysis.history,
    settings: analysis.settings,
    matches: all,
    claimed,
    report: (made) => {
      for (const cause of made.claims ?? NO_CAUSES) claimed.add(cause);
      if (asked && isOn(asked, options.settings)) findings.push(makeFinding(asked, statement, made, where));
    },
  };
  let last = -1;
  for (const position of concernedRules(rules, statement, all)) {
    const rule = rules.statement[position];
    if (!rule || position === last) continue;
    last = position;
    // What is off by itself claims nothing.
    if (rule.meta.off && !isOn(rule, options.settings)) continue;
    const { operations } = rule;
    context.matches = operations
      ? all.filter(({ cause }) => (operations as readonly string[]).includes(cause.operation))
      : all;
    asked = rule;
    rule.check(context);
  }
  return findings;
}

type Writable<T> = { -readonly [P in keyof T]: T[P] };
const NO_CAUSES: readonly EffectCause[] = [];

/** Positions of the rules that the statement concerns, in order; a position may come twice. */
function concernedRules(rules: RuleSet, statement: StatementAnalysis, all: readonly Match[]): readonly number[] {
  const positions: number[] = [];
  for (const position of rules.always)
    if (rules.statement[position]?.wants?.(statement) !== false) positions.push(position);
  for (const { cause } of all) {
    const more = rules.byOperation.get(cause.operation);
    if (more) positions.push(...more);
  }
  const { tree } = statement.statement;
  const byKind = tree ? rules.byKind.get(nodeKind(tree)) : undefined;
  if (byKind) positions.push(...byKind);
  return positions.length > 1 ? positions.sort((a, b) => a - b) : positions;
}

function existingMatches({ effects }: StatementEffects): readonly Match[] {
  const matches: Match[] = [];
  for (const effect of effects) {
    if (effect.newRelation) continue;
    for (const cause of effect.causes) matches.push({ effect, cause });
  }
  return matches;
}

function isSameStatement(
  kept: Kept,
  { statement, before, transaction }: StatementAnalysis,
  { options, isAlone }: { readonly options: EngineOptions; readonly isAlone: boolean },
): boolean {
  const old = kept.statement;
  return (
    (old.statement === statement ||
      (old.statement.text === statement.text && sameComments(old.statement, statement))) &&
    old.before === before &&
    (old.transaction.id === null) === (transaction.id === null) &&
    kept.openedBy === transaction.openedBy &&
    sameOptions(kept.options, options) &&
    kept.isAlone === isAlone &&
    kept.findings.every((finding) => finding.fixes.every((fix) => staysInside(fix, old.statement)))
  );
}

/** A fix that only touches its own statement moves with it; any other may hang on the rest of the file. */
function staysInside({ edits, newFiles = [] }: Fix, { start, end }: Placed): boolean {
  return newFiles.length === 0 && edits.every((edit) => edit.start >= start && edit.end <= end);
}

function sameComments(a: Statement, b: Statement): boolean {
  return (
    a.comments.length === b.comments.length &&
    a.comments.every(({ start, text }, index) => {
      const other = b.comments[index];
      return other?.text === text && other.start - b.start === start - a.start;
    })
  );
}

function sameOptions(a: EngineOptions, b: EngineOptions): boolean {
  if (a === b) return true;
  return (
    a.mayEdit === b.mayEdit &&
    a.sizes === b.sizes &&
    sameFacts(a.facts, b.facts) &&
    (a.settings === b.settings || JSON.stringify(a.settings) === JSON.stringify(b.settings))
  );
}

/** The findings at the place where the statement stands now. */
function moved(
  { statement: { statement: old }, findings }: Kept,
  { statement }: StatementAnalysis,
): readonly Finding[] {
  const by = statement.start - old.start;
  const lines = statement.startLine - old.startLine;
  if (findings.length === 0) return findings;
  if (by === 0 && old.index === statement.index && old.startLine === statement.startLine) return findings;
  return findings.map((finding) => ({
    ...finding,
    statement: statement.index,
    start: finding.start + by,
    end: finding.end + by,
    startLine: finding.startLine + lines,
    fixes: finding.fixes.map((fix) => ({
      ...fix,
      edits: fix.edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by })),
    })),
  }));
}
