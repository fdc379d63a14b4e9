import type { Client } from 'pg';
import type { MigrationAnalysis, StatementAnalysis } from '../../core/analyze.ts';
import { ARCHIVE_SCHEMA } from '../../core/rollback/archive.ts';
import type { RollbackTest } from '../../core/report/rollbackTest.ts';
import type { Parser } from '../../core/sql/parser.ts';
import type { Statement } from '../../core/sql/statement.ts';
import type { TransactionMode } from '../../core/tools/tool.ts';
import { executionPlan, isTransactionControl, statementSql } from '../apply/executionPlan.ts';
import { makeUpRows, type MadeUpRows } from './madeUpRows.ts';
import { fateOf, rowPrints, type RowFate, type RowPlace, type RowPrints } from './rowPrints.ts';
import { COLUMN_ORDER, compareSnapshots, schemaSnapshot, type SchemaSnapshot } from './schemaSnapshot.ts';
import { failureOf, freshSession, type TestSession } from './session.ts';
import { writeItem, writeTraffic } from './traffic.ts';

/** The down script under test. */
export interface DownScript {
  readonly text: string;
  /** Of `text`, in order. */
  readonly statements: readonly Statement[];
  readonly mode: TransactionMode;
  readonly source: RollbackTest['source'];
  readonly claim: RollbackTest['claim'];
}

/** Up, traffic, down, up again, once, from the database as it is before the migration. */
export interface CycleRequest {
  readonly session: TestSession;
  readonly migration: MigrationAnalysis;
  readonly down: DownScript;
  readonly parser: Parser;
  readonly before: SchemaSnapshot;
  /** Tables that the migration touches and that are there before it, as they are named then. */
  readonly tables: readonly string[];
  readonly rows: number;
  /** All in the client's transaction, which the caller rolls back; else as the tool runs it, in a database that nobody needs afterwards. */
  readonly inTransaction: boolean;
  readonly seed: boolean;
  /** `all`: ordinary rows and everything that only the new version can write; numbers: ordinary rows and these of it. */
  readonly traffic: 'none' | 'all' | readonly number[];
  /** Only whether it runs is wanted. */
  readonly quick?: boolean;
  readonly onPhase: (phase: 'up' | 'down' | 'up again') => void;
}

export interface CycleOutcome {
  readonly failure: RollbackTest['failure'];
  /** After up. Null: up failed, or the cycle was quick. */
  readonly up: SchemaSnapshot | null;
  /** Null: down failed. */
  readonly differences: RollbackTest['differences'] | null;
  readonly again: RollbackTest['again'];
  /** Rows from before; null: there were none to compare. */
  readonly old: RowFate | null;
  /** Rows and values written between up and down; null: none were. */
  readonly fresh: RowFate | null;
  /** What of the traffic's items was written: index and words. */
  readonly written: readonly { readonly index: number; readonly what: string }[];
}

/** Runs one cycle. A script that fails is an outcome; what ends the session is thrown. */
export async function runCycle(request: CycleRequest): Promise<CycleOutcome> {
  const { session, quick = false } = request;
  const { client } = session;
  let outcome: CycleOutcome = {
    failure: null,
    up: null,
    differences: null,
    again: 'not run',
    old: null,
    fresh: null,
    written: [],
  };
  const run = async (phase: 'up' | 'down' | 'up again', work: () => Promise<unknown>): Promise<boolean> => {
    request.onPhase(phase);
    const said = await failureOf(session, work, `testing the rollback (${phase})`);
    if (said !== null) outcome = { ...outcome, failure: { phase, ...said } };
    return said === null;
  };
  const oids = await oidsOf(client, request.tables);
  const seeded = await together(request, () => seedTables(request, oids));
  if (!(await run('up', () => runUp(request)))) return outcome;
  const up = quick ? null : await schemaSnapshot(client);
  const traffic = request.traffic === 'none' ? null : await together(request, () => writeAll(request, oids, seeded));
  outcome = { ...outcome, up, written: traffic?.written ?? [] };
  if (!(await run('down', () => runDown(request)))) return outcome;
  if (quick) return outcome;
  const differences = compareSnapshots(request.before, await schemaSnapshot(client));
  const fates = await together(request, () => compareRows(client, seeded, traffic));
  outcome = { ...outcome, differences, ...fates };
  if (!(await run('up again', () => runUp(request)))) return outcome;
  const moved = compareSnapshots(up ?? new Map(), await schemaSnapshot(client));
  const same = moved.every(({ property }) => property === COLUMN_ORDER);
  return { ...outcome, again: same ? 'same' : 'different' };
}

