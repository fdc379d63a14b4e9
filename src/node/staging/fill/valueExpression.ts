import { quoteLiteral } from '../../../core/sql/quote.ts';
import type { ColumnHints } from './checkHints.ts';
import { patternText } from './patternText.ts';
import type { ServerType, ServerTypes } from './serverTypes.ts';
import { bytesValue, textValue } from './wideValues.ts';

/** SQL for a column's value with a given number. */
export interface ValueExpression {
  /**
   * @param index SQL of type bigint, from 0: another number, another value, up to `cardinality`; where the type has an
   *   order, a greater number gives a greater value
   * @param distinct how many numbers there will be: values are spread over what is usual for the type
   */
  readonly sql: (index: string, distinct?: number) => string;
  /** How many different values there are; null: as many as numbers. */
  readonly cardinality: number | null;
}

export interface ValueRequest {
  readonly type: number;
  readonly modifier: number;
  /** The column's name: makes texts readable. */
  readonly name: string;
  readonly hints: ColumnHints;
  readonly types: ServerTypes;
  /** The type that the column will get, if it is text now: see `ColumnShape.becomes`. */
  readonly becomes?: { readonly labels: readonly string[] } | { readonly type: string } | null;
  /** Average bytes, as pg_stats has them. */
  readonly width?: number | null;
}

/**
 * A value for any type that Lockkeeper knows how to make one of; a plain deterministic function of a number, so that two
 * runs measure the same.
 *
 * @returns null where it does not know the type (an extension's base type, a composite)
 */
export function valueExpression(request: ValueRequest): ValueExpression | null {
  const type = request.types.get(request.type);
  if (type === undefined) return null;
  const { hints } = request;
  if (hints.isNull === true) return { sql: () => 'NULL', cardinality: null };
  if (hints.values !== undefined && hints.values.length > 0 && type.kind !== 'd') return oneOf(hints.values, type);
  const future = TEXTS.has(type.name) ? futureText(request, type) : null;
  if (future !== null) return future;
  if (hints.pattern !== undefined && TEXTS.has(type.name)) {
    const pattern = patternText(hints.pattern, { atLeast: 1e9 });
    if (pattern !== null)
      return { sql: (index) => `${pattern.sql(index)}::${type.sql}`, cardinality: pattern.cardinality };
  }
  if (type.kind === 'e') return type.labels.length > 0 ? oneOf(type.labels.map(quoteLiteral), type) : null;
  if (type.kind === 'd') return cast(valueExpression(withDomain(request, type)), type);
  if (type.kind === 'r') return range(type);
  if (type.element !== 0) return array(request, type);
  return type.kind === 'b' ? baseValue(request, type) : null;
}

const TEXTS = new Set(['text', 'varchar', 'bpchar', 'citext']);

/** Texts that a coming type will accept. */
function futureText(request: ValueRequest, type: ServerType): ValueExpression | null {
  const { becomes } = request;
  if (!becomes) return null;
  if ('labels' in becomes) return becomes.labels.length > 0 ? oneOf(becomes.labels.map(quoteLiteral), type) : null;
  if (TEXTS.has(becomes.type)) return null;
  const value = baseValue({ ...request, modifier: -1 }, { ...type, name: becomes.type });
  return value && { ...value, sql: (index, distinct) => `(${value.sql(index, distinct)})::text::${type.sql}` };
}

function oneOf(values: readonly string[], type: ServerType): ValueExpression {
  const array = `(ARRAY[${values.map((value) => `${value}::${type.sql}`).join(', ')}])`;
  return { sql: (index) => `${array}[1 + (${index}) % ${values.length}]`, cardinality: values.length };
}

function withDomain(request: ValueRequest, type: ServerType): ValueRequest {
  return { ...request, type: type.base, modifier: type.baseModifier };
}

function cast(value: ValueExpression | null, type: ServerType): ValueExpression | null {
  return value && { ...value, sql: (index, distinct) => `(${value.sql(index, distinct)})::${type.sql}` };
}

