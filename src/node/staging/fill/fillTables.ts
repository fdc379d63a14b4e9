import type { Client } from 'pg';
import pg from 'pg';
import type { FilledTable } from '../../../core/report/stagingRun.ts';
import type { Parser } from '../../../core/sql/parser.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/sql/quote.ts';
import type { Statistics } from '../../../core/statistics/statistics.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { RunError } from '../../runError.ts';
import { inBulk } from './bulk.ts';
import { withFuture } from './futureConstraints.ts';
import { insertPlan, type InsertPlan } from './insertPlan.ts';
import { serverTypes, type ServerTypes } from './serverTypes.ts';
import { tableShapes, type TableShape } from './tableShape.ts';

export interface FillOptions {
  readonly parser: Parser;
  /** OIDs of the tables that the migration touches. */
  readonly touched: readonly number[];
  /** Rows wanted in a touched table, by its quoted name; tables that are only referred to get a tenth, or their share of production's. */
  readonly rows: (table: string) => number;
  readonly onTable?: (table: string) => void;
  /** Catalogs as replayed, now and after the migrations that will be profiled: rows keep to what those will demand. */
  readonly catalogs?: { readonly before: Catalog; readonly after: Catalog };
  /** What earlier calls filled in this database, by OID; this call adds to it. */
  readonly filled?: Map<number, FilledTable>;
  /** Production's: the shape of its columns, and the rows of tables that are only referred to. */
  readonly statistics?: Statistics | null;
  /** Of production's rows, for tables that are only referred to; default 1. */
  readonly share?: number;
}

/**
 * Puts made-up rows into the touched tables and all that they refer to, parents first, and analyses them. Best effort:
 * a table that could not be filled says why. Errors of the connection are thrown; errors of statements end up in `shortfall`.
 */
export async function fillTables(client: Client, options: FillOptions): Promise<FilledTable[]> {
  const { catalogs, filled: known = new Map<number, FilledTable>() } = options;
  const found = await tableShapes(client, options.touched);
  const shapes = catalogs ? withFuture(found, catalogs.before, catalogs.after) : found;
  const types = await serverTypes(
    client,
    [...shapes.values()].flatMap((shape) => shape.columns.map(({ type }) => type)),
  );
  const roots = new Set(await rootsOf(client, options.touched));
  const wanted = wantedRows(shapes, roots, options);
  const plans = new Map<number, InsertPlan>();
  const statistics = options.statistics ?? null;
  const counts = new Map<number, number>();
  const filled: FilledTable[] = [];
  for (const shape of inOrder(shapes)) {
    const role = roots.has(shape.oid) ? 'touched' : 'referenced';
    const earlier = known.get(shape.oid);
    if (earlier !== undefined && (earlier.role === 'touched' || role === 'referenced')) {
      // Its name may be another by now, its rows may be more or fewer.
      const rows = await countRows(client, shape);
      counts.set(shape.oid, rows);
      filled.push({ ...earlier, table: shape.name, role, rows, bytes: await bytesOf(client, shape) });
      continue;
    }
    options.onTable?.(shape.name);
    const goal = wanted.get(shape.oid) ?? 0;
    const { rows, shortfall, leftNull } = await fillTable(client, shape, goal, {
      shapes,
      types,
      counts,
      plans,
      parser: options.parser,
      statistics,
    });
    counts.set(shape.oid, rows);
    if (rows > 0) await client.query(`ANALYZE ${shape.name}`);
    const table: FilledTable = {
      table: shape.name,
      role,
      rows,
      wanted: goal,
      bytes: await bytesOf(client, shape),
      shortfall,
      ...(leftNull === null ? {} : { leftNull }),
    };
    known.set(shape.oid, table);
    filled.push(table);
  }
  return filled;
}

async function rootsOf(client: Client, oids: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ root: string }>(
    'SELECT coalesce(pg_catalog.pg_partition_root(t.oid::oid), t.oid::oid)::int8 AS root FROM pg_catalog.unnest($1::int8[]) AS t (oid)',
    [oids],
  );
  return rows.map(({ root }) => Number(root));
}

/** A referred-to table needs a tenth, or its share of production's rows, but all of the child's rows where the reference itself is unique. */
function wantedRows(
  shapes: ReadonlyMap<number, TableShape>,
  roots: ReadonlySet<number>,
  { rows, statistics, share = 1 }: Pick<FillOptions, 'rows' | 'statistics' | 'share'>,
): Map<number, number> {
  const wanted = new Map<number, number>();
  for (const root of roots) {
    const shape = shapes.get(root);
    if (shape) wanted.set(root, rows(shape.name));
  }
  // Children before parents, so that demands add up along the way.
  for (const shape of inOrder(shapes).reverse()) {
    for (const key of shape.foreignKeys) {
      const parent = shapes.get(key.parent);
      if (key.parent === shape.oid || parent === undefined) continue;
      const own = wanted.get(shape.oid) ?? 0;
      const unique = shape.uniques.some((columns) => columns.every((number) => key.columns.includes(number)));
      const known = roots.has(key.parent) ? null : (statistics?.relations.get(parent.name)?.rows ?? null);
      const demand = unique ? own : known === null ? Math.ceil(own / 10) : Math.min(own, Math.ceil(known * share));
      wanted.set(key.parent, Math.max(wanted.get(key.parent) ?? 0, demand));
    }
  }
  return wanted;
}

