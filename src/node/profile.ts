import { statfs } from 'node:fs/promises';
import pg from 'pg';
import type { HistoryAnalysis } from '../core/analyze.ts';
import type { CalibrationBasis, Snapshot, StagingRun } from '../core/report/stagingRun.ts';
import type { Statistics } from '../core/statistics/statistics.ts';
import type { Parser } from '../core/sql/parser.ts';
import { growthOf, repeatsOf, type SizeRuns } from '../core/staging/growth.ts';
import { WHOLE } from '../core/staging/sizes.ts';
import { throwIfAborted } from './apply/cancellation.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import { ConnectionError } from './connectionError.ts';
import { RunError } from './runError.ts';
import { DEFAULT_LOCK_TIMEOUT, type RunProgress } from './runProgress.ts';
import { growthRuns, seriesAt, seriesIn, type SizeRequest } from './staging/growthRuns.ts';
import { lockQueueRuns } from './staging/queueSeries.ts';
import { withScratchServer } from './staging/scratchServer.ts';
import type { ScratchServer, StagingTarget } from './staging/servers/stagingServer.ts';
import type { Profile, Sizing } from './staging/series.ts';
import { touchedTables } from './staging/touchedTables.ts';

export interface ProfileRequest {
  readonly history: HistoryAnalysis;
  /** `Migration.id` */
  readonly migration: string;
  readonly parser: Parser;
  readonly target: StagingTarget;
  /** Rows put into each touched table, once: nothing is estimated then. Default: by production's sizes, else 100 000. */
  readonly rows?: number;
  /** Production's rows by quoted name (`public.orders`), from its statistics or the configuration. */
  readonly tableRows?: Readonly<Record<string, number>>;
  /** Where production's rows come from; absent: the configuration, or nowhere. */
  readonly statistics?: Snapshot['statistics'];
  /** Production's statistics, for the shape of made-up rows. */
  readonly shapes?: Statistics | null;
  /** Production's major, by its statistics: a run on another one is not comparable. */
  readonly productionMajor?: number | null;
  /** Shares of production's rows to measure at, such as 0.05, 0.1, 0.2; default: as the budget allows. */
  readonly sizes?: readonly number[];
  /** Runs at each size, each on a fresh clone. */
  readonly repeats?: number;
  /** Milliseconds for the sizes with their preparation; default two minutes. */
  readonly budget?: number;
  readonly calibration?: CalibrationBasis | null;
  /** For the report: what the person asked for and does not get. */
  readonly notes?: readonly string[];
  /** Run it behind a long transaction as well; default true. */
  readonly lockQueue?: boolean;
  /** Run the rollback as well; default true. */
  readonly rollback?: boolean;
  /** Sessions that feel what users would; default true. */
  readonly probing?: boolean;
  /** Settings of the session, those that the apply will use. */
  readonly session?: SessionOptions;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_ROWS = 100_000;
const DEFAULT_BUDGET = 120_000;

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
    const migrations = wanted.flatMap((place) => request.history.migrations[place] ?? []);
    const hooks = { signal: request.signal, onProgress: progress, migrations };
    const runs = await withScratchServer(request.target, hooks, (server) =>
      explainLoss(request.target, phase, () =>
        withClient(server.url, { applicationName: 'lockkeeper control' }, (control) =>
          profileAll(request, server, {
            history: request.history,
            parser: request.parser,
            wanted,
            session: {
              lockTimeout: DEFAULT_LOCK_TIMEOUT,
              ...(request.history.settings.timeZone === null ? {} : { timeZone: request.history.settings.timeZone }),
              ...request.session,
            },
            statistics: request.statistics ?? null,
            shapes: request.shapes ?? null,
            productionMajor: request.productionMajor ?? null,
            probing: request.probing ?? true,
            production: (table) => request.tableRows?.[table] ?? null,
            largest: (table) => request.rows ?? request.tableRows?.[table] ?? DEFAULT_ROWS,
            phase,
            progress,
            control,
            signal: request.signal,
          }),
        ),
      ),
    );
    return runs.map((run) => ({ ...run, notes: [...run.notes, ...(request.notes ?? [])] }));
  } catch (error) {
    const left = leftBy(request.target);
    // Each layer has words of its own for it; callers need one.
    if (request.signal?.aborted === true && !(error instanceof RunError && error.reason === 'cancelled'))
      throw new RunError('cancelled', `Cancelled while ${phase.name}.${left}`, { phase: phase.name, cause: error });
    if (error instanceof RunError && error.reason === 'cancelled' && !error.message.includes(left))
      error.message += left;
    throw troubleOf(error, phase.name) ?? error;
  }
}