/** A few elements: the first tells values apart, the others are always the same. */
function array(request: ValueRequest, type: ServerType): ValueExpression | null {
  // Elements of variable length have four bytes of header and are aligned to four: twelve for a word.
  const fixed = request.types.get(type.element)?.length ?? 0;
  const elementWidth = fixed > 0 ? fixed : 12;
  const { width } = request;
  // 21 bytes of header (20 and a varlena's).
  const count = width === null || width === undefined ? 1 : Math.round((width - 21) / elementWidth);
  const element = valueExpression({
    ...request,
    type: type.element,
    modifier: -1,
    hints: {},
    width: fixed > 0 ? null : 9,
  });
  if (element === null) return null;
  const others = Math.min(200, Math.max(0, count - 1));
  const filler =
    others === 0
      ? ''
      : ` || ARRAY[${Array.from({ length: others }, (_, place) => element.sql(String(place))).join(', ')}]::${type.sql}`;
  return { ...element, sql: (index, distinct) => `(ARRAY[${element.sql(index, distinct)}]::${type.sql}${filler})` };
}

function range(type: ServerType): ValueExpression | null {
  const name = type.builtIn ? type.name : '';
  const bounds: Readonly<Record<string, (index: string) => string>> = {
    int4range: (index) => `int4range((${index})::int4, (${index})::int4 + 1)`,
    int8range: (index) => `int8range(${index}, ${index} + 1)`,
    numrange: (index) => `numrange(${index}, ${index} + 1)`,
    daterange: (index) => `daterange(${date(index)}, ${date(index)} + 1)`,
    tsrange: (index) => `tsrange(${timestamp(index)}, ${timestamp(index)} + interval '30 seconds')`,
    tstzrange: (index) =>
      `tstzrange(${timestamp(index)} AT TIME ZONE 'UTC', ${timestamp(index)} AT TIME ZONE 'UTC' + interval '30 seconds')`,
  };
  const sql = bounds[name];
  return sql ? { sql, cardinality: name === 'daterange' ? DAYS : null } : null;
}

/** Days from 2000-01-01: no date in the far future. */
const DAYS = 9000;
/** 2000-01-01 to 2024-08-21 in minutes: more rows than that go by shorter steps. */
const MINUTES = DAYS * 1440;

function date(index: string): string {
  return `(date '2000-01-01' + ((${index}) % ${DAYS})::int4)`;
}

/** One minute a number, or less where there are more numbers than minutes. */
function timestamp(index: string, distinct = 0, from = "timestamp '2000-01-01'"): string {
  const microseconds = distinct > MINUTES ? Math.max(1, Math.floor((MINUTES * 60_000_000) / distinct)) : 60_000_000;
  return `(${from} + (${index}) * interval '${microseconds} microseconds')`;
}