/** Parents first. In a circle of foreign keys somebody must begin: there a reference that may be NULL is left so. */
function inOrder(shapes: ReadonlyMap<number, TableShape>): TableShape[] {
  const order: TableShape[] = [];
  const seen = new Set<number>();
  const visit = (shape: TableShape): void => {
    if (seen.has(shape.oid)) return;
    seen.add(shape.oid);
    const required = requiredParents(shape);
    const optional = shape.foreignKeys.map(({ parent }) => parent).filter((oid) => !needs(shapes, oid, shape.oid));
    for (const parent of [...required, ...optional]) {
      const found = shapes.get(parent);
      if (found) visit(found);
    }
    order.push(shape);
  };
  for (const shape of shapes.values()) visit(shape);
  return order;
}

/** Tables whose rows must be there first: references that can't be NULL. */
function requiredParents(shape: TableShape): number[] {
  const notNull = (number: number): boolean => shape.columns.find((one) => one.number === number)?.notNull === true;
  return shape.foreignKeys.filter(({ columns }) => columns.every(notNull)).map(({ parent }) => parent);
}

/** Must `target` be filled before `from`, directly or not? */
function needs(
  shapes: ReadonlyMap<number, TableShape>,
  from: number,
  target: number,
  seen = new Set<number>(),
): boolean {
  if (from === target) return true;
  const shape = shapes.get(from);
  if (shape === undefined || seen.has(from)) return false;
  seen.add(from);
  return requiredParents(shape).some((parent) => needs(shapes, parent, target, seen));
}

interface FillContext {
  readonly shapes: ReadonlyMap<number, TableShape>;
  readonly types: ServerTypes;
  readonly counts: ReadonlyMap<number, number>;
  /** Of tables whose rows are all ours. */
  readonly plans: Map<number, InsertPlan>;
  readonly parser: Parser;
  readonly statistics: Statistics | null;
}

interface Filled {
  readonly rows: number;
  readonly shortfall: string | null;
  readonly leftNull: string | null;
}

async function fillTable(client: Client, table: TableShape, goal: number, context: FillContext): Promise<Filled> {
  const present = await countRows(client, table);
  if (present >= goal) return { rows: present, shortfall: null, leftNull: null };
  const triggers = await switchTriggersOff(client, table);
  try {
    const { plan, made, reason, leftNull } = await insertRows(client, table, {
      wanted: goal - present,
      present,
      context,
    });
    const rows = made ?? (await countRows(client, table));
    if (plan !== null && present === 0 && !plan.mayConflict && rows > 0) context.plans.set(table.oid, plan);
    return { rows, shortfall: rows >= goal ? null : reason, leftNull };
  } finally {
    // After a lost connection there is nothing to restore; the first error is the one to show.
    for (const restore of triggers) await client.query(restore).catch(() => undefined);
  }
}

interface Inserted {
  readonly plan: InsertPlan | null;
  /** Rows that the table holds now; null: to be counted. */
  readonly made: number | null;
  /** Why there may be fewer than wanted. */
  readonly reason: string;
  readonly leftNull: string | null;
}

