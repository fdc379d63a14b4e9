/**
 * How a time grows with the size of a table, fitted to a few measurements: `t = fixed + each · g(rows)`, where `g` is
 * `n` or `n · log2 n`. Two parameters are all that three sizes can carry; which `g` it is comes from the kind of work
 * (a sort, or none), since noise on three points can't tell them apart.
 */

export type GrowthModel = 'constant' | 'linear' | 'n log n';

/** One size, and how long it took there each time. */
export interface SizedTimes {
  readonly rows: number;
  /** Milliseconds; one a repeat, at least one. */
  readonly milliseconds: readonly number[];
}

export interface GrowthFit {
  readonly model: GrowthModel;
  /** Milliseconds, 0 or more: what an empty table costs. */
  readonly fixed: number;
  /** Milliseconds for each unit of `g`, 0 or more. */
  readonly each: number;
  /** The largest relative distance of a measured time from the curve: 0.1 is ten per cent. */
  readonly residual: number;
  /** How far the median of repeats lies above the quickest, relative, at the size where that is most; 0 without repeats. */
  readonly spread: number;
}

/**
 * Least squares of the relative error, so that the small size counts as much as the large one; neither parameter goes
 * below zero. Of repeats the quickest counts: whatever else a machine does only ever adds to a time.
 *
 * @param points at least two different sizes, times above 0; null is returned for less
 */
export function fitGrowth(points: readonly SizedTimes[], model: Exclude<GrowthModel, 'constant'>): GrowthFit | null {
  const measured = points
    .filter(({ rows, milliseconds }) => rows > 0 && milliseconds.length > 0 && milliseconds.every((time) => time > 0))
    .map(({ rows, milliseconds }) => ({ g: growthUnits(rows, model), time: Math.min(...milliseconds), milliseconds }));
  if (new Set(measured.map(({ g }) => g)).size < 2) return null;
  const spread = Math.max(...measured.map(({ milliseconds, time }) => (median(milliseconds) - time) / time));
  const { fixed, each } = bounded(measured);
  const residual = Math.max(...measured.map(({ g, time }) => Math.abs(fixed + each * g - time) / time));
  return { model: each === 0 ? 'constant' : model, fixed, each, residual, spread };
}

/** The curve's value, milliseconds. */
export function fittedTime({ model, fixed, each }: GrowthFit, rows: number): number {
  return fixed + (model === 'constant' ? 0 : each * growthUnits(rows, model));
}

export function growthUnits(rows: number, model: GrowthModel): number {
  return model === 'n log n' ? rows * Math.log2(Math.max(2, rows)) : rows;
}

/** The middle value, the mean of the two middle ones. @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

interface Point {
  readonly g: number;
  readonly time: number;
}

/** The best of: both parameters free, no fixed part, no growth; whichever keeps both at zero or above. */
function bounded(points: readonly Point[]): { fixed: number; each: number } {
  const free = leastSquares(points);
  if (free.fixed >= 0 && free.each >= 0) return free;
  const candidates = [
    { fixed: 0, each: ratio(points, ({ g }) => g) },
    { fixed: ratio(points, () => 1), each: 0 },
  ];
  const error = ({ fixed, each }: { fixed: number; each: number }): number =>
    points.reduce((sum, { g, time }) => sum + ((fixed + each * g) / time - 1) ** 2, 0);
  const [through, flat] = candidates as [{ fixed: number; each: number }, { fixed: number; each: number }];
  return error(through) <= error(flat) ? through : flat;
}

/** Minimises Σ ((fixed + each·g)/time − 1)². */
function leastSquares(points: readonly Point[]): { fixed: number; each: number } {
  // In units of the largest g, so that sums of squares keep their digits.
  const scale = Math.max(...points.map(({ g }) => g));
  let [uu, uv, vv, u, v] = [0, 0, 0, 0, 0];
  for (const { g, time } of points) {
    const a = 1 / time;
    const b = g / scale / time;
    uu += a * a;
    uv += a * b;
    vv += b * b;
    u += a;
    v += b;
  }
  const determinant = uu * vv - uv * uv;
  return { fixed: (u * vv - v * uv) / determinant, each: (v * uu - u * uv) / determinant / scale };
}

/** Minimises Σ (x·part/time − 1)² over x. */
function ratio(points: readonly Point[], part: (point: Point) => number): number {
  let [over, under] = [0, 0];
  for (const point of points) {
    const a = part(point) / point.time;
    over += a;
    under += a * a;
  }
  return over / under;
}
