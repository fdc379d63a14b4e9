import { ProgressLocation, window } from 'vscode';
import { EngineError } from '../engine/client.ts';
import type { EnvironmentSummary, MigrationSummary, ReportDocument } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { pick, pickMigration, saveFirst } from './pick.ts';

/** Runs the migration on staging, or on a throw-away server of this machine, and shows what was measured. */
export async function profile(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  await saveFirst([migration]);
  const environment = await choosePlace(services, migration.key.folder);
  const report = await runWithConsent(services, migration, environment);
  if (report !== null) services.reports.show(report);
}

/** Staging environments that have a URL here; without one, a throw-away server. */
async function choosePlace(services: Services, folder: string): Promise<EnvironmentSummary | null> {
  const staging = (services.workspace.folder(folder)?.environments ?? []).filter(
    (environment) => environment.class === 'staging' && services.environments.knows(folder, environment),
  );
  if (staging.length === 0) return null;
  const choices: readonly (EnvironmentSummary | null)[] = [...staging, null];
  return pick(
    choices,
    (one) =>
      one === null
        ? { label: 'Throw-away server', description: 'an embedded PostgreSQL on this machine' }
        : { label: one.name, description: 'a scratch database on this server' },
    'Profile where?',
  );
}

async function runWithConsent(
  services: Services,
  migration: MigrationSummary,
  environment: EnvironmentSummary | null,
): Promise<ReportDocument | null> {
  try {
    return await run(services, migration, environment, false);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason !== 'download needed') throw error;
    const download = 'Download';
    const choice = await window.showWarningMessage(
      'Profiling needs a PostgreSQL server, and none is on this machine.',
      { modal: true, detail: error.message },
      download,
    );
    return choice === download ? run(services, migration, environment, true) : null;
  }
}

async function run(
  services: Services,
  { key }: MigrationSummary,
  environment: EnvironmentSummary | null,
  mayDownload: boolean,
): Promise<ReportDocument> {
  const addresses = await services.environments.addresses(key.folder);
  const where = environment === null ? 'a throw-away server' : environment.name;
  return window.withProgress(
    { location: ProgressLocation.Notification, title: `Profiling ${key.migration} on ${where}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'profile',
        { key, addresses, environment: environment?.name ?? null, mayDownload },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
}
