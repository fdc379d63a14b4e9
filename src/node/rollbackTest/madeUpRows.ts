import type { Client } from 'pg';
import pg from 'pg';
import type { Catalog } from '../../core/catalog/catalog.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { withFuture } from '../staging/fill/futureConstraints.ts';
import { insertPlan } from '../staging/fill/insertPlan.ts';
import { serverTypes, type ServerType, type ServerTypes } from '../staging/fill/serverTypes.ts';
import { tableShapes, type TableShape } from '../staging/fill/tableShape.ts';
import type { RowPlace } from './rowPrints.ts';
import { attempt } from './session.ts';

export interface MadeUpRows {
  /** As they are, without what is to come. By OID. */
  readonly shapes: ReadonlyMap<number, TableShape>;
  readonly types: ServerTypes;
  /** Where the new rows lie, by OID of the table named. */
  readonly places: ReadonlyMap<number, readonly RowPlace[]>;
}

export interface RowsWanted {
  readonly parser: Parser;
  /** Tables, by OID. */
  readonly tables: readonly number[];
  readonly rows: number;
  /** Rows keep to what the migration itself will demand of them. */
  readonly catalogs?: { readonly before: Catalog; readonly after: Catalog };
  /** How the tables were before: rows keep to what was demanded of them then too. */
  readonly then?: Pick<MadeUpRows, 'shapes' | 'types'>;
}

/**
 * Puts a few made-up rows into tables, and into those that they must refer to, inside the client's transaction. They
 * respect the constraints; where no row can be made, none is. Triggers and foreign keys are not fired: the keys are taken
 * from rows that are there, and events of deferred constraints would hold up the ALTER TABLE that follows.
 */
export async function makeUpRows(client: Client, wanted: RowsWanted): Promise<MadeUpRows> {
  const { catalogs, then } = wanted;
  const parents = [...(then?.shapes.keys() ?? [])];
  const shapes = await tableShapes(client, [...new Set([...wanted.tables, ...parents])]);
  const found = await serverTypes(
    client,
    [...shapes.values(), ...(then?.shapes.values() ?? [])].flatMap(({ columns }) => columns.map(({ type }) => type)),
  );
  const future = catalogs
    ? withFuture(shapes, catalogs.before, catalogs.after)
    : withPast(shapes, then?.shapes ?? new Map(), found);
  const needed = required(future, wanted.tables);
  // A value that an enum got only now is written apart from the ordinary rows.
  const types = new Map([...found].map(([oid, type]) => [oid, ordinaryType(type, then?.types.get(oid))]));
  const places = new Map<number, readonly RowPlace[]>();
  const counts = new Map<number, number>();
  const quiet = await attempt(client, () => client.query('SET LOCAL session_replication_role = replica'));
  for (const table of needed) {
    const touched = wanted.tables.includes(table.oid);
    const present = await countOf(client, table);
    counts.set(table.oid, present);
    if (!touched && present > 0) continue;
    const made = await insertInto(client, table, {
      ...wanted,
      rows: touched ? wanted.rows : 3,
      present,
      types,
      counts,
      shapes: future,
    });
    if (made === null) continue;
    if (touched) places.set(table.oid, made);
    counts.set(table.oid, present + made.length);
  }
  if (quiet !== null) await client.query('SET LOCAL session_replication_role = origin');
  return { shapes, types: found, places };
}

function ordinaryType(now: ServerType, then: ServerType | undefined): ServerType {
  return now.kind === 'e' && then?.kind === 'e' && then.labels.length > 0 ? { ...now, labels: then.labels } : now;
}

const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']);
const TEXTS = new Set(['text', 'varchar', 'bpchar']);

/** Tables with what they demand now and what they demanded before, as far as the columns are still there. */
function withPast(
  shapes: ReadonlyMap<number, TableShape>,
  then: ReadonlyMap<number, TableShape>,
  types: ServerTypes,
): ReadonlyMap<number, TableShape> {
  return new Map(
    [...shapes].map(([oid, now]) => {
      const was = then.get(oid);
      return [oid, was === undefined ? now : stricter(now, was, types)];
    }),
  );
}

