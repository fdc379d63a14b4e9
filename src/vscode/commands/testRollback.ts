import { commands, ProgressLocation, Uri, window, workspace } from 'vscode';
import { EngineError } from '../engine/client.ts';
import type { EnvironmentSummary, MigrationSummary, RollbackTestReport } from '../engine/protocol.ts';
import { proposalUri } from '../proposals.ts';
import type { Services } from '../services.ts';
import { pick, pickMigration, saveFirst } from './pick.ts';

/** Runs the migration up, down and up again on a throw-away server, with rows between, and says what came of it. */
export async function testRollback(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  const report = await tested(services, migration, false);
  if (report === null) return;
  const show = 'Show Report';
  const said = `Rollback of ${migration.key.migration}: ${report.summary}.`;
  const choice = await (report.passed
    ? window.showInformationMessage(said, show)
    : window.showWarningMessage(said, show));
  if (choice === show) await showReport(migration, report);
}

/** Tests the written script and Lockkeeper's beside each other, and shows both texts and what each fails to restore. */
export async function compareRollback(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  const report = await tested(services, migration, true);
  if (report === null) return;
  if (report.written !== null) {
    const file = Uri.file(`${migration.path}.down.sql`);
    const [mine, theirs] = [
      proposalUri(file.with({ path: `${file.path}.written.sql` }), report.written),
      proposalUri(file.with({ path: `${file.path}.lockkeeper.sql` }), report.synthesized),
    ];
    await commands.executeCommand(
      'vscode.diff',
      mine,
      theirs,
      `Rollback of ${migration.key.migration}: mine and Lockkeeper's`,
    );
  } else
    void window.showInformationMessage(
      `${migration.key.migration} has no written rollback: only Lockkeeper's was tested.`,
    );
  await showReport(migration, report);
}

async function showReport({ path }: MigrationSummary, { markdown }: RollbackTestReport): Promise<void> {
  const uri = proposalUri(Uri.file(`${path}.rollback.md`), markdown);
  await workspace.openTextDocument(uri);
  await commands.executeCommand('markdown.showPreviewToSide', uri);
}

async function tested(
  services: Services,
  migration: MigrationSummary,
  both: boolean,
): Promise<RollbackTestReport | null> {
  await saveFirst([migration]);
  const environment = await choosePlace(services, migration.key.folder);
  try {
    return await run(services, migration, { both, environment, mayDownload: false });
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason !== 'download needed') throw error;
    const download = 'Download';
    const choice = await window.showWarningMessage(
      'Testing a rollback needs a PostgreSQL server, and none is on this machine.',
      { modal: true, detail: error.message },
      download,
    );
    return choice === download ? run(services, migration, { both, environment, mayDownload: true }) : null;
  }
}

/** A throw-away server, or the team's own development or staging server: naming it is the consent. */
async function choosePlace(services: Services, folder: string): Promise<EnvironmentSummary | null> {
  const own = (services.workspace.folder(folder)?.environments ?? []).filter(
    (environment) => environment.class !== 'production' && services.environments.knows(folder, environment),
  );
  if (own.length === 0) return null;
  const choices: readonly (EnvironmentSummary | null)[] = [null, ...own];
  return pick(
    choices,
    (one) =>
      one === null
        ? { label: 'Throw-away server', description: 'an embedded PostgreSQL on this machine' }
        : { label: one.name, description: 'a scratch database on this server, dropped afterwards' },
    'Test the rollback where?',
  );
}

async function run(
  services: Services,
  { key }: MigrationSummary,
  options: { readonly both: boolean; readonly environment: EnvironmentSummary | null; readonly mayDownload: boolean },
): Promise<RollbackTestReport> {
  const addresses = await services.environments.addresses(key.folder);
  const { both, mayDownload } = options;
  const environment = options.environment?.name ?? null;
  return window.withProgress(
    { location: ProgressLocation.Notification, title: `Testing the rollback of ${key.migration}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'testRollback',
        { key, addresses, environment, mayDownload, both },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
}
