import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { migrationDigest } from '../core/digest.ts';
import type { IntegrityCheck, IntegrityResult } from '../core/report/integrityResult.ts';
import { appliedMigrations, type AppliedHistory } from './apply/appliedMigrations.ts';
import { throwIfAborted } from './apply/cancellation.ts';
import { withClient, type SessionOptions } from './connection.ts';
import type { EnvironmentTarget } from './environments.ts';
import { appliedCheck } from './integrity/appliedCheck.ts';
import { catalogCheck } from './integrity/catalogComparison.ts';
import { constraintKey, invalidIndexCheck, unvalidatedCheck } from './integrity/catalogCheckResults.ts';
import { invalidIndexes, unvalidatedConstraints } from './integrity/catalogChecks.ts';
import { compareCounts, countTables, recountTables, type TableRows } from './integrity/rowCounts.ts';
import { rememberProductionServer } from './productionServers.ts';
import { RunError } from './runError.ts';
import type { RunProgress } from './runProgress.ts';
import { serverIdentity } from './serverIdentity.ts';
import { nameAtStart, touchedTables } from './staging/touchedTables.ts';

/** The state before an apply, to compare with afterwards. Plain data; names and counts only. */
export interface IntegritySnapshot {
  readonly version: 1;
  /** Ids of the migrations that were to be applied. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableRows[];
  readonly invalidIndexes: readonly string[];
  readonly unvalidatedConstraints: readonly string[];
}

export interface SnapshotRequest {
  readonly history: HistoryAnalysis;
  /** Ids of the migrations that will be applied. */
  readonly migrations: readonly string[];
  readonly environment: EnvironmentTarget;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyRequest {
  readonly history: HistoryAnalysis;
  readonly environment: EnvironmentTarget;
  /** The migration that was applied; left out: the whole database, whatever is applied. */
  readonly migration?: string;
  /** From `integritySnapshot`; left out: row counts are not compared, and nothing is known to have been there before. */
  readonly before?: IntegritySnapshot;
  readonly productionServersFile?: string;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads only, gives way at once to whoever wants a lock, and stops counting a table after a minute. */
const SESSION: SessionOptions = {
  applicationName: 'lockkeeper verify',
  lockTimeout: 1000,
  statementTimeout: 60_000,
  settings: { default_transaction_read_only: 'on' },
};

/** What *Verify* compares with: rows of the tables that the migrations touch, and what is wrong already. @throws ConnectionError, RunError 'migration' */
export async function integritySnapshot(request: SnapshotRequest): Promise<IntegritySnapshot> {
  const tables = new Set(request.migrations.flatMap((id) => touchedTables(demandMigration(request.history, id))));
  return withClient(request.environment.url, { ...SESSION, signal: request.signal }, async (client) => ({
    version: 1,
    migrations: request.migrations,
    tables: await countTables(client, [...tables]),
    invalidIndexes: (await invalidIndexes(client)).map(({ index }) => index),
    unvalidatedConstraints: (await unvalidatedConstraints(client)).map(({ table, constraint }) =>
      constraintKey(table, constraint),
    ),
  }));
}

/**
 * *Verify*: does the tool's table agree with the folder, are rows missing, are there invalid indexes or constraints that
 * nobody validated, is the schema the one that the history makes? Also after the team's own tool applied.
 *
 * @throws ConnectionError; RunError 'migration', 'cancelled'
 */
export async function verifyDatabase(request: VerifyRequest): Promise<IntegrityResult> {
  const { history, environment, signal } = request;
  const began = performance.now();
  const subject = request.migration === undefined ? null : demandMigration(history, request.migration);
  throwIfAborted(signal, 'connecting');
  return withClient(environment.url, { ...SESSION, signal }, async (client) => {
    const identity = await serverIdentity(client);
    if (
      environment.class === 'production' &&
      request.productionServersFile !== undefined &&
      identity.systemIdentifier !== null
    )
      await rememberProductionServer(request.productionServersFile, identity.systemIdentifier);
    const say = (message: string): void => request.onProgress?.({ message, increment: 25 });
    say('Reading what is applied');
    const applied = await appliedMigrations(client, history.history);
    const expected = expectedCatalog(history, applied);
    const checks: IntegrityCheck[] = [appliedCheck(history.history, applied, subject?.migration.id ?? null)];
    say('Counting rows');
    checks.push(await rowCheck(client, request));
    say('Looking for invalid indexes and unvalidated constraints');
    checks.push(
      invalidIndexCheck(await invalidIndexes(client), new Set(request.before?.invalidIndexes)),
      unvalidatedCheck(
        await unvalidatedConstraints(client),
        new Set(request.before?.unvalidatedConstraints),
        subject?.after ?? expected,
      ),
    );
    say('Comparing the schema with the history');
    checks.push(await catalogCheck(client, history, expected));
    return {
      version: 1,
      history: history.history.id,
      migration: subject && { id: subject.migration.id, digest: migrationDigest(subject.migration) },
      environment: environment.name,
      at: identity.now,
      server: { version: identity.version, major: identity.major },
      outcome: checks.some(({ state }) => state === 'failed') ? 'failed' : 'passed',
      checks,
      milliseconds: performance.now() - began,
    };
  });
}

function demandMigration(history: HistoryAnalysis, id: string): MigrationAnalysis {
  const found = history.migrations.find(({ migration }) => migration.id === id);
  if (found === undefined) throw new RunError('migration', `${history.history.id} has no migration ${id}.`);
  return found;
}

async function rowCheck(client: Client, request: VerifyRequest): Promise<IntegrityCheck> {
  if (request.before === undefined) {
    return {
      kind: 'row counts',
      state: 'not run',
      summary: 'nothing was counted before the migration',
      findings: [],
    };
  }
  const after = await recountTables(client, request.before.tables);
  const applied = new Set(request.before.migrations);
  const migrations = request.history.migrations.filter(({ migration }) => applied.has(migration.id));
  return compareCounts(request.before.tables, after, removals(migrations));
}

/** Tables that migrations drop or truncate themselves, by the effects that were predicted. */
function removals(migrations: readonly MigrationAnalysis[]): { dropped: Set<string>; truncated: Set<string> } {
  const dropped = new Set<string>();
  const truncated = new Set<string>();
  for (const migration of migrations) {
    for (const { effects } of migration.statements) {
      for (const { relation, causes } of effects.effects) {
        const name = nameAtStart(migration.before, relation);
        if (causes.some(({ operation }) => operation.startsWith('drop table') || operation === 'drop schema'))
          dropped.add(name);
        if (causes.some(({ operation }) => operation.startsWith('truncate'))) truncated.add(name);
      }
    }
  }
  return { dropped, truncated };
}

/** The catalog that the server should have: after the last applied migration, if none before it is missing. */
function expectedCatalog(history: HistoryAnalysis, applied: AppliedHistory): Catalog | null {
  const done = new Set(applied.migrations.filter(({ state }) => state === 'applied').map(({ id }) => id));
  const last = history.migrations.findLastIndex(({ migration }) => done.has(migration.id));
  if (last < 0 || history.migrations.slice(0, last).some(({ migration }) => !done.has(migration.id))) return null;
  return history.migrations[last]?.after ?? null;
}
