import type { Parser } from '../../../core/sql/parser.ts';
import { quoteIdentifier } from '../../../core/sql/quote.ts';
import type { RelationStatistics } from '../../../core/statistics/statistics.ts';
import { checkHints, type ColumnHints } from './checkHints.ts';
import { partitionHints } from './partitionHints.ts';
import { correlationWithin, partitionValues } from './partitionValues.ts';
import { distinctValues, referenceParts, type Join, type OwnPlan } from './references.ts';
import { sequenceOf } from './sequences.ts';
import type { ServerTypes } from './serverTypes.ts';
import { spreadColumn, type SpreadColumn } from './spread.ts';
import type { ColumnShape, TableShape } from './tableShape.ts';
import { uniqueLimit, uniquePlaces } from './uniqueKeys.ts';
import { valueExpression } from './valueExpression.ts';

/** How one table gets its rows. */
export interface InsertPlan {
  /**
   * The statement for a table that is to have so many rows, by default for all of them.
   *
   * @param only numbers of the rows, from 0, `until` not included: the others are there, or come later
   */
  readonly sql: (rows: number, only?: { readonly from?: number; readonly until?: number }) => string;
  /** The most rows that its unique keys allow; null: any number. */
  readonly limit: number | null;
  readonly limitedBy: string | null;
  /** Rows can meet unique keys: rows that were there before, or keys that share columns. */
  readonly mayConflict: boolean;
  /** Columns with a sequence that were given values of our own: the sequence is to be moved behind them. */
  readonly sequences: readonly {
    readonly column: string;
    readonly sequence: string | null;
    readonly last: (rows: number) => number;
  }[];
  /** What a table that refers to this one needs: SQL for a column's value in a row with a given number. Null: not known. */
  readonly column: (number: number, rows: number) => ((row: string) => string) | null;
}

/** A table that another refers to. */
export interface ParentTable {
  readonly shape: TableShape;
  /** That it holds by now. */
  readonly rows: number;
  /** All its rows were made by this plan. */
  readonly plan?: InsertPlan;
}

export interface InsertRequest {
  readonly table: TableShape;
  readonly types: ServerTypes;
  readonly parser: Parser;
  readonly parent: (oid: number) => ParentTable | undefined;
  /** Columns to be left NULL after all, since a CHECK on them could not be met. */
  readonly leaveNull: ReadonlySet<number>;
  /** Columns whose default is NULL after all, though they may not be. */
  readonly noDefault?: ReadonlySet<string>;
  /** The shape of production's columns. */
  readonly statistics?: RelationStatistics | undefined;
  /** Rows of production's partitions, in the order of `partitions.bounds`. */
  readonly partitionRows?: readonly number[] | null;
  /** The table is empty: keys that a sequence gives can be counted. */
  readonly fresh?: boolean;
}

