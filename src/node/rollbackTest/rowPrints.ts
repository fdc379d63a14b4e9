import type { Client } from 'pg';
import { qualifiedName, quoteIdentifier } from '../../core/sql/quote.ts';
import { attempt } from './session.ts';

/** One table's rows as hashes of their values, computed by the server: no value leaves it. */
export interface RowPrints {
  readonly oid: number;
  /** `schema.name`, quoted where it has to be. */
  readonly name: string;
  readonly columns: readonly PrintedColumn[];
  /** For each row one hash a column, in the order of `columns`; null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface PrintedColumn {
  /** pg_attribute.attnum */
  readonly number: number;
  readonly name: string;
  readonly type: string;
}

/** Larger tables (rows that the history itself wrote) are not compared row by row. */
const MOST_ROWS = 2_000;

/**
 * Prints tables inside a transaction. A table that is gone, can't be read or is too large is left out.
 *
 * @param places rows by `ctid` text, by OID of their root table; without it all rows
 */
export async function rowPrints(
  client: Client,
  oids: readonly number[],
  places?: ReadonlyMap<number, readonly RowPlace[]>,
): Promise<ReadonlyMap<number, RowPrints>> {
  const prints = new Map<number, RowPrints>();
  if (oids.length === 0) return prints;
  const { rows: tables } = await client.query<{
    oid: string;
    schema: string;
    name: string;
    columns: { number: number; name: string; type: string }[];
  }>(COLUMNS, [oids]);
  for (const { oid: text, schema, name: bare, columns } of tables) {
    const oid = Number(text);
    const name = qualifiedName(schema, bare);
    const cells = columns.map(
      (column) => `pg_catalog.hashtextextended(t.${quoteIdentifier(column.name)}::text, 0)::text`,
    );
    const where = places ? ` WHERE ${placesCondition(places.get(oid) ?? [])}` : '';
    const found = await attempt(client, () =>
      client.query<{ cells: (string | null)[] }>(
        `SELECT ARRAY[${cells.join(', ')}]::text[] AS cells FROM (SELECT * FROM ${name} t${where} LIMIT ${MOST_ROWS + 1}) t`,
      ),
    );
    if (found === null || found.rows.length > MOST_ROWS) continue;
    prints.set(oid, { oid, name, columns, rows: found.rows.map((row) => row.cells) });
  }
  return prints;
}

/** Where a row lies: which partition, and where in it. */
export interface RowPlace {
  readonly table: number;
  /** `(0,1)` */
  readonly place: string;
}

function placesCondition(places: readonly RowPlace[]): string {
  if (places.length === 0) return 'false';
  return places.map(({ table, place }) => `(t.tableoid = ${table} AND t.ctid = '${place}'::tid)`).join(' OR ');
}

const COLUMNS = `
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name,
         coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', a.attnum, 'name', a.attname,
             'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($1::int8[]) AND c.relkind IN ('r', 'p')`;

/** What became of rows. Each a sentence's part for people: `rows of public.orders`, `values of public.orders.note`. */
export interface RowFate {
  readonly kept: boolean;
  readonly lost: readonly string[];
}

/**
 * What became of rows that were there (or were written) at one moment, looking at the columns that they had then.
 *
 * @param then the rows at that moment
 * @param now all rows after the way back, of tables with the same OID, else of the same name
 */
export function fateOf(then: ReadonlyMap<number, RowPrints>, now: ReadonlyMap<number, RowPrints>): RowFate {
  const byName = new Map([...now.values()].map((prints) => [prints.name, prints]));
  const lost: string[] = [];
  for (const [oid, before] of then) {
    if (before.rows.length === 0) continue;
    const after = now.get(oid) ?? byName.get(before.name);
    if (after === undefined) lost.push(`rows of ${before.name}`);
    else lost.push(...lostOf(before, after));
  }
  return { kept: lost.length === 0, lost };
}

function lostOf(before: RowPrints, after: RowPrints): readonly string[] {
  if (before.columns.length === 0) return [];
  const sameTable = before.oid === after.oid;
  const places = before.columns.map((column) => {
    const same = sameTable ? after.columns.findIndex(({ number }) => number === column.number) : -1;
    // A column that was dropped and comes back has another number.
    return same === -1 ? after.columns.findIndex(({ name }) => name === column.name) : same;
  });
  const missing = before.columns.filter((_, index) => places[index] === -1);
  // Compared on the columns that are still there; each missing one is said by itself.
  const shared = places.flatMap((place, index) => (place === -1 ? [] : [{ index, place }]));
  const left = counted(after.rows.map((row) => key(shared.map(({ place }) => row[place] ?? null))));
  const gone = before.rows.filter((row) => !take(left, key(shared.map(({ index }) => row[index] ?? null))));
  const lost = missing
    .filter((column) => before.rows.some((row) => row[before.columns.indexOf(column)] !== null))
    .map(({ name }) => `values of ${before.name}.${quoteIdentifier(name)}`);
  if (gone.length === 0) return lost;
  if (after.rows.length < before.rows.length) return [...lost, `rows of ${before.name}`];
  const changed = shared.filter(({ index, place }) => {
    const values = counted(after.rows.map((row) => key([row[place] ?? null])));
    return !before.rows.every((row) => take(values, key([row[index] ?? null])));
  });
  const names = changed.map(({ index }) => before.columns[index]?.name ?? '');
  return names.length === 0
    ? [...lost, `rows of ${before.name}`]
    : [...lost, ...names.map((name) => `values of ${before.name}.${quoteIdentifier(name)}`)];
}

function key(cells: readonly (string | null)[]): string {
  return cells.map((cell) => cell ?? '-').join(' ');
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of keys) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

function take(counts: Map<string, number>, one: string): boolean {
  const count = counts.get(one) ?? 0;
  if (count === 0) return false;
  counts.set(one, count - 1);
  return true;
}
