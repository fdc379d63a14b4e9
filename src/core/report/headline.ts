import { lockStrength } from '../effects/effect.ts';
import { STALL_THRESHOLD, type MeasuredStatement, type StagingRun, type Stall } from './stagingRun.ts';
import { counted, duration, roughly } from './figures.ts';
import { isEstimate } from '../staging/estimate.ts';
import { durationRangeText } from '../statistics/durationClass.ts';
import { estimateOf, waitInProduction, waitText } from './productionTime.ts';

/** The worst wait on one table, reads and writes apart. */
export interface WorstStall {
  readonly table: string;
  readonly operation: 'read' | 'write';
  readonly milliseconds: number;
  readonly statement: number | null;
  /** The migration held a lock that explains the wait; else the session was only slow, as on a busy machine. */
  readonly blocked: boolean;
}

/** A headline says no more; the report's tables have all. */
const MOST_PARTS = 3;

/**
 * One sentence: what users would have felt, in production where that was estimated, and what takes long; or why the
 * migration did not go through.
 */
export function stagingHeadline(run: StagingRun): string {
  if (run.failure !== null) {
    const { statement, message } = run.failure;
    const failed = run.statements.length;
    const where =
      statement === null
        ? 'at COMMIT'
        : `at statement ${statement + 1}${failed > 0 ? `, after ${counted(failed, 'statement')}` : ''}`;
    return `Failed ${where}: ${message}`;
  }
  const felt = worstStalls(run).filter(({ milliseconds }) => milliseconds >= STALL_THRESHOLD);
  const all = sentenceParts(run, felt);
  const parts =
    all.length <= MOST_PARTS
      ? all
      : [...all.slice(0, MOST_PARTS - 1), counted(all.length - MOST_PARTS + 1, 'shorter wait')];
  const whole = wholeRun(run);
  const long = longWork(run, felt);
  if (parts.length > 0) return `${capitalized([...parts, ...long].join('; '))} (${whole})`;
  if (run.probes.length === 0) {
    const filled = run.tables.some(({ role, rows }) => role === 'touched' && rows > 0);
    return `Ran in ${duration(run.milliseconds)}; ${filled ? 'what others would feel was not measured' : 'it touches no table that holds rows'}`;
  }
  return [`Nobody waited longer than ${roughly(STALL_THRESHOLD)}`, ...long].join('; ') + ` (${whole})`;
}

function wholeRun({ growth, milliseconds }: StagingRun): string {
  if (growth === null) return `whole run ${duration(milliseconds)}`;
  const { total } = growth;
  const here = `${duration(milliseconds)} here`;
  if (isEstimate(total)) return `in production ${durationRangeText(total)} in all, ${here}`;
  return total.class === null ? `whole run ${here}` : `in production ${total.class}, ${here}`;
}

/** The work that takes longest in production, if it takes a minute and is not what people wait for anyway. */
function longWork(run: StagingRun, felt: readonly WorstStall[]): string[] {
  let longest: { readonly kind: string; readonly line: number; readonly low: number; readonly high: number } | null =
    null;
  for (const { index, kind, startLine } of run.statements) {
    const estimate = estimateOf(run, index);
    if (estimate === undefined || !isEstimate(estimate) || estimate.high < 60_000) continue;
    if (felt.some((one) => one.blocked && one.statement === index)) continue;
    if (longest === null || estimate.high > longest.high)
      longest = { kind, line: startLine, low: estimate.low, high: estimate.high };
  }
  return longest === null ? [] : [`${longest.kind} in line ${longest.line} takes ${durationRangeText(longest)}`];
}

/** The longest wait per table and operation, the longest first. */
export function worstStalls(run: StagingRun): WorstStall[] {
  const worst = new Map<string, Stall>();
  for (const stall of run.stalls) {
    const key = `${stall.operation} ${stall.table}`;
    if ((worst.get(key)?.milliseconds ?? 0) < stall.milliseconds) worst.set(key, stall);
  }
  return [...worst.values()]
    .map((stall) => ({
      table: stall.table,
      operation: stall.operation,
      milliseconds: stall.milliseconds,
      statement: stall.statement,
      blocked: isBlocked(run, stall),
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Did the migration hold, at some moment of the wait, a lock that conflicts: for a writer also one that comes with locked rows? */
function isBlocked({ statements, transactions }: StagingRun, stall: Stall): boolean {
  const enough = lockStrength(stall.operation === 'read' ? 'ACCESS EXCLUSIVE' : 'ROW EXCLUSIVE');
  return statements.some((one) => {
    const transaction = transactions.find(({ id }) => id === one.transaction);
    const end = transaction ? transaction.start + transaction.milliseconds : one.start + one.milliseconds;
    const overlaps = one.start <= stall.start + stall.milliseconds && end >= stall.start;
    return overlaps && one.locks.some(({ relation, lock }) => relation === stall.table && lockStrength(lock) >= enough);
  });
}

/** "writes to orders blocked about 3.1 s", or "reads and writes …" where both waited alike. */
function sentenceParts(run: StagingRun, stalls: readonly WorstStall[]): string[] {
  const parts: string[] = [];
  const done = new Set<WorstStall>();
  for (const stall of stalls) {
    if (done.has(stall)) continue;
    const other = stalls.find(
      (one) =>
        one.table === stall.table &&
        one !== stall &&
        !done.has(one) &&
        one.blocked === stall.blocked &&
        one.milliseconds > stall.milliseconds * 0.8,
    );
    done.add(stall);
    if (other) done.add(other);
    const what = other ? 'reads of and writes to' : stall.operation === 'read' ? 'reads of' : 'writes to';
    const wait = waitInProduction(run, stall);
    const there = wait === null ? null : waitText(wait);
    const blocked =
      there === null
        ? `blocked about ${roughly(stall.milliseconds)}`
        : `blocked ${there} in production, ${roughly(stall.milliseconds)} here`;
    parts.push(
      `${what} ${withoutPublic(stall.table)} ${stall.blocked ? blocked : `slowed down by up to ${roughly(stall.milliseconds)}`}`,
    );
  }
  return parts;
}

/** The statement that took longest; null for an empty migration. */
export function slowest(run: StagingRun): MeasuredStatement | null {
  return run.statements.reduce<MeasuredStatement | null>(
    (longest, one) => (longest === null || one.milliseconds > longest.milliseconds ? one : longest),
    null,
  );
}

/** `orders` for `public.orders`: what people call it. */
export function withoutPublic(relation: string): string {
  return relation.startsWith('public.') ? relation.slice('public.'.length) : relation;
}

/** A sentence from words that may also stand inside one. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
