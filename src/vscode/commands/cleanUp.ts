import { CancellationError, ProgressLocation, window } from 'vscode';
import type { Services } from '../services.ts';
import { addressesWith, pickFolder } from './pick.ts';

/** Removes what crashed runs left behind, after the person saw the list. Servers are looked at only if the person chose them. */
export async function cleanUp(services: Services, argument: unknown): Promise<void> {
  const folder = await pickFolder(services, argument);
  const chosen = await chooseServers(services, folder.folder);
  for (const environment of folder.environments.filter(({ name }) => chosen.includes(name)))
    await addressesWith(services, folder.folder, environment);
  const request = {
    folder: folder.folder,
    environments: chosen,
    addresses: await services.environments.addresses(folder.folder),
  };
  const found = await run('Looking for what runs left behind', (token) =>
    services.engine.call('leftovers', request, { token }),
  );
  if (found.length === 0) {
    void window.showInformationMessage('Nothing was left behind.');
    return;
  }
  const yes = 'Remove';
  const choice = await window.showWarningMessage(
    `Remove ${String(found.length)} thing${found.length === 1 ? '' : 's'} that runs of Lockkeeper left behind?`,
    { modal: true, detail: found.map((one) => `• ${one}`).join('\n') },
    yes,
  );
  if (choice !== yes) throw new CancellationError();
  const { removed, failed } = await run('Cleaning up', (token) => services.engine.call('cleanUp', request, { token }));
  const text = `${String(removed.length)} removed.${failed.map((one) => ` Not removed: ${one}`).join('')}`;
  if (failed.length === 0) void window.showInformationMessage(text);
  else void window.showWarningMessage(text);
}

async function chooseServers(services: Services, folder: string): Promise<readonly string[]> {
  const environments = (services.workspace.folder(folder)?.environments ?? []).filter(
    (environment) => environment.class !== 'production' && services.environments.knows(folder, environment),
  );
  if (environments.length === 0) return [];
  const picked = await window.showQuickPick(
    environments.map(({ name, class: kind }) => ({ label: name, description: kind })),
    {
      title: 'Look on which servers, besides this machine?',
      placeHolder: 'None: only this machine',
      canPickMany: true,
    },
  );
  if (picked === undefined) throw new CancellationError();
  return picked.map(({ label }) => label);
}

function run<T>(
  title: string,
  task: (token: Parameters<Parameters<typeof window.withProgress>[1]>[1]) => Promise<T>,
): Thenable<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (_, token) =>
    task(token),
  );
}
