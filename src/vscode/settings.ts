import { workspace } from 'vscode';
import type { Disposable } from 'vscode';

/** What can be switched off, each by itself: `lockkeeper.<surface>.enabled`. */
export const SURFACES = ['diagnostics', 'hover', 'quickFixes', 'statusBar'] as const;
export type Surface = (typeof SURFACES)[number];

export function surfaceIsOn(surface: Surface): boolean {
  return workspace.getConfiguration('lockkeeper').get<boolean>(`${surface}.enabled`, true);
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
