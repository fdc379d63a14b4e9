import path from 'node:path';
import { commands, Uri, window } from 'vscode';
import { CommandError } from '../errors.ts';
import { proposalUri } from '../proposals.ts';
import type { Services } from '../services.ts';

interface AppliedFix {
  readonly title: string;
  readonly steps: readonly string[];
  /** Made by the fix. Absolute paths. */
  readonly files: readonly string[];
}

/** After a fix that is more than one deploy: what a person does in between. The files that it made say so as well. */
export async function showFixSteps(_services: Services, argument: unknown): Promise<void> {
  if (!isAppliedFix(argument)) throw new CommandError('A quick fix calls this, with its steps.');
  const { title, steps, files } = argument;
  const made = files.length === 0 ? '' : ` ${String(files.length)} new file${files.length === 1 ? '' : 's'}.`;
  const show = 'Show the Steps';
  const choice = await window.showInformationMessage(
    `${title}: applied.${made} It takes ${String(steps.length)} step${steps.length === 1 ? '' : 's'} with deploys between them.`,
    show,
  );
  if (choice !== show) return;
  const text = [
    `# ${title}`,
    ...steps.map((step, index) => `${String(index + 1)}. ${step}`),
    ...(files.length === 0 ? [] : ['New files:', files.map((file) => `- \`${file}\``).join('\n')]),
  ].join('\n\n');
  const beside = Uri.file(path.join(path.dirname(files[0] ?? '/'), 'Steps.md'));
  await commands.executeCommand('markdown.showPreview', proposalUri(beside, text));
}

function isAppliedFix(value: unknown): value is AppliedFix {
  if (typeof value !== 'object' || value === null) return false;
  const { title, steps, files } = value as Record<string, unknown>;
  return typeof title === 'string' && Array.isArray(steps) && Array.isArray(files);
}
