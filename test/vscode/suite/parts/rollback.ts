import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockkeeper, open } from '../support/editor.ts';
import { NEW_ID, NEW_MIGRATION } from '../support/example.ts';
import { rowsBelow, untilRows } from '../support/rows.ts';

export function rollback(): void {
  describe('Write Rollback', () => {
    before(lockkeeper);

    it('writes the way back, opens it, and the tree says so', async () => {
      await open(NEW_MIGRATION);
      await vscode.commands.executeCommand('lockkeeper.writeRollback');
      const editor = vscode.window.activeTextEditor;
      assert.ok(editor);
      assert.notEqual(editor.document.uri.path.endsWith('migration.sql'), true);
      const text = editor.document.getText();
      assert.match(text, /DROP INDEX/);
      assert.match(text, /DROP CONSTRAINT/);
      assert.match(text, /ADD COLUMN "priceCents"/);
      await untilRows(async () => {
        const rows = await rowsBelow(['prisma/migrations', NEW_ID]);
        return /written|synthesized/.test(String(rows[1]?.item().description));
      });
      await vscode.workspace.fs.delete(editor.document.uri);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });
  });
}
