import { quoteLiteral } from '../../../core/sql/quote.ts';
import { patternText } from './patternText.ts';
import type { ServerType } from './serverTypes.ts';
import type { ValueExpression, ValueRequest } from './valueExpression.ts';

/** A text longer than this lies outside the row; longer ones of production are known by their pointer's width only. */
const LONGEST = 7_500;

/**
 * A text of a given width: a part that tells the values apart, in their order, then always the same characters, which
 * TOAST can't compress: pg_stats counts stored bytes.
 */
export function textValue(
  request: Pick<ValueRequest, 'modifier' | 'name' | 'hints' | 'width'>,
  type: ServerType,
): ValueExpression {
  const { modifier, name, hints } = request;
  // varchar(n) and char(n) keep n + 4; `name` holds 63 bytes.
  const declared = type.name === 'name' ? 63 : modifier > 4 && type.name !== 'text' ? modifier - 4 : null;
  const longest = Math.min(declared ?? LONGEST, hints.maximumLength ?? LONGEST);
  const shortest = Math.min(hints.minimumLength ?? 0, longest);
  const letters =
    hints.letters === 'upper' ? (text: string): string => `upper(${text})` : (text: string): string => text;
  const suffix = `::${type.sql}`;
  if (request.width === null || request.width === undefined) {
    // Nobody says how wide: enough to tell them apart, and a word for people.
    if (longest >= 64 && shortest <= 16)
      return {
        sql: (index) =>
          `(${letters(`${quoteLiteral(`${name.slice(0, 24)} `.toLowerCase())} || md5((${index})::text)`)})${suffix}`,
        cardinality: null,
      };
    return sized(shortest > 16 ? shortest : Math.min(longest, 16), { letters, suffix });
  }
  // One byte of header up to 126 bytes, else four.
  const length = Math.round(request.width) - (request.width <= 127 ? 1 : 4);
  return sized(Math.max(shortest, Math.min(longest, Math.max(1, length))), { letters, suffix, longest });
}

function sized(
  length: number,
  {
    letters,
    suffix,
    longest = length,
  }: { readonly letters: (text: string) => string; readonly suffix: string; readonly longest?: number },
): ValueExpression {
  // Three characters or fewer: more of them than hexadecimal digits tell apart.
  if (longest <= 3) {
    const short = patternText(`^[0-9a-z]{${Math.max(1, longest)}}$`);
    if (short !== null)
      return {
        cardinality: short.cardinality,
        sql: (index) => `${letters(short.sql(`(${index}) % ${short.cardinality}`))}${suffix}`,
      };
  }
  const most = Math.min(longest, 15);
  const cardinality = most < 13 ? 16 ** most : null;
  return {
    cardinality,
    sql: (index, distinct) => {
      // As many digits as the values need, though that may be more than the average width.
      const needed = distinct === undefined ? Math.min(most, Math.max(1, length)) : digitsFor(distinct);
      const digits = Math.min(longest, 15, Math.max(needed, Math.min(length, 12)));
      const step =
        distinct === undefined
          ? 1
          : Math.max(1, Math.floor(16 ** Math.min(digits, 13) / distinct) * 16 ** Math.max(0, digits - 13));
      const value =
        distinct === undefined && cardinality !== null
          ? `(${index}) % ${cardinality}`
          : step === 1
            ? index
            : `(${index}) * ${step}`;
      const key = `lpad(to_hex(${value}), ${digits}, '0')`;
      const rest = length - digits;
      return `${letters(rest > 0 ? `(${key} || ${quoteLiteral(noise(rest))})` : key)}${suffix}`;
    },
  };
}

function digitsFor(distinct: number): number {
  return Math.max(1, Math.ceil(Math.log(Math.max(2, distinct)) / Math.log(16) - 1e-9));
}

/** Bytes of a given width, told apart by their first eight, or by as many as there may be. */
export function bytesValue({ width, hints }: Pick<ValueRequest, 'width' | 'hints'>): ValueExpression {
  const usual = width ?? 17;
  const wanted = Math.max(8, Math.round(usual) - (usual <= 127 ? 1 : 4));
  const longest = hints.maximumLength ?? LONGEST;
  const length = Math.max(hints.minimumLength ?? 0, Math.min(LONGEST, longest, wanted));
  if (length < 8)
    return {
      sql: (index) => `substr(int8send((${index}) % ${256 ** Math.min(length, 6)}), ${9 - length})`,
      cardinality: 256 ** Math.min(length, 6),
    };
  const filler = length > 8 ? ` || '\\x${hexadecimalNoise(length - 8)}'::bytea` : '';
  return { sql: (index) => `(int8send(${index})${filler})`, cardinality: null };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Lower-case letters and others without a pattern, the same in every run. */
function noise(length: number): string {
  return Array.from(numbers(length), (number) => ALPHABET.charAt(number % ALPHABET.length).toLowerCase()).join('');
}

function hexadecimalNoise(bytes: number): string {
  return Array.from(numbers(bytes), (number) => (number & 0xff).toString(16).padStart(2, '0')).join('');
}

/** A linear congruential generator (constants of Numerical Recipes): its high bits have no pattern that pglz would find. */
function* numbers(count: number): Generator<number> {
  let state = 20_261_122;
  for (let made = 0; made < count; made += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 16;
  }
}
