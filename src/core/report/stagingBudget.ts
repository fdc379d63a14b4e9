import { isEstimate } from '../staging/estimate.ts';
import { durationRangeText } from '../statistics/durationClass.ts';
import { duration } from './figures.ts';
import { withoutPublic, worstStalls } from './headline.ts';
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
  const worst = worstStalls(run).find(({ blocked }) => blocked);
  if (stall !== null && worst !== undefined && worst.milliseconds > stall) {
    const what = worst.operation === 'read' ? 'reads of' : 'writes to';
    over.push(
      `${what} ${withoutPublic(worst.table)} waited ${duration(worst.milliseconds)}, at most ${duration(stall)} is allowed`,
    );
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