/** A throw-away server that finds no room for its log ends at once: its disk, looked at before the clean-up, tells. */
async function explainLoss<T>(
  target: StagingTarget,
  phase: { readonly name: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.reason !== 'lost' || target.kind !== 'embedded') throw error;
    const folder = target.options.cacheDirectory;
    const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: Infinity, bsize: 1 }));
    if (bavail * bsize > LITTLE_ROOM) throw error;
    throw new RunError(
      'not possible',
      `The throw-away server ended while ${phase.name}: the disk of ${folder} is full. Nothing is recorded. Free some space there, or measure with fewer rows (--rows, --sizes).`,
      { phase: phase.name, cause: error },
    );
  }
}

/** Two segments of the server's log. */
const LITTLE_ROOM = 32 * 1024 * 1024;

/** What the server ran out of says nothing about the migration: an error, and no evidence. SQLSTATE classes 53 and 58. */
function troubleOf(error: unknown, phase: string): RunError | null {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined || !/^5[38]/.test(error.code)) return null;
  const what =
    error.code === '53100' || /No space left/.test(error.message)
      ? 'The server that measures ran out of disk space'
      : 'The server that measures could not go on';
  return new RunError(
    'not possible',
    `${what} while ${phase}: ${error.message}. Nothing is recorded. Give it more room, or measure with fewer rows (--rows, --sizes).`,
    { sqlState: error.code, phase, cause: error },
  );
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

/** What state a cancel leaves: what was made is gone on the way out. */
function leftBy({ kind }: StagingTarget): string {
  switch (kind) {
    case 'embedded':
      return ' The throw-away server is gone, and nothing is recorded.';
    case 'in-place':
      return ' The transaction was rolled back, and nothing is recorded.';
    case 'environment':
    case 'template':
      return ' The scratch database is dropped, no other database was touched, and nothing is recorded.';
    case 'command':
      return ' Nothing is recorded.';
  }
}

/** The wanted migrations at one size or several, behind a long transaction, and put together. */
async function profileAll(
  request: ProfileSeriesRequest,
  server: ScratchServer,
  profile: Profile,
): Promise<StagingRun[]> {
  const { repeats = 1 } = request;
  if (server.inPlace && profile.wanted.length > 1)
    throw new RunError(
      'not possible',
      'In place, one migration at a time: each is rolled back before the next could run.',
    );
  if (server.holdsData) return onGivenData(request, server, profile);
  const plan = sizesOf(request, profile);
  const measured =
    plan.kind === 'one size'
      ? await atOneSize(profile, server, { sizing: plan.sizing, repeats, back: request.rollback ?? true })
      : await growthRuns(profile, server, {
          fractions: request.sizes ?? null,
          repeats: request.repeats,
          budget: request.budget ?? DEFAULT_BUDGET,
          rows: plan.rows,
          back: request.rollback ?? true,
          sizing: plan.sizing,
        });
  const runs = measured.flatMap((sizes, index) => combined(request, profile, sizes, index) ?? []);
  const completed = runs.filter(({ outcome }) => outcome === 'completed').length;
  if (request.lockQueue === false || completed === 0) return runs;
  const ran = { ...profile, wanted: profile.wanted.slice(0, completed) };
  const queues = await lockQueueRuns(ran, server);
  return runs.map((run, index) => ({ ...run, lockQueue: queues[index] ?? null }));
}

