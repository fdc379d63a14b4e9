/**
 * How a time grows with the size of a table, fitted to a few measurements: `t = fixed + each · g(rows)`, where `g` is
 * `n` or `n · log2 n`; and where a row costs the more the more there are, `t = level · g(rows)^(1 + steepness)`. Two
 * parameters are all that three sizes can carry; which `g` it is comes from the kind of work (a sort, or none), since
 * noise on three points can't tell them apart.
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
  /** Milliseconds for each unit of `g`, 0 or more; at the largest measured size, where the cost of a row rises. */
  readonly each: number;
  /** How much the cost of a row rises, 0 where it does not: the exponent of `g` above 1. */
  readonly steepness: number;
  /** `g` of the largest measured size. */
  readonly largest: number;
  /** The largest relative distance of a measured time from the curve: 0.1 is ten per cent. */
  readonly residual: number;
  /** How far the median of repeats lies above the quickest, relative, at the size where that is most; 0 without repeats. */
  readonly spread: number;
}

/**
 * Least squares of the relative error, a size weighing as much as it is large: it is nearer to what is asked for. No
 * parameter goes below zero. Of repeats the quickest counts: whatever else a machine does only ever adds to a time.
 *
 * @param points at least two different sizes, times above 0; null is returned for less
 */
export function fitGrowth(points: readonly SizedTimes[], model: Exclude<GrowthModel, 'constant'>): GrowthFit | null {
  const measured = points
    .filter(({ rows, milliseconds }) => rows > 0 && milliseconds.length > 0 && milliseconds.every((time) => time > 0))
    .map(({ rows, milliseconds }) => ({ g: growthUnits(rows, model), time: Math.min(...milliseconds), milliseconds }));
  if (new Set(measured.map(({ g }) => g)).size < 2) return null;
  const spread = Math.max(...measured.map(({ milliseconds, time }) => (median(milliseconds) - time) / time));
  const largest = Math.max(...measured.map(({ g }) => g));
  const curve = bounded(measured.map((point) => ({ ...point, weight: point.g })));
  const fit = { ...curve, model: curve.each === 0 ? ('constant' as const) : model, largest, spread };
  const residual = Math.max(...measured.map(({ g, time }) => Math.abs(valueAt(fit, g) - time) / time));
  return { ...fit, residual };
}

/**
 * Of the rise of a row's cost that the sizes show, this share is taken to go on beyond the largest: what no longer fits
 * in a cache does so once. Found on the statements of `npm run bench:staging`: docs/decisions/0061.
 */
const GOES_ON = 0.25;
/** No statement's work grows faster than the square of the rows; what seems to is noise. */
const STEEPEST = 1;

/** The curve's value, milliseconds. */
export function fittedTime(fit: Omit<GrowthFit, 'residual'>, rows: number): number {
  return fit.model === 'constant' ? fit.fixed : valueAt(fit, growthUnits(rows, fit.model));
}

function valueAt({ fixed, each, steepness, largest }: Omit<GrowthFit, 'residual' | 'model'>, g: number): number {
  const exponent = g > largest ? GOES_ON * steepness : steepness;
  return fixed + each * g * (g / largest) ** exponent;
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
  readonly weight: number;
}

type Curve = Pick<GrowthFit, 'fixed' | 'each' | 'steepness'>;

/** A straight line, if both its parameters are at zero or above; else a curve that rises, or a constant. */
function bounded(points: readonly Point[]): Curve {
  const { fixed, each } = straightLine(points);
  if (fixed >= 0 && each >= 0) return { fixed, each, steepness: 0 };
  return each > 0 ? rising(points) : { fixed: level(points), each: 0, steepness: 0 };
}

/** A line of slope 1 or more in logarithms. */
function rising(points: readonly Point[]): Curve {
  const largest = Math.max(...points.map(({ g }) => g));
  const all = points.map(({ g, time, weight }) => ({ x: Math.log(g / largest), y: Math.log(time), weight }));
  const mean = (of: (one: (typeof all)[number]) => number): number =>
    all.reduce((sum, one) => sum + one.weight * of(one), 0) / all.reduce((sum, { weight }) => sum + weight, 0);
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)];
  const slope = mean((one) => (one.x - x) * (one.y - y)) / mean((one) => (one.x - x) ** 2);
  const steepness = Math.min(STEEPEST, Math.max(0, slope - 1));
  return { fixed: 0, each: Math.exp(y - (1 + steepness) * x) / largest, steepness };
}

/** Minimises Σ weight · ((fixed + each·g)/time − 1)². */
function straightLine(points: readonly Point[]): Pick<GrowthFit, 'fixed' | 'each'> {
  // In units of the largest g, so that sums of squares keep their digits.
  const scale = Math.max(...points.map(({ g }) => g));
  let [uu, uv, vv, u, v] = [0, 0, 0, 0, 0];
  for (const { g, time, weight } of points) {
    const a = 1 / time;
    const b = g / scale / time;
    const share = weight / scale;
    uu += share * a * a;
    uv += share * a * b;
    vv += share * b * b;
    u += share * a;
    v += share * b;
  }
  const determinant = uu * vv - uv * uv;
  return { fixed: (u * vv - v * uv) / determinant, each: (v * uu - u * uv) / determinant / scale };
}

/** Minimises Σ weight · (level/time − 1)². */
function level(points: readonly Point[]): number {
  let [over, under] = [0, 0];
  for (const { time, weight } of points) {
    over += weight / time;
    under += weight / time ** 2;
  }
  return over / under;
}
