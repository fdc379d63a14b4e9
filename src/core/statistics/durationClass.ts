/** How long something takes, as precisely as people can believe it. */
export type DurationClass = 'instant' | 'seconds' | 'minutes' | 'hours';

export const DURATION_CLASSES: readonly DurationClass[] = ['instant', 'seconds', 'minutes', 'hours'];

/** Where a class ends, in milliseconds: less than a second is instant, less than a minute seconds, less than an hour minutes. */
const ENDS: readonly number[] = [1_000, 60_000, 3_600_000];

/** @param milliseconds 0 or more */
export function durationClass(milliseconds: number): DurationClass {
  const place = ENDS.findIndex((end) => milliseconds < end);
  return DURATION_CLASSES[place === -1 ? 3 : place] ?? 'hours';
}

/** An estimate: a range with what it rests on. */
export interface DurationRange {
  /** Milliseconds. */
  readonly low: number;
  /** Milliseconds, not less than `low`. */
  readonly high: number;
  /** Of the range's upper end: who plans wants to know how bad it gets. */
  readonly class: DurationClass;
  /** For people, a clause: `measured at 5, 10 and 20 % of production's 40 million rows`. */
  readonly basis: string;
}

/** Puts the ends in order, and the class to it. @throws never: NaN and negative numbers count as 0 */
export function durationRange(one: number, other: number, basis: string): DurationRange {
  const low = Math.max(0, Math.min(one || 0, other || 0));
  const high = Math.max(0, Math.max(one || 0, other || 0));
  return { low, high, class: durationClass(high), basis };
}

/** `4 to 9 minutes`, `about 25 minutes`, `40 seconds to 2 minutes`, `under a second`. */
export function durationRangeText({ low, high }: Pick<DurationRange, 'low' | 'high'>): string {
  if (high < 1_000) return 'under a second';
  const to = inUnit(high);
  if (low < 1_000) return `up to ${to.count} ${to.unit}`;
  const from = inUnit(low);
  if (plural(from.unit) === plural(to.unit))
    return from.count === to.count ? `about ${to.count} ${to.unit}` : `${from.count} to ${to.count} ${plural(to.unit)}`;
  return `${from.count} ${from.unit} to ${to.count} ${to.unit}`;
}

/** `0.3 seconds`, `25 minutes`: one duration, rounded to what people can tell apart. */
export function durationText(milliseconds: number): string {
  const { count, unit } = inUnit(milliseconds);
  return `${count} ${unit}`;
}

function plural(unit: string): string {
  return unit.endsWith('s') ? unit : `${unit}s`;
}

/** Whole numbers from 10 on, halves below (tenths of a second): nobody can believe more of an estimate. */
function inUnit(milliseconds: number): { readonly count: string; readonly unit: string } {
  // Up to 90 of the smaller unit: "80 seconds" is plainer than "1.5 minutes".
  const [size, unit] =
    milliseconds < 90_000
      ? [1_000, 'second']
      : milliseconds < 90 * 60_000
        ? [60_000, 'minute']
        : milliseconds < 48 * 3_600_000
          ? [3_600_000, 'hour']
          : [86_400_000, 'day'];
  const value = milliseconds / size;
  const step = value >= 10 ? 1 : unit === 'second' ? 0.1 : 0.5;
  const rounded = Math.round(value / step) * step;
  const count = String(Number(rounded.toFixed(1)));
  return { count, unit: count === '1' ? unit : `${unit}s` };
}
