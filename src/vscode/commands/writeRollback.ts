import { commands, Range, Uri, window, workspace, WorkspaceEdit } from 'vscode';
import type { RollbackProposal } from '../engine/protocol.ts';
import type { Services } from '../services.ts';
import { proposalUri } from '../proposals.ts';
import { pickMigration } from './pick.ts';

/** Writes the migration's rollback to its place and opens it. What lies there is replaced only after its diff was accepted. */
export async function writeRollback(services: Services, argument: unknown): Promise<void> {
  const { key } = await pickMigration(services, argument);
  const proposal = await services.engine.call('rollback', { key });
  const file = Uri.file(proposal.path);
  if (proposal.existing === null) {
    const edit = new WorkspaceEdit();
    edit.createFile(file, {
      overwrite: false,
      ignoreIfExists: false,
      contents: new TextEncoder().encode(proposal.text),
    });
    await workspace.applyEdit(edit);
    await window.showTextDocument(file, { preview: false });
    void window.showInformationMessage(`Rollback of ${key.migration} written: ${proposal.summary}`);
    return;
  }
  if (proposal.existing === proposal.text) {
    await window.showTextDocument(file, { preview: false });
    void window.showInformationMessage(`The rollback of ${key.migration} is already what Lockkeeper would write.`);
    return;
  }
  if (proposal.mayReplace) {
    await replace(file, proposal.text);
    void window.showInformationMessage(`Rollback of ${key.migration} written anew: ${proposal.summary}`);
    return;
  }
  await replaceIfAccepted(key.migration, file, proposal);
}

async function replaceIfAccepted(migration: string, file: Uri, proposal: RollbackProposal): Promise<void> {
  const proposed = proposalUri(file, proposal.text);
  await commands.executeCommand('vscode.diff', file, proposed, `Rollback of ${migration}: yours and Lockkeeper's`);
  const yes = 'Replace';
  const choice = await window.showInformationMessage(
    `A rollback of ${migration} is already there. Replace it with the one on the right? ${proposal.summary}`,
    yes,
    'Keep',
  );
  if (choice === yes) await replace(file, proposal.text);
}

async function replace(file: Uri, text: string): Promise<void> {
  const document = await workspace.openTextDocument(file);
  const edit = new WorkspaceEdit();
  edit.replace(file, new Range(document.positionAt(0), document.positionAt(document.getText().length)), text);
  await workspace.applyEdit(edit);
  await document.save();
  await window.showTextDocument(document, { preview: false });
}
