/** Which sizes a migration is measured at, so that a time budget is kept. */

export interface SizesRequest {
  /** Production's rows of all touched tables. */
  readonly rows: number;
  /** A first, small run with its preparation: what the machine manages. */
  readonly pilot: { readonly rows: number; readonly milliseconds: number };
  /** Milliseconds for all sizes with their preparation. */
  readonly budget: number;
}

/** Runs at each size: of three the quickest is rarely disturbed, and one that was does not hide how far the others agree. */
export const DEFAULT_REPEATS = 3;
/** Up to this many rows a table is taken whole: nothing has to be estimated. */
export const WHOLE = 200_000;
/** A pilot of so many rows is quick, and no longer mere start-up. */
export const PILOT_ROWS = 25_000;

/** Three fractions of production's rows, each twice the one before; at most 5, 10 and 20 %. */
export function chooseFractions({ rows, pilot, budget }: SizesRequest): readonly number[] {
  const each = pilot.milliseconds / Math.max(1, pilot.rows);
  // Costs of the three sizes relative to the largest: 1/4, 1/2, 1; those of the repeats are of the run alone, which is the smaller part.
  const largest = budget / (each * rows * 3.5);
  const fraction = Math.min(0.2, Math.max(largest, (4 * Math.min(PILOT_ROWS, rows / 20)) / rows));
  return [fraction / 4, fraction / 2, fraction];
}
