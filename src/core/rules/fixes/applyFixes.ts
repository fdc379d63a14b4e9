import { analyzeHistory } from '../../analyze.ts';
import type { HistoryAnalysis } from '../../analyze.ts';
import { lintHistory } from '../../lint.ts';
import type { FileLint, LintOptions } from '../../lint.ts';
import type { Parser } from '../../sql/parser.ts';
import { withText } from '../../tools/history.ts';
import type { Migration } from '../../tools/tool.ts';
import { RULES } from '../registry.ts';
import type { Finding, Fix, SchemaField, TextEdit } from '../rule.ts';
import type { NewFile } from './newMigrations.ts';
import { originalOffset } from './originalPlace.ts';

export interface AppliedFix {
  readonly rule: string;
  /** Of the migration, relative to the history's root. */
  readonly path: string;
  /** In the file as it was before any fix; of a file that a fix made, as it is then. */
  readonly startLine: number;
  readonly title: string;
  /** What a person does between the deploys. */
  readonly steps: readonly string[];
}

/** A history after its fixes. Nothing is written yet: `src/node/writeFixes.ts` does that. */
export interface FixedHistory {
  readonly analysis: HistoryAnalysis;
  /** Migrations that are there already; paths relative to the history's root. */
  readonly changed: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  readonly created: readonly NewFile[];
  readonly applied: readonly AppliedFix[];
  readonly schemaFields: readonly SchemaField[];
}

export interface FixOptions {
  readonly parser: Parser;
  /** Who speaks, and may be edited; migrations that the fixes make do and may. */
  readonly lint: LintOptions;
  /** Errors and warnings unless told. */
  readonly wants?: (finding: Finding) => boolean;
  /** Only fixes that make no files: for a text that is not on disk. */
  readonly withoutNewFiles?: boolean;
}

/** What makes a file fail comes first: a split moves all that comes after it, as it stands. */
const FIRST = ['enum-value-in-transaction', 'not-in-transaction'];

/** Rows come before what is built on them, as they did; then what takes the rest of its file along. */
const EARLY = ['backfill-with-ddl', 'unbatched-dml', 'primary-key-using-index', 'unique-using-index'];

/**
 * Applies the first fix of each finding, one after the other, each to what the one before left, until none is left. A fix
 * that does not do away with its finding, or brings another error or warning, is not taken, so it ends: each one taken
 * leaves the statement that it was about without it.
 */
export function fixHistory(analysis: HistoryAnalysis, options: FixOptions): FixedHistory {
  const created = new Map<string, string>();
  const originals = new Map<string, { readonly text: string; readonly rounds: (readonly TextEdit[])[] }>();
  const tried = new Set<string>();
  const applied: AppliedFix[] = [];
  const schemaFields: SchemaField[] = [];
  const isOurs = ({ path }: Migration): boolean => created.has(path);
  const lint: LintOptions = {
    ...options.lint,
    speaks: (migration) => isOurs(migration) || options.lint.speaks(migration),
    mayEdit: (migration) => isOurs(migration) || options.lint.mayEdit?.(migration) === true,
  };
  let current = analysis;
  let files = lintHistory(current, lint).files;
  for (;;) {
    const next = nextFix(files, tried, options);
    if (!next) break;
    tried.add(keyOf(next));
    const { file, finding, fix } = next;
    const fresh = fix.newFiles ?? [];
    for (const { path, text } of fresh) created.set(path, text);
    const edited = applyEdits(file.migration.text, fix.edits);
    const texts = [{ path: file.file, text: edited }, ...fresh];
    const history = texts.reduce((result, { path, text }) => withText(result, path, text), current.history);
    const after = analyzeHistory(history, { parser: options.parser, settings: current.settings, previous: current });
    const left = lintHistory(after, lint).files;
    if (!helps(files, left, finding, file)) {
      for (const { path } of fresh) created.delete(path);
      continue;
    }
    let { startLine } = finding;
    if (created.has(file.file)) created.set(file.file, edited);
    else {
      const original = originals.get(file.file) ?? { text: file.migration.text, rounds: [] };
      startLine = lineAt(original.text, originalOffset(finding.start, original.rounds));
      original.rounds.push(fix.edits);
      originals.set(file.file, original);
    }
    applied.push({
      rule: finding.rule,
      path: file.file,
      startLine,
      title: fix.title,
      steps: fix.steps ?? [],
    });
    schemaFields.push(...(fix.schemaFields ?? []));
    current = after;
    files = left;
  }
  const textOf = new Map(current.history.migrations.map(({ path, text }) => [path, text]));
  return {
    analysis: current,
    changed: [...originals].map(([path, { text: before }]) => ({ path, before, after: textOf.get(path) ?? before })),
    created: [...created].map(([path, text]) => ({ path, text })),
    applied,
    schemaFields,
  };
}

