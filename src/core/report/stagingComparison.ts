import { duration, grouped } from './figures.ts';
import { stagingHeadline, withoutPublic, worstStalls } from './headline.ts';
import type { MeasuredStatement, StagingRun } from './stagingRun.ts';

/** Two runs of one migration held side by side; what both have alike is left out. */
export interface RunComparison {
  /** RFC 3339 of the earlier run. */
  readonly since: string;
  readonly headlines: { readonly before: string; readonly after: string };
  /** What makes figures not comparable: other rows, another server, other settings. */
  readonly conditions: readonly string[];
  readonly statements: readonly StatementChange[];
  /** Longest waits of other sessions. */
  readonly stalls: readonly StallChange[];
}

export interface StatementChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** In the run that has it; of both the later one. */
  readonly index: number;
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
  /** In words: "lock on orders: SHARE, was ACCESS EXCLUSIVE". */
  readonly differences: readonly string[];
}

export interface StallChange {
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

/** Times closer than this are the machine's unrest: a quarter, and no less than these milliseconds. */
const NOISE = 1.25;
const SHORT = 50;

/** What changed between two runs. @param before the earlier one */
export function compareRuns(before: StagingRun, after: StagingRun): RunComparison {
  const pairs = pairsOf(before.statements, after.statements);
  const kept = new Set(pairs.values());
  const statements: StatementChange[] = [];
  for (const one of after.statements) {
    const earlier = pairs.get(one);
    const change = earlier === undefined ? onlyIn('added', one) : changeOf(earlier, one);
    if (change !== null) statements.push(change);
  }
  for (const one of before.statements) if (!kept.has(one)) statements.push(onlyIn('removed', one));
  return {
    since: before.at,
    headlines: { before: stagingHeadline(before), after: stagingHeadline(after) },
    conditions: conditions(before, after),
    statements,
    stalls: stallChanges(before, after),
  };
}

/** Nothing worth a word changed. */
export function isUnchanged({ conditions, statements, stalls }: RunComparison): boolean {
  return conditions.length + statements.length + stalls.length === 0;
}

/** For a terminal: indented lines, or one that says that nothing changed. */
export function comparisonText(comparison: RunComparison): string {
  const { since, headlines, conditions: other, statements, stalls } = comparison;
  const head = `  compared with the run of ${since.slice(0, 16).replace('T', ' ')} UTC`;
  if (isUnchanged(comparison)) return `${head}: no difference beyond noise\n`;
  return [
    `${head}:`,
    ...(headlines.before === headlines.after ? [] : [`    was: ${headlines.before}`]),
    ...other.map((line) => `    not like with like: ${line}`),
    ...stalls.map(({ what, before, after }) => `    ${what}: ${waited(after)}, was ${waited(before)}`),
    ...statements.map((one) => `    ${statementChangeText(one)}`),
    '',
  ].join('\n');
}

/** "1 changed: 3.1 s, was 12.0 s; lock …: CREATE INDEX …". */
export function statementChangeText({ change, index, text, before, after, differences }: StatementChange): string {
  const what =
    change === 'changed'
      ? [
          ...(before !== null && after !== null && differs(before, after) ? [timeText(before, after)] : []),
          ...differences,
        ]
      : [duration(after ?? before ?? 0)];
  return `${change} ${index + 1}: ${what.join('; ')}: ${text}`;
}

export function timeText(before: number, after: number): string {
  const times = after >= before ? after / Math.max(1, before) : before / Math.max(1, after);
  const factor =
    times < 1.5
      ? ''
      : ` (${times >= 10 ? Math.round(times) : times.toFixed(1)} times ${after >= before ? 'as long' : 'faster'})`;
  return `${duration(after)}, was ${duration(before)}${factor}`;
}

function waited(milliseconds: number): string {
  return milliseconds === 0 ? 'nobody waited' : `waited ${duration(milliseconds)}`;
}

/** By their text; of equal texts in their order. */
function pairsOf(
  before: readonly MeasuredStatement[],
  after: readonly MeasuredStatement[],
): Map<MeasuredStatement, MeasuredStatement> {
  const free = new Map<string, MeasuredStatement[]>();
  for (const one of before) free.set(one.text, [...(free.get(one.text) ?? []), one]);
  const pairs = new Map<MeasuredStatement, MeasuredStatement>();
  for (const one of after) {
    const earlier = free.get(one.text)?.shift();
    if (earlier !== undefined) pairs.set(one, earlier);
  }
  return pairs;
}

function onlyIn(change: 'added' | 'removed', one: MeasuredStatement): StatementChange {
  const time = one.milliseconds;
  return {
    change,
    index: one.index,
    text: one.text,
    before: change === 'removed' ? time : null,
    after: change === 'added' ? time : null,
    differences: [],
  };
}

function changeOf(before: MeasuredStatement, after: MeasuredStatement): StatementChange | null {
  const found = [
    ...locksChanged(before, after),
    ...listChanged('rewritten', before.rewritten, after.rewritten),
    ...listChanged('index built', before.indexesBuilt, after.indexesBuilt),
    ...((before.transaction === null) === (after.transaction === null)
      ? []
      : [after.transaction === null ? 'no longer in a transaction with others' : 'now in a transaction with others']),
  ];
  if (found.length === 0 && !differs(before.milliseconds, after.milliseconds)) return null;
  const { index, text } = after;
  return { change: 'changed', index, text, before: before.milliseconds, after: after.milliseconds, differences: found };
}

function differs(before: number, after: number): boolean {
  const [less, more] = before < after ? [before, after] : [after, before];
  return more - less >= SHORT && more > less * NOISE;
}

function locksChanged(before: MeasuredStatement, after: MeasuredStatement): string[] {
  const locks = (one: MeasuredStatement) =>
    new Map(one.locks.filter(({ newRelation }) => !newRelation).map(({ relation, lock }) => [relation, lock]));
  const [was, is] = [locks(before), locks(after)];
  // What polling did not see may have been there.
  const polled = before.locksSeenBy === 'polled' || after.locksSeenBy === 'polled';
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((relation) => {
    const [old, now] = [was.get(relation), is.get(relation)];
    return old === now || (polled && (old === undefined || now === undefined))
      ? []
      : [`lock on ${withoutPublic(relation)}: ${now ?? 'none'}, was ${old ?? 'none'}`];
  });
}

function listChanged(what: string, before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((one) => !before.includes(one)).map((one) => `${withoutPublic(one)} ${what}`),
    ...before.filter((one) => !after.includes(one)).map((one) => `${withoutPublic(one)} no longer ${what}`),
  ];
}

