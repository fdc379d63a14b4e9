import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import type { FilledTable, StagingRun } from '../core/report/stagingRun.ts';
import type { Parser } from '../core/sql/parser.ts';
import { backendPid, throwIfAborted, withServerCancel } from './apply/cancellation.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import { RunError } from './runError.ts';
import { DEFAULT_LOCK_TIMEOUT, type RunProgress } from './runProgress.ts';
import { fillTables } from './staging/fill/fillTables.ts';
import { measuredRun, type Prepared } from './staging/measuredRun.ts';
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

const DEFAULT_ROWS = 100_000;

/** Several migrations, one after the other on one server: `migrations` in the history's order instead of `migration`. */
export type ProfileSeriesRequest = Omit<ProfileRequest, 'migration'> & { readonly migrations: readonly string[] };

/**
 * *Profile on Staging*: the history before the migration replayed into an empty database, rows put into the touched
 * tables, the migration run statement by statement and watched. A statement of the migration that fails is a result
 * (`outcome: 'failed'`), not an error. Whatever happens, database or server are gone afterwards.
 *
 * @throws RunError 'cancelled', 'migration', 'script', 'tool', 'production', 'not possible', 'replay failed';
 *   ConnectionError (unreachable, wrong password, lost …); ServerError ('no binaries', 'consent needed': ask the user,
 *   then give `mayFetch`)
 */
export async function profileMigration(request: ProfileRequest): Promise<StagingRun> {
  const [run] = await profileMigrations({ ...request, migrations: [request.migration] });
  if (run === undefined) throw new Error('a profile of one migration gives one run');
  return run;
}

/**
 * The same for several migrations: one server, the history replayed and the tables filled once, then one run each (those
 * of the history that lie between them are replayed unwatched). Stops after the first that fails.
 *
 * @throws as `profileMigration`
 */
export async function profileMigrations(request: ProfileSeriesRequest): Promise<StagingRun[]> {
  const wanted = demandMigrations(request);
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
      withClient(server.url, { applicationName: 'lockkeeper control' }, (control) =>
        profileAll({ request, wanted, phase, progress, server, control }),
      ),
    );
  } catch (error) {
    // Each layer has words of its own for it; callers need one.
    if (request.signal?.aborted === true && !(error instanceof RunError && error.reason === 'cancelled'))
      throw new RunError('cancelled', `Cancelled while ${phase.name}.`, { phase: phase.name, cause: error });
    throw error;
  }
}

/** In the history's order, each with its place there. @throws RunError 'migration', 'script', 'tool' */
function demandMigrations({ history, migrations }: ProfileSeriesRequest): number[] {
  const places = migrations.map((id) => {
    const place = history.migrations.findIndex(({ migration }) => migration.id === id);
    const found = history.migrations[place];
    if (found === undefined) throw new RunError('migration', `${history.history.id} has no migration ${id}.`);
    demandRunnable(history.history, found);
    return place;
  });
  return places.sort((a, b) => a - b);
}

interface Profile {
  readonly request: ProfileSeriesRequest;
  /** Places in the history. */
  readonly wanted: readonly number[];
  readonly phase: { name: string };
  readonly progress: (message: string, increment?: number, statement?: number) => void;
  readonly server: ScratchServer;
  /** Cancels, and does nothing else. */
  readonly control: Client;
}

async function profileAll(profile: Profile): Promise<StagingRun[]> {
  const { request, wanted, server, control, phase, progress } = profile;
  const all = request.history.migrations;
  const session: SessionOptions = {
    lockTimeout: DEFAULT_LOCK_TIMEOUT,
    ...(request.history.settings.timeZone === null ? {} : { timeZone: request.history.settings.timeZone }),
    ...request.session,
  };
  const runs: StagingRun[] = [];
  const filled = new Map<number, FilledTable>();
  let replayed = 0;
  for (const place of wanted) {
    const migration = all[place];
    if (migration === undefined) continue;
    const earlier = all.slice(replayed, place);
    const first = replayed === 0 && runs.length === 0;
    const prepared = await withClient(server.url, { applicationName: 'lockkeeper prepare' }, (client) =>
      prepare(client, profile, { migration, earlier, filled, first }),
    );
    phase.name = 'running the migration';
    const run = await withClient(server.url, { applicationName: 'lockkeeper watch' }, (watch) =>
      withClient(server.url, session, (work) =>
        measuredRun({
          work,
          watch,
          control,
          server,
          migration,
          prepared,
          settings: request.history.settings,
          history: request.history.history,
          phase: phase.name,
          signal: request.signal,
          onStatement: (statement) => {
            progress(
              `${migration.migration.id}, line ${statement.startLine}: ${statement.kind}`,
              40 / migration.statements.length / wanted.length,
              statement.index,
            );
          },
        }),
      ),
    );
    runs.push(run);
    if (run.outcome === 'failed') break;
    replayed = place + 1;
  }
  return runs;
}

async function prepare(
  client: Client,
  { request, wanted, phase, progress, server, control }: Profile,
  {
    migration,
    earlier,
    filled,
    first,
  }: {
    readonly migration: MigrationAnalysis;
    readonly earlier: readonly MigrationAnalysis[];
    readonly filled: Map<number, FilledTable>;
    readonly first: boolean;
  },
): Promise<Prepared> {
  const backend = await backendPid(client);
  const cancellable = <T>(work: () => Promise<T>): Promise<T> =>
    withServerCancel({ control, backend, signal: request.signal, phase: phase.name }, work);

  phase.name = 'replaying the history';
  const notes =
    earlier.length === 0 && !first
      ? []
      : await cancellable(() =>
          replayHistory(client, {
            history: request.history,
            migrations: earlier,
            parser: request.parser,
            fromNothing: first,
            makeRoles: server.place === 'embedded',
            phase: phase.name,
            onMigration: ({ migration: { id } }) => {
              throwIfAborted(request.signal, phase.name);
              progress(`Replaying ${id}`, 20 / earlier.length / wanted.length);
            },
          }),
        );

  phase.name = 'filling tables';
  const profiled = wanted.flatMap((place) => request.history.migrations[place] ?? []);
  const last = profiled.at(-1) ?? migration;
  const fill = async (of: readonly MigrationAnalysis[]): Promise<FilledTable[]> => {
    const names = new Set(of.flatMap((one) => touchedTables(one, migration.before)));
    const touched = [...(await serverRelations(client)).values()].filter(({ name }) => names.has(name));
    return fillTables(client, {
      parser: request.parser,
      touched: touched.map(({ oid }) => oid),
      rows: (table) => request.tableRows?.[table] ?? request.rows ?? DEFAULT_ROWS,
      catalogs: { before: migration.before, after: last.after },
      filled,
      onTable: (table) => {
        throwIfAborted(request.signal, phase.name);
        progress(`Filling ${table}`, 35 / Math.max(1, touched.length));
      },
    });
  };
  const tables = await cancellable(async () => {
    // All at once, so that references between the tables of several migrations can be kept.
    if (first && profiled.length > 1) await fill(profiled);
    return fill([migration]);
  });
  return { tables, notes };
}
