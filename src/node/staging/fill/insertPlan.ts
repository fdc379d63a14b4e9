import type { Parser } from '../../../core/sql/parser.ts';
import { quoteIdentifier } from '../../../core/sql/quote.ts';
import { checkHints, type ColumnHints } from './checkHints.ts';
import { partitionHints } from './partitionHints.ts';
import type { ServerTypes } from './serverTypes.ts';
import type { ColumnShape, ForeignKeyShape, TableShape } from './tableShape.ts';
import { valueExpression, type ValueExpression } from './valueExpression.ts';

/** How one table gets its rows. */
export interface InsertPlan {
  /** The statement for so many rows. */
  readonly sql: (rows: number) => string;
  /** The most rows that its unique keys allow; null: any number. */
  readonly limit: number | null;
  readonly limitedBy: string | null;
}

export interface InsertRequest {
  readonly table: TableShape;
  readonly types: ServerTypes;
  readonly parser: Parser;
  /** A table that it refers to, and the rows that this holds by now. */
  readonly parent: (oid: number) => { readonly shape: TableShape; readonly rows: number } | undefined;
  /** Columns to be left NULL after all, since a CHECK on them could not be met. */
  readonly leaveNull: ReadonlySet<number>;
}

/** Functions whose result differs in every row: such a default also serves a unique column. */
const UNIQUE_DEFAULT = /nextval\(|gen_random_uuid\(|uuid_generate|uuidv[47]\(/;

/** @returns a plan, or the reason why there is none, in words */
export function insertPlan(request: InsertRequest): InsertPlan | { readonly reason: string } {
  const { table } = request;
  const references = foreignKeyJoins(request);
  if ('reason' in references) return references;
  const { joins, empty } = references;
  const assigned = new Set([...joins.flatMap((join) => join.columns), ...empty]);
  const hints = columnHints(request);
  const inUnique = new Set(table.uniques.flat());
  const values = new Map<number, ValueExpression>();
  for (const column of table.columns) {
    if (assigned.has(column.number) || column.generated || column.identity !== '') continue;
    if (request.leaveNull.has(column.number)) continue;
    if (column.default !== null && (!inUnique.has(column.number) || UNIQUE_DEFAULT.test(column.default))) {
      if (!inPartitionKey(table, column)) continue;
    }
    const value = valueExpression({
      type: column.type,
      modifier: column.modifier,
      name: column.name,
      hints: hints.get(column.name) ?? {},
      becomes: column.becomes ?? null,
      types: request.types,
    });
    if (value !== null) values.set(column.number, value);
    else if (column.notNull && column.default === null)
      return {
        reason: `Lockkeeper cannot make values of type ${request.types.get(column.type)?.sql ?? 'unknown'} for column ${column.name}`,
      };
  }
  return combine(table, values, joins);
}

interface Join {
  readonly key: ForeignKeyShape;
  /** Of the table, in the key's order; what an earlier join gives already is left out. */
  readonly columns: readonly number[];
  readonly parent: TableShape;
  /** The parent's rows. */
  readonly cardinality: number;
  /** Own columns of the key that an earlier join decides. */
  readonly shared: readonly number[];
}

function foreignKeyJoins(
  request: InsertRequest,
): { readonly joins: Join[]; readonly empty: ReadonlySet<number> } | { readonly reason: string } {
  const { table } = request;
  const joins: Join[] = [];
  const decided = new Set<number>();
  const empty = new Set<number>();
  for (const key of table.foreignKeys) {
    const columns = key.columns.filter((number) => !decided.has(number));
    if (columns.length === 0) continue;
    const parent = request.parent(key.parent);
    if (parent === undefined || parent.rows === 0 || key.parent === table.oid) {
      const nullable = columns.filter(
        (number) => table.columns.find((one) => one.number === number)?.notNull === false,
      );
      if (nullable.length === 0 && key.future === true) continue;
      if (nullable.length === 0) {
        return {
          reason:
            key.parent === table.oid
              ? `the NOT NULL foreign key ${key.name} refers to the table itself`
              : `${parent?.shape.name ?? 'the table'} that the NOT NULL foreign key ${key.name} refers to holds no rows`,
        };
      }
      // A key with a NULL in it is not checked (MATCH SIMPLE).
      for (const number of nullable) {
        decided.add(number);
        empty.add(number);
      }
      continue;
    }
    joins.push({
      key,
      columns,
      parent: parent.shape,
      cardinality: parent.rows,
      shared: key.columns.filter((number) => decided.has(number) && !empty.has(number)),
    });
    for (const number of columns) decided.add(number);
  }
  return { joins, empty };
}

function inPartitionKey(table: TableShape, column: ColumnShape): boolean {
  return table.partitions?.columns.includes(column.number) === true && table.partitions.strategy !== 'h';
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

/**
 * Puts the parts together so that unique keys hold: where every column of a unique key has few values (references,
 * enums), the row's number is written in mixed radix over them.
 */
function combine(table: TableShape, values: ReadonlyMap<number, ValueExpression>, joins: readonly Join[]): InsertPlan {
  const divisors = new Map<number | Join, number>();
  let limit: number | null = null;
  let limitedBy: string | null = null;
  for (const unique of table.uniques) {
    const parts = new Map<number | Join, number>();
    let unlimited = false;
    for (const number of unique) {
      const join = joins.find((one) => one.columns.includes(number));
      const cardinality = join ? join.cardinality : values.get(number)?.cardinality;
      // Not assigned at all: a default or an identity, or NULL, none of which collide.
      if (cardinality === null || cardinality === undefined) unlimited = true;
      else parts.set(join ?? number, cardinality);
    }
    if (unlimited || parts.size === 0) continue;
    let product = 1;
    for (const [part, cardinality] of parts) {
      if (!divisors.has(part)) divisors.set(part, product);
      product *= cardinality;
    }
    if (limit === null || product < limit) {
      limit = product;
      const names = unique.map((number) => table.columns.find((column) => column.number === number)?.name ?? '');
      limitedBy = `the unique key (${names.join(', ')}) allows only ${product} different rows here`;
    }
  }
  return { sql: (rows) => insertSql(table, values, joins, divisors, rows), limit, limitedBy };
}

function insertSql(
  table: TableShape,
  values: ReadonlyMap<number, ValueExpression>,
  joins: readonly Join[],
  divisors: ReadonlyMap<number | Join, number>,
  rows: number,
): string {
  const name = (number: number, from: TableShape = table): string =>
    quoteIdentifier(from.columns.find((column) => column.number === number)?.name ?? '');
  const rowNumber = (divisor: number | undefined): string =>
    divisor === undefined || divisor === 1 ? 'lockkeeper.i' : `(lockkeeper.i / ${divisor})`;
  const columns: string[] = [];
  const expressions: string[] = [];
  for (const [number, value] of values) {
    columns.push(name(number));
    expressions.push(value.sql(rowNumber(divisors.get(number))));
  }
  const froms = [`generate_series(0::int8, ${rows - 1}::int8) AS lockkeeper (i)`];
  const source = new Map<number, string>();
  for (const [index, join] of joins.entries()) {
    const alias = `parent_${index}`;
    for (const number of join.columns) {
      source.set(number, `${alias}.k${number}`);
      columns.push(name(number));
      expressions.push(`${alias}.k${number}`);
    }
    const keys = join.key.columns.map((number, place) => `k.k${place} AS k${number}`).join(', ');
    const parent = `(SELECT ${join.key.parentColumns.map((number, place) => `${name(number, join.parent)} AS k${place}`).join(', ')} FROM ${join.parent.name}) AS k`;
    if (join.shared.length === 0) {
      froms.push(
        `JOIN (SELECT row_number() OVER () - 1 AS n, ${keys} FROM ${parent}) AS ${alias} ON ${alias}.n = ${rowNumber(divisors.get(join))} % ${join.cardinality}`,
      );
    } else {
      const distinct = join.shared.map((number) => `k.k${join.key.columns.indexOf(number)}`).join(', ');
      const on = join.shared.map((number) => `${alias}.k${number} = ${source.get(number) ?? 'NULL'}`).join(' AND ');
      froms.push(`JOIN (SELECT DISTINCT ON (${distinct}) ${keys} FROM ${parent}) AS ${alias} ON ${on}`);
    }
  }
  const target = columns.length === 0 ? '' : ` (${columns.join(', ')})`;
  const select = columns.length === 0 ? '' : ` ${expressions.join(', ')}`;
  const conflict = table.deferrableUnique ? '' : ' ON CONFLICT DO NOTHING';
  return `INSERT INTO ${table.name}${target} SELECT${select} FROM ${froms.join(' ')}${conflict}`;
}
