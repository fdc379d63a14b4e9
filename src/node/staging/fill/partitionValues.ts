import { permuted } from './spread.ts';
import type { ServerType } from './serverTypes.ts';
import type { TableShape } from './tableShape.ts';
import type { ValueExpression } from './valueExpression.ts';

/**
 * Keys that land in a table's partitions, as many in each as its share says: list partitions by their values, range
 * partitions over one number, date or timestamp evenly between their bounds. Hash partitions take anything, and so
 * does a table with nothing but a DEFAULT partition: null, as for what is not understood (the trial row shows then).
 *
 * @param options.weights rows by partition, in the order of `partitions.bounds`; null: as many in each
 * @param options.strewn numbers in order fill one partition after the other, but none of them in order
 */
export function partitionValues(
  table: TableShape,
  type: ServerType,
  { weights, strewn }: { readonly weights: readonly number[] | null; readonly strewn: boolean },
): ValueExpression | null {
  const { partitions } = table;
  if (partitions === null || partitions.strategy === 'h' || partitions.columns.length !== 1) return null;
  const weighed = partitions.bounds.flatMap((bound, place) =>
    bound === 'DEFAULT' ? [] : [{ bound, weight: Math.max(0, weights?.[place] ?? 1) }],
  );
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  if (weighed.length === 0) return null;
  const shares = weighed.map(({ bound, weight }) => ({
    bound,
    share: total === 0 ? 1 / weighed.length : weight / total,
  }));
  return partitions.strategy === 'l' ? listed(shares, type) : ranged(shares, type, strewn);
}

/**
 * The correlation that the rows of each partition must have so that the whole table has the given one: partitions alone
 * put rows in order, the more of them the more (by the law of total variance, for evenly spread keys).
 */
export function correlationWithin(correlation: number, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return correlation;
  const within = weights.reduce((sum, weight) => sum + (weight / total) ** 3, 0);
  return Math.max(-1, Math.min(1, (correlation - (1 - within)) / within));
}

interface Share {
  readonly bound: string;
  readonly share: number;
}

function listed(shares: readonly Share[], type: ServerType): ValueExpression | null {
  const values = shares.flatMap(({ bound, share }) => {
    const text = /^FOR VALUES IN \((.*)\)$/s.exec(bound)?.[1];
    const literals = text === undefined ? [] : constants(text);
    return literals.map((literal) => ({ literal, share: share / literals.length }));
  });
  if (values.length === 0) return null;
  const array = `(ARRAY[${values.map(({ literal }) => `${literal}::${type.sql}`).join(', ')}])`;
  const place = bucket(values.map(({ share }) => share));
  return {
    sql: (index, distinct) => `${array}[${place(index, distinct ?? values.length)}]`,
    cardinality: values.length,
  };
}

function ranged(shares: readonly Share[], type: ServerType, strewn: boolean): ValueExpression | null {
  const unit = UNITS[type.name];
  if (unit === undefined) return null;
  const ranges = shares.flatMap(({ bound, share }) => {
    const match = /^FOR VALUES FROM \((.*?)\) TO \((.*?)\)$/s.exec(bound);
    const from = match === null ? null : unit.read(match[1] ?? '');
    const to = match === null ? null : unit.read(match[2] ?? '');
    if (from === null && to === null) return [];
    const low = from ?? (to ?? 0) - unit.usual;
    return [{ low, width: Math.max(1, (to ?? low + unit.usual) - low), share }];
  });
  if (ranges.length === 0) return null;
  ranges.sort((a, b) => a.low - b.low);
  const list = (numbers: readonly number[], of: string): string => `(ARRAY[${numbers.join(', ')}]::${of}[])`;
  const lows = list(
    ranges.map(({ low }) => low),
    'int8',
  );
  const widths = list(
    ranges.map(({ width }) => width),
    'float8',
  );
  const all = ranges.reduce((sum, { share }) => sum + share, 0) || 1;
  const parts = ranges.map(({ share }) => share / all);
  const starts = list(cumulative(parts), 'float8');
  const sizes = list(
    parts.map((part) => Math.max(part, 1e-12)),
    'float8',
  );
  const place = bucket(parts);
  return {
    cardinality: ranges.reduce((sum, { width }) => sum + width, 0),
    sql: (index, distinct) => {
      const count = distinct ?? 1_000;
      const at = place(index, count);
      const share = strewn
        ? `(${permuted(index, count)})::float8 / ${count}`
        : `greatest(0, (((${index}) % ${count})::float8 / ${count} - ${starts}[${at}]) / ${sizes}[${at}])`;
      // A hair less than the whole width: the upper bound is not part of the range.
      return unit.write(`(${lows}[${at}] + floor(${widths}[${at}] * least(0.999999999, ${share}))::int8)`);
    },
  };
}

/** Which of the parts, from 1, a number belongs to. */
function bucket(parts: readonly number[]): (index: string, distinct: number) => string {
  const starts = `ARRAY[${cumulative(parts).join(', ')}]::float8[]`;
  return (index, distinct) => `width_bucket(((${index}) % ${distinct})::float8 / ${distinct}, ${starts})`;
}

/** 0, the first, the sum of the first two … */
function cumulative(parts: readonly number[]): number[] {
  let sum = 0;
  return parts.map((part) => {
    const start = sum;
    sum += part;
    return start;
  });
}

interface Unit {
  /** Null: unbounded, or not understood. */
  readonly read: (literal: string) => number | null;
  readonly write: (sql: string) => string;
  /** The width of a range without an end. */
  readonly usual: number;
}

const DAY = 86_400_000_000;
const whole = (type: string): Unit => ({
  read: (literal) => {
    const text = /^'?(-?\d+)'?$/.exec(literal)?.[1];
    return text === undefined ? null : Number(text);
  },
  write: (sql) => `${sql}::${type}`,
  usual: 1_000_000,
});
/** As the server prints them under any DateStyle's ISO form: `2026-01-01 00:00:00+02`. */
function microseconds(literal: string): number | null {
  const match = /^'(\d{4,6}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(\.\d+)?)?(?:([+-]\d\d)(?::?(\d\d))?)?'$/.exec(literal);
  if (match === null) return null;
  const [, day = '', time = '00:00:00', , hours = '+00', minutes = '00'] = match;
  const milliseconds = Date.parse(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(milliseconds) ? null : milliseconds * 1000;
}

const UNITS: Readonly<Record<string, Unit>> = {
  int2: whole('int2'),
  int4: whole('int4'),
  int8: whole('int8'),
  date: {
    read: (literal) => {
      const found = microseconds(literal);
      return found === null ? null : Math.round(found / DAY);
    },
    write: (sql) => `(date '1970-01-01' + (${sql})::int4)`,
    usual: 365,
  },
  timestamp: {
    read: microseconds,
    write: (sql) => `(timestamp '1970-01-01' + ${sql} * interval '1 microsecond')`,
    usual: 365 * DAY,
  },
  timestamptz: {
    read: microseconds,
    write: (sql) => `(timestamptz '1970-01-01 00:00:00+00' + ${sql} * interval '1 microsecond')`,
    usual: 365 * DAY,
  },
};

/** The server prints constants as `'2024-01-01'` or `10`, separated by a comma and a space. */
function constants(text: string): string[] {
  return [...text.matchAll(/'(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false/g)].map(([literal]) => literal);
}
