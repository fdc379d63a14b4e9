import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { inFolder, lockkeeper, open, revert } from '../support/editor.ts';
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

  describe('Create Revert Migration', () => {
    before(lockkeeper);

    it("writes a new migration of the tool with the change of Prisma's schema, as one edit", async () => {
      const schema = await vscode.workspace.openTextDocument(inFolder('prisma/schema.prisma'));
      const was = schema.getText();
      await open(NEW_MIGRATION);
      await vscode.commands.executeCommand('lockkeeper.createRevertMigration');
      const document = vscode.window.activeTextEditor?.document;
      assert.ok(document);
      const folder = vscode.Uri.joinPath(document.uri, '..');
      try {
        assert.match(document.uri.path, /\/prisma\/migrations\/\d{14}_[^/]+\/migration\.sql$/);
        assert.ok(!document.uri.path.includes(NEW_ID));
        assert.match(document.getText(), /DROP COLUMN reference/);
        assert.match(schema.getText(), /priceCents/);
        assert.notEqual(schema.getText(), was);
      } finally {
        await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
        await vscode.workspace.fs.delete(folder, { recursive: true });
        await revert('prisma/schema.prisma');
        await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      }
      assert.equal(schema.getText(), was);
    });
  });

  describe('Keep rows', () => {
    before(lockkeeper);

    it('offers to keep the values of a dropped column first, and the rollback brings them back', async () => {
      const editor = await open(NEW_MIGRATION);
      const { document } = editor;
      const place = document.positionAt(document.getText().indexOf('DROP COLUMN "priceCents"'));
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        new vscode.Range(place, place),
        vscode.CodeActionKind.RefactorRewrite.value,
      );
      const keep = actions.find(({ title }) => title.startsWith('Keep the values of OrderLine.priceCents'));
      assert.ok(keep?.edit, actions.map(({ title }) => title).join(', '));
      try {
        await vscode.workspace.applyEdit(keep.edit);
        assert.match(
          document.getText(),
          /CREATE TABLE lockkeeper_archive\."OrderLine_priceCents" AS SELECT id, "priceCents"/,
        );
        await document.save();
        await vscode.commands.executeCommand('lockkeeper.writeRollback');
        const written = vscode.window.activeTextEditor?.document;
        assert.ok(written);
        try {
          assert.match(written.getText(), /UPDATE "OrderLine" AS now SET "priceCents" = kept\."priceCents"/);
        } finally {
          await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
          await vscode.workspace.fs.delete(written.uri);
        }
      } finally {
        await open(NEW_MIGRATION);
        await vscode.commands.executeCommand('undo');
        await document.save();
      }
    });
  });
}
