import { window } from 'vscode';
import { CommandError } from '../errors.ts';
import type { Services } from '../services.ts';
import { askUrl, pick, pickEnvironment, pickFolder } from './pick.ts';

export async function setEnvironmentUrl(services: Services, argument: unknown): Promise<void> {
  const { folder } = await pickFolder(services, argument);
  const environment = await pickEnvironment(services, folder, 'Set the URL of which environment?');
  await askUrl(services, folder, environment);
  void window.showInformationMessage(`The URL of ${environment.name} is kept in the editor's secret storage.`);
}

export async function forgetEnvironmentUrl(services: Services, argument: unknown): Promise<void> {
  const { folder } = await pickFolder(services, argument);
  const names = services.environments.names(folder);
  if (names.length === 0) throw new CommandError('No environment of this folder has a URL here.');
  const name = await pick(names, (label) => ({ label }), 'Forget the URL of which environment?', { evenIfOne: true });
  await services.environments.forget(folder, name);
  void window.showInformationMessage(`The URL of ${name} is forgotten.`);
}
