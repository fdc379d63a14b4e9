import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import type { LintFacts } from './facts.ts';
import { pendingSentence } from './pending.ts';
import type { Finding, Report, Rule, Severity } from './rule.ts';
import { ruleSeverity } from './rule.ts';
import { sized } from './sized.ts';
import type { SizeLookup } from './sizes.ts';
import { indented } from './wording.ts';

/** Per rule id: off, or another severity than the rule's own. A rule that is off by itself is switched on by one. */
export type RuleSettings = Readonly<Record<string, Severity | 'off'>>;

export interface EngineOptions {
  readonly settings: RuleSettings;
  readonly mayEdit: boolean;
  readonly facts: LintFacts;
  /** Null where no size is known. */
  readonly sizes: SizeLookup | null;
  /** Relations with this id or a higher one are made by new migrations; null where nothing tells which those are. */
  readonly pendingFrom: number | null;
}

export type Placed = Pick<StatementAnalysis['statement'], 'index' | 'start' | 'end' | 'startLine'>;

/** Whether a rule speaks in this project. */
export function isOn(rule: Rule, settings: RuleSettings): boolean {
  return (settings[rule.id] ?? ruleSeverity(rule)) !== 'off';
}

/** What a rule reported, as a finding. */
export function makeFinding(
  rule: Rule,
  analysed: StatementAnalysis | { readonly statement: Placed },
  made: Report,
  { options, text }: { readonly options: EngineOptions; readonly text: string },
): Finding {
  const { statement } = analysed;
  const configured = options.settings[rule.id];
  const cause = made.cause ?? rule.meta.cause;
  const known = options.sizes !== null && 'effects' in analysed ? sized(made, cause, analysed, options.sizes) : null;
  const pending = 'effects' in analysed ? pendingSentence(made, cause, analysed, options.pendingFrom) : null;
  const severity = pending === null ? (known?.severity ?? made.severity ?? rule.meta.severity) : milder(rule, made);
  return {
    rule: rule.id,
    cause,
    severity: configured && configured !== 'off' ? configured : severity,
    message: messageOf(rule, made, pending ?? known?.sentence),
    statement: statement.index,
    start: made.range?.start ?? statement.start,
    end: made.range?.end ?? statement.end,
    startLine: made.range ? lineOf(made.range.start, statement, text) : statement.startLine,
    fixes: options.mayEdit ? (made.fixes?.() ?? []) : [],
    ...(known?.estimate ? { estimate: known.estimate } : {}),
  };
}

/** Information at most. */
function milder({ meta }: Rule, made: Report): Severity {
  const own = made.severity ?? meta.severity;
  return own === 'hint' ? own : 'information';
}

/** A finding about a place in the file rather than a statement; counts for the statement there, or the one before. */
export function makeFindingAt(
  rule: Rule,
  migration: MigrationAnalysis,
  offset: number,
  made: Report,
  options: EngineOptions,
): Finding {
  const { text } = migration.migration;
  const startLine = text.slice(0, offset).split(/\r\n|\n|\r/).length;
  const finding = makeFinding(rule, { statement: statementAt(migration, offset) }, made, { options, text });
  const end = made.range?.end ?? Math.min(offset + 1, text.length);
  return { ...finding, start: offset, end, startLine };
}

/** The last statement that begins before the offset, else the first; where the file has none, the place itself. */
function statementAt({ statements }: MigrationAnalysis, offset: number): Placed {
  const place = { index: 0, start: offset, end: offset, startLine: 1 };
  return (statements.findLast(({ statement }) => statement.start <= offset) ?? statements[0])?.statement ?? place;
}

function lineOf(offset: number, { start, startLine }: Placed, text: string): number {
  const breaks = text.slice(Math.min(offset, start), Math.max(offset, start)).match(/\r\n|\n|\r/g)?.length ?? 0;
  return offset < start ? startLine - breaks : startLine + breaks;
}

/** What happens here, why it matters, what to do instead: a line each, SQL below. */
function messageOf({ meta }: Rule, made: Report, size: string | undefined): string {
  const what = size === undefined ? made.what : `${made.what}\n${size}`;
  const prose = `${what}\n${made.why ?? meta.why}\nInstead: ${meta.instead}`;
  return made.instead === undefined ? prose : `${prose}\n${indented(made.instead)}`;
}
