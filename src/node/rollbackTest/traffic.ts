import type { Client } from 'pg';
import type { Parser } from '../../core/sql/parser.ts';
import { quoteIdentifier, quoteLiteral } from '../../core/sql/quote.ts';
import type { ServerTypes } from '../staging/fill/serverTypes.ts';
import type { ColumnShape, TableShape } from '../staging/fill/tableShape.ts';
import { valueExpression } from '../staging/fill/valueExpression.ts';
import { makeUpRows, type MadeUpRows } from './madeUpRows.ts';
import type { RowPlace } from './rowPrints.ts';
import { attempt } from './session.ts';

/** A value or row that only the new version can write. */
export interface TrafficItem {
  /** For people: `a number beyond integer in public.orders.total`. */
  readonly what: string;
  readonly table: number;
  /** Statements to try on the new rows; the first that the server takes counts. */
  readonly statements: (places: readonly RowPlace[]) => readonly RowUpdate[];
}

/** Changes one row and gives its new place. */
interface RowUpdate {
  readonly sql: string;
  readonly row: RowPlace;
}

/** Rows of the new version, ordinary ones first. */
export interface Traffic {
  readonly rows: MadeUpRows;
  readonly items: readonly TrafficItem[];
}

const ROWS = 4;

/** Writes ordinary rows into the touched and the new tables, and lists what else the new version may write. */
export async function writeTraffic(
  client: Client,
  {
    parser,
    tables,
    before,
  }: { readonly parser: Parser; readonly tables: readonly number[]; readonly before: MadeUpRows },
): Promise<Traffic> {
  const rows = await makeUpRows(client, { parser, tables, rows: ROWS, then: before });
  const items = [...rows.shapes.values()].flatMap((now) => {
    if (!rows.places.has(now.oid)) return [];
    const was = before.shapes.get(now.oid);
    return was === undefined ? [] : itemsOf(was, now, before.types, rows.types);
  });
  return { rows, items };
}

/** Writes one item; the place of a row that moved by it is replaced in `places`. False: the server did not take it. */
export async function writeItem(
  client: Client,
  item: TrafficItem,
  places: Map<number, readonly RowPlace[]>,
): Promise<boolean> {
  const present = places.get(item.table) ?? [];
  if (present.length === 0) return false;
  await attempt(client, () => client.query('SET LOCAL session_replication_role = replica'));
  try {
    for (const { sql, row } of item.statements(present)) {
      const moved = await attempt(client, () => client.query<{ table: string; place: string }>(sql));
      const found = moved?.rows[0];
      if (found === undefined) continue;
      const now = { table: Number(found.table), place: found.place };
      places.set(
        item.table,
        present.map((one) => (one === row ? now : one)),
      );
      return true;
    }
    return false;
  } finally {
    await attempt(client, () => client.query('SET LOCAL session_replication_role = origin'));
  }
}

function itemsOf(was: TableShape, now: TableShape, oldTypes: ServerTypes, newTypes: ServerTypes): TrafficItem[] {
  const items: TrafficItem[] = [];
  const add = (what: string, column: ColumnShape, values: readonly string[]): void => {
    if (values.length === 0) return;
    const index = items.length;
    items.push({ what, table: now.oid, statements: (places) => setStatements(now, column, values, places, index) });
  };
  for (const column of now.columns) {
    if (column.generated) continue;
    const place = `${now.name}.${quoteIdentifier(column.name)}`;
    const old = was.columns.find(({ number }) => number === column.number);
    const sql = newTypes.get(column.type)?.sql ?? '';
    if (old === undefined) {
      const value = valueExpression({ ...column, hints: {}, types: newTypes });
      if (column.default !== null && value !== null && column.identity === '')
        add(`a value of its own in ${place}`, column, [value.sql('7::int8'), value.sql('8::int8')]);
      continue;
    }
    if (old.type !== column.type || old.modifier !== column.modifier) {
      for (const { what, values } of beyond(old, column, oldTypes, newTypes))
        add(`${what} in ${place}`, column, values);
    }
    const labels = newTypes.get(column.type)?.labels ?? [];
    const known = oldTypes.get(old.type)?.labels ?? [];
    const fresh = old.type === column.type ? labels.filter((label) => !known.includes(label)) : [];
    for (const label of fresh.slice(0, 2))
      add(`the new value ${quoteLiteral(label)} in ${place}`, column, [`${quoteLiteral(label)}::${sql}`]);
    if (old.notNull && !column.notNull) add(`NULL in ${place}`, column, ['NULL']);
  }
  return [
    ...items,
    ...looserKeys(was, now),
    ...looserChecks(was, now, newTypes),
    ...looserReferences(was, now, newTypes),
  ];
}

