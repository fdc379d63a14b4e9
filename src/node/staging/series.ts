import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../../core/analyze.ts';
import type { FilledTable, Snapshot, StagingRun } from '../../core/report/stagingRun.ts';
import type { Statistics } from '../../core/statistics/statistics.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { backendPid, throwIfAborted, withServerCancel } from '../apply/cancellation.ts';
import { withClient, type SessionOptions } from '../connection.ts';
import { writeOut } from './checkpoint.ts';
import { endWithUs } from './endWithUs.ts';
import { fillTables } from './fill/fillTables.ts';
import { measuredRun, rounded, type Prepared } from './measuredRun.ts';
import { replayHistory } from '../replay/replayHistory.ts';
import { measuredRollback, wayBack } from './rollbackRun.ts';
import { appliedPrefix, tablesAsTheyAre } from './givenData.ts';
import type { ScratchServer } from './servers/stagingServer.ts';
import { serverRelations } from './serverObjects.ts';
import { touchedTables } from './touchedTables.ts';

/** What all databases of one profile share. */
export interface Profile {
  readonly history: HistoryAnalysis;
  readonly parser: Parser;
  /** Places in the history of the migrations to measure, ascending. */
  readonly wanted: readonly number[];
  /** Of the session that runs the migrations. */
  readonly session: SessionOptions;
  readonly statistics: Snapshot['statistics'];
  readonly shapes: Statistics | null;
  readonly productionMajor: number | null;
  readonly probing: boolean;
  /** Production's rows by quoted name; null: not known. */
  readonly production: (table: string) => number | null;
  /** The most rows that a table is to have anywhere, by quoted name. */
  readonly largest: (table: string) => number;
  /** What is being done, for the message of a cancel. */
  readonly phase: { name: string };
  readonly progress: (message: string, increment?: number, statement?: number) => void;
  /** Cancels, and does nothing else; of any database of the server. */
  readonly control: Client;
  readonly signal: AbortSignal | undefined;
}

/** How many rows, in one database. */
export interface Sizing {
  /** By quoted name. */
  readonly rows: (table: string) => number;
  /** Of production's; null: not known. */
  readonly fraction: number | null;
  /** Of production's rows, for tables that are only referred to; the fraction unless given. */
  readonly share?: number;
}

/** Tables that were filled, by OID: the same in a database and in its clones. */
export type Filled = Map<number, FilledTable>;

/** Replays what comes before the first wanted migration and fills all touched tables. */
export async function prepareFirst(
  profile: Profile,
  server: ScratchServer,
  sizing: Sizing,
): Promise<{ prepared: Prepared; filled: Filled }> {
  const filled: Filled = new Map();
  const prepared = await prepareAt(profile, server, { place: profile.wanted[0] ?? 0, from: 0, filled, sizing });
  return { prepared, filled };
}

/**
 * Runs the wanted migrations one after the other on a prepared database (those of the history that lie between them are
 * replayed unwatched), then back again, the last first. Stops after the first that fails.
 */
