import type { StagingRun } from './stagingRun.ts';

/** What evidence may hold of a run, in characters of JSON: a record file of more than 8 MB is not read again. */
const LARGEST = 5_000_000;

/** So much is kept of the text of such a statement. */
export const BEGINNING = 80;

/**
 * The run as evidence keeps it: whole, unless it has thousands of statements. Then what tells nobody anything is left
 * out: figures of statements that took under a tenth of a second, and what such estimates rest on.
 */
export function slimRun(run: StagingRun): StagingRun {
  if (JSON.stringify(run).length <= LARGEST) return run;
  const telling = (milliseconds: number, rewritten: readonly string[]): boolean =>
    milliseconds >= 100 || rewritten.length > 0;
  return {
    ...run,
    notes: [...run.notes, 'Kept without the details of statements that took under 0.1 s.'],
    statements: run.statements.map((one) =>
      telling(one.milliseconds, one.rewritten)
        ? one
        : {
            ...one,
            text: one.text.slice(0, BEGINNING),
            scans: [],
            figures: null,
            waits: [],
            phases: [],
            repeats: null,
          },
    ),
    rollback:
      run.rollback === null
        ? null
        : {
            ...run.rollback,
            statements: run.rollback.statements.filter((one) => telling(one.milliseconds, one.rewritten)),
          },
    growth:
      run.growth === null
        ? null
        : { ...run.growth, estimates: run.growth.estimates.filter(({ estimate }) => estimate.class !== 'instant') },
  };
}