const WHOLE: Readonly<Record<string, string>> = { int2: '40000', int4: '3000000000', int8: '9300000000000000000' };
const TEXTS = new Set(['text', 'varchar', 'bpchar', 'citext']);

/** Values that the column's new type holds and its old one does not. */
function beyond(
  old: ColumnShape,
  now: ColumnShape,
  oldTypes: ServerTypes,
  newTypes: ServerTypes,
): readonly { readonly what: string; readonly values: readonly string[] }[] {
  const [from, to] = [oldTypes.get(old.type), newTypes.get(now.type)];
  if (from === undefined || to === undefined) return [];
  const cast = (value: string): string => `(${value})::${to.sql}`;
  const large = WHOLE[from.name];
  if (large !== undefined && ['int4', 'int8', 'numeric', 'float8'].includes(to.name))
    return [{ what: `a number beyond ${typeWord(from.name)}`, values: [cast(large)] }];
  if (from.name === 'numeric' && old.modifier > 0 && (to.name !== 'numeric' || now.modifier !== old.modifier)) {
    const [precision, scale] = [((old.modifier - 4) >> 16) & 0xffff, (old.modifier - 4) & 0x7ff];
    return [
      {
        what: `a number beyond numeric(${precision},${scale})`,
        values: [cast(`1${'0'.repeat(Math.max(0, precision - scale))}`)],
      },
    ];
  }
  if (TEXTS.has(from.name) && TEXTS.has(to.name)) {
    const longest = old.modifier > 4 ? old.modifier - 4 : null;
    if (longest === null) return [];
    return [{ what: `a text of more than ${longest} characters`, values: [cast(`repeat('x', ${longest + 1})`)] }];
  }
  if (TEXTS.has(to.name)) return [{ what: `a text that is no ${typeWord(from.name)}`, values: [cast(`'lockkeeper'`)] }];
  if (from.name === 'date') return [{ what: 'a time of day', values: [cast(`timestamp '2026-01-02 03:04:05'`)] }];
  if (from.kind === 'e' && to.kind === 'e') {
    const fresh = to.labels.filter((label) => !from.labels.includes(label));
    return fresh
      .slice(0, 2)
      .map((label) => ({ what: `the new value ${quoteLiteral(label)}`, values: [cast(quoteLiteral(label))] }));
  }
  return [];
}

function typeWord(name: string): string {
  return { int2: 'smallint', int4: 'integer', int8: 'bigint' }[name] ?? name;
}

/** A unique key that is gone: two rows alike. */
function looserKeys(was: TableShape, now: TableShape): TrafficItem[] {
  const key = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join();
  const left = new Set(now.uniques.map(key));
  return was.uniques
    .filter((numbers) => !left.has(key(numbers)))
    .flatMap((numbers): TrafficItem[] => {
      const columns = numbers.flatMap(
        (number) => now.columns.find((one) => one.number === number && !one.generated) ?? [],
      );
      if (columns.length !== numbers.length) return [];
      const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
      return [
        {
          what: `two rows of ${now.name} with the same (${names})`,
          table: now.oid,
          statements: ([one, other]) => {
            if (one === undefined || other === undefined) return [];
            const values = `SELECT ${names} FROM ${now.name} s WHERE ${at('s', one)}`;
            return [
              {
                row: other,
                sql: `UPDATE ${now.name} t SET (${names}) = (${values}) WHERE ${at('t', other)} ${RETURNING}`,
              },
            ];
          },
        },
      ];
    });
}

