import type { MigrationAnalysis } from '../analyze.ts';
import type { Comment, Statement } from '../sql/statement.ts';
import { matchesGlob } from './glob.ts';
import type { Finding } from './rule.ts';

/** A finding accepted by a person. */
export interface Waiver {
  /** The rule's id, squawk's name for it, `*` for all of squawk's; empty where the comment names none. */
  readonly rule: string;
  /** Empty where none was given: such a waiver counts for nothing, but for squawk's. */
  readonly reason: string;
  /** The last day on which it counts, `2027-01-31`; as written, if that is no date. Null: no end. */
  readonly until: string | null;
  readonly scope: 'statement' | 'file';
  readonly by: 'comment' | 'squawk comment' | 'configuration';
}

/** A waiver of `lockkeeper.jsonc`, for files that must not change. */
export interface ConfiguredWaiver {
  /** A glob, relative to the workspace root. */
  readonly files: string;
  readonly rule: string;
  readonly reason: string;
  readonly until?: string;
}

/** What became of a waiver in one migration. */
export interface WaiverUse extends Waiver {
  /** The comment; null for one of `lockkeeper.jsonc`. */
  readonly place: { readonly start: number; readonly end: number; readonly line: number } | null;
  /** The statement that it stands at; null for a whole file. */
  readonly statement: number | null;
  readonly state: 'used' | 'unused' | 'expired' | 'without reason' | 'not understood';
  /** What it keeps silent. */
  readonly accepted: readonly Finding[];
}

export interface WaiverInput {
  readonly migration: MigrationAnalysis;
  readonly findings: readonly Finding[];
  readonly configured: readonly ConfiguredWaiver[];
  /** The migration's path relative to the workspace root. */
  readonly path: string;
  /** `2026-11-22`; undefined: nothing has ended. */
  readonly today: string | undefined;
  /** Ids of the rules that stand for one of squawk's. */
  readonly squawkRules: ReadonlyMap<string, ReadonlySet<string>>;
}

const OURS =
  /^(?:--|\/\*)\s*lockkeeper-ignore(-file)?(?![\w-])\s*(?:([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)?(?:\s+until\s+([^\s:]+))?\s*(?::([^]*?))?)?(?:\*\/)?$/;
const OURS_AT_ALL = /^(?:--|\/\*)\s*lockkeeper-ignore(-file)?(?![\w-])/;
const SQUAWK = /^(?:--|\/\*)\s*squawk-ignore(-file)?(?![\w-])([^]*?)(?:\*\/)?$/;
const UNTIL_IN_REASON = /^([^]*?)[\s,;(]+until\s+(\d{4}-\d\d-\d\d)\)?\.?$/;
/** Nobody gives a longer reason, and a comment may come from anybody. */
const LONGEST = 2000;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

const NONE: readonly Waiver[] = [];

/**
 * Reads `-- lockkeeper-ignore <rule>[, <rule>] [until <date>]: <reason>`, the same with `-file` for the whole file, and
 * squawk's comments. One waiver a rule; none for any other comment.
 */
export function readWaivers({ text }: Pick<Comment, 'text'>): readonly Waiver[] {
  if (!text.includes('-ignore')) return NONE;
  const whole = text.trim();
  const comment = whole.length > LONGEST ? whole.slice(0, LONGEST) : whole;
  if (comment.includes('squawk-ignore')) return readSquawk(comment);
  const file = OURS_AT_ALL.exec(comment);
  if (!file) return [];
  const match = OURS.exec(comment);
  const said = (match?.[4] ?? '').trim();
  const ending = UNTIL_IN_REASON.exec(said);
  const shared = {
    reason: ending?.[1]?.trim() ?? said,
    until: match?.[3] ?? ending?.[2] ?? null,
    scope: file[1] === undefined ? ('statement' as const) : ('file' as const),
    by: 'comment' as const,
  };
  return (match?.[2] ?? '').split(',').map((rule) => ({ ...shared, rule: rule.trim() }));
}

/** `-- squawk-ignore rule-a, rule-b -- why`; without a name all rules. https://squawkhq.com/docs/cli#ignoring-violations */
function readSquawk(comment: string): readonly Waiver[] {
  const match = SQUAWK.exec(comment);
  if (!match) return [];
  const [names = '', ...reason] = (match[2] ?? '').replace(/^\s*:/, '').split('--');
  const scope = match[1] === undefined ? ('statement' as const) : ('file' as const);
  const rules = names.split(/[\s,]+/).filter((name) => /^[a-z0-9-]+$/.test(name));
  const shared = { reason: reason.join('--').trim(), until: null, scope, by: 'squawk comment' as const };
  return (rules.length === 0 ? ['*'] : rules).map((rule) => ({ ...shared, rule }));
}

/** Leaves out the findings that somebody accepted, and tells what became of each waiver. */
export function applyWaivers(input: WaiverInput): {
  readonly findings: readonly Finding[];
  readonly uses: readonly WaiverUse[];
} {
  const written = writtenWaivers(input.migration);
  const configured = input.configured
    .filter(({ files }) => matchesGlob(files, input.path))
    .map(({ rule, reason, until = null }) => ({
      waiver: { rule, reason, until, scope: 'file', by: 'configuration' } satisfies Waiver,
      place: null,
      statement: null,
    }));
  const waivers = [...written, ...configured];
  if (waivers.length === 0) return { findings: input.findings, uses: [] };
  const silent = new Set<Finding>();
  const uses = waivers.map(({ waiver, place, statement }): WaiverUse => {
    const problem = problemOf(waiver, input.today);
    const accepted =
      problem === null ? input.findings.filter((finding) => covers(waiver, statement, finding, input)) : [];
    for (const finding of accepted) silent.add(finding);
    return { ...waiver, place, statement, accepted, state: problem ?? (accepted.length > 0 ? 'used' : 'unused') };
  });
  return { findings: input.findings.filter((finding) => !silent.has(finding)), uses };
}

interface Written {
  readonly waiver: Waiver;
  readonly place: WaiverUse['place'];
  readonly statement: number | null;
}

function writtenWaivers({ statements, migration }: MigrationAnalysis): readonly Written[] {
  const written: Written[] = [];
  for (const { statement } of statements) {
    for (const comment of statement.comments) {
      for (const waiver of readWaivers(comment)) {
        const place = { start: comment.start, end: comment.end, line: lineOf(comment, statement, migration.text) };
        written.push({ waiver, place, statement: waiver.scope === 'file' ? null : statement.index });
      }
    }
  }
  return written;
}

function lineOf(comment: Comment, { start, startLine }: Statement, text: string): number {
  const breaks = text.slice(Math.min(comment.start, start), Math.max(comment.start, start));
  const lines = breaks.match(/\r\n|\n|\r/g)?.length ?? 0;
  return comment.start < start ? startLine - lines : startLine + lines;
}

function problemOf({ rule, reason, until, by }: Waiver, today: string | undefined): WaiverUse['state'] | null {
  if (by === 'squawk comment') return null;
  if (rule === '' || (until !== null && !DATE.test(until))) return 'not understood';
  if (reason === '') return 'without reason';
  return until !== null && today !== undefined && today > until ? 'expired' : null;
}

function covers(
  { rule, by }: Waiver,
  statement: number | null,
  finding: Finding,
  { squawkRules }: Pick<WaiverInput, 'squawkRules'>,
): boolean {
  if (statement !== null && finding.statement !== statement) return false;
  if (by !== 'squawk comment') return finding.rule === rule;
  if (rule !== '*') return squawkRules.get(rule)?.has(finding.rule) === true;
  return [...squawkRules.values()].some((ids) => ids.has(finding.rule));
}
