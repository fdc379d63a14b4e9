import { CancellationError, commands, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { EngineError } from './engine/client.ts';

/** An error that a command's own code words for people, with what they can do about it. */
export class CommandError extends Error {
  readonly action: { readonly title: string; readonly command: string } | null;
  constructor(message: string, action: { readonly title: string; readonly command: string } | null = null) {
    super(message);
    this.name = 'CommandError';
    this.action = action;
  }
}

/** Did the person stop it? Then only what state that leaves is said. */
export function isCancellation(error: unknown): boolean {
  return error instanceof CancellationError || (error instanceof EngineError && error.reason === 'cancelled');
}

/** The one place where the extension words an error for people. */
export function describeError(error: unknown): string {
  if (error instanceof EngineError || error instanceof CommandError) return error.message;
  if (error instanceof Error) return `This is a bug in Lockkeeper: ${error.message}`;
  return `This is a bug in Lockkeeper: ${String(error)}`;
}

/** Shows an error with what can be done about it, and logs it. */
export async function showError(what: string, error: unknown, log: LogOutputChannel): Promise<void> {
  if (isCancellation(error)) {
    const left = error instanceof EngineError ? error.message : '';
    if (left !== '') {
      log.info(what, left);
      void window.showInformationMessage(left);
    }
    return;
  }
  log.error(what, error instanceof Error ? (error.stack ?? error.message) : String(error));
  const own = error instanceof CommandError ? error.action : null;
  const show = 'Show Log';
  const choice = await window.showErrorMessage(`${what}: ${describeError(error)}`, ...(own ? [own.title] : []), show);
  if (choice === show) log.show();
  else if (own !== null && choice === own.title) await commands.executeCommand(own.command);
}