/** A CHECK that is gone: a value that it refused. */
function looserChecks(was: TableShape, now: TableShape, types: ServerTypes): TrafficItem[] {
  const left = new Set(now.checks.map(({ name, expression }) => `${name} ${expression}`));
  return was.checks
    .filter(({ name, expression }) => !left.has(`${name} ${expression}`))
    .flatMap((check): TrafficItem[] => {
      const [number, ...more] = check.columns;
      const column = now.columns.find((one) => one.number === number && !one.generated);
      const old = was.columns.find((one) => one.number === number);
      if (column === undefined || more.length > 0 || column.name !== old?.name) return [];
      const type = types.get(column.type);
      const candidates = type === undefined ? [] : candidateValues(type.name).map((value) => `(${value})::${type.sql}`);
      return [
        {
          what: `a value in ${now.name}.${quoteIdentifier(column.name)} that ${quoteIdentifier(check.name)} refused`,
          table: now.oid,
          statements: (places) =>
            candidates.flatMap((value) => {
              // Only a value that it really refuses.
              const refused = `AND NOT (SELECT ${check.expression} FROM (SELECT ${value} AS ${quoteIdentifier(column.name)}) v)`;
              return setStatements(now, column, [value], places, 0, refused);
            }),
        },
      ];
    });
}

function candidateValues(type: string): readonly string[] {
  if (TEXTS.has(type)) return [`'lockkeeper'`, `''`, `repeat('x', 300)`, `'x'`];
  if (['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'].includes(type)) return ['-1', '0', '32000', '1'];
  if (type === 'bool') return ['true', 'false'];
  return [];
}

/** A foreign key that is gone: a reference to nothing. */
function looserReferences(was: TableShape, now: TableShape, types: ServerTypes): TrafficItem[] {
  const left = new Set(now.foreignKeys.map(({ columns, parent }) => `${columns.join()} ${parent}`));
  return was.foreignKeys
    .filter(({ columns, parent }) => !left.has(`${columns.join()} ${parent}`))
    .flatMap((key): TrafficItem[] => {
      const [number, ...more] = key.columns;
      const column = now.columns.find((one) => one.number === number && !one.generated);
      if (column === undefined || more.length > 0) return [];
      const value = valueExpression({ ...column, hints: {}, types });
      if (value === null) return [];
      const where = `${now.name}.${quoteIdentifier(column.name)}`;
      return [
        {
          what: `a reference to nothing in ${where}`,
          table: now.oid,
          statements: (places) => setStatements(now, column, [value.sql('30123::int8')], places, 0),
        },
      ];
    });
}

const RETURNING = 'RETURNING t.tableoid::int8 AS "table", t.ctid::text AS place';

/** Each item takes another of the new rows as far as there are enough, so that one does not hide the other. */
function setStatements(
  table: TableShape,
  column: ColumnShape,
  values: readonly string[],
  places: readonly RowPlace[],
  index: number,
  condition = '',
): readonly RowUpdate[] {
  const row = places[index % Math.max(1, places.length)];
  if (row === undefined) return [];
  return values.map((value) => ({
    row,
    sql: `UPDATE ${table.name} t SET ${quoteIdentifier(column.name)} = ${value} WHERE ${at('t', row)} ${condition} ${RETURNING}`,
  }));
}

function at(alias: string, { table, place }: RowPlace): string {
  return `${alias}.tableoid = ${table} AND ${alias}.ctid = '${place}'::tid`;
}
