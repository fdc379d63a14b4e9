import { commands, ProgressLocation, Range, Uri, window, workspace } from 'vscode';
import { CommandError } from '../errors.ts';
import type { MigrationKey } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { migrationItem, newestFirst, noMigrations, pick, pickFolder, pickMigration } from './pick.ts';

export async function openMigration(services: Services, argument: unknown): Promise<void> {
  const { path } = await pickMigration(services, argument);
  const line = lineOf(argument);
  const selection = line === null ? {} : { selection: new Range(line, 0, line, 0) };
  await window.showTextDocument(Uri.file(path), { preview: true, ...selection });
}

/** Lists the migrations, new ones first, and opens the one that is chosen; where the argument says so, of one history, or only new ones. */
export async function goToMigration(services: Services, argument: unknown): Promise<void> {
  await services.workspace.ready;
  const { target, fresh } = (argument ?? {}) as { target?: Pick<MigrationKey, 'folder' | 'history'>; fresh?: boolean };
  const inHistory = services.workspace.histories.filter(
    ({ folder, id }) => target === undefined || (folder === target.folder && id === target.history),
  );
  const all = newestFirst(inHistory).filter(({ isNew }) => fresh !== true || isNew);
  if (all.length === 0) {
    if (fresh !== true || inHistory.length === 0) throw noMigrations();
    void window.showInformationMessage('No migration is new on this branch: all are on the default branch.');
    return;
  }
  const { path } = await pick(all, migrationItem, 'Go to migration', { evenIfOne: fresh !== true });
  await window.showTextDocument(Uri.file(path));
}

/** The line that a report's link names, from 0. */
function lineOf(argument: unknown): number | null {
  if (typeof argument !== 'object' || argument === null || !('line' in argument)) return null;
  return typeof argument.line === 'number' && argument.line > 0 ? argument.line - 1 : null;
}

/** The statement's lock impact where the cursor is: the hover, without a mouse. */
export async function explainStatement(): Promise<void> {
  if (window.activeTextEditor === undefined)
    throw new CommandError('Open a migration and put the cursor on a statement.');
  await commands.executeCommand('editor.action.showHover');
}

/** A rule's page, as it was shipped. */
export async function showRule({ context }: Services, rule: unknown): Promise<void> {
  if (typeof rule !== 'string' || !/^[a-z0-9-]+$/.test(rule)) throw new CommandError('No such rule.');
  await commands.executeCommand(
    'markdown.showPreview',
    Uri.joinPath(context.extensionUri, 'docs', 'rules', `${rule}.md`),
  );
}

/** Ranks the old migrations by what they would do if they ran today. */
export async function scanHistory(services: Services): Promise<void> {
  await services.workspace.ready;
  if (services.workspace.histories.length === 0) throw noMigrations();
  await window.withProgress({ location: ProgressLocation.Window, title: 'Scanning history' }, () =>
    services.scan.show(),
  );
}

export async function refresh(services: Services): Promise<void> {
  if (services.workspace.stopped === null) await services.workspace.refresh();
  else services.engine.restart();
}

export async function openProductionSetting(): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', 'lockkeeper.apply.allowProduction');
}

const TEMPLATE = `{
  // PostgreSQL's major version where this schema runs. Assumed if left out: 16.
  "postgresVersion": 16,

  // Environments by name; their URLs are never kept here. "Lockkeeper: Set Environment URL" keeps them in the editor.
  "environments": {
    "staging": { "class": "staging" },
    "production": { "class": "production" }
  },

  // Who may approve in which role, as e-mail addresses. A role that is not named is open to everybody.
  "roles": {}
}
`;

/** lockkeeper.jsonc; where there is none, a first text for it, which is written only when it is saved. */
export async function openConfiguration(services: Services, argument: unknown): Promise<void> {
  const { folder } = await pickFolder(services, argument);
  const file = Uri.joinPath(Uri.file(folder), 'lockkeeper.jsonc');
  const exists = await workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (exists) {
    await window.showTextDocument(file);
    return;
  }
  const document = await workspace.openTextDocument(file.with({ scheme: 'untitled' }));
  const editor = await window.showTextDocument(document);
  if (document.getText() === '') {
    await editor.edit((edit) => {
      edit.insert(document.positionAt(0), TEMPLATE);
    });
  }
}
