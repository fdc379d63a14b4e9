import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { StatementEffects } from '../effects/effect.ts';
import type { Dialect, Statement } from '../sql/statement.ts';
import type { Migration } from '../tools/tool.ts';
import { checkHistory, checkMigration, checkStatement, checkWaivers } from './check.ts';
import type { CheckedHistory, CheckedMigration } from './check.ts';
import { sameFacts } from './facts.ts';
import { isOn } from './finding.ts';
import type { EngineOptions, Placed } from './finding.ts';
import { RULES } from './registry.ts';
import type { Finding, Fix, HistoryRule, Report } from './rule.ts';
import { bitOf, RULE_SETS, wantedBy } from './ruleSets.ts';
import type { RuleSet } from './ruleSets.ts';
import type { WaiverUse } from './waivers.ts';

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
  const checked = { migration, analysis, options };
  const findings: Finding[] = [];
  const rules = RULE_SETS[analysis.history.dialect];
  const masks: number[] = [];
  let any = 0;
  for (const statement of migration.statements) {
    const { findings: own, mask } = statementFindings(statement, checked);
    if (own.length > 0) findings.push(...own);
    masks.push(mask);
    any |= mask;
  }
  for (const rule of rules.migration) {
    if (!isOn(rule, options.settings)) continue;
    const bit = bitOf(rules, rule);
    if (bit !== 0 && (any & bit) === 0) continue;
    const wanted =
      bit === 0 ? migration.statements : migration.statements.filter((_, index) => ((masks[index] ?? 0) & bit) !== 0);
    checkMigration(rule, wanted, checked, (finding) => findings.push(finding));
  }
  const makesFiles = findings.some(({ fixes }) => fixes.some(({ newFiles = [] }) => newFiles.length > 0));
  keptMigrations.set(migration, { options, findings, makesFiles, files: migrations, masks });
  return findings;
}

/** The names of new files are made from those that are there. */
function sameFiles(a: readonly Migration[], b: readonly Migration[]): boolean {
  return a === b || (a.length === b.length && a.every(({ path }, index) => path === b[index]?.path));
}

/** What only shows across the files of a history, by migration. After `lintMigration` of those that speak. */
export function lintAcross(checked: CheckedHistory): ReadonlyMap<MigrationAnalysis, readonly Finding[]> {
  const found = new Map<MigrationAnalysis, Finding[]>();
  const rules = RULE_SETS[checked.analysis.history.dialect];
  for (const rule of rules.history) {
    if (!isOn(rule, checked.shared.settings)) continue;
    checkHistory(rule, wantedOf(rule, rules), checked, (migration, finding) => {
      const list = found.get(migration);
      if (list) list.push(finding);
      else found.set(migration, [finding]);
    });
  }
  return found;
}

/** The statements that a rule wants, as far as they were linted. */
function wantedOf(rule: HistoryRule, rules: RuleSet): (migration: MigrationAnalysis) => readonly StatementAnalysis[] {
  const bit = bitOf(rules, rule);
  return (migration) => {
    const masks = bit === 0 ? undefined : keptMigrations.get(migration)?.masks;
    return masks ? migration.statements.filter((_, index) => ((masks[index] ?? 0) & bit) !== 0) : migration.statements;
  };
}

/** What is wrong with a migration's waivers. */
export function lintWaivers(
  uses: readonly WaiverUse[],
  dialect: Dialect,
  checked: Omit<CheckedMigration, 'analysis'>,
): readonly Finding[] {
  if (uses.length === 0) return [];
  const findings: Finding[] = [];
  for (const rule of RULE_SETS[dialect].waivers)
    if (isOn(rule, checked.options.settings)) checkWaivers(rule, uses, checked, (finding) => findings.push(finding));
  return findings;
}

/**
 * The fixes of a finding of a lint that made none, made now.
 *
 * @param uses what became of the migration's waivers in that lint
 */
export function fixesOfFinding(
  wanted: Finding,
  uses: readonly WaiverUse[],
  migration: MigrationAnalysis,
  history: CheckedHistory,
): readonly Fix[] {
  const { analysis } = history;
  const rules = RULE_SETS[analysis.history.dialect];
  const checked = { migration, analysis, options: history.optionsFor(migration) };
  let fixes: readonly Fix[] | undefined;
  const look = (finding: Finding, made: Report): void => {
    if (fixes === undefined && isSameFinding(finding, wanted)) fixes = made.fixes?.() ?? NO_FIXES;
  };
  const rule = RULES.find(({ id }) => id === wanted.rule);
  const statement = migration.statements[wanted.statement];
  if (rule?.scope === 'statement' && statement !== undefined) checkStatement(statement, checked, look);
  else if (rule?.scope === 'migration') {
    const all = migration.statements;
    checkMigration(rule, rule.wants === undefined ? all : all.filter(rule.wants), checked, look);
  } else if (rule?.scope === 'history') {
    checkHistory(rule, wantedOf(rule, rules), history, (where, finding, made) => {
      if (where === migration) look(finding, made);
    });
  } else if (rule?.scope === 'waivers') checkWaivers(rule, uses, checked, look);
  return fixes ?? NO_FIXES;
}

const NO_FIXES: readonly Fix[] = [];

function isSameFinding(a: Finding, b: Finding): boolean {
  return a.rule === b.rule && a.start === b.start && a.end === b.end && a.message === b.message;
}

function statementFindings(
  statement: StatementAnalysis,
  checked: CheckedMigration,
): { readonly findings: readonly Finding[]; readonly mask: number } {
  const { migration, analysis, options } = checked;
  const kept = keptFindings.get(statement.effects);
  const isAlone = migration.statements.length === 1;
  if (kept && isSameStatement(kept, statement, { options, isAlone }))
    return { findings: moved(kept, statement), mask: kept.mask };
  const findings: Finding[] = [];
  checkStatement(statement, checked, (finding) => findings.push(finding));
  const mask = wantedBy(RULE_SETS[analysis.history.dialect], statement);
  const { openedBy } = statement.transaction;
  keptFindings.set(statement.effects, { statement, isAlone, openedBy, options, findings, mask });
  return { findings, mask };
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
