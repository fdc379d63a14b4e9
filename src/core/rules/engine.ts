import { earlierAnalysis } from '../analyze.ts';
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
import { RULE_SETS, wantedBy } from './ruleSets.ts';
import type { RuleSet } from './ruleSets.ts';
import type { WaiverUse } from './waivers.ts';

/** What the statement rules said of a statement. */
interface OwnFindings {
  readonly findings: readonly Finding[];
  /** Which rules want the statement. */
  readonly mask: number;
}

interface Kept {
  readonly statement: StatementAnalysis;
  /** The file's only statement. */
  readonly isAlone: boolean;
  readonly options: EngineOptions;
  readonly own: OwnFindings;
}

/**
 * What the statement rules said, by the effects that they read: the analysis keeps that list for as long as the
 * statement's text and the catalog before it are the same. Findings whose fixes touch other parts of the file are made anew.
 */
const keptFindings = new WeakMap<StatementEffects['effects'], Kept>();
const keptMigrations = new WeakMap<MigrationAnalysis, KeptMigration>();

interface KeptMigration {
  readonly options: EngineOptions;
  readonly findings: readonly Finding[];
  /** Some fix makes a file. */
  readonly makesFiles: boolean;
  readonly files: readonly Migration[];
  /** By statement. */
  readonly own: readonly OwnFindings[];
  /** The statements that a rule wants, by its place among those that choose. */
  readonly wanted: readonly (readonly StatementAnalysis[])[];
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
  const rules = RULE_SETS[analysis.history.dialect];
  const own = ownFindings(checked);
  const findings: Finding[] = [];
  const wanted = rules.wanting.map((): StatementAnalysis[] => []);
  own.forEach(({ findings: said, mask }, index) => {
    if (said.length > 0) findings.push(...said);
    const statement = migration.statements[index];
    // Bit by bit, from the lowest.
    for (let bits = mask; statement !== undefined && bits !== 0; bits &= bits - 1)
      wanted[31 - Math.clz32(bits & -bits)]?.push(statement);
  });
  for (const rule of rules.migration) {
    if (!isOn(rule, options.settings)) continue;
    const statements = wanted[rules.wanting.indexOf(rule)] ?? migration.statements;
    if (statements.length === 0 && rule.wants !== undefined) continue;
    checkMigration(rule, statements, checked, (finding) => findings.push(finding));
  }
  const makesFiles = findings.some(({ fixes }) => fixes.some(({ newFiles = [] }) => newFiles.length > 0));
  keptMigrations.set(migration, { options, findings, makesFiles, files: migrations, own, wanted });
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
    checkHistory(rule, wantedIn(rule, rules), checked, (migration, finding) => {
      const list = found.get(migration);
      if (list) list.push(finding);
      else found.set(migration, [finding]);
    });
  }
  return found;
}

/** The statements that a rule wants, as far as they were linted. */
function wantedIn(rule: HistoryRule, rules: RuleSet): (migration: MigrationAnalysis) => readonly StatementAnalysis[] {
  const place = rules.wanting.indexOf(rule);
  return (migration) => keptMigrations.get(migration)?.wanted[place] ?? migration.statements;
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
    checkHistory(rule, wantedIn(rule, rules), history, (where, finding, made) => {
      if (where === migration) look(finding, made);
    });
  } else if (rule?.scope === 'waivers') checkWaivers(rule, uses, checked, look);
  return fixes ?? NO_FIXES;
}

const NO_FIXES: readonly Fix[] = [];

function isSameFinding(a: Finding, b: Finding): boolean {
  return a.rule === b.rule && a.start === b.start && a.end === b.end && a.message === b.message;
}

/** What the statement rules say of each statement. What stands before or behind an edit is found by its place among the others. */
function ownFindings(checked: CheckedMigration): readonly OwnFindings[] {
  const { migration, options } = checked;
  const { statements } = migration;
  const earlier = earlierAnalysis(migration);
  const kept = earlier && keptMigrations.get(earlier);
  const takesOver =
    kept && sameOptions(kept.options, options) && !options.mayEdit && kept.own.length > 1 && statements.length > 1;
  const before = takesOver ? earlier.statements : NO_STATEMENTS;
  const later = before.length - statements.length;
  return statements.map((statement, index) => {
    const place = before[index] === statement ? index : index + later;
    const [old, own] = [before[place], kept?.own[place]];
    if (old === undefined || own === undefined || !readsSame(old, statement))
      return statementFindings(statement, checked);
    return old === statement ? own : moved(own, old, statement);
  });
}

const NO_STATEMENTS: readonly StatementAnalysis[] = [];

function statementFindings(statement: StatementAnalysis, checked: CheckedMigration): OwnFindings {
  const { migration, analysis, options } = checked;
  const kept = keptFindings.get(statement.effects.effects);
  const isAlone = migration.statements.length === 1;
  if (kept && mayKeep(kept, statement, { options, isAlone })) return moved(kept.own, kept.statement, statement);
  const findings: Finding[] = [];
  checkStatement(statement, checked, (finding) => findings.push(finding));
  const own = { findings, mask: wantedBy(RULE_SETS[analysis.history.dialect], statement) };
  keptFindings.set(statement.effects.effects, { statement, isAlone, options, own });
  return own;
}

function mayKeep(
  kept: Kept,
  statement: StatementAnalysis,
  { options, isAlone }: { readonly options: EngineOptions; readonly isAlone: boolean },
): boolean {
  return (
    readsSame(kept.statement, statement) &&
    sameOptions(kept.options, options) &&
    kept.isAlone === isAlone &&
    kept.own.findings.every(({ fixes }) => fixes.every((fix) => staysInside(fix, kept.statement.statement)))
  );
}

/** Whether a statement rule must say the same of both. */
function readsSame(a: StatementAnalysis, b: StatementAnalysis): boolean {
  return (
    a === b ||
    (sameEffects(a.effects, b.effects) &&
      a.before === b.before &&
      (a.transaction.id === null) === (b.transaction.id === null) &&
      a.transaction.openedBy === b.transaction.openedBy &&
      (a.statement === b.statement ||
        (a.statement.text === b.statement.text && sameComments(a.statement, b.statement))))
  );
}

/** The same, but for the places of what could not be looked into: they move with the statement. */
function sameEffects(a: StatementEffects, b: StatementEffects): boolean {
  return a === b || (a.effects === b.effects && a.opaque.length === b.opaque.length);
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
    a.pendingFrom === b.pendingFrom &&
    sameFacts(a.facts, b.facts) &&
    (a.settings === b.settings || JSON.stringify(a.settings) === JSON.stringify(b.settings))
  );
}

/** The findings at the place where the statement stands now. */
function moved(own: OwnFindings, { statement: old }: StatementAnalysis, { statement }: StatementAnalysis): OwnFindings {
  const by = statement.start - old.start;
  const lines = statement.startLine - old.startLine;
  if (own.findings.length === 0) return own;
  if (by === 0 && lines === 0 && old.index === statement.index) return own;
  const findings = own.findings.map((finding) => ({
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
  return { findings, mask: own.mask };
}
