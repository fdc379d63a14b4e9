import { median } from './growthFit.ts';

/** One earlier migration: what was estimated for it, and how long production really took. */
export interface CalibrationPair {
  readonly migration: string;
  /** Milliseconds, above 0. */
  readonly estimated: number;
  readonly took: number;
}

export interface Calibration {
  /** Median of took/estimated. */
  readonly factor: number;
  readonly migrations: number;
}

/** Fewer say nothing. */
const FEWEST = 3;
/** What took less says more about the deploy's start-up than about the work. Milliseconds. */
const SHORTEST = 1000;
/** If the middle half of the ratios lies farther apart than this, one factor does not describe them. */
const WIDEST_RATIO = 2;

/**
 * How much slower or faster production is than the estimates were, by the team's own history; null where too few
 * migrations are comparable, or they disagree.
 */
export function calibrate(pairs: readonly CalibrationPair[]): Calibration | null {
  const ratios = pairs
    .filter(({ estimated, took }) => estimated >= SHORTEST && took > 0)
    .map(({ estimated, took }) => took / estimated)
    .sort((a, b) => a - b);
  if (ratios.length < FEWEST) return null;
  const at = (share: number): number => ratios[Math.round(share * (ratios.length - 1))] ?? NaN;
  if (at(0.75) / at(0.25) > WIDEST_RATIO) return null;
  return { factor: median(ratios), migrations: ratios.length };
}
