import { window } from 'vscode';
import type { RunResult } from '../engine/protocol.ts';
import type { Services } from '../services.ts';

/** Says how it came out; the lines are in the log, one click away. */
export async function showRunResult({ log }: Services, title: string, result: RunResult): Promise<void> {
  log.info([title, result.summary, ...result.lines].join('\n  '));
  const details = 'Show Details';
  const show = result.ok ? window.showInformationMessage : window.showErrorMessage;
  const choice = await show(result.summary, ...(result.lines.length > 0 ? [details] : []));
  if (choice === details) log.show();
}