function stricter(now: TableShape, was: TableShape, types: ServerTypes): TableShape {
  const there = (numbers: readonly number[]): boolean =>
    numbers.every((number) => now.columns.some((column) => column.number === number));
  const renamed = was.columns.some(({ number, name }) =>
    now.columns.some((column) => column.number === number && column.name !== name),
  );
  return {
    ...now,
    columns: now.columns.map((column) => {
      const old = was.columns.find(({ number }) => number === column.number);
      if (old === undefined) return column;
      const [from, to] = [types.get(old.type)?.name ?? '', types.get(column.type)?.name ?? ''];
      // A value of the narrower type fits both.
      const fits = TEXTS.has(to) || (NUMBERS.has(from) && NUMBERS.has(to));
      const narrow = fits ? { type: old.type, modifier: old.modifier } : {};
      return { ...column, notNull: column.notNull || old.notNull, ...narrow };
    }),
    // By name, so not where one was renamed.
    checks: [...now.checks, ...(renamed ? [] : was.checks.filter(({ columns }) => there(columns)))],
    foreignKeys: [...was.foreignKeys.filter(({ columns }) => there(columns)), ...now.foreignKeys],
    uniques: [...now.uniques, ...was.uniques.filter(there)],
  };
}

/** The tables wanted and those that their rows can't do without, parents first. */
function required(shapes: ReadonlyMap<number, TableShape>, wanted: readonly number[]): TableShape[] {
  const order: TableShape[] = [];
  const seen = new Set<number>();
  const visit = (oid: number): void => {
    const shape = shapes.get(oid);
    if (shape === undefined || seen.has(oid)) return;
    seen.add(oid);
    for (const { columns, parent } of shape.foreignKeys) {
      const must = columns.every((number) => shape.columns.find((one) => one.number === number)?.notNull === true);
      if (must || wanted.includes(parent)) visit(parent);
    }
    order.push(shape);
  };
  for (const oid of wanted) visit(oid);
  return order;
}

async function countOf(client: Client, { name }: TableShape): Promise<number> {
  const found = await attempt(client, () =>
    client.query<{ count: string }>(`SELECT count(*) FROM (SELECT FROM ${name} LIMIT 1000) t`),
  );
  return Number(found?.rows[0]?.count ?? 0);
}

interface InsertContext extends RowsWanted {
  readonly present: number;
  readonly types: ServerTypes;
  readonly counts: ReadonlyMap<number, number>;
  readonly shapes: ReadonlyMap<number, TableShape>;
}

/** Where the new rows lie; null: none could be made. */
async function insertInto(
  client: Client,
  table: TableShape,
  context: InsertContext,
): Promise<readonly RowPlace[] | null> {
  const { parser, types, counts, shapes, rows, present } = context;
  const leaveNull = new Set<number>();
  for (let tries = 0; tries < 4; tries++) {
    const plan = insertPlan({
      table,
      types,
      parser,
      leaveNull,
      parent: (oid) => {
        const shape = shapes.get(oid);
        return shape && { shape, rows: counts.get(oid) ?? 0 };
      },
    });
    if ('reason' in plan) return null;
    const refused: pg.DatabaseError[] = [];
    const made = await attempt(client, async () => {
      try {
        // Values are made from the row's number: those of the rows that are there are not made again.
        const sql = plan.sql(rows + present, { from: present });
        const found = await client.query<{ table: string; place: string }>(
          `${sql} RETURNING tableoid::int8 AS "table", ctid::text AS place`,
        );
        return found.rows.map((row) => ({ table: Number(row.table), place: row.place }));
      } catch (error) {
        if (error instanceof pg.DatabaseError) refused.push(error);
        throw error;
      }
    });
    if (made !== null) return made;
    // A CHECK whose expression is NULL passes: leave out what may be left out.
    const check = table.checks.find((one) => one.name === refused[0]?.constraint);
    const nullable = table.columns.filter(
      ({ number, notNull }) => check?.columns.includes(number) === true && !notNull && !leaveNull.has(number),
    );
    if (nullable.length === 0) return null;
    for (const { number } of nullable) leaveNull.add(number);
  }
  return null;
}
