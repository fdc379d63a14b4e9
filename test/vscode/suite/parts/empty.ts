import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockkeeper } from '../support/editor.ts';
import { note } from '../support/runner.ts';
import { rowTexts, untilRows } from '../support/rows.ts';

export function empty(): void {
  describe('a folder without migrations', () => {
    it('has no rows, so that the welcome shows', async () => {
      await lockkeeper();
      assert.deepEqual(await rowTexts([]), []);
    });

    it('starts in less than 100 ms', async () => {
      const { activationMilliseconds } = await lockkeeper();
      note(`activation: ${activationMilliseconds.toFixed(1)} ms`);
      assert.ok(activationMilliseconds < 100);
    });

    it('finds the first migration when it is made', async () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder);
      const file = vscode.Uri.joinPath(folder.uri, 'migrations', '001_init.sql');
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('CREATE TABLE a (id int);\n'));
      await untilRows(async () => (await rowTexts([])).includes('migrations'));
    });
  });
}
