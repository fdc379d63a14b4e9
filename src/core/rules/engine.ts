import { earlierHistory } from '../analyze.ts';
import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { StatementEffects } from '../effects/effect.ts';
import type { Dialect } from '../sql/statement.ts';
import type { Migration } from '../tools/tool.ts';
import { checkHistory, checkMigration, checkStatement, checkWaivers } from './check.ts';
import type { CheckedHistory, CheckedMigration } from './check.ts';
import { concerns, editOf, movedFinding, movedFindings, placeBefore, readsSame } from './edit.ts';
import type { Edit } from './edit.ts';
import { sameFacts } from './facts.ts';
import { isOn } from './finding.ts';
import type { EngineOptions, Placed } from './finding.ts';
import { RULES } from './registry.ts';
import type { Finding, Fix, HistoryRule, MigrationRule, Report } from './rule.ts';
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
  /** What the rules about the whole file said. */
  readonly answers: ReadonlyMap<MigrationRule, readonly Finding[]>;
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
  const edit = editOf(migration);
  const before = edit && takenOver(edit, options);
  const own = ownFindings(checked, edit, before);
  const answers = new Map<MigrationRule, readonly Finding[]>();
  for (const rule of rules.migration) {
    if (!isOn(rule, options.settings)) continue;
    const old = edit && !concerns(rule, edit) ? before?.answers.get(rule) : undefined;
    answers.set(rule, old && edit ? movedFindings(old, edit) : answerOf(rule, own, checked));
  }
  const findings: Finding[] = [];
  for (const { findings: said } of own) if (said.length > 0) findings.push(...said);
  for (const said of answers.values()) findings.push(...said);
  const makesFiles = findings.some(({ fixes }) => fixes.some(({ newFiles = [] }) => newFiles.length > 0));
  keptMigrations.set(migration, { options, findings, makesFiles, files: migrations, own, answers });
  return findings;
}

/** What was said of the file before the edit, if it holds with these options. Fixes may touch any part of the file. */
function takenOver({ earlier }: Edit, options: EngineOptions): KeptMigration | null {
  const kept = keptMigrations.get(earlier);
  return kept && !options.mayEdit && sameOptions(kept.options, options) ? kept : null;
}

/** What a rule about the whole file says. */
function answerOf(rule: MigrationRule, own: readonly OwnFindings[], checked: CheckedMigration): readonly Finding[] {
  const place = RULE_SETS[checked.analysis.history.dialect].wanting.indexOf(rule);
  const statements = wantedOf(checked.migration, own, place);
  if (statements.length === 0 && rule.wants !== undefined) return NO_FINDINGS;
  const findings: Finding[] = [];
  checkMigration(rule, statements, checked, (finding) => findings.push(finding));
  return findings;
}

const NO_FINDINGS: readonly Finding[] = [];

/** The statements that a rule wants, by its place among those that choose; all, of a rule that does not. */
function wantedOf(
  { statements }: MigrationAnalysis,
  own: readonly OwnFindings[],
  place: number,
): readonly StatementAnalysis[] {
  return place < 0 ? statements : statements.filter((_, index) => ((own[index]?.mask ?? 0) & (1 << place)) !== 0);
}

/** The names of new files are made from those that are there. */
function sameFiles(a: readonly Migration[], b: readonly Migration[]): boolean {
  return a === b || (a.length === b.length && a.every(({ path }, index) => path === b[index]?.path));
}

interface KeptHistory {
  readonly checked: CheckedHistory;
  /** What the rules about the whole history said, by migration. */
  readonly answers: ReadonlyMap<HistoryRule, ReadonlyMap<MigrationAnalysis, readonly Finding[]>>;
}

const keptHistories = new WeakMap<HistoryAnalysis, KeptHistory>();

/** What only shows across the files of a history, by migration. After `lintMigration` of those that speak. */
export function lintAcross(checked: CheckedHistory): ReadonlyMap<MigrationAnalysis, readonly Finding[]> {
  const rules = RULE_SETS[checked.analysis.history.dialect];
  const earlier = earlierHistory(checked.analysis);
  const before = earlier && keptHistories.get(earlier);
  const edits = before ? editsSince(before.checked, checked) : null;
  const answers = new Map<HistoryRule, ReadonlyMap<MigrationAnalysis, readonly Finding[]>>();
  const found = new Map<MigrationAnalysis, Finding[]>();
  for (const rule of rules.history) {
    if (!isOn(rule, checked.shared.settings)) continue;
    const old = edits?.some((edit) => concerns(rule, edit)) === false ? before?.answers.get(rule) : undefined;
    const answer = old && edits ? answersNow(old, edits) : answersOf(rule, rules, checked);
    answers.set(rule, answer);
    for (const [migration, said] of answer) found.set(migration, [...(found.get(migration) ?? []), ...said]);
  }
  keptHistories.set(checked.analysis, { checked, answers });
  return found;
}

