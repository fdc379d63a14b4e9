import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import pg from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import { catalogFingerprint } from '../core/catalog/compare.ts';
import { migrationDigest } from '../core/digest.ts';
import type { RollbackTest } from '../core/report/rollbackTest.ts';
import { synthesizeRollback } from '../core/rollback/rollback.ts';
import type { Parser } from '../core/sql/parser.ts';
import { rollbackPlace } from '../core/tools/history.ts';
import type { TransactionMode } from '../core/tools/tool.ts';
import { backendPid, throwIfAborted, withServerCancel } from './apply/cancellation.ts';
import { executionPlan } from './apply/executionPlan.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import { runDown } from './rollbackTest/runDown.ts';
import { COLUMN_ORDER, compareSnapshots, schemaSnapshot, type SchemaSnapshot } from './rollbackTest/schemaSnapshot.ts';
import { changedTables, tableRows } from './rollbackTest/tableRows.ts';
import { RunError } from './runError.ts';
import { sessionSettings } from './serverIdentity.ts';
import { fillTables } from './staging/fill/fillTables.ts';
import { replayHistory } from './staging/replayHistory.ts';
import { withScratchServer, type ScratchServer, type StagingTarget } from './staging/scratchServer.ts';
import { serverRelations } from './staging/serverObjects.ts';
import { touchedTables } from './staging/touchedTables.ts';

