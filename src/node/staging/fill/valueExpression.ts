import { quoteLiteral } from '../../../core/sql/quote.ts';
import type { ColumnHints } from './checkHints.ts';
import type { ServerType, ServerTypes } from './serverTypes.ts';

/** SQL for a column's value in the row with a given number. */
export interface ValueExpression {
  /** @param row SQL of type bigint, from 0: another number, another value, up to `cardinality` */
  readonly sql: (row: string) => string;
  /** How many different values there are; null: as many as rows. */
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
}

/**
 * A value for any type that Lockkeeper knows how to make one of; a plain deterministic function of the row's number,
 * so that two runs measure the same.
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
  return value && { ...value, sql: (row) => `(${value.sql(row)})::text::${type.sql}` };
}

function oneOf(values: readonly string[], type: ServerType): ValueExpression {
  const array = `(ARRAY[${values.map((value) => `${value}::${type.sql}`).join(', ')}])`;
  return { sql: (row) => `${array}[1 + (${row}) % ${values.length}]`, cardinality: values.length };
}

function withDomain(request: ValueRequest, type: ServerType): ValueRequest {
  return { ...request, type: type.base, modifier: type.baseModifier };
}

function cast(value: ValueExpression | null, type: ServerType): ValueExpression | null {
  return value && { ...value, sql: (row) => `(${value.sql(row)})::${type.sql}` };
}

function array(request: ValueRequest, type: ServerType): ValueExpression | null {
  const element = valueExpression({ ...request, type: type.element, hints: {} });
  return element && { ...element, sql: (row) => `ARRAY[${element.sql(row)}]::${type.sql}` };
}

function range(type: ServerType): ValueExpression | null {
  const name = type.builtIn ? type.name : '';
  const bounds: Readonly<Record<string, (row: string) => string>> = {
    int4range: (row) => `int4range((${row})::int4, (${row})::int4 + 1)`,
    int8range: (row) => `int8range(${row}, ${row} + 1)`,
    numrange: (row) => `numrange(${row}, ${row} + 1)`,
    daterange: (row) => `daterange(${date(row)}, ${date(row)} + 1)`,
    tsrange: (row) => `tsrange(${timestamp(row)}, ${timestamp(row)} + interval '30 seconds')`,
    tstzrange: (row) =>
      `tstzrange(${timestamp(row)} AT TIME ZONE 'UTC', ${timestamp(row)} AT TIME ZONE 'UTC' + interval '30 seconds')`,
  };
  const sql = bounds[name];
  return sql ? { sql, cardinality: name === 'daterange' ? DAYS : null } : null;
}

/** Days from 2000-01-01: no date in the far future. */
const DAYS = 9000;

function date(row: string): string {
  return `(date '2000-01-01' + ((${row}) % ${DAYS})::int4)`;
}

/** One minute a row: 13 million rows reach 2025. */
function timestamp(row: string): string {
  return `(timestamp '2000-01-01' + (${row}) * interval '1 minute')`;
}

