import path from 'node:path';
import { Uri, window, workspace } from 'vscode';
import { CommandError } from '../errors.ts';
import type { ReportFormat } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { pick, pickMigration } from './pick.ts';

/** The last staging report of a migration. */
export async function openReport(services: Services, argument: unknown): Promise<void> {
  const { key } = await pickMigration(services, argument);
  const report = await services.engine.call('report', { key });
  if (report === null) throw notProfiled(key.migration);
  services.reports.show(report);
}

/** The last report with what changed since the run before it. */
export async function compareWithLastRun(services: Services, argument: unknown): Promise<void> {
  const { key } = await pickMigration(services, argument);
  const report = await services.engine.call('report', { key, compare: true });
  if (report === null) throw notProfiled(key.migration);
  if (!report.compared) {
    throw new CommandError(`${key.migration} was profiled once: there is no earlier run to compare it with.`, {
      title: 'Profile Again',
      command: 'lockkeeper.profile',
    });
  }
  services.reports.show(report);
}

const FORMATS: readonly { readonly format: ReportFormat; readonly label: string; readonly description: string }[] = [
  { format: 'html', label: 'HTML', description: 'one file that needs nothing else' },
  { format: 'markdown', label: 'Markdown', description: 'for a pull request' },
  { format: 'json', label: 'JSON', description: 'every figure, for programs' },
];

/** Writes the last report to a file that the person names. */
export async function exportReport(services: Services, argument: unknown): Promise<void> {
  const { key } = await pickMigration(services, argument);
  const { format } = await pick(FORMATS, ({ label, description }) => ({ label, description }), 'Export as', {
    evenIfOne: true,
  });
  const report = await services.engine.call('exportReport', { key, format });
  if (report === null) throw notProfiled(key.migration);
  const target = await window.showSaveDialog({
    defaultUri: Uri.file(path.join(key.folder, report.name)),
    title: 'Export Staging Report',
  });
  if (target === undefined) return;
  await workspace.fs.writeFile(target, new TextEncoder().encode(report.text));
  const open = 'Open';
  const choice = await window.showInformationMessage(`Exported to ${path.basename(target.fsPath)}.`, open);
  if (choice === open) await window.showTextDocument(target);
}

function notProfiled(migration: string): CommandError {
  return new CommandError(`${migration} has not been profiled yet.`, {
    title: 'Profile on Staging',
    command: 'lockkeeper.profile',
  });
}
