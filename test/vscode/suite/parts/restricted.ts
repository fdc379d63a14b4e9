import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hoverAt, inFolder, lockkeeper, open, untilDiagnostics } from '../support/editor.ts';
import { NEW_MIGRATION } from '../support/example.ts';
import { rowTexts } from '../support/rows.ts';

export function restricted(): void {
  describe('Restricted Mode', () => {
    before(lockkeeper);

    it('is on', () => {
      assert.equal(vscode.workspace.isTrusted, false);
    });

    it('still lints and explains', async () => {
      await untilDiagnostics(inFolder(NEW_MIGRATION), (found) => found.length > 0);
      const { document } = await open(NEW_MIGRATION);
      assert.match(await hoverAt(document, 'CREATE INDEX "'), /SHARE/);
    });

    it('says so in the tree, with a way to trust', async () => {
      const [first] = await rowTexts([]);
      assert.match(String(first), /Restricted Mode/);
    });

    it('runs nothing, connects nowhere and records nothing', async () => {
      await open(NEW_MIGRATION);
      for (const command of [
        'profile',
        'profileWithOptions',
        'approve',
        'check',
        'apply',
        'verify',
        'setEnvironmentUrl',
        'pullStatistics',
        'cleanUp',
      ]) {
        await vscode.commands.executeCommand(`lockkeeper.${command}`);
      }
      await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(inFolder('.lockkeeper'))));
    });
  });
}