export async function runSeries(
  profile: Profile,
  server: ScratchServer,
  begun: { readonly prepared: Prepared; readonly filled: Filled; readonly sizing: Sizing; readonly back: boolean },
): Promise<StagingRun[]> {
  const { history, wanted, session, phase, progress, control, signal } = profile;
  const filled: Filled = new Map(begun.filled);
  const runs: StagingRun[] = [];
  let replayed = wanted[0] ?? 0;
  for (const place of wanted) {
    const migration = history.migrations[place];
    if (migration === undefined) continue;
    const prepared =
      runs.length === 0
        ? begun.prepared
        : await prepareAt(profile, server, { place, from: replayed, filled, sizing: begun.sizing });
    // Where there are no rows, there is little to write, in a file for each of very many empty tables.
    if (server.place === 'embedded' && prepared.tables.some(({ rows }) => rows > 0))
      await withClient(server.url, { applicationName: 'lockkeeper prepare' }, writeOut);
    phase.name = `running ${migration.migration.id}`;
    const run = await withClient(server.url, { applicationName: 'lockkeeper watch' }, (watch) =>
      withClient(server.url, session, (work) =>
        measuredRun({
          work,
          watch,
          control,
          server,
          migration,
          prepared,
          settings: history.settings,
          history: history.history,
          productionMajor: profile.productionMajor,
          probing: profile.probing,
          phase: phase.name,
          signal,
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
  return begun.back ? withWaysBack(profile, server, runs) : runs;
}

/** The last migration first; what lies between two wanted ones is not rolled back, so there it ends. */
async function withWaysBack(
  profile: Profile,
  server: ScratchServer,
  runs: readonly StagingRun[],
): Promise<StagingRun[]> {
  const { history, wanted, parser, session, phase, progress, control, signal } = profile;
  const measured = [...runs];
  for (let index = runs.length - 1; index >= 0; index -= 1) {
    const run = runs[index];
    const place = wanted[index] ?? -1;
    const migration = history.migrations[place];
    if (run === undefined || migration === undefined || run.outcome === 'failed') continue;
    const way = wayBack(history, migration, parser);
    if ('none' in way) {
      measured[index] = { ...run, notes: [...run.notes, `Its rollback was not run: ${way.none}.`.replace('..', '.')] };
      break;
    }
    phase.name = `rolling ${migration.migration.id} back`;
    progress(`Rolling ${migration.migration.id} back`);
    const rollback = await withClient(server.url, { applicationName: 'lockkeeper watch' }, (watch) =>
      withClient(server.url, session, (work) =>
        measuredRollback(
          {
            work,
            watch,
            control,
            major: server.identity.major,
            local: server.place === 'embedded',
            phase: phase.name,
            signal,
          },
          way,
        ),
      ),
    );
    measured[index] = { ...run, rollback: rounded(rollback) };
    if (rollback.outcome === 'failed' || wanted[index - 1] !== place - 1) break;
  }
  return measured;
}

/** Brings a database from before one migration (`from`) to before another, the tables that this one touches filled. */
export async function prepareAt(
  profile: Profile,
  server: ScratchServer,
  at: { readonly place: number; readonly from: number; readonly filled: Filled; readonly sizing: Sizing },
): Promise<Prepared> {
  return withClient(server.url, { applicationName: 'lockkeeper prepare' }, async (client) => {
    // Of data that came with the server, what comes before is there; what lies between two migrations is replayed as elsewhere.
    const given = server.holdsData && at.from === 0;
    const from = given ? await appliedPrefix(client, profile, server, at.place) : at.from;
    const notes = given && from === at.place ? [] : await replay(profile, server, client, { ...at, from, given });
    const { statistics } = profile;
    if (server.holdsData) {
      const migration = profile.history.migrations[at.place];
      const tables = migration === undefined ? [] : await tablesAsTheyAre(client, migration);
      const { source, takenAt, bytes } = server.snapshot;
      return { tables, notes, snapshot: { source, takenAt, statistics, bytes, fraction: shareOf(tables, profile) } };
    }
    const tables = await fill(profile, client, at);
    const bytes = tables.reduce((sum, one) => sum + one.bytes, 0);
    const { fraction } = at.sizing;
    return { tables, notes, snapshot: { source: 'made-up rows', takenAt: null, statistics, bytes, fraction } };
  });
}

/** Rows of the tables whose size in production is known, as a share of that. */
function shareOf(tables: readonly FilledTable[], { production }: Profile): number | null {
  const known = tables.flatMap(({ table, rows }) => {
    const there = production(table);
    return there === null || there === 0 ? [] : [{ rows, there }];
  });
  const there = known.reduce((sum, one) => sum + one.there, 0);
  return there === 0 ? null : known.reduce((sum, one) => sum + one.rows, 0) / there;
}

async function replay(
  { history, parser, wanted, phase, progress, control, signal }: Profile,
  server: ScratchServer,
  client: Client,
  { place, from, given = false }: { readonly place: number; readonly from: number; readonly given?: boolean },
): Promise<string[]> {
  const earlier = history.migrations.slice(from, place);
  if (earlier.length === 0 && (from > 0 || given)) return [];
  phase.name = 'replaying the history';
  const backend = await backendPid(client);
  await endWithUs(client);
  return withServerCancel({ control, backend, signal, phase: phase.name }, () =>
    replayHistory(client, {
      history,
      migrations: earlier,
      parser,
      fromNothing: from === 0 && !given,
      makeRoles: server.place === 'embedded',
      phase: phase.name,
      onMigration: ({ migration: { id } }) => {
        throwIfAborted(signal, phase.name);
        progress(`Replaying ${id}`, 20 / earlier.length / wanted.length);
      },
    }),
  );
}

async function fill(
  { history, parser, shapes, wanted, phase, progress, control, signal }: Profile,
  client: Client,
  { place, from, filled, sizing }: { place: number; from: number; filled: Filled; sizing: Sizing },
): Promise<FilledTable[]> {
  phase.name = 'filling tables';
  const migration = history.migrations[place];
  if (migration === undefined) return [];
  const profiled = wanted.flatMap((one) => history.migrations[one] ?? []);
  const last = profiled.at(-1) ?? migration;
  const backend = await backendPid(client);
  await endWithUs(client);
  const fillFor = async (of: readonly MigrationAnalysis[]): Promise<FilledTable[]> => {
    const names = new Set(of.flatMap((one) => touchedTables(one, migration.before)));
    const touched = [...(await serverRelations(client)).values()].filter(({ name }) => names.has(name));
    return fillTables(client, {
      parser,
      touched: touched.map(({ oid }) => oid),
      rows: sizing.rows,
      catalogs: { before: migration.before, after: last.after },
      statistics: shapes,
      share: sizing.share ?? sizing.fraction ?? 1,
      filled,
      onTable: (table) => {
        throwIfAborted(signal, phase.name);
        progress(`Filling ${table}`, 35 / Math.max(1, touched.length));
      },
    });
  };
  return withServerCancel({ control, backend, signal, phase: phase.name }, async () => {
    // All at once, so that references between the tables of several migrations can be kept.
    if (from === 0 && profiled.length > 1) await fillFor(profiled);
    return fillFor([migration]);
  });
}