/** Rows and sizes are what the server came with; run once, since a second run would find another state. */
async function onGivenData(
  request: ProfileSeriesRequest,
  server: ScratchServer,
  profile: Profile,
): Promise<StagingRun[]> {
  const sizing = { rows: () => 0, fraction: null };
  const back = !server.inPlace && request.rollback !== false;
  const [runs] = await seriesIn(profile, server, null, { sizing, repeats: 1, back });
  return runs ?? [];
}

/** The run at the largest size, with what the others add. Null: it was never reached. */
function combined(
  request: ProfileSeriesRequest,
  { history, wanted, production }: Profile,
  sizes: readonly SizeRuns[],
  index: number,
): StagingRun | null {
  const shown = sizes.at(-1);
  const run = shown?.runs[0];
  const migration = history.migrations[wanted[index] ?? -1];
  if (shown === undefined || run === undefined || migration === undefined) return null;
  // One run that differed is enough, whatever its size.
  const failed = sizes.flatMap(({ runs }) => runs).find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) return failed;
  const differing = sizes.flatMap(({ runs }) => runs).find(({ differences }) => differences.length > 0);
  const withRepeats = {
    ...run,
    differences: run.differences.length > 0 ? run.differences : (differing?.differences ?? []),
    statements: run.statements.map((one) => ({ ...one, repeats: repeatsOf(shown.runs, one.index) })),
  };
  if (sizes.length < 2) return withRepeats;
  const calibration = request.calibration ?? null;
  return { ...withRepeats, growth: growthOf({ migration, sizes, production, calibration }) };
}

type Sizes =
  | { readonly kind: 'one size'; readonly sizing: Sizing }
  | { readonly kind: 'several'; readonly rows: number; readonly sizing: (fraction: number) => Sizing };

/** By production's rows, where they are known and too many to take them whole. */
function sizesOf(request: ProfileSeriesRequest, { history, wanted }: Profile): Sizes {
  const at = history.migrations[wanted[0] ?? 0]?.before;
  const names = new Set(
    wanted.flatMap((place) => {
      const migration = history.migrations[place];
      return migration === undefined ? [] : touchedTables(migration, at);
    }),
  );
  const known = [...names].flatMap((name) => request.tableRows?.[name] ?? []);
  const rows = known.reduce((sum, one) => sum + one, 0);
  const production = (table: string): number => request.tableRows?.[table] ?? DEFAULT_ROWS;
  if (request.rows !== undefined) {
    const { rows: each } = request;
    const fraction = rows === 0 ? null : Math.min(1, (each * known.length) / rows);
    return { kind: 'one size', sizing: { rows: () => each, fraction } };
  }
  if (rows === 0 && request.sizes !== undefined) {
    throw new RunError(
      'not possible',
      `How many rows production has in ${[...names].join(', ') || 'the touched tables'} is not known, so there is nothing to take shares of. "lockkeeper stats pull" tells, or "sizes" in lockkeeper.jsonc; or give --rows.`,
    );
  }
  if (rows === 0 || (rows <= WHOLE && request.sizes === undefined))
    return { kind: 'one size', sizing: { rows: production, fraction: rows === 0 ? null : 1 } };
  return {
    kind: 'several',
    rows,
    sizing: (fraction) => ({ rows: (table) => Math.ceil(production(table) * fraction), fraction }),
  };
}

/** By migration. */
async function atOneSize(profile: Profile, server: ScratchServer, size: SizeRequest): Promise<SizeRuns[][]> {
  // A clone needs an original that nobody is connected to, as the cancelling session is to the server's own database.
  const series =
    size.repeats === 1 ? await seriesIn(profile, server, null, size) : await seriesAt(profile, server, size);
  return profile.wanted.map((_, index) => {
    const runs = series.flatMap((one) => one[index] ?? []);
    return runs.length === 0 ? [] : [{ fraction: 1, runs }];
  });
}