function baseValue(request: ValueRequest, type: ServerType): ValueExpression | null {
  const { hints, modifier } = request;
  const free = (sql: ValueExpression['sql']): ValueExpression => ({ sql, cardinality: null });
  const limited = (cardinality: number, sql: ValueExpression['sql']): ValueExpression => ({ sql, cardinality });
  switch (type.name) {
    case 'int2':
      return integer('int2', 32_767, hints);
    case 'int4':
      return integer('int4', 2_000_000_000, hints);
    case 'int8':
      return integer('int8', null, hints);
    case 'oid':
      return free((index) => `(${index})::oid`);
    case 'float4':
      return integer('float4', 16_000_000, hints);
    case 'float8':
      return integer('float8', null, hints);
    case 'numeric': {
      const precision = modifier < 0 ? null : ((modifier - 4) >> 16) & 0xffff;
      const scale = modifier < 0 ? 0 : (modifier - 4) & 0x7ff;
      if (precision !== null && precision <= scale)
        return limited(
          10 ** Math.min(precision, 15),
          (index) => `((${index}) % ${10 ** Math.min(precision, 15)}) / (10 ^ ${scale})::numeric`,
        );
      const whole = precision === null || precision - scale > 15 ? null : 10 ** (precision - scale) - 1;
      return scale > 0 && scale < 10 && hints.minimum === undefined && hints.maximum === undefined
        ? cents(scale, whole)
        : integer('numeric', whole, hints);
    }
    case 'money':
      return free((index) => `(${index})::numeric::money`);
    case 'bool':
      return limited(2, (index) => `((${index}) % 2 = 1)`);
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'citext':
    case 'name':
      return textValue(request, type);
    case 'uuid':
      // Spread over all bits, as real ones are: an index compares their first bytes.
      return free((index, distinct) => `(${hexadecimal(index, distinct)} || '8${LAST_HALF}')::uuid`);
    case 'date':
      return limited(DAYS, date);
    case 'timestamp':
      return free(timestamp);
    case 'timestamptz':
      return free((index, distinct) => timestamp(index, distinct, "timestamptz '2000-01-01 00:00:00+00'"));
    case 'time':
    case 'timetz':
      return limited(86_400, (index) => `(time '00:00' + ((${index}) % 86400) * interval '1 second')::${type.name}`);
    case 'interval':
      return free((index) => `((${index}) * interval '1 second')`);
    case 'json':
    case 'jsonb': {
      // {"id": …, "text": "…"} costs about 40 bytes of its own.
      const text = textValue(
        { ...request, modifier: -1, hints: {}, width: Math.max(18, (request.width ?? 75) - 38) },
        TEXT,
      );
      return free(
        (index, distinct) =>
          `('{"id": ' || (${index})::text || ', "text": "' || ${text.sql(index, distinct)} || '"}')::${type.name}`,
      );
    }
    case 'bytea':
      return bytesValue(request);
    case 'inet':
      return limited(16_000_000, (index) => `(inet '10.0.0.0' + (${index}) % 16000000)`);
    case 'cidr':
      return limited(16_000_000, (index) => `(inet '10.0.0.0' + (${index}) % 16000000)::cidr`);
    case 'macaddr':
      return free((index) => `lpad(to_hex(${index}), 12, '0')::macaddr`);
    case 'macaddr8':
      return free((index) => `lpad(to_hex(${index}), 16, '0')::macaddr8`);
    case 'bit':
    case 'varbit': {
      const width = modifier > 0 ? Math.min(modifier, 32) : 1;
      return limited(
        2 ** Math.min(width, 30),
        (index) =>
          `((${index}) % ${2 ** Math.min(width, 30)})::int4::bit(${width})::${type.name}${modifier > 0 ? `(${modifier})` : ''}`,
      );
    }
    case 'point':
      return free((index) => `point((${index})::float8, (${index})::float8)`);
    case 'box':
      return free((index) => `box(point((${index})::float8, 0), point((${index})::float8 + 1, 1))`);
    case 'tsvector':
      return free((index) => `to_tsvector('simple', md5((${index})::text))`);
    case 'xml':
      return free((index) => `xmlelement(name row, ${index})`);
    case 'hstore':
      return free((index) => `('number => ' || (${index}))::${type.sql}`);
    case 'ltree':
      return free((index) => `('row.' || (${index}))::${type.sql}`);
    default:
      return null;
  }
}

const TEXT: ServerType = {
  oid: 25,
  name: 'text',
  sql: 'text',
  builtIn: true,
  kind: 'b',
  length: -1,
  element: 0,
  base: 0,
  baseModifier: -1,
  checks: [],
  labels: [],
  subtype: 0,
};

/** Seventeen hexadecimal digits would be too many: the first of the second half is a constant, for a valid variant. */
const LAST_HALF = '8f3c1e6a7d5b204'.slice(0, 15);

/** Sixteen digits, spread over all their values in the order of the numbers. */
function hexadecimal(index: string, distinct: number | undefined): string {
  const step = distinct === undefined || distinct < 2 ? 1 : Math.floor(2 ** 52 / distinct) * 2 ** 11;
  return `lpad(to_hex((${index}) * ${Math.max(1, step)}), 16, '0')`;
}

function cents(scale: number, whole: number | null): ValueExpression {
  const most = whole === null ? null : Math.min(1e15, (whole + 1) * 10 ** scale - 1);
  const sql = (index: string): string =>
    `((1 + ${most === null ? index : `(${index}) % ${most}`}) * ${10 ** -scale >= 1e-6 ? String(10 ** -scale) : `1e-${scale}`}::numeric)`;
  return { sql, cardinality: most };
}

function integer(type: string, largest: number | null, hints: ColumnHints): ValueExpression {
  const from = hints.minimum ?? (hints.maximum !== undefined && hints.maximum < 1 ? hints.maximum - 1_000_000 : 1);
  const to = hints.maximum ?? largest;
  if (to === null) return { sql: (index) => `(${from} + ${index})::${type}`, cardinality: null };
  const size = Math.max(1, Math.floor(to - from) + 1);
  return { sql: (index) => `(${from} + (${index}) % ${size})::${type}`, cardinality: size };
}