/** Our own work in a transaction: the cycle's, or one for it alone. */
async function together<T>({ session, inTransaction }: CycleRequest, work: () => Promise<T>): Promise<T> {
  if (inTransaction) return work();
  const { client } = session;
  await client.query('BEGIN');
  try {
    const value = await work();
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

interface Seeded {
  readonly made: MadeUpRows;
  readonly prints: ReadonlyMap<number, RowPrints>;
  /** All tables before up, by OID. */
  readonly known: ReadonlySet<number>;
}

const NO_ROWS: MadeUpRows = { shapes: new Map(), types: new Map(), places: new Map() };

async function seedTables(request: CycleRequest, oids: readonly number[]): Promise<Seeded> {
  const { session, migration, parser, rows, seed, quick } = request;
  const { client } = session;
  const catalogs = { before: migration.before, after: migration.after };
  const made = seed && oids.length > 0 ? await makeUpRows(client, { parser, tables: oids, rows, catalogs }) : NO_ROWS;
  const known = new Set(await allTables(client));
  return { made, prints: quick === true || !seed ? new Map() : await rowPrints(client, oids), known };
}

interface Written {
  readonly written: CycleOutcome['written'];
  readonly prints: ReadonlyMap<number, RowPrints>;
}

/** Tables beyond this many get no traffic: a first migration may make hundreds. */
const MOST_TABLES = 30;

async function writeAll(request: CycleRequest, oids: readonly number[], seeded: Seeded): Promise<Written> {
  const { session, parser, traffic, quick } = request;
  const { client } = session;
  const now = await allTables(client);
  const present = new Set(now);
  const tables = [...oids.filter((oid) => present.has(oid)), ...now.filter((oid) => !seeded.known.has(oid))];
  const { rows, items } = await writeTraffic(client, {
    parser,
    tables: tables.slice(0, MOST_TABLES),
    before: seeded.made,
  });
  const places = new Map<number, readonly RowPlace[]>(rows.places);
  const written: { index: number; what: string }[] = [];
  for (const [index, item] of items.entries()) {
    if (traffic !== 'all' && traffic !== 'none' && !traffic.includes(index)) continue;
    if (await writeItem(client, item, places)) written.push({ index, what: item.what });
  }
  return { written, prints: quick === true ? new Map() : await rowPrints(client, [...places.keys()], places) };
}

async function compareRows(
  client: Client,
  seeded: Seeded,
  traffic: Written | null,
): Promise<Pick<CycleOutcome, 'old' | 'fresh'>> {
  const old = new Map([...seeded.prints].filter(([, { rows }]) => rows.length > 0));
  const fresh = new Map([...(traffic?.prints ?? [])].filter(([, { rows }]) => rows.length > 0));
  if (old.size === 0 && fresh.size === 0) return { old: null, fresh: null };
  const names = [...new Set([...old.values(), ...fresh.values()].map(({ name }) => name))];
  const oids = [...new Set([...old.keys(), ...fresh.keys(), ...(await oidsOf(client, names))])];
  const now = await rowPrints(client, oids);
  return {
    old: old.size === 0 ? null : fateOf(old, now),
    fresh: fresh.size === 0 ? null : fateOf(fresh, now),
  };
}

async function oidsOf(client: Client, names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  const { rows } = await client.query<{ oid: string }>(
    `SELECT DISTINCT c.oid::int8 AS oid FROM pg_catalog.unnest($1::text[]) AS t (name)
       JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(t.name) WHERE c.relkind IN ('r', 'p') ORDER BY 1`,
    [names],
  );
  return rows.map(({ oid }) => Number(oid));
}

/** Tables of users, without partitions: rows go through the root. What a migration kept is no table of an application. */
async function allTables(client: Client): Promise<number[]> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::int8 AS oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> '${ARCHIVE_SCHEMA}'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                         WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
      ORDER BY c.oid`,
  );
  return rows.map(({ oid }) => Number(oid));
}

async function runUp({ session, migration, inTransaction }: CycleRequest): Promise<void> {
  if (inTransaction)
    return runInside(
      session.client,
      migration.statements.map((one) => one.statement),
    );
  await runAsTool(session.client, migration.statements);
  await freshSession(session.client);
}

async function runDown({ session, down, inTransaction }: CycleRequest): Promise<void> {
  const { client } = session;
  if (inTransaction) return runInside(client, down.statements);
  try {
    if (down.mode === 'implicit') await client.query(down.text);
    else {
      if (down.mode === 'explicit') await client.query('BEGIN');
      for (const { text } of down.statements) await client.query(text);
      if (down.mode === 'explicit') await client.query('COMMIT');
    }
  } finally {
    // Harmless, but for a warning, where no block is open.
    await client.query('ROLLBACK').catch(() => undefined);
  }
  await freshSession(client);
}

/** A script's statements in the client's transaction, its own BEGIN and COMMIT left out. */
async function runInside(client: Client, statements: readonly Statement[]): Promise<void> {
  for (const { kind, text } of statements) {
    if (!isTransactionControl(kind)) await client.query(text.replaceAll('\r\n', '\n'));
  }
  // What a commit would check. Events that wait for it would also hold up an ALTER TABLE of the next phase.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  await freshSession(client);
}

/** A script as its tool runs it. The session is out of any transaction block afterwards. */
export async function runAsTool(client: Client, statements: readonly StatementAnalysis[]): Promise<void> {
  try {
    for (const step of executionPlan(statements)) {
      const text = step.statements.map(statementSql);
      if (step.kind === 'wrapped') await client.query(`BEGIN;\n${text.join(';\n')};\nCOMMIT`);
      else for (const one of text) await client.query(one);
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

const CONTROL_WITHIN = new Set(['ROLLBACK', 'ABORT', 'PREPARE TRANSACTION', 'ROLLBACK PREPARED', 'COMMIT PREPARED']);

/**
 * Can the script run in one transaction that is rolled back, with all that the new version may write? A wrong yes costs
 * time alone: what the server refuses there is tried again outside of it.
 */
export function fitsTransaction(statements: readonly Statement[]): boolean {
  return statements.every(
    ({ kind, tree, text }) =>
      !CONTROL_WITHIN.has(kind) &&
      !/^(VACUUM|ALTER SYSTEM|(CREATE|DROP) (DATABASE|TABLESPACE))/.test(kind) &&
      !(/INDEX|^ALTER TABLE$/.test(kind) && /\bCONCURRENTLY\b/i.test(text)) &&
      // A label that was added can be used only after the commit.
      !(tree !== null && 'AlterEnumStmt' in tree),
  );
}
