import { durationClass, type DurationClass } from '../statistics/durationClass.ts';
import { fitGrowth, fittedTime, median, type GrowthFit, type SizedTimes } from './growthFit.ts';

/** A time at production's size, as far as it can be believed. */
export interface Estimate {
  /** Of the range's upper end. */
  readonly class: DurationClass;
  /** Milliseconds, the fitted curve's own value. */
  readonly middle: number;
  /** Milliseconds; `high` is at most `WIDEST` times `low`. */
  readonly low: number;
  readonly high: number;
  /** For people, a clause: what it rests on. */
  readonly basis: string;
}

/** No number can be given. */
export interface NoEstimate {
  readonly class: DurationClass | null;
  readonly reason: string;
}

export interface EstimateRequest {
  /** Ascending sizes, each with its times. */
  readonly points: readonly SizedTimes[];
  /** Production's rows. */
  readonly target: number;
  /** Does the work sort (an index build), or only read and write? */
  readonly sorts: boolean;
  /** Does it reach rows or index pages in no order (a foreign key's look-ups, changed rows and their indexes)? */
  readonly scattered?: boolean;
  /** Production's times are so many times these, by the team's own history; 1 where nothing is known. */
  readonly factor?: number;
}

/** A range is never wider than this. */
export const WIDEST = 2;
/** Beyond this share of what the largest measured size holds, caches and sorts behave differently: only a class is given. */
const FARTHEST = 25;
/** A median farther from the curve than this makes the fit a bad one. */
const WORST_RESIDUAL = 0.3;
/** A median farther above the quickest run than this: the machine was busy with something else. */
const WORST_SPREAD = 0.4;
/**
 * What is reached in no order costs the more beyond the largest measured size, once it fits no cache: this power of how many
 * times larger production is. Found on the statements of `npm run bench:staging`: docs/decisions/0061.
 */
const SCATTERED = 0.17;
/** Below, milliseconds: the noise of a clock and two processes, not growth. */
const NOISE = 25;

/**
 * The time at production's size from times at smaller ones. The range is what repeats and residuals show, plus what
 * extrapolation was seen to miss: sorts that no longer fit in memory, and caches, make large tables slower
 * than the curve more often than faster, so the range reaches further up than down.
 */
export function estimateAt({
  points,
  target,
  sorts,
  scattered = false,
  factor = 1,
}: EstimateRequest): Estimate | NoEstimate {
  const largest = points.reduce<SizedTimes | null>((a, b) => (a === null || b.rows > a.rows ? b : a), null);
  const sizes = new Set(points.map(({ rows }) => rows)).size;
  if (largest === null || sizes < 3)
    return { class: null, reason: `measured at ${sizes === 1 ? 'one size' : `${sizes} sizes`} only` };
  const times = points.map(({ milliseconds }) => Math.min(...milliseconds));
  const reach = target / largest.rows;
  if (Math.max(...times) < NOISE) return small(points, largest, target, factor);
  const fit = fitGrowth(points, sorts ? 'n log n' : 'linear');
  if (fit === null) return { class: null, reason: 'the sizes do not differ' };
  const middle =
    factor * fittedTime(fit, target) * (scattered && fit.model !== 'constant' ? Math.max(1, reach) ** SCATTERED : 1);
  const guess = durationClass(middle);
  if (fit.residual > WORST_RESIDUAL)
    return { class: null, reason: `the times do not grow evenly (one is ${percent(fit.residual)} off the curve)` };
  if (fit.spread > WORST_SPREAD)
    return {
      class: guess,
      reason: `repeats of the same work lie too far apart (${percent(fit.spread)})`,
    };
  if (reach > FARTHEST)
    return { class: guess, reason: `production is ${Math.round(reach)} times the largest size that was measured` };
  const { down, up } = uncertainty(fit, reach);
  const low = middle / down;
  const high = middle * up;
  return { class: durationClass(high), middle, low, high, basis: basisOf(fit, points, target, factor) };
}

/** Each way, as a factor: at five times the largest measured size the range is as wide as it may be. */
function uncertainty({ residual, spread }: GrowthFit, reach: number): { down: number; up: number } {
  const seen = residual / 2 + spread / 2;
  const far = reach <= 1 ? 0 : Math.log10(reach);
  const [down, up] = [0.08 + seen + 0.33 * far, 0.1 + seen + 0.4 * far];
  const share = Math.min(1, Math.log(WIDEST) / (down + up));
  return { down: Math.exp(share * down), up: Math.exp(share * up) };
}

/** Too short everywhere to be fitted: instant, unless it grew and production is far larger. */
function small(
  points: readonly SizedTimes[],
  largest: SizedTimes,
  target: number,
  factor: number,
): Estimate | NoEstimate {
  const longest = Math.max(...points.map(({ milliseconds }) => median(milliseconds)));
  const atMost = factor * longest * Math.max(1, target / largest.rows);
  if (atMost >= 1000) {
    return {
      class: null,
      reason: `too short to fit (${Math.round(longest)} ms at the largest size), production too far off`,
    };
  }
  return {
    class: 'instant',
    reason: `under ${Math.max(1, Math.ceil(longest))} ms at every size: too short for a number`,
  };
}

function basisOf(fit: GrowthFit, points: readonly SizedTimes[], target: number, factor: number): string {
  const shares = points.map(({ rows }) => Math.round((1000 * rows) / target) / 10);
  const even = { constant: 'does not grow', linear: 'grows with the rows', 'n log n': 'grows as a sort does' }[
    fit.model
  ];
  const grows = fit.steepness < 0.1 ? even : 'grows faster than the rows';
  const history = factor === 1 ? '' : `; times ${factor.toFixed(2)} by the team's own history`;
  return `measured at ${shares.slice(0, -1).join(', ')} and ${shares.at(-1) ?? ''} % of the rows, ${grows}${history}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function isEstimate(one: Estimate | NoEstimate): one is Estimate {
  return 'middle' in one;
}

/**
 * Several steps one after the other. Their errors are of one machine and one kind, so the ends are added, not their
 * squares; steps without a number that are instant add nothing, any other makes the sum one without a number.
 */
export function sumOf(steps: readonly (Estimate | NoEstimate)[], basis: string): Estimate | NoEstimate {
  const without = steps.filter((one): one is NoEstimate => !isEstimate(one) && one.class !== 'instant');
  if (without[0] !== undefined) return { class: null, reason: `a statement has no estimate: ${without[0].reason}` };
  const known = steps.filter(isEstimate);
  if (known.length === 0) return { class: 'instant', reason: 'every statement is too short for a number' };
  const sum = (of: (one: Estimate) => number): number => known.reduce((total, one) => total + of(one), 0);
  const high = sum((one) => one.high);
  return { class: durationClass(high), middle: sum((one) => one.middle), low: sum((one) => one.low), high, basis };
}