/** Functions whose result differs in every row: such a default also serves a unique column. */
const UNIQUE_DEFAULT = /nextval\(|gen_random_uuid\(|uuid_generate|uuidv[47]\(/;

/** Bytes of a key's text with its header: sixteen hexadecimal digits. */
const SHORT_KEY = 17;

/** A column, or columns that come together from a row of another table. */
export interface Part {
  readonly columns: readonly number[];
  /** How many different values it is to have; null: as many as rows. */
  readonly distinct: (rows: number) => number | null;
  /** The most that it can have; null: any number. */
  readonly most: number | null;
  readonly nullFraction: number;
  readonly correlation: number;
  /** SQL for a column's value. @param index 0 to distinct - 1 */
  readonly value: (column: number, index: string, distinct: number, rows: number) => string;
}

/** @returns a plan, or the reason why there is none, in words */
export function insertPlan(request: InsertRequest): InsertPlan | { readonly reason: string } {
  const own: OwnPlan = { plan: null, needs: [] };
  const plan = build(request, own);
  if ('reason' in plan) return plan;
  own.plan = plan;
  // A key that the server gives can't be foretold: then no row refers to another of its table.
  return own.needs.every((number) => plan.column(number, 1) !== null) ? plan : build(request, null);
}

function build(request: InsertRequest, own: OwnPlan | null): InsertPlan | { readonly reason: string } {
  const { table } = request;
  const references = referenceParts(request, own);
  if ('reason' in references) return references;
  const { parts, joins, empty } = references;
  const assigned = new Set([...parts, ...joins].flatMap(({ columns }) => columns).concat([...empty]));
  const hints = columnHints(request);
  const inUnique = new Set(table.uniques.flat());
  const sequences: InsertPlan['sequences'][number][] = [];
  const after: { readonly column: ColumnShape; readonly other: string }[] = [];
  for (const column of table.columns) {
    if (assigned.has(column.number) || column.generated || request.leaveNull.has(column.number)) continue;
    const counted = column.identity !== '' || column.default?.includes('nextval(') === true;
    if (counted && request.fresh !== true) continue;
    if (column.identity === '' && column.default !== null && !counted && keepsDefault(request, column, inUnique))
      continue;
    const made = columnPart(request, column, hints.get(column.name) ?? {});
    if (made === null) {
      if (!column.notNull || column.default !== null) continue;
      return {
        reason: `Lockkeeper cannot make values of type ${request.types.get(column.type)?.sql ?? 'unknown'} for column ${column.name}`,
      };
    }
    if (counted) sequences.push({ column: column.name, sequence: sequenceOf(column), last: (rows) => rows });
    parts.push(made);
    const other = hints.get(column.name)?.after;
    if (other !== undefined) after.push({ column, other });
  }
  return planOf(request, { parts, joins, sequences, after });
}

/** A default is what the application gets, too: it is kept where nobody knows better. */
function keepsDefault(
  { statistics, fresh, noDefault }: InsertRequest,
  column: ColumnShape,
  inUnique: ReadonlySet<number>,
): boolean {
  if (statistics?.columns[column.name] !== undefined) return false;
  if (noDefault?.has(column.name) === true) return false;
  if (!inUnique.has(column.number)) return true;
  return fresh !== true && UNIQUE_DEFAULT.test(column.default ?? '');
}

function columnPart(request: InsertRequest, column: ColumnShape, hints: ColumnHints): Part | null {
  const { table, types } = request;
  const statistics = request.statistics?.columns[column.name];
  const keyed = table.partitions?.columns.includes(column.number) === true ? types.get(column.type) : undefined;
  const weights = request.partitionRows ?? null;
  const within = weights === null ? 1 : correlationWithin(Math.abs(statistics?.correlation ?? 1), weights);
  const keyValue = keyed === undefined ? null : partitionValues(table, keyed, { weights, strewn: within < 0.5 });
  const value =
    keyValue ??
    valueExpression({
      type: column.type,
      modifier: column.modifier,
      name: column.name,
      hints,
      becomes: column.becomes ?? null,
      types,
      // Keys are short: columns that refer to them may be narrower.
      width: statistics?.width ?? (table.uniques.some((key) => key.includes(column.number)) ? SHORT_KEY : null),
    });
  if (value === null) return null;
  // Of few values, without statistics: strewn, as they mostly are.
  const strewn = value.cardinality !== null && value.cardinality < 1_000 ? 0 : 1;
  const correlation = statistics?.correlation ?? strewn;
  return {
    columns: [column.number],
    distinct: (rows) => distinctValues(statistics?.distinct ?? 0, rows) ?? value.cardinality,
    most: value.cardinality,
    nullFraction: column.notNull ? 0 : (statistics?.nullFraction ?? 0),
    // Rows come partition by partition.
    correlation: keyValue === null ? correlation : correlation < 0 ? -1 : 1,
    value: (_, index, distinct) => value.sql(index, distinct),
  };
}

function columnHints({ table, parser, types }: InsertRequest): Map<string, ColumnHints> {
  const hints = new Map<string, ColumnHints>();
  const add = (name: string, more: ColumnHints): void => void hints.set(name, { ...hints.get(name), ...more });
  for (const column of table.columns) {
    for (const expression of types.get(column.type)?.checks ?? []) {
      for (const [name, more] of checkHints(parser, expression))
        if (name === 'value' || name === 'VALUE') add(column.name, more);
    }
  }
  for (const check of table.checks) for (const [name, more] of checkHints(parser, check.expression)) add(name, more);
  for (const [name, more] of partitionHints(table)) add(name, more);
  return hints;
}

interface Made {
  readonly parts: readonly Part[];
  readonly joins: readonly Join[];
  readonly sequences: InsertPlan['sequences'];
  readonly after: readonly { readonly column: ColumnShape; readonly other: string }[];
}

function planOf(request: InsertRequest, made: Made): InsertPlan {
  const { table } = request;
  const joined: Part[] = made.joins
    .filter(({ shared }) => shared.length === 0)
    .map((join) => ({
      columns: join.columns,
      distinct: () => join.cardinality,
      most: join.cardinality,
      nullFraction: 0,
      correlation: 1,
      value: (_, index) => index,
    }));
  const parts = [...made.parts, ...joined];
  const { limit, limitedBy } = uniqueLimit(table, parts);
  /** Every part's place (its index in SQL) for a row. */
  const places = (row: string, rows: number): Map<Part, SpreadColumn> => {
    const { placed } = uniquePlaces(table, parts, row, rows);
    return new Map(
      parts.map((part) => {
        const fixed = placed.get(part);
        const salt = (part.columns[0] ?? 0) + 1;
        const { nullFraction, correlation } = part;
        if (fixed !== undefined) {
          const { isNull } = spreadColumn(row, rows, { nullFraction, distinct: 1, correlation, salt });
          return [part, { ...fixed, isNull }];
        }
        return [part, spreadColumn(row, rows, { nullFraction, distinct: part.distinct(rows), correlation, salt })];
      }),
    );
  };
  const valueOf = (part: Part, number: number, place: SpreadColumn, rows: number): string => {
    const value = part.value(number, place.index, place.distinct, rows);
    const nullable = table.columns.find((one) => one.number === number)?.notNull === false;
    return place.isNull !== null && nullable ? `CASE WHEN ${place.isNull} THEN NULL ELSE ${value} END` : value;
  };
  const column = (number: number, rows: number): ((row: string) => string) | null => {
    const part = made.parts.find((one) => one.columns.includes(number));
    if (part === undefined || part.nullFraction > 0 || made.after.some((one) => one.column.number === number))
      return null;
    return (row) => {
      const place = places(`(${row})`, rows).get(part);
      return place === undefined ? 'NULL' : valueOf(part, number, place, rows);
    };
  };
  const overlapping = uniquePlaces(table, parts, 'i', 1_000).conflicts;
  return {
    sql: (rows, { from = 0, until = rows } = {}) =>
      insertSql({
        request,
        made,
        joined,
        places: places('lockkeeper.i', rows),
        valueOf,
        rows,
        from,
        until,
        conflict: request.fresh !== true || overlapping,
      }),
    limit,
    limitedBy,
    mayConflict: request.fresh !== true || overlapping,
    sequences: made.sequences,
    column,
  };
}

interface Insertion {
  readonly request: InsertRequest;
  readonly made: Made;
  readonly joined: readonly Part[];
  readonly places: ReadonlyMap<Part, SpreadColumn>;
  readonly valueOf: (part: Part, number: number, place: SpreadColumn, rows: number) => string;
  readonly rows: number;
  readonly from: number;
  readonly until: number;
  readonly conflict: boolean;
}

function insertSql({ request, made, joined, places, valueOf, rows, from, until, conflict }: Insertion): string {
  const { table } = request;
  const shapeOf = (number: number, from: TableShape = table): ColumnShape | undefined =>
    from.columns.find((one) => one.number === number);
  const name = (number: number, from: TableShape = table): string => quoteIdentifier(shapeOf(number, from)?.name ?? '');
  const source = new Map<number, string>();
  for (const part of made.parts) {
    const place = places.get(part);
    if (place === undefined) continue;
    for (const number of part.columns) source.set(number, valueOf(part, number, place, rows));
  }
  for (const { column, other } of made.after) {
    const before = table.columns.find((one) => one.name === other);
    const sql = before === undefined ? undefined : source.get(before.number);
    const step = STEPS[request.types.get(column.type)?.name ?? ''];
    const own = source.get(column.number);
    if (sql === undefined || step === undefined || own === undefined) continue;
    const later = `(${sql}) + ${step}`;
    source.set(column.number, before?.notNull === true ? later : `coalesce(${later}, ${own})`);
  }
  const froms = [`generate_series(${from}::int8, ${Math.min(rows, until) - 1}::int8) AS lockkeeper (i)`];
  for (const [number, join] of made.joins.entries()) {
    const alias = `parent_${number}`;
    const keys = join.key.columns.map((own, place) => `k.k${place} AS k${own}`).join(', ');
    const parent = `(SELECT ${join.key.parentColumns.map((own, place) => `${name(own, join.parent)} AS k${place}`).join(', ')} FROM ${join.parent.name}) AS k`;
    if (join.shared.length === 0) {
      const part = joined.find(({ columns }) => columns === join.columns);
      const index = (part && places.get(part)?.index) ?? 'lockkeeper.i';
      froms.push(
        `JOIN (SELECT row_number() OVER () - 1 AS n, ${keys} FROM ${parent}) AS ${alias} ON ${alias}.n = (${index}) % ${join.cardinality}`,
      );
    } else {
      const distinct = join.shared.map((own) => `k.k${join.key.columns.indexOf(own)}`).join(', ');
      const on = join.shared.map((own) => `${alias}.k${own} = ${source.get(own) ?? 'NULL'}`).join(' AND ');
      froms.push(`JOIN (SELECT DISTINCT ON (${distinct}) ${keys} FROM ${parent}) AS ${alias} ON ${on}`);
    }
    for (const own of join.columns) source.set(own, `${alias}.k${own}`);
  }
  const columns = [...source.keys()];
  const target = columns.length === 0 ? '' : ` (${columns.map((number) => name(number)).join(', ')})`;
  const select = columns.map((number) => source.get(number) ?? 'NULL').join(', ');
  const overriding = columns.some((number) => shapeOf(number)?.identity === 'a') ? ' OVERRIDING SYSTEM VALUE' : '';
  const clause = !conflict || table.deferrableUnique ? '' : ' ON CONFLICT DO NOTHING';
  return `INSERT INTO ${table.name}${target}${overriding} SELECT ${select} FROM ${froms.join(' ')}${clause}`;
}

/** What makes a value greater, by type. */
const STEPS: Readonly<Record<string, string>> = {
  date: '1',
  timestamp: "interval '1 day'",
  timestamptz: "interval '1 day'",
  int2: '1',
  int4: '1',
  int8: '1',
  numeric: '1',
  float4: '1',
  float8: '1',
};
