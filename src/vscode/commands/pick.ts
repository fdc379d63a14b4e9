import { CancellationError, Uri, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type {
  Addresses,
  EnvironmentSummary,
  FolderSummary,
  HistorySummary,
  MigrationKey,
  MigrationSummary,
  ProposedAddress,
} from '../engine/protocol.ts';
import { CommandError } from '../errors.ts';
import type { Services } from '../services.ts';

/**
 * What a command is about: the row whose menu it was called from, else the file given or shown in the editor, else
 * what the person picks.
 *
 * @param argument what the editor passed: a row of the tree, a file's Uri, or nothing
 * @throws CancellationError, where the person picked nothing
 */
export async function pickMigration(services: Services, argument: unknown): Promise<MigrationSummary> {
  await services.workspace.ready;
  const target = targetOf(argument);
  const named = target === null ? undefined : services.workspace.migration(target);
  if (named !== undefined) return named;
  const path = argument instanceof Uri ? argument.fsPath : window.activeTextEditor?.document.uri.fsPath;
  const shown = path === undefined ? undefined : services.workspace.migrationOf(path);
  if (shown !== undefined) return shown;
  const all = newestFirst(services.workspace.histories);
  if (all.length === 0) throw noMigrations();
  return pick(all, migrationItem, 'Which migration?');
}

/** All migrations of some histories: those of this branch, then the earlier ones; the newest of each first. */
export function newestFirst(histories: readonly HistorySummary[]): readonly MigrationSummary[] {
  const all = histories.flatMap(({ migrations }) => migrations.toReversed());
  return [...all.filter(({ isNew }) => isNew), ...all.filter(({ isNew }) => !isNew)];
}

/** A migration in a list to choose from. */
export function migrationItem({ key, isNew }: MigrationSummary): QuickPickItem {
  return { label: key.migration, description: isNew ? `${key.history}, this branch` : key.history };
}

/** As `pickMigration`, for commands about a whole history. */
export async function pickHistory(services: Services, argument: unknown): Promise<HistorySummary> {
  await services.workspace.ready;
  const target = targetOf(argument);
  const { histories } = services.workspace;
  const named =
    target === null ? undefined : histories.find(({ folder, id }) => folder === target.folder && id === target.history);
  if (named !== undefined) return named;
  const path = window.activeTextEditor?.document.uri.fsPath;
  const shown = path === undefined ? undefined : services.workspace.migrationOf(path);
  const history = shown === undefined ? undefined : services.workspace.history(shown.key);
  if (history !== undefined) return history;
  if (histories.length === 0) throw noMigrations();
  return pick(histories, ({ id, label }) => ({ label: id, description: label }), 'Which history?');
}

/** One of the folder's environments. */
export async function pickEnvironment(
  services: Services,
  folder: string,
  question: string,
): Promise<EnvironmentSummary> {
  const environments = services.workspace.folder(folder)?.environments ?? [];
  return pick(
    environments,
    (environment) => ({
      label: environment.name,
      description: `${environment.class}${services.environments.knows(folder, environment) ? '' : ', no URL set here'}`,
    }),
    question,
    { evenIfOne: true },
  );
}

export async function pickFolder(services: Services, argument: unknown): Promise<FolderSummary> {
  await services.workspace.ready;
  const target = targetOf(argument);
  const named = target === null ? undefined : services.workspace.folder(target.folder);
  if (named !== undefined) return named;
  const { folders } = services.workspace;
  if (folders.length === 0)
    throw new CommandError('Open a folder first.', { title: 'Open Folder', command: 'vscode.openFolder' });
  return pick(folders, ({ name, folder }) => ({ label: name, description: folder }), 'Which folder?');
}

/** The folder's URLs; where the environment has none, it is asked for and kept in the secret storage. */
export async function addressesWith(
  services: Services,
  folder: string,
  environment: EnvironmentSummary,
): Promise<Addresses> {
  if (!services.environments.knows(folder, environment)) await askUrl(services, folder, environment);
  return services.environments.addresses(folder);
}

/** Asks for a URL and keeps it. For a development environment what the folder's compose file publishes is proposed. */
export async function askUrl(services: Services, folder: string, environment: EnvironmentSummary): Promise<void> {
  const proposed = environment.class === 'development' ? await proposedAddress(services, folder, environment) : null;
  const url = proposed?.isWhole === true ? proposed.url : await typedUrl(environment, proposed?.url ?? '');
  await services.environments.set(folder, environment.name, url);
}

/** Null: none is proposed, or the person has another. */
async function proposedAddress(
  services: Services,
  folder: string,
  environment: EnvironmentSummary,
): Promise<ProposedAddress | null> {
  const proposals = await services.engine.call('composeDatabases', { folder });
  if (proposals.length === 0) return null;
  return pick(
    [...proposals, null],
    (one) => (one === null ? { label: 'Another URL…' } : { label: one.label, description: one.from }),
    `URL of ${environment.name}`,
  );
}

/** @param value what the person may go on from */
async function typedUrl(environment: EnvironmentSummary, value: string): Promise<string> {
  const url = await window.showInputBox({
    title: `URL of ${environment.name}`,
    value,
    prompt: `Kept in the editor's secret storage, never in a file. Class ${environment.class}.`,
    placeHolder: 'postgresql://user:password@host:5432/database',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^postgres(ql)?:\/\//.test(text) ? null : 'A PostgreSQL URL starts with postgresql:// or postgres://',
  });
  if (url === undefined) throw new CancellationError();
  return url;
}

/** What is run, measured, approved or applied is what lies on disk: unsaved text of these files is saved first. */
export async function saveFirst(migrations: readonly MigrationSummary[]): Promise<void> {
  const files = new Set(migrations.map(({ path }) => path));
  const unsaved = workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && files.has(uri.fsPath));
  for (const document of unsaved) {
    if (!(await document.save())) throw new CommandError(`${document.uri.fsPath} could not be saved.`);
  }
}

interface PickOptions {
  /** Ask although there is only one. */
  readonly evenIfOne?: boolean;
}

/** Lets the person choose; one alone is taken without asking. */
export async function pick<T>(
  choices: readonly T[],
  describe: (choice: T) => QuickPickItem,
  title: string,
  options: PickOptions = {},
): Promise<T> {
  const [only] = choices;
  if (choices.length === 1 && only !== undefined && options.evenIfOne !== true) return only;
  const items = choices.map((choice) => ({ ...describe(choice), choice }));
  const picked = await window.showQuickPick(items, { title, matchOnDescription: true });
  if (picked === undefined) throw new CancellationError();
  return picked.choice;
}

function targetOf(argument: unknown): MigrationKey | null {
  if (typeof argument !== 'object' || argument === null || !('target' in argument)) return null;
  return argument.target as MigrationKey;
}

/** Said where a command needs a migration and there is none. */
export function noMigrations(): CommandError {
  return new CommandError(
    'No migrations were found in the open folders. Lockkeeper knows Prisma, Supabase, Flyway, golang-migrate, dbmate and folders of plain SQL by their file names; others can be named in lockkeeper.jsonc.',
    { title: 'Open lockkeeper.jsonc', command: 'lockkeeper.openConfiguration' },
  );
}
