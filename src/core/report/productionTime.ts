import { isEstimate, type Estimate, type NoEstimate } from '../staging/estimate.ts';
import { durationClass, durationRangeText, type DurationClass } from '../statistics/durationClass.ts';
import type { WorstStall } from './headline.ts';
import type { StagingRun } from './stagingRun.ts';

/** What was estimated for a statement, or for the COMMIT of its transaction; undefined: measured at one size only. */
export function estimateOf(run: StagingRun, statement: number): Estimate | NoEstimate | undefined {
  return run.growth?.estimates.find((one) => one.statement === statement)?.estimate;
}

/** A wait in production. */
export type ExpectedWait =
  | { readonly low: number; readonly high: number; readonly class: DurationClass }
  | { readonly class: DurationClass | null };

/**
 * How long the same wait would be at production's size: it grows as the statements do that held the lock, from the one
 * during which it began to the end of its transaction. Null: measured at one size only, or it was no lock that it waited for.
 */
export function waitInProduction(run: StagingRun, stall: WorstStall): ExpectedWait | null {
  if (run.growth === null || !stall.blocked || stall.statement === null) return null;
  const first = stall.statement;
  const transaction = run.transactions.find(({ statements }) => statements.includes(first));
  const members = transaction ? transaction.statements.filter((one) => one >= first) : [first];
  let [measured, low, high] = [0, 0, 0];
  for (const index of members) {
    const took = run.statements.find((one) => one.index === index)?.milliseconds ?? 0;
    const estimate = estimateOf(run, index);
    measured += took;
    if (estimate !== undefined && isEstimate(estimate)) {
      low += estimate.low;
      high += estimate.high;
    } else if (estimate?.class === 'instant') {
      low += took;
      high += took;
    } else {
      return { class: estimate?.class ?? null };
    }
  }
  if (measured === 0) return { class: null };
  const share = stall.milliseconds / measured;
  // What is only a little of the statement (another's few milliseconds in its queue) does not grow with it.
  if (share < 0.2)
    return { low: stall.milliseconds, high: stall.milliseconds, class: durationClass(stall.milliseconds) };
  return { low: low * share, high: high * share, class: durationClass(high * share) };
}

/** "20 to 30 seconds", "minutes", or why there is no number. */
export function estimateText(estimate: Estimate | NoEstimate): string {
  if (isEstimate(estimate)) return durationRangeText(estimate);
  return estimate.class === null ? 'no estimate' : estimate.class;
}

/** As a headline says it. Null: nothing can be said. */
export function waitText(wait: ExpectedWait): string | null {
  if ('low' in wait) return wait.high < 1000 ? 'under a second' : durationRangeText(wait);
  return wait.class === null || wait.class === 'instant' ? null : `for ${wait.class}`;
}
