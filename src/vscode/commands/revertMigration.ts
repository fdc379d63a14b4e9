import { Range, Uri, window, workspace, WorkspaceEdit } from 'vscode';
import type { Services } from '../services.ts';
import { pickMigration, saveFirst } from './pick.ts';

/** Writes the way back as a new migration of the tool, with Prisma's schema, as one edit that can be undone. */
export async function createRevertMigration(services: Services, argument: unknown): Promise<void> {
  const migration = await pickMigration(services, argument);
  await saveFirst([migration]);
  const { files, schema, notes } = await services.engine.call('revertMigration', { key: migration.key });
  const edit = new WorkspaceEdit();
  for (const { path, text } of files) {
    edit.createFile(Uri.file(path), {
      overwrite: false,
      ignoreIfExists: false,
      contents: new TextEncoder().encode(text),
    });
  }
  for (const { path, text } of schema) {
    const document = await workspace.openTextDocument(Uri.file(path));
    const whole = new Range(document.positionAt(0), document.positionAt(document.getText().length));
    edit.replace(document.uri, whole, text);
  }
  if (!(await workspace.applyEdit(edit))) return;
  const [first] = files;
  if (first !== undefined) await window.showTextDocument(Uri.file(first.path), { preview: false });
  void window.showInformationMessage(`Revert of ${migration.key.migration} written. ${notes.join(' ')}`);
}
