import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import { migrationDigest } from '../core/digest.ts';
import { isGate, type Gate } from '../core/policy/gate.ts';
import type { ApplyRun } from '../core/report/applyRun.ts';
import { appliedMigrations } from './apply/appliedMigrations.ts';
import { withAdvisoryLock } from './apply/advisoryLock.ts';
import { applyMigration } from './apply/applyMigration.ts';
import { backendPid, throwIfAborted } from './apply/cancellation.ts';
import { historyTable, type HistoryTable } from './apply/historyTable.ts';
import { refusePooler } from './apply/pooler.ts';
import { demandRunnable } from './apply/runnable.ts';
import { withClient, type SessionOptions } from './connection.ts';
import type { EnvironmentTarget } from './environments.ts';
import { rememberProductionServer } from './productionServers.ts';
import { RunError } from './runError.ts';
import { DEFAULT_LOCK_TIMEOUT, type RunProgress } from './runProgress.ts';
import { serverIdentity, sessionSettings, type ServerIdentity } from './serverIdentity.ts';

export interface ApplyRequest {
  readonly history: HistoryAnalysis;
  /** One open gate per migration, of purpose `apply`, in the history's order. */
  readonly gates: readonly Gate[];
  readonly environment: EnvironmentTarget;
  /** The up script as it lies on disk at this moment, by its path relative to the history's root. */
  readonly readText: (path: string) => Promise<string>;
  /** Plain SQL only: the id up to which migrations count as applied before Lockkeeper came (`adoptedAt`). */
  readonly adoptedAt?: string | null;
  /** Milliseconds; default 2 s. */
  readonly lockTimeout?: number;
  /** After a lock timeout or a deadlock; default 10. */
  readonly retries?: number;
  /** Wait so long for another applier, milliseconds; default 30 s. */
  readonly patience?: number;
  /** Other session settings. */
  readonly session?: SessionOptions;
  /** Where servers of class production are remembered; left out: nowhere. */
  readonly productionServersFile?: string;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * *Apply*: runs migrations in their tool's transaction mode and writes the tool's own history table. Stops at the first
 * that fails; that one's run (with the state of the server in words) is the last of the result.
 *
 * @throws before anything was run: RunError 'gate', 'changed', 'tool', 'script', 'migration', 'history', 'locked',
 *   'pooler', 'production', 'not possible', 'cancelled'; ConnectionError
 */
export async function applyMigrations(request: ApplyRequest): Promise<ApplyRun[]> {
  const table = historyTable(request.history.history);
  const migrations = admitted(request);
  const { environment, lockTimeout = DEFAULT_LOCK_TIMEOUT, signal } = request;
  const session = { lockTimeout, ...request.session, signal: undefined };
  throwIfAborted(signal, 'connecting');
  return withClient(environment.url, { applicationName: 'lockkeeper journal' }, async (journal) => {
    await refusePooler(journal);
    const identity = await serverIdentity(journal);
    await refuseServer(request, identity);
    const lock = {
      patience: request.patience ?? 30_000,
      signal,
      onWait: (holder: string) => request.onProgress?.({ message: `Waiting for another applier${holder}` }),
    };
    return withAdvisoryLock(journal, table.lockKey, lock, async () => {
      await table.ensure(journal);
      await demandPending(journal, request, migrations);
      return withClient(environment.url, { applicationName: 'lockkeeper control' }, (control) =>
        withClient(environment.url, session, (work) =>
          runAll({ request, table, migrations, journal, control, work, identity, lockTimeout }),
        ),
      );
    });
  });
}

interface Admitted {
  readonly analysis: MigrationAnalysis;
  readonly digest: string;
}

/** The migrations of the gates, each let in by its own. @throws RunError 'gate', 'migration', 'script' */
function admitted({ history, gates, environment }: ApplyRequest): Admitted[] {
  if (gates.length === 0) throw new RunError('gate', 'Nothing to apply: no gate was given.');
  return gates.map((gate) => {
    if (!isGate(gate)) throw new RunError('gate', 'Refused: what was given is no verdict of the policy.');
    const analysis = history.migrations.find(({ migration }) => migration.id === gate.migration);
    if (analysis === undefined)
      throw new RunError('migration', `${history.history.id} has no migration ${gate.migration}.`);
    const digest = migrationDigest(analysis.migration);
    const to = { history: history.history.id, migration: gate.migration, digest, environment: environment.name };
    if (!gate.admits(to)) throw new RunError('gate', shutGate(gate, digest, environment));
    demandRunnable(history.history, analysis);
    return { analysis, digest };
  });
}

function shutGate(gate: Gate, digest: string, environment: EnvironmentTarget): string {
  const head = `The gate to ${environment.name} is shut for ${gate.migration}`;
  if (!gate.open) return `${head}: ${gate.missing.map(({ text }) => text).join('; ')}`;
  if (gate.digest !== digest) return `${head}: the migration is not the one that the gate was opened for.`;
  if (gate.purpose !== 'apply') return `${head}: it was opened for the team's own tool, not for Lockkeeper.`;
  return `${head}: it was opened for ${gate.environment.name}.`;
}

async function refuseServer(
  { environment, productionServersFile }: ApplyRequest,
  identity: ServerIdentity,
): Promise<void> {
  if (identity.standby)
    throw new RunError('not possible', `${environment.name} is a standby: nothing can be applied there.`);
  if (environment.class === 'production') {
    if (productionServersFile !== undefined && identity.systemIdentifier !== null)
      await rememberProductionServer(productionServersFile, identity.systemIdentifier);
  } else if (identity.marker === 'production') {
    throw new RunError(
      'production',
      `Refused: ${environment.name} is of class ${environment.class}, but the database ${identity.database} says that it is production (its setting lockkeeper.environment).`,
    );
  }
}

/** Each must be pending, with none before it left out. @throws RunError 'migration' or 'history' */
async function demandPending(journal: Client, request: ApplyRequest, migrations: readonly Admitted[]): Promise<void> {
  const { history } = request.history;
  const { migrations: applied, table } = await appliedMigrations(journal, history);
  const failed = applied.find(({ state }) => state === 'failed');
  if (failed) {
    throw new RunError(
      'history',
      `${failed.id} was begun and not finished, says ${table}. Nothing is applied until that is resolved.`,
    );
  }
  const done = new Set(applied.map(({ id }) => id));
  const adopted = history.migrations.findIndex(({ id }) => id === request.adoptedAt);
  const wanted = new Set(migrations.map(({ analysis }) => analysis.migration.id));
  for (const id of wanted) {
    if (done.has(id)) throw new RunError('migration', `${id} is applied already, says ${table}.`);
    const place = history.migrations.findIndex((one) => one.id === id);
    const earlier = history.migrations
      .slice(adopted + 1, place)
      .find((one) => !done.has(one.id) && !wanted.has(one.id));
    if (earlier) {
      const hint = history.tool === 'plain' ? ' If it is there already, set "adoptedAt" in lockkeeper.jsonc.' : '';
      throw new RunError('history', `${earlier.id} comes before ${id} and is not applied.${hint}`);
    }
  }
}

interface Applying {
  readonly request: ApplyRequest;
  readonly table: HistoryTable;
  readonly migrations: readonly Admitted[];
  readonly journal: Client;
  readonly control: Client;
  readonly work: Client;
  readonly identity: ServerIdentity;
  readonly lockTimeout: number;
}

async function runAll(applying: Applying): Promise<ApplyRun[]> {
  const { work, lockTimeout, migrations, request } = applying;
  await refusePooler(work);
  const settings = await sessionSettings(work);
  const { rows } = await work.query<{ milliseconds: number }>(
    "SELECT setting::int8::float8 AS milliseconds FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'",
  );
  if (rows[0]?.milliseconds !== lockTimeout)
    throw new RunError(
      'not possible',
      `The server did not take lock_timeout = ${lockTimeout} ms: nothing is run without it.`,
    );
  const backend = await backendPid(work);
  const runs: ApplyRun[] = [];
  for (const migration of migrations) {
    // The connection is reset between two migrations, as it would be between two runs of a tool.
    if (runs.length > 0) await work.query('DISCARD ALL');
    await demandUnchanged(request, migration);
    const run = await applyMigration({ ...applying, ...migration, settings, backend });
    runs.push(run);
    if (run.outcome !== 'applied') break;
  }
  return runs;
}

/** @throws RunError 'changed' */
async function demandUnchanged({ readText }: ApplyRequest, { analysis: { migration } }: Admitted): Promise<void> {
  if ((await readText(migration.path)) === migration.text) return;
  throw new RunError(
    'changed',
    `${migration.path} is not what was checked: it was changed meanwhile, or is not saved.`,
  );
}
