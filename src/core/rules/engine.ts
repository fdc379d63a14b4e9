import type { HistoryAnalysis, MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { EffectCause, StatementEffects } from '../effects/effect.ts';
import type { Dialect, Statement } from '../sql/statement.ts';
import { RULES } from './registry.ts';
import type { Finding, Fix, Match, MigrationRule, Report, Rule, Severity, StatementRule } from './rule.ts';
import { applyWaivers } from './waivers.ts';
import { indented } from './wording.ts';

/** Per rule id: off, or another severity than the rule's own. */
export type RuleSettings = Readonly<Record<string, Severity | 'off'>>;

export interface EngineOptions {
  readonly settings: RuleSettings;
  readonly mayEdit: boolean;
}

interface RuleSet {
  /** In the order of the registry. */
  readonly statement: readonly StatementRule[];
  /** Positions in `statement` of the rules that look at every statement. */
  readonly always: readonly number[];
  /** Positions in `statement` of the rules that an operation concerns. */
  readonly byOperation: ReadonlyMap<string, readonly number[]>;
  readonly migration: readonly MigrationRule[];
}

const RULE_SETS: Readonly<Record<Dialect, RuleSet>> = { postgresql: rulesFor('postgresql'), mysql: rulesFor('mysql') };

function rulesFor(dialect: Dialect): RuleSet {
  const rules = RULES.filter((rule) => rule.dialect === 'any' || (rule.dialect ?? 'postgresql') === dialect);
  const statement = rules.filter((rule): rule is StatementRule => rule.scope === 'statement');
  const byOperation = new Map<string, number[]>();
  for (const [position, { operations = [] }] of statement.entries())
    for (const operation of operations) byOperation.set(operation, [...(byOperation.get(operation) ?? []), position]);
  return {
    statement,
    always: statement.flatMap(({ operations }, position) => (operations ? [] : [position])),
    byOperation,
    migration: rules.filter((rule): rule is MigrationRule => rule.scope === 'migration'),
  };
}

interface Kept {
  readonly statement: StatementAnalysis;
  /** The file's only statement. */
  readonly isAlone: boolean;
  readonly openedBy: StatementAnalysis['transaction']['openedBy'];
  readonly options: EngineOptions;
  readonly findings: readonly Finding[];
}

/**
 * What the statement rules said, by the effects that they read: the analysis keeps that object for as long as the
 * statement's text and the catalog before it are the same. Findings whose fixes touch other parts of the file are made anew.
 */
const keptFindings = new WeakMap<StatementEffects, Kept>();
const keptMigrations = new WeakMap<MigrationAnalysis, { options: EngineOptions; findings: readonly Finding[] }>();

/** The findings of one migration in the order of the text, waivers applied. */
export function lintMigration(
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): readonly Finding[] {
  const kept = keptMigrations.get(migration);
  if (kept && sameOptions(kept.options, options)) return kept.findings;
  const findings: Finding[] = [];
  const { text } = migration.migration;
  for (const statement of migration.statements)
    findings.push(...statementFindings(statement, migration, analysis, options));
  for (const rule of RULE_SETS[analysis.history.dialect].migration) {
    if (options.settings[rule.id] === 'off') continue;
    const report = (statement: StatementAnalysis, made: Report): void => {
      findings.push(toFinding(rule, statement, made, { options, text }));
    };
    const reportAt = (offset: number, made: Report): void => {
      findings.push(
        findingAt(offset, toFinding(rule, statementAt(migration, offset), made, { options, text }), migration),
      );
    };
    rule.check({ migration, history: analysis.history, settings: analysis.settings, report, reportAt });
  }
  const spoken = applyWaivers(migration, findings).sort((a, b) => a.statement - b.statement || a.start - b.start);
  keptMigrations.set(migration, { options, findings: spoken });
  return spoken;
}

function statementFindings(
  statement: StatementAnalysis,
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): readonly Finding[] {
  const kept = keptFindings.get(statement.effects);
  const isAlone = migration.statements.length === 1;
  if (kept && isSameStatement(kept, statement, { options, isAlone })) return moved(kept, statement);
  const findings = freshFindings(statement, migration, analysis, options);
  keptFindings.set(statement.effects, {
    statement,
    isAlone,
    openedBy: statement.transaction.openedBy,
    options,
    findings,
  });
  return findings;
}

function freshFindings(
  statement: StatementAnalysis,
  migration: MigrationAnalysis,
  analysis: HistoryAnalysis,
  options: EngineOptions,
): readonly Finding[] {
  const rules = RULE_SETS[analysis.history.dialect];
  const all = existingMatches(statement.effects);
  const concerned = new Set(rules.always);
  for (const { cause } of all)
    for (const position of rules.byOperation.get(cause.operation) ?? NONE) concerned.add(position);
  const findings: Finding[] = [];
  const claimed = new Set<EffectCause>();
  const where = { options, text: migration.migration.text };
  for (const position of [...concerned].sort((a, b) => a - b)) {
    const rule = rules.statement[position];
    if (!rule) continue;
    const { operations } = rule as { operations?: readonly string[] };
    rule.check({
      statement,
      migration,
      history: analysis.history,
      settings: analysis.settings,
      matches: operations ? all.filter(({ cause }) => operations.includes(cause.operation)) : all,
      claimed,
      report: (made) => {
        for (const cause of made.claims ?? []) claimed.add(cause);
        if (options.settings[rule.id] !== 'off') findings.push(toFinding(rule, statement, made, where));
      },
    });
  }
  return findings;
}

const NONE: readonly number[] = [];

function existingMatches({ effects }: StatementEffects): readonly Match[] {
  const matches: Match[] = [];
  for (const effect of effects) {
    if (effect.newRelation) continue;
    for (const cause of effect.causes) matches.push({ effect, cause });
  }
  return matches;
}

/** The last statement that begins before the offset, else the first; where the file has none, the place itself. */
function statementAt({ statements }: MigrationAnalysis, offset: number): { statement: Placed } {
  const place = { index: 0, start: offset, end: offset, startLine: 1 };
  return statements.findLast(({ statement }) => statement.start <= offset) ?? statements[0] ?? { statement: place };
}

function findingAt(offset: number, finding: Finding, { migration }: MigrationAnalysis): Finding {
  const before = migration.text.slice(0, offset);
  const startLine = before.split(/\r\n|\n|\r/).length;
  return { ...finding, start: offset, end: Math.min(offset + 1, migration.text.length), startLine };
}

type Placed = Pick<StatementAnalysis['statement'], 'index' | 'start' | 'end' | 'startLine'>;

function lineOf(offset: number, { start, startLine }: Placed, text: string): number {
  const breaks = text.slice(Math.min(offset, start), Math.max(offset, start)).match(/\r\n|\n|\r/g)?.length ?? 0;
  return offset < start ? startLine - breaks : startLine + breaks;
}

function toFinding(
  rule: Rule,
  { statement }: { readonly statement: Placed },
  made: Report,
  { options, text }: { readonly options: EngineOptions; readonly text: string },
): Finding {
  const configured = options.settings[rule.id];
  return {
    rule: rule.id,
    cause: made.cause ?? rule.meta.cause,
    severity: configured && configured !== 'off' ? configured : (made.severity ?? rule.meta.severity),
    message: messageOf(rule, made),
    statement: statement.index,
    start: made.range?.start ?? statement.start,
    end: made.range?.end ?? statement.end,
    startLine: made.range ? lineOf(made.range.start, statement, text) : statement.startLine,
    fixes: options.mayEdit ? (made.fixes?.() ?? []) : [],
  };
}

/** What happens here, why it matters, what to do instead: a line each, SQL below. */
function messageOf({ meta }: Rule, made: Report): string {
  const prose = `${made.what}\n${made.why ?? meta.why}\nInstead: ${meta.instead}`;
  return made.instead === undefined ? prose : `${prose}\n${indented(made.instead)}`;
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
  return (
    a.mayEdit === b.mayEdit && (a.settings === b.settings || JSON.stringify(a.settings) === JSON.stringify(b.settings))
  );
}

/** The findings at the place where the statement stands now. */
function moved(
  { statement: { statement: old }, findings }: Kept,
  { statement }: StatementAnalysis,
): readonly Finding[] {
  const by = statement.start - old.start;
  const lines = statement.startLine - old.startLine;
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
