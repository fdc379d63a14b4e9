import { isEstimate } from '../staging/estimate.ts';
import { durationRangeText } from '../statistics/durationClass.ts';
import { duration } from './figures.ts';
import { withoutPublic, worstStalls } from './headline.ts';
import { waitInProduction } from './productionTime.ts';
import type { StagingRun } from './stagingRun.ts';

/** What a migration may cost, by the project's configuration. Milliseconds; null: no limit. */
export interface StagingBudget {
  /** The longest that reads or writes of a table may wait. */
  readonly stall: number | null;
  /** From the first statement to after the last COMMIT, in production if there is an estimate, else as measured. */
  readonly duration: number | null;
}

export const NO_BUDGET: StagingBudget = { stall: null, duration: null };

/** What of a run is over the budget, a clause each; empty: nothing. */
export function overBudget(run: StagingRun, { stall, duration: longest }: StagingBudget): string[] {
  const over: string[] = [];
  for (const worst of stall === null ? [] : worstStalls(run).filter(({ blocked }) => blocked)) {
    const there = waitInProduction(run, worst);
    const expected = there !== null && 'high' in there ? there : null;
    if (stall === null || Math.max(worst.milliseconds, expected?.high ?? 0) <= stall) continue;
    const what = `${worst.operation === 'read' ? 'reads of' : 'writes to'} ${withoutPublic(worst.table)}`;
    const waits =
      expected === null
        ? `waited ${duration(worst.milliseconds)}`
        : `wait ${durationRangeText(expected)} in production (${duration(worst.milliseconds)} here)`;
    over.push(`${what} ${waits}, at most ${duration(stall)} is allowed`);
    break;
  }
  const total = run.growth?.total;
  if (longest !== null && total !== undefined && isEstimate(total)) {
    if (total.high > longest)
      over.push(`production takes ${durationRangeText(total)}, at most ${duration(longest)} is allowed`);
  } else if (longest !== null && run.milliseconds > longest) {
    over.push(`it took ${duration(run.milliseconds)}, at most ${duration(longest)} is allowed`);
  }
  return over;
}
