/** How a column's values are spread over the rows, in the terms of pg_stats. */
export interface Spread {
  /** 0 to 1. */
  readonly nullFraction: number;
  /** How many different values; null: as many as there are rows with one. */
  readonly distinct: number | null;
  /** Between the rows' order and the values', -1 to 1. */
  readonly correlation: number;
  /** Another number, another choice of the rows that are NULL: two columns should not have theirs in common. */
  readonly salt: number;
}

export interface SpreadColumn {
  /** SQL of type boolean: is it NULL in this row? Null: never. */
  readonly isNull: string | null;
  /** SQL of type bigint: which of the different values, 0 to `distinct` - 1. Of rows with NULL it says nothing. */
  readonly index: string;
  readonly distinct: number;
}

const MILLION = 1_000_000;

/**
 * Integer arithmetic on the row's number that gives a column the wanted shape: each value as often as the others, exactly
 * so many NULLs, evenly strewn, and rows in the order of the values, in none, or between.
 *
 * @param row SQL of type bigint, 0 to `rows` - 1
 */
export function spreadColumn(row: string, rows: number, wanted: Spread): SpreadColumn {
  const nulls = Math.round(Math.min(1, Math.max(0, wanted.nullFraction)) * MILLION);
  const offset = (wanted.salt * 377_789) % MILLION;
  const base = Math.floor((offset * nulls) / MILLION);
  const present = Math.max(1, rows - (Math.floor(((rows + offset) * nulls) / MILLION) - base));
  // As a line is drawn with dots (Bresenham): a row is NULL where the count of NULLs steps up after it.
  const stepped = `(${row} + ${offset}) * ${nulls}`;
  const isNull = nulls === 0 ? null : `(${stepped} % ${MILLION} >= ${MILLION - nulls})`;
  const rank = nulls === 0 ? row : `(${row} - (${stepped} / ${MILLION} - ${base}))`;
  const distinct = Math.max(1, Math.min(present, Math.ceil(wanted.distinct ?? present)));
  // A constant: PostgreSQL then computes the value once, and not for every row.
  if (distinct === 1) return { isNull, index: '0::int8', distinct };
  const strength = Math.abs(wanted.correlation);
  const place = mixed(rank, present, strength > 0.995 ? 1 : strength);
  const index = distinct === present ? place : `(${place} * ${distinct} / ${present})`;
  return { isNull, index: wanted.correlation < 0 ? `(${distinct - 1} - ${index})` : index, distinct };
}

/** Of so many rows in a hundred the place is kept, which is the correlation then; the others change places among themselves. */
function mixed(rank: string, count: number, correlation: number): string {
  if (correlation === 1 || count < 3) return rank;
  // Of less than a hundred rows nobody can keep the place of one in a hundred.
  const kept = count < 100 ? Math.round(correlation) * 100 : Math.round(correlation * 100);
  if (kept >= 100) return rank;
  if (kept === 0) return permuted(rank, count);
  const moved = 100 - kept;
  const whole = Math.floor(count / 100);
  const among = `((${rank}) / 100 * ${moved} + (${rank}) % 100 - ${kept})`;
  const to = permuted(among, whole * moved);
  return `(CASE WHEN (${rank}) % 100 < ${kept} OR (${rank}) >= ${whole * 100} THEN ${rank} ELSE ${to} / ${moved} * 100 + ${kept} + ${to} % ${moved} END)`;
}

/** 0 to count - 1 in an order that has nothing to do with the numbers' own: steps of the golden section, round and round. */
export function permuted(rank: string, count: number): string {
  if (count < 3) return `(${rank})`;
  let step = Math.max(1, Math.round(count * 0.618_033_988_75));
  while (greatestCommonDivisor(step, count) !== 1) step += 1;
  return `((${rank}) * ${step} % ${count})`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
