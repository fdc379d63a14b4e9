import { workspace } from 'vscode';
import type { Disposable, Uri } from 'vscode';

/** What can be switched on and off, each by itself: `lockkeeper.<surface>.enabled`. The defaults stand in package.json. */
export const SURFACES = [
  'diagnostics',
  'hover',
  'quickFixes',
  'codeLens',
  'inlayHints',
  'measurements',
  'statusBar',
] as const;
export type Surface = (typeof SURFACES)[number];

/** @param resource the file that it is about; folders of one workspace may differ */
export function surfaceIsOn(surface: Surface, resource?: Uri): boolean {
  return workspace.getConfiguration('lockkeeper', resource).get<boolean>(`${surface}.enabled`, true);
}

/** Calls back when one of the switches was turned. */
export function onDidChangeSurface(listener: () => void): Disposable {
  return workspace.onDidChangeConfiguration((change) => {
    if (SURFACES.some((surface) => change.affectsConfiguration(`lockkeeper.${surface}.enabled`))) listener();
  });
}

/** May Lockkeeper itself apply to an environment of class `production`? Only the user's own settings can say so. */
export function productionApplyIsOn(): boolean {
  const setting = workspace.getConfiguration('lockkeeper').inspect<boolean>('apply.allowProduction');
  return setting?.globalValue ?? false;
}

/** The user's own commands that make a database for staging and remove it; a workspace's settings are not looked at. */
export function stagingCommand(): { readonly create: string; readonly destroy: string | null } | null {
  const own = (name: string): string => {
    const setting = workspace.getConfiguration('lockkeeper.staging').inspect<string>(name);
    return setting?.globalValue?.trim() ?? '';
  };
  const create = own('command');
  return create === '' ? null : { create, destroy: own('destroyCommand') || null };
}
