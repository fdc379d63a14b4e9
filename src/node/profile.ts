import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import { catalogFingerprint } from '../core/catalog/compare.ts';
import { migrationDigest } from '../core/digest.ts';
import type { Stall, StagingRun } from '../core/report/stagingRun.ts';
import type { Parser } from '../core/sql/parser.ts';
import { backendPid, throwIfAborted, withServerCancel } from './apply/cancellation.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import { RunError } from './runError.ts';
import { DEFAULT_LOCK_TIMEOUT, type RunProgress } from './runProgress.ts';
import { sessionSettings } from './serverIdentity.ts';
import { fillTables } from './staging/fill/fillTables.ts';
import { measureMigration } from './staging/measure.ts';
import { startProbes, type RunningProbes } from './staging/probes.ts';
import { replayHistory } from './staging/replayHistory.ts';
import { withScratchServer, type ScratchServer, type StagingTarget } from './staging/scratchServer.ts';
import { serverRelations } from './staging/serverObjects.ts';
import { touchedTables } from './staging/touchedTables.ts';

export interface ProfileRequest {
  readonly history: HistoryAnalysis;
  /** `Migration.id` */
  readonly migration: string;
  readonly parser: Parser;
  readonly target: StagingTarget;
  /** Rows put into each touched table; default 100 000. */
  readonly rows?: number;
  /** Rows by quoted name (`public.orders`), from the configuration; wins over `rows`. */
  readonly tableRows?: Readonly<Record<string, number>>;
  /** Settings of the session, those that the apply will use. */
  readonly session?: SessionOptions;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Each table gets a reader and a writer: more than this many would measure the client. */
const PROBED_TABLES = 4;
const DEFAULT_ROWS = 100_000;

/**
 * *Profile on Staging*: the history before the migration replayed into an empty database, rows put into the touched
 * tables, the migration run statement by statement and watched. A statement of the migration that fails is a result
 * (`outcome: 'failed'`), not an error. Whatever happens, database or server are gone afterwards.
 *
 * @throws RunError 'cancelled', 'migration', 'script', 'tool', 'production', 'not possible', 'replay failed';
 *   ConnectionError (unreachable, wrong password, lost …); ServerError ('no binaries': ask the user, then give `mayFetch`)
 */
export async function profileMigration(request: ProfileRequest): Promise<StagingRun> {
  const index = request.history.migrations.findIndex(({ migration }) => migration.id === request.migration);
  const migration = request.history.migrations[index];
  if (migration === undefined)
    throw new RunError('migration', `${request.history.history.id} has no migration ${request.migration}.`);
  demandRunnable(request.history.history, migration);
  const phase = { name: 'starting the server' };
  const progress = (message: string, increment?: number, statement?: number): void =>
    request.onProgress?.({
      message,
      ...(increment === undefined ? {} : { increment }),
      ...(statement === undefined ? {} : { statement }),
    });
  try {
    throwIfAborted(request.signal, phase.name);
    progress('Starting', 5);
    return await withScratchServer(request.target, { signal: request.signal, onProgress: progress }, (server) =>
      profileOn(server, { request, migration, index, phase, progress }),
    );
  } catch (error) {
    // Each layer has words of its own for it; callers need one.
    if (request.signal?.aborted === true && !(error instanceof RunError && error.reason === 'cancelled'))
      throw new RunError('cancelled', `Cancelled while ${phase.name}.`, { phase: phase.name, cause: error });
    throw error;
  }
}

interface Profile {
  readonly request: ProfileRequest;
  readonly migration: MigrationAnalysis;
  readonly index: number;
  readonly phase: { name: string };
  readonly progress: (message: string, increment?: number, statement?: number) => void;
}

async function profileOn(server: ScratchServer, profile: Profile): Promise<StagingRun> {
  const { request } = profile;
  const session: SessionOptions = {
    lockTimeout: DEFAULT_LOCK_TIMEOUT,
    ...(request.history.settings.timeZone === null ? {} : { timeZone: request.history.settings.timeZone }),
    ...request.session,
  };
  return withClient(server.url, { applicationName: 'lockkeeper control' }, async (control) => {
    const prepared = await withClient(server.url, { applicationName: 'lockkeeper prepare' }, (client) =>
      prepare({ client, control, server, profile }),
    );
    return withClient(server.url, { applicationName: 'lockkeeper watch' }, (watch) =>
      withClient(server.url, session, (work) => run({ work, watch, control, server, profile, prepared })),
    );
  });
}

interface Prepared {
  readonly tables: StagingRun['tables'];
  readonly notes: readonly string[];
}

async function prepare({
  client,
  control,
  server,
  profile,
}: {
  readonly client: Client;
  readonly control: Client;
  readonly server: ScratchServer;
  readonly profile: Profile;
}): Promise<Prepared> {
  const { request, migration, progress, phase } = profile;
  const backend = await backendPid(client);
  const cancellable = <T>(work: () => Promise<T>): Promise<T> =>
    withServerCancel({ control, backend, signal: request.signal, phase: phase.name }, work);

  phase.name = 'replaying the history';
  const earlier = request.history.migrations.slice(0, profile.index);
  progress(`Replaying ${earlier.length} earlier migrations`);
  const notes = await cancellable(() =>
    replayHistory(client, {
      history: request.history,
      migrations: earlier,
      parser: request.parser,
      makeRoles: server.place === 'embedded',
      phase: phase.name,
      onMigration: ({ migration: { id } }) => {
        throwIfAborted(request.signal, phase.name);
        progress(`Replaying ${id}`, 20 / earlier.length);
      },
    }),
  );

  phase.name = 'filling tables';
  const names = new Set(touchedTables(migration));
  const touched = [...(await serverRelations(client)).values()].filter(({ name }) => names.has(name));
  const tables = await cancellable(() =>
    fillTables(client, {
      parser: request.parser,
      touched: touched.map(({ oid }) => oid),
      rows: (table) => request.tableRows?.[table] ?? request.rows ?? DEFAULT_ROWS,
      onTable: (table) => {
        throwIfAborted(request.signal, phase.name);
        progress(`Filling ${table}`, 35 / Math.max(1, touched.length));
      },
    }),
  );
  return { tables, notes };
}

async function run({
  work,
  watch,
  control,
  server,
  profile,
  prepared,
}: {
  readonly work: Client;
  readonly watch: Client;
  readonly control: Client;
  readonly server: ScratchServer;
  readonly profile: Profile;
  readonly prepared: Prepared;
}): Promise<StagingRun> {
  const { request, migration, progress, phase } = profile;
  const { history } = request.history;
  phase.name = 'running the migration';
  const backend = await backendPid(work);
  const settings = await sessionSettings(work);
  const withRows = new Set(prepared.tables.filter(({ rows }) => rows > 0).map(({ table }) => table));
  const probed = touchedTables(migration)
    .filter((table) => withRows.has(table))
    .slice(0, PROBED_TABLES);
  const begin = { at: performance.now() };
  const now = (): number => performance.now() - begin.at;
  const probes = await startProbes(server.url, probed, now);
  let felt: Awaited<ReturnType<RunningProbes['stop']>> = { probes: [], stalls: [] };
  let milliseconds = 0;
  const measured = await withServerCancel({ control, backend, signal: request.signal, phase: phase.name }, async () => {
    try {
      begin.at = performance.now();
      return await measureMigration({
        work,
        backend,
        watch,
        migration,
        now,
        phase: phase.name,
        signal: request.signal,
        onStatement: ({ statement }) => {
          progress(
            `${migration.migration.id}, line ${statement.startLine}: ${statement.kind}`,
            40 / migration.statements.length,
            statement.index,
          );
        },
      });
    } finally {
      milliseconds = now();
      // Their connections fail with the run's own; that error is the one to show.
      await probes.stop().then(
        (result) => (felt = result),
        () => undefined,
      );
    }
  });
  return {
    version: 1,
    history: history.id,
    migration: migration.migration.id,
    path: history.root === '.' ? migration.migration.path : `${history.root}/${migration.migration.path}`,
    tool: migration.migration.tool,
    transactionMode: migration.migration.transactionMode,
    digest: migrationDigest(migration.migration),
    base: catalogFingerprint(migration.before),
    at: server.identity.now,
    server: {
      place: server.place,
      environment: server.environment,
      version: server.identity.version,
      major: server.identity.major,
    },
    settings,
    outcome: measured.failure === null ? 'completed' : 'failed',
    failure: measured.failure,
    tables: prepared.tables,
    statements: measured.statements,
    transactions: measured.transactions,
    probes: felt.probes,
    // Before the first statement there is nothing that could have stalled anybody.
    stalls: felt.stalls
      .filter((stall) => stall.start + stall.milliseconds > 0)
      .map((stall) => ({ ...stall, statement: statementAt(measured.statements, stall) })),
    differences: measured.differences,
    milliseconds,
    notes: notes(profile, server, prepared),
  };
}

/** The first statement that was still running when the stall began: what comes later in its transaction only prolongs it. */
function statementAt(statements: StagingRun['statements'], stall: Omit<Stall, 'statement'>): number | null {
  // An operation begins up to a pause before the lock that stops it.
  const began = stall.start + Math.min(10, stall.milliseconds / 2);
  const during = statements.find((one) => one.start + one.milliseconds >= began) ?? statements.at(-1);
  return during?.index ?? null;
}

function notes({ request }: Profile, { identity }: ScratchServer, prepared: Prepared): string[] {
  const found = [...prepared.notes];
  const wanted = request.history.settings.major;
  if (identity.major !== wanted) {
    found.push(
      `Measured on PostgreSQL ${identity.major}, while this project is set to ${wanted}: locks and rewrites may differ.`,
    );
  }
  const empty = prepared.tables.filter(({ role, rows }) => role === 'touched' && rows === 0).map(({ table }) => table);
  if (empty.length > 0) found.push(`Measured without rows: ${empty.join(', ')}. Their times say nothing.`);
  return found;
}