async function insertRows(
  client: Client,
  table: TableShape,
  { wanted, present, context }: { readonly wanted: number; readonly present: number; readonly context: FillContext },
): Promise<Inserted> {
  const leaveNull = new Set<number>();
  const met = new Set<string>();
  const noDefault = new Set<string>();
  let fresh = present === 0;
  for (;;) {
    const plan = insertPlan({
      table,
      types: context.types,
      parser: context.parser,
      leaveNull,
      noDefault,
      statistics: context.statistics?.relations.get(table.name),
      partitionRows: partitionRows(table, context.statistics),
      fresh,
      parent: (oid) => {
        const shape = context.shapes.get(oid);
        const own = context.plans.get(oid);
        return shape && { shape, rows: context.counts.get(oid) ?? 0, ...(own === undefined ? {} : { plan: own }) };
      },
    });
    if ('reason' in plan) return { plan: null, made: null, reason: plan.reason, leftNull: null };
    // Rows that are there may have been counted from 1 as well: ours go on behind them.
    const total = Math.min(wanted + present, (plan.limit ?? wanted) + present);
    try {
      // A few of them first, so that a refusal costs nothing; with values as all of them will have.
      await trial(client, plan.sql(total, { from: present, until: present + 20 }));
      if (plan.mayConflict) await client.query(plan.sql(total, { from: present }));
      else await inBulk(client, table, total, () => client.query(plan.sql(total)));
      await moveSequences(client, table, plan, total);
      return {
        plan,
        made: plan.mayConflict ? null : total,
        leftNull: leftNullWords(table, leaveNull, met),
        reason:
          plan.limit !== null && plan.limit < wanted
            ? (plan.limitedBy ?? '')
            : 'some made-up rows met unique keys of rows that were there before',
      };
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      if (error.code?.startsWith('57') === true) throw error;
      if (/^(53|58|XX)/.test(error.code ?? '')) throw noRoom(error, table);
      if (fresh && (error.code === '23505' || error.code === '23P01')) {
        // A key over expressions, or one that excludes overlaps: rows that meet it are left out instead.
        fresh = false;
        continue;
      }
      if (error.code === '23502' && error.column !== undefined && !noDefault.has(error.column)) {
        noDefault.add(error.column);
        continue;
      }
      const check = table.checks.find((one) => one.name === error.constraint);
      if (error.code !== '23514' || check === undefined || met.has(check.name))
        return { plan: null, made: null, reason: refusal(error), leftNull: null };
      // A CHECK whose expression is NULL passes: leave out what may be left out, once for each constraint.
      met.add(check.name);
      const nullable = table.columns.filter((column) => check.columns.includes(column.number) && !column.notNull);
      if (nullable.length === 0) return { plan: null, made: null, reason: refusal(error), leftNull: null };
      for (const column of nullable) leaveNull.add(column.number);
    }
  }
}

/** @param met the CHECKs that were not met */
function leftNullWords(table: TableShape, columns: ReadonlySet<number>, met: ReadonlySet<string>): string | null {
  if (columns.size === 0) return null;
  const names = table.columns.filter(({ number }) => columns.has(number)).map(({ name }) => quoteIdentifier(name));
  return `${names.join(', ')} NULL in all rows: made-up ones do not meet the CHECK ${[...met].join(', ')}`;
}

/** Rows of the partitions in production, in the order of the bounds; null: not known. */
function partitionRows(table: TableShape, statistics: Statistics | null): readonly number[] | null {
  const names = table.partitions?.names;
  if (names === undefined || statistics === null) return null;
  const rows = names.map((name) => statistics.relations.get(name)?.rows ?? null);
  return rows.every((one) => one !== null) && rows.some((one) => one > 0) ? rows : null;
}

/** Behind the values that we gave; a sequence that can't go so far is left as it is. */
async function moveSequences(client: Client, table: TableShape, plan: InsertPlan, rows: number): Promise<void> {
  for (const { column, sequence, last } of plan.sequences) {
    const which = sequence ?? `pg_catalog.pg_get_serial_sequence(${quoteLiteral(table.name)}, ${quoteLiteral(column)})`;
    await client.query(`SELECT pg_catalog.setval(${which}, ${last(rows)})`).catch((error: unknown) => {
      if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57') === true) throw error;
    });
  }
}

/** A few rows first, so that a refusal costs nothing. */
async function trial(client: Client, sql: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** Not the rows' fault: what would be measured without them says nothing. Classes 53, 58, XX: resources, system, internal. */
function noRoom(error: pg.DatabaseError, table: TableShape): RunError {
  const advice = error.code === '53100' ? ' Free some space there, or measure with fewer rows.' : '';
  return new RunError(
    'not possible',
    `The server could not hold the rows for ${table.name}: ${error.message}.${advice}`,
    {
      sqlState: error.code ?? null,
      phase: 'filling tables',
      cause: error,
    },
  );
}

/** The server's words without its DETAIL, which quotes the row. */
function refusal(error: pg.DatabaseError): string {
  return `the server refused made-up rows: ${error.message}`;
}

/** A bare count: the rows that the history itself inserted are few, ours are known to be countable in a moment. */
async function countRows(client: Client, table: TableShape): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table.name}`);
  return Number(rows[0]?.count ?? 0);
}

async function bytesOf(client: Client, table: TableShape): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_catalog.pg_total_relation_size(t.relid)), pg_catalog.pg_total_relation_size($1::oid)) AS bytes
       FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS t`,
    [table.oid],
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** The user's own triggers would slow the filling down and may do anything; foreign keys stay. Returns the statements that restore them. */
async function switchTriggersOff(client: Client, table: TableShape): Promise<string[]> {
  const { rows } = await client.query<{ name: string; enabled: string }>(
    `SELECT tgname AS name, tgenabled::text AS enabled FROM pg_catalog.pg_trigger
      WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D'`,
    [table.oid],
  );
  const verb: Readonly<Record<string, string>> = { O: 'ENABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA' };
  for (const { name } of rows) await client.query(`ALTER TABLE ${table.name} DISABLE TRIGGER ${quoteIdentifier(name)}`);
  return rows.map(
    ({ name, enabled }) => `ALTER TABLE ${table.name} ${verb[enabled] ?? 'ENABLE'} TRIGGER ${quoteIdentifier(name)}`,
  );
}