/** From 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\n|\r/).length;
}

interface Candidate {
  readonly file: FileLint;
  readonly finding: Finding;
  readonly fix: Fix;
}

function nextFix(files: readonly FileLint[], tried: ReadonlySet<string>, options: FixOptions): Candidate | undefined {
  const wants = options.wants ?? (({ severity }: Finding) => severity === 'error' || severity === 'warning');
  const candidates = files.flatMap((file) =>
    file.findings.flatMap((finding): Candidate[] => {
      const [fix] = finding.fixes;
      if (!fix || !wants(finding) || (options.withoutNewFiles === true && fix.newFiles)) return [];
      return tried.has(keyOf({ file, finding })) ? [] : [{ file, finding, fix }];
    }),
  );
  return candidates.sort((a, b) => rank(a) - rank(b))[0];
}

/** In the order of the registry, where rules that know more come first; files that wait for a second deploy have to be the last of all. */
function rank({ finding: { rule }, fix }: Candidate): number {
  if (FIRST.includes(rule)) return FIRST.indexOf(rule) - FIRST.length - EARLY.length;
  if (rule === 'lock-held-through-work') return 2 * RULES.length + 1;
  // A step for each deploy.
  if ((fix.steps?.length ?? 0) > 1) return 2 * RULES.length;
  return EARLY.includes(rule) ? EARLY.indexOf(rule) - EARLY.length : RULES.findIndex(({ id }) => id === rule);
}

/** The same statement is not tried twice for one rule. */
function keyOf({ file, finding }: Pick<Candidate, 'file' | 'finding'>): string {
  return JSON.stringify([finding.rule, file.migration.text.slice(finding.start, finding.end), finding.message]);
}

function helps(before: readonly FileLint[], after: readonly FileLint[], finding: Finding, file: FileLint): boolean {
  const old = counts(before);
  const now = counts(after);
  for (const [rule, count] of now) {
    const had = old.get(rule) ?? 0;
    if (rule !== finding.rule && count > had && !(had > 0 && PER_TRANSACTION.has(rule))) return false;
  }
  const own = now.get(finding.rule) ?? 0;
  if (own < (old.get(finding.rule) ?? 0)) return true;
  // A lock held through several statements is told once a transaction: the next one may show now.
  const key = keyOf({ file, finding });
  return (
    own === old.get(finding.rule) &&
    after.every((each) => each.findings.every((other) => keyOf({ file: each, finding: other }) !== key))
  );
}

/** Errors and warnings, and the rest only as far as fixes are about it: a hint more is no harm. */
function counts(files: readonly FileLint[]): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const { findings } of files) {
    for (const { rule, severity } of findings) {
      if (severity === 'hint' || ABOUT_FIXES.has(rule)) continue;
      result.set(rule, (result.get(rule) ?? 0) + 1);
    }
  }
  return result;
}

/** Information that says nothing against a fix: of any CONCURRENTLY under some tools, of new files whose way back stands in the file they came from. */
const ABOUT_FIXES: ReadonlySet<string> = new Set([
  'concurrently-under-advisory-lock',
  'rollback-missing',
  'rollback-outdated',
  // The parts of one migration are run one after the other, by one deployer.
  'lock-order',
]);

/** Told once a transaction: where one is split, each part may have it. */
export const PER_TRANSACTION: ReadonlySet<string> = new Set([
  'lock-held-through-work',
  'backfill-with-ddl',
  'several-tables-locked',
]);

/** A text after a fix's edits. @throws RangeError where they overlap: a fix that does so is wrong */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  let before = Number.POSITIVE_INFINITY;
  for (const { start, end, newText } of [...edits].sort((a, b) => b.start - a.start || b.end - a.end)) {
    if (end > before) throw new RangeError('edits overlap');
    before = start;
    result = result.slice(0, start) + newText + result.slice(end);
  }
  return result;
}