export interface RollbackTestRequest {
  readonly history: HistoryAnalysis;
  /** `Migration.id` */
  readonly migration: string;
  readonly parser: Parser;
  readonly target: StagingTarget;
  /** Rows put into each touched table before up; default 100. */
  readonly rows?: number;
  readonly session?: SessionOptions;
  readonly onProgress?: ((progress: { readonly message: string }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_ROWS = 100;
/** Milliseconds that one statement of up or down may take; it is cancelled on the server then. */
const STATEMENT_TIMEOUT = 60_000;

/**
 * *Test Rollback*: the history before the migration replayed into an empty database, rows put into the touched tables,
 * up, down, compared with before, and up again. The script tested is the written one, else the one that Lockkeeper
 * would write. A script that fails is a result, not an error. Whatever happens, database or server are gone afterwards.
 *
 * @throws RunError 'cancelled', 'migration', 'script', 'tool', 'production', 'not possible', 'replay failed';
 *   ConnectionError; ServerError ('no binaries': ask the user, then give `mayFetch`)
 */
export async function testRollback(request: RollbackTestRequest): Promise<RollbackTest> {
  const index = request.history.migrations.findIndex(({ migration }) => migration.id === request.migration);
  const migration = request.history.migrations[index];
  if (migration === undefined)
    throw new RunError('migration', `${request.history.history.id} has no migration ${request.migration}.`);
  demandRunnable(request.history.history, migration);
  const hooks = { signal: request.signal, onProgress: (message: string) => request.onProgress?.({ message }) };
  return withScratchServer(request.target, hooks, (server) =>
    withClient(server.url, { applicationName: 'lockkeeper control' }, (control) =>
      withClient(server.url, { statementTimeout: STATEMENT_TIMEOUT, ...request.session }, async (client) => {
        const backend = await backendPid(client);
        const test = { request, migration, index, server, client };
        return withServerCancel({ control, backend, signal: request.signal, phase: 'testing the rollback' }, () =>
          run(test),
        );
      }),
    ),
  );
}

interface Test {
  readonly request: RollbackTestRequest;
  readonly migration: MigrationAnalysis;
  readonly index: number;
  readonly server: ScratchServer;
  readonly client: Client;
}

async function run(test: Test): Promise<RollbackTest> {
  const { request, migration, client } = test;
  const tables = await prepare(test);
  const settings = await sessionSettings(client);
  const script = downScript(test);
  const begin = performance.now();
  const before = await schemaSnapshot(client);
  const rows = await tableRows(client, tables);
  const result = (part: Partial<RollbackTest>): RollbackTest => ({
    ...frame(test, script, settings),
    ...part,
    milliseconds: performance.now() - begin,
  });
  if (script.declined !== null) return result({ declined: script.declined });
  const phase = async (name: 'up' | 'down' | 'up again', work: () => Promise<void>) => {
    request.onProgress?.({ message: `${name}: ${migration.migration.id}` });
    throwIfAborted(request.signal, name);
    return failureOf(name, client, work);
  };
  const upFailure = await phase('up', () => runUp(client, migration));
  if (upFailure !== null) return result({ failure: upFailure });
  const up = await schemaSnapshot(client);
  const downFailure = await phase('down', () => runDown(client, script, request.parser));
  if (downFailure !== null) return result({ failure: downFailure });
  const after = await schemaSnapshot(client);
  const lost = await changedTables(client, rows);
  const differences = compareSnapshots(before, after);
  const compared = {
    ran: true,
    schema: verdict(differences),
    differences,
    data: { before: rows.size === 0 ? 'not compared' : lost.length > 0 ? 'lost' : 'kept', lost, since: 'not tested' },
  } as const;
  const againFailure = await phase('up again', () => runUp(client, migration));
  if (againFailure !== null) return result({ ...compared, failure: againFailure });
  return result({ ...compared, again: sameButOrder(up, await schemaSnapshot(client)) ? 'same' : 'different' });
}

/** Replays what comes before and fills the tables that the migration touches; gives their names. */
async function prepare({ request, migration, index, server, client }: Test): Promise<readonly string[]> {
  request.onProgress?.({ message: `Replaying ${index} earlier migrations` });
  await replayHistory(client, {
    history: request.history,
    migrations: request.history.migrations.slice(0, index),
    parser: request.parser,
    fromNothing: true,
    makeRoles: server.place === 'embedded',
    phase: 'replaying the history',
    onMigration: () => {
      throwIfAborted(request.signal, 'replaying the history');
    },
  });
  const names = new Set(touchedTables(migration));
  const touched = [...(await serverRelations(client)).values()].filter(({ name }) => names.has(name));
  if (touched.length === 0) return [];
  await fillTables(client, {
    parser: request.parser,
    touched: touched.map(({ oid }) => oid),
    rows: () => request.rows ?? DEFAULT_ROWS,
    // Rows that the migration itself does not refuse.
    catalogs: { before: migration.before, after: migration.after },
  });
  return touched.map(({ name }) => name);
}

interface DownScript {
  readonly text: string;
  readonly mode: TransactionMode;
  readonly source: RollbackTest['source'];
  readonly declined: string | null;
}

function downScript({ request, migration }: Test): DownScript {
  const { history } = request.history;
  const mode = rollbackPlace(history, migration.migration).transactionMode;
  const written = migration.migration.rollback;
  if (written !== null) {
    const text = written.text.slice(written.range.start, written.range.end);
    return { text, mode, source: 'written', declined: null };
  }
  const { text, declined } = synthesizeRollback(migration, history);
  return { text, mode, source: 'synthesized', declined };
}

function frame(
  { request, migration, server }: Test,
  script: DownScript,
  settings: RollbackTest['settings'],
): RollbackTest {
  return {
    version: 1,
    history: request.history.history.id,
    migration: migration.migration.id,
    digest: migrationDigest(migration.migration),
    base: catalogFingerprint(migration.before),
    at: server.identity.now,
    server: {
      version: server.identity.version,
      major: server.identity.major,
      place: server.place === 'embedded' ? 'embedded' : 'environment',
    },
    environment: server.environment,
    settings,
    source: script.source,
    declined: null,
    ran: false,
    failure: null,
    schema: 'different',
    data: { before: 'not compared', lost: [], since: 'not tested' },
    again: 'not run',
    differences: [],
    milliseconds: 0,
  };
}

/** Runs an up script as its tool does. */
async function runUp(client: Client, migration: MigrationAnalysis): Promise<void> {
  for (const step of executionPlan(migration.statements)) {
    if (step.kind === 'wrapped') await client.query('BEGIN');
    for (const { statement } of step.statements) await client.query(statement.text);
    if (step.kind === 'wrapped') await client.query('COMMIT');
  }
}

/** What the server said against it; null: nothing. A lost connection and a cancelled statement are thrown. */
async function failureOf(
  phase: 'up' | 'down' | 'up again',
  client: Client,
  work: () => Promise<void>,
): Promise<RollbackTest['failure']> {
  try {
    await work();
    await client.query('RESET ALL');
    return null;
  } catch (error) {
    // 57P01 … and the like end the session; 57014 may be the user's own cancel, which `withServerCancel` knows.
    if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57P') === true) throw error;
    if (error.code === '57014' && /user request/.test(error.message)) throw error;
    await client.query('ROLLBACK');
    return { phase, message: error.message, sqlState: error.code ?? null };
  }
}

function verdict(differences: RollbackTest['differences']): RollbackTest['schema'] {
  if (differences.length === 0) return 'restored';
  return differences.every(({ property }) => property === COLUMN_ORDER) ? 'columnOrder' : 'different';
}

/** After a way back that moved columns, up gives the same schema with the columns moved. */
function sameButOrder(a: SchemaSnapshot, b: SchemaSnapshot): boolean {
  return compareSnapshots(a, b).every(({ property }) => property === COLUMN_ORDER);
}