function stallChanges(before: StagingRun, after: StagingRun): StallChange[] {
  const longest = (run: StagingRun) =>
    new Map(
      worstStalls(run).map((one) => [
        `${one.operation === 'read' ? 'reads of' : 'writes to'} ${withoutPublic(one.table)}`,
        one.milliseconds,
      ]),
    );
  const [was, is] = [longest(before), longest(after)];
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((what) => {
    const change = { what, before: was.get(what) ?? 0, after: is.get(what) ?? 0 };
    return differs(change.before, change.after) ? [change] : [];
  });
}

function conditions(before: StagingRun, after: StagingRun): string[] {
  const found: string[] = [];
  const differ = (what: string, was: string, is: string): void => {
    if (was !== is) found.push(`${what}: ${is}, was ${was}`);
  };
  differ('server', before.server.version, after.server.version);
  differ('place', before.server.environment ?? before.server.place, after.server.environment ?? after.server.place);
  for (const { table, rows } of after.tables) {
    const was = before.tables.find((one) => one.table === table)?.rows;
    if (was !== undefined && was !== rows) differ(`rows in ${withoutPublic(table)}`, grouped(was), grouped(rows));
  }
  for (const name of new Set([...Object.keys(before.settings), ...Object.keys(after.settings)]))
    differ(name, before.settings[name] ?? 'not recorded', after.settings[name] ?? 'not recorded');
  if (before.base !== after.base) found.push('the schema before the migration is another');
  return found;
}