/** What a rule about the whole history says. */
function answersOf(
  rule: HistoryRule,
  rules: RuleSet,
  checked: CheckedHistory,
): ReadonlyMap<MigrationAnalysis, readonly Finding[]> {
  const found = new Map<MigrationAnalysis, Finding[]>();
  checkHistory(rule, wantedIn(rule, rules), checked, (migration, finding) => {
    const list = found.get(migration);
    if (list) list.push(finding);
    else found.set(migration, [finding]);
  });
  return found;
}

/** What was said before the edits, of the files as they are now. */
function answersNow(
  answers: ReadonlyMap<MigrationAnalysis, readonly Finding[]>,
  edits: readonly Edit[],
): ReadonlyMap<MigrationAnalysis, readonly Finding[]> {
  if (answers.size === 0) return answers;
  const edited = new Map(edits.map((edit) => [edit.earlier, edit]));
  return new Map(
    [...answers].map(([migration, findings]) => {
      const edit = edited.get(migration);
      return edit ? [edit.now, movedFindings(findings, edit)] : [migration, findings];
    }),
  );
}

/** What was edited since; null where something else is another one too, or where fixes are made, which may touch any file. */
function editsSince(before: CheckedHistory, now: CheckedHistory): readonly Edit[] | null {
  const [old, all] = [before.analysis.migrations, now.analysis.migrations];
  const options = (checked: CheckedHistory): EngineOptions => ({ ...checked.shared, mayEdit: false });
  if (old.length !== all.length || before.speaking.length !== now.speaking.length) return null;
  if (before.analysis.baseline !== now.analysis.baseline || !sameOptions(options(before), options(now))) return null;
  const speak = [new Set(before.speaking), new Set(now.speaking)] as const;
  const edits: Edit[] = [];
  for (const [index, migration] of all.entries()) {
    const was = old[index];
    if (was === undefined || before.isNew(was) !== now.isNew(migration)) return null;
    if (speak[0].has(was) !== speak[1].has(migration) || now.optionsFor(migration).mayEdit) return null;
    if (was === migration) continue;
    const edit = editOf(migration);
    if (edit?.earlier !== was) return null;
    edits.push(edit);
  }
  return edits;
}

/** The statements that a rule wants, as far as they were linted. */
function wantedIn(rule: HistoryRule, rules: RuleSet): (migration: MigrationAnalysis) => readonly StatementAnalysis[] {
  const place = rules.wanting.indexOf(rule);
  return (migration) => {
    const own = keptMigrations.get(migration)?.own;
    return own ? wantedOf(migration, own, place) : migration.statements;
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

/** What the statement rules say of each statement: what stands before or behind an edit is only moved. */
function ownFindings(
  checked: CheckedMigration,
  edit: Edit | null,
  before: KeptMigration | null,
): readonly OwnFindings[] {
  const { statements } = checked.migration;
  // Of a file's only statement rules may say something else.
  const kept = edit && before && before.own.length > 1 && statements.length > 1 ? before.own : null;
  if (edit === null || kept === null) return statements.map((statement) => statementFindings(statement, checked));
  return statements.map((statement, index) => {
    const place = placeBefore(edit, index);
    const own = place === null ? undefined : kept[place];
    if (place === null || own === undefined) return statementFindings(statement, checked);
    // Most statements have nothing to move.
    const old = own.findings.length === 0 ? undefined : edit.earlier.statements[place];
    return old === undefined ? own : moved(own, old, statement);
  });
}

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

/** A fix that only touches its own statement moves with it; any other may hang on the rest of the file. */
function staysInside({ edits, newFiles = [] }: Fix, { start, end }: Placed): boolean {
  return newFiles.length === 0 && edits.every((edit) => edit.start >= start && edit.end <= end);
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
  if (own.findings.length === 0 || old === statement) return own;
  return { findings: own.findings.map((finding) => movedFinding(finding, old, statement)), mask: own.mask };
}
