import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HistoryAnalysis } from '../../core/analyze.ts';
import type { Knowledge, MigrationOverview } from '../../core/overview.ts';
import type { Gate } from '../../core/policy/gate.ts';
import type { Evidence } from '../../core/records/record.ts';
import type { ApplyRun } from '../../core/report/applyRun.ts';
import { applyEvidence, integrityEvidence } from '../../core/report/evidence.ts';
import type { IntegrityResult } from '../../core/report/integrityResult.ts';
import { applyMigrations } from '../apply.ts';
import { appliedMigrations } from '../apply/appliedMigrations.ts';
import { withClient } from '../connection.ts';
import type { EnvironmentTarget } from '../environments.ts';
import { productionServersFile } from '../productionServers.ts';
import type { RunProgress } from '../runProgress.ts';
import { demandStore, saveEvidence, seenRecords } from '../records.ts';
import { integritySnapshot, verifyDatabase } from '../verify.ts';

export interface ApplyWorkflow {
  readonly history: HistoryAnalysis;
  /** The history's folder, absolute. */
  readonly folder: string;
  /** In the history's order. */
  readonly migrations: readonly MigrationOverview[];
  /** One per migration, of purpose `apply`. */
  readonly gates: readonly Gate[];
  readonly environment: EnvironmentTarget;
  readonly adoptedAt: string | null;
  readonly lockTimeout?: number;
  readonly store: string;
  readonly knowledge: Knowledge;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyOutcome {
  readonly runs: readonly ApplyRun[];
  /** Null where nothing was applied, or the check could not be made after a cancel. */
  readonly integrity: IntegrityResult | null;
  /** What went wrong after the apply, in sentences: the verification, or keeping the evidence. The runs stand all the same. */
  readonly troubles: readonly string[];
}

/**
 * *Apply*, from the snapshot before to the verification after, each leaving its evidence in the user's own store.
 *
 * @throws what `applyMigrations` throws; RunError 'not possible' where evidence can't be kept, before anything is done
 */
export async function applyAndRecord(workflow: ApplyWorkflow): Promise<ApplyOutcome> {
  const { history, folder, migrations, gates, environment, adoptedAt, store, knowledge, onProgress, signal } = workflow;
  await demandStore(store);
  const troubles: string[] = [];
  const keep = async (evidence: Evidence | null): Promise<void> => {
    try {
      if (evidence !== null) await saveEvidence(store, evidence);
    } catch (error) {
      troubles.push(`Evidence was not kept: ${errorText(error)}`);
    }
  };
  const ids = migrations.map(({ migration }) => migration.id);
  onProgress?.({ message: `Counting rows in ${environment.name}` });
  const before = await integritySnapshot({ history, migrations: ids, environment, signal });
  const runs = await applyMigrations({
    history,
    gates,
    environment,
    adoptedAt,
    readText: (path) => readFile(join(folder, path), 'utf8'),
    ...(workflow.lockTimeout === undefined ? {} : { lockTimeout: workflow.lockTimeout }),
    productionServersFile: productionServersFile(),
    onProgress,
    signal,
  });
  for (const run of runs) {
    const base = migrations.find(({ migration }) => migration.id === run.migration)?.base ?? null;
    await keep(applyEvidence(run, { saw: saw(knowledge, run), base }));
  }
  const last = runs.filter(({ outcome }) => outcome === 'applied').at(-1);
  if (last === undefined || signal?.aborted === true) return { runs, integrity: null, troubles };
  onProgress?.({ message: `Verifying ${environment.name}` });
  let integrity: IntegrityResult;
  try {
    integrity = await verifyDatabase({
      history,
      environment,
      migration: last.migration,
      before,
      productionServersFile: productionServersFile(),
      onProgress,
      signal,
    });
  } catch (error) {
    // What was applied must be told, whatever becomes of the look at it.
    troubles.push(`Not verified: ${errorText(error)}`);
    return { runs, integrity: null, troubles };
  }
  // One look at the database speaks for every migration that was just applied.
  for (const run of runs.filter(({ outcome }) => outcome === 'applied')) {
    const subject = migrations.find(({ migration }) => migration.id === run.migration);
    const about = { ...integrity, migration: { id: run.migration, digest: run.digest } };
    await keep(integrityEvidence(about, { saw: saw(knowledge, run), base: subject?.base ?? null }));
  }
  return { runs, integrity, troubles };
}

/** Ids of the migrations that an environment's own table does not name as applied, in order. @throws ConnectionError */
export async function pendingMigrations(
  history: HistoryAnalysis,
  environment: EnvironmentTarget,
  options: { readonly adoptedAt: string | null; readonly signal?: AbortSignal | undefined },
): Promise<readonly string[]> {
  const session = { applicationName: 'lockkeeper apply', signal: options.signal };
  const applied = await withClient(environment.url, session, (client) => appliedMigrations(client, history.history));
  const done = new Set(applied.migrations.filter(({ state }) => state === 'applied').map(({ id }) => id));
  const ids = history.migrations.map(({ migration }) => migration.id);
  const adopted = options.adoptedAt === null ? -1 : ids.indexOf(options.adoptedAt);
  return ids.filter((id, index) => index > adopted && !done.has(id));
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function saw(knowledge: Knowledge, about: { readonly history: string; readonly migration: string }): readonly string[] {
  return seenRecords(knowledge.records.records, about);
}