function baseValue(request: ValueRequest, type: ServerType): ValueExpression | null {
  const { hints, modifier } = request;
  const later = hints.later === true;
  const free = (sql: (row: string) => string): ValueExpression => ({ sql, cardinality: null });
  const limited = (cardinality: number, sql: (row: string) => string): ValueExpression => ({ sql, cardinality });
  switch (type.name) {
    case 'int2':
      return integer('int2', 32_767, hints);
    case 'int4':
      return integer('int4', 2_000_000_000, hints);
    case 'int8':
      return integer('int8', null, hints);
    case 'oid':
      return free((row) => `(${row})::oid`);
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
          (row) => `((${row}) % ${10 ** Math.min(precision, 15)}) / (10 ^ ${scale})::numeric`,
        );
      return integer(
        'numeric',
        precision === null || precision - scale > 15 ? null : 10 ** (precision - scale) - 1,
        hints,
      );
    }
    case 'money':
      return free((row) => `(${row})::numeric::money`);
    case 'bool':
      return limited(2, (row) => `((${row}) % 2 = 0)`);
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'citext':
    case 'name':
      return text(request, type);
    case 'uuid':
      return free((row) => `md5(${quoteLiteral(request.name)} || (${row}))::uuid`);
    case 'date':
      return limited(DAYS, (row) => (later ? `(${date(row)} + 1)` : date(row)));
    case 'timestamp':
      return free((row) => (later ? `(${timestamp(row)} + interval '1 day')` : timestamp(row)));
    case 'timestamptz':
      return free((row) => `(${timestamp(row)} AT TIME ZONE 'UTC'${later ? " + interval '1 day'" : ''})`);
    case 'time':
    case 'timetz':
      return limited(86_400, (row) => `(time '00:00' + ((${row}) % 86400) * interval '1 second')::${type.name}`);
    case 'interval':
      return free((row) => `((${row}) * interval '1 second')`);
    case 'json':
    case 'jsonb':
      return free((row) => `jsonb_build_object('number', ${row}, 'text', md5((${row})::text))::${type.name}`);
    case 'bytea':
      return free((row) => `decode(md5((${row})::text), 'hex')`);
    case 'inet':
      return limited(16_000_000, (row) => `(inet '10.0.0.0' + (${row}) % 16000000)`);
    case 'cidr':
      return limited(16_000_000, (row) => `(inet '10.0.0.0' + (${row}) % 16000000)::cidr`);
    case 'macaddr':
      return free((row) => `lpad(to_hex(${row}), 12, '0')::macaddr`);
    case 'macaddr8':
      return free((row) => `lpad(to_hex(${row}), 16, '0')::macaddr8`);
    case 'bit':
    case 'varbit': {
      const width = modifier > 0 ? Math.min(modifier, 32) : 1;
      return limited(
        2 ** Math.min(width, 30),
        (row) =>
          `((${row}) % ${2 ** Math.min(width, 30)})::int4::bit(${width})::${type.name}${modifier > 0 ? `(${modifier})` : ''}`,
      );
    }
    case 'point':
      return free((row) => `point((${row})::float8, (${row})::float8)`);
    case 'box':
      return free((row) => `box(point((${row})::float8, 0), point((${row})::float8 + 1, 1))`);
    case 'tsvector':
      return free((row) => `to_tsvector('simple', md5((${row})::text))`);
    case 'xml':
      return free((row) => `xmlelement(name row, ${row})`);
    case 'hstore':
      return free((row) => `('number => ' || (${row}))::${type.sql}`);
    case 'ltree':
      return free((row) => `('row.' || (${row}))::${type.sql}`);
    default:
      return null;
  }
}

function integer(type: string, largest: number | null, hints: ColumnHints): ValueExpression {
  const from = hints.minimum ?? (hints.maximum !== undefined && hints.maximum < 1 ? hints.maximum - 1_000_000 : 1);
  const to = hints.maximum ?? largest;
  const bonus = hints.later === true ? ' + 1000000' : '';
  if (to === null) return { sql: (row) => `(${from} + ${row}${bonus})::${type}`, cardinality: null };
  const size = Math.max(1, to - from + 1);
  return { sql: (row) => `(${from} + (${row}) % ${size}${bonus})::${type}`, cardinality: size };
}

function text({ modifier, name, hints }: ValueRequest, type: ServerType): ValueExpression {
  // varchar(n) and char(n) keep n + 4; `name` holds 63 bytes.
  const declared = type.name === 'name' ? 63 : modifier > 4 && type.name !== 'text' ? modifier - 4 : null;
  const longest = Math.min(declared ?? 10_000, hints.maximumLength ?? 10_000);
  const shortest = hints.minimumLength ?? 0;
  const suffix = `::${type.sql}`;
  if (longest < 16) {
    const cardinality = 16 ** Math.min(longest, 12);
    return {
      sql: (row) => `lpad(to_hex((${row}) % ${cardinality}), ${longest}, '0')${suffix}`,
      cardinality: longest < 10 ? cardinality : null,
    };
  }
  const word = name.slice(0, 24);
  return {
    sql: (row) => {
      const value =
        longest < 64 ? `lpad(to_hex(${row}), 16, '0')` : `${quoteLiteral(`${word} `)} || md5((${row})::text)`;
      return shortest > 16 ? `rpad(${value}, ${Math.min(shortest, longest)}, 'x')${suffix}` : `(${value})${suffix}`;
    },
    cardinality: null,
  };
}
