import { ProgressLocation, window } from 'vscode';
import { EngineError } from '../engine/client.ts';
import type { EnvironmentSummary, MigrationSummary, ReportDocument } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { stagingCommand } from '../settings.ts';
import { pick, pickMigration, saveFirst } from './pick.ts';
import { askOptions, DEFAULT_OPTIONS, type ProfileOptions } from './profileOptions.ts';

/** Runs the migration on staging, or on a throw-away server of this machine, and shows what was measured. */
export async function profile(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  const place = await choosePlace(services, migration.key.folder);
  await profileAt(services, migration, place, DEFAULT_OPTIONS);
}

/** The same, asked first how large, and what belongs to it. */
export async function profileWithOptions(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  const { folder } = migration.key;
  const place = await choosePlace(services, folder);
  const options = await askOptions({
    sized: place.server === 'embedded' || place.server === 'scratch',
    environments: knownEnvironments(services, folder),
  });
  await profileAt(services, migration, place, options);
}

async function profileAt(
  services: Services,
  migration: MigrationSummary,
  place: PlaceChoice,
  options: ProfileOptions,
): Promise<void> {
  await saveFirst([migration]);
  const report = await runWithConsent((mayDownload) => run(services, migration, { place, options, mayDownload }));
  if (report !== null) services.reports.show(report);
}

interface PlaceChoice {
  readonly server: 'embedded' | 'scratch' | 'template' | 'in-place' | 'command';
  readonly environment: EnvironmentSummary | null;
  readonly label: string;
  readonly description: string;
}

const THROW_AWAY: PlaceChoice = {
  server: 'embedded',
  environment: null,
  label: 'Throw-away server',
  description: 'an embedded PostgreSQL on this machine',
};

/** Environments that have a URL here, with what can be done there; without one, a throw-away server. Choosing is the consent. */
async function choosePlace(services: Services, folder: string): Promise<PlaceChoice> {
  const known = knownEnvironments(services, folder);
  const staging = known.filter((one) => one.class === 'staging');
  const choices: PlaceChoice[] = [
    ...staging.map((one) => choice('scratch', one, 'in an empty scratch database on this server, dropped afterwards')),
    ...staging.map((one) => choice('template', one, 'on a clone of its golden database')),
    ...staging.map((one) =>
      choice('in-place', one, 'in the database itself, rolled back; others there wait meanwhile'),
    ),
    ...known
      .filter((one) => one.class === 'development')
      .map((one) =>
        choice('scratch', one, 'in an empty scratch database on this development server, dropped afterwards'),
      ),
    ...(stagingCommand() === null
      ? []
      : [
          {
            ...THROW_AWAY,
            server: 'command' as const,
            label: 'Staging command',
            description: 'what your own command makes',
          },
        ]),
    THROW_AWAY,
  ];
  return choices.length === 1
    ? THROW_AWAY
    : pick(choices, ({ label, description }) => ({ label, description }), 'Profile where?');
}

function knownEnvironments(services: Services, folder: string): readonly EnvironmentSummary[] {
  const all = services.workspace.folder(folder)?.environments ?? [];
  return all.filter((environment) => services.environments.knows(folder, environment));
}

function choice(server: PlaceChoice['server'], environment: EnvironmentSummary, description: string): PlaceChoice {
  return { server, environment, label: environment.name, description };
}

async function runWithConsent(
  attempt: (mayDownload: boolean) => Promise<ReportDocument>,
): Promise<ReportDocument | null> {
  try {
    return await attempt(false);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason !== 'download needed') throw error;
    const download = 'Download';
    const choice = await window.showWarningMessage(
      'Profiling needs a PostgreSQL server, and none is on this machine.',
      { modal: true, detail: error.message },
      download,
    );
    return choice === download ? attempt(true) : null;
  }
}

async function run(
  services: Services,
  { key }: MigrationSummary,
  how: { readonly place: PlaceChoice; readonly options: ProfileOptions; readonly mayDownload: boolean },
): Promise<ReportDocument> {
  const { server, environment, label } = how.place;
  const addresses = await services.environments.addresses(key.folder);
  const where = server === 'embedded' ? 'a throw-away server' : label;
  return window.withProgress(
    { location: ProgressLocation.Notification, title: `Profiling ${key.migration} on ${where}`, cancellable: true },
    (progress, token) =>
      services.engine.call(
        'profile',
        {
          key,
          addresses,
          environment: environment?.name ?? null,
          server,
          command: stagingCommand(),
          mayDownload: how.mayDownload,
          options: how.options,
        },
        {
          token,
          onProgress: (step) => {
            progress.report(step);
          },
        },
      ),
  );
}
