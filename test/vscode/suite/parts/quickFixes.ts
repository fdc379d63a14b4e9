import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { inFolder, lockkeeper, open, revert, ruleOf, untilDiagnostics } from '../support/editor.ts';
import { NEW_MIGRATION } from '../support/example.ts';

export function quickFixes(): void {
  describe('quick fixes', () => {
    before(lockkeeper);
    afterEach(() => revert(NEW_MIGRATION));

    it('are offered at the finding, and applying one takes it away', async () => {
      const editor = await open(NEW_MIGRATION);
      const { document } = editor;
      const isTarget = (one: vscode.Diagnostic) => ruleOf(one) === 'foreign-key-not-valid';
      const found = await untilDiagnostics(document.uri, (all) => all.some(isTarget));
      const target = found.find(isTarget);
      assert.ok(target);
      const folder = inFolder('prisma/migrations');
      const names = async () => (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
      const before = await names();
      const titles = (await fixesAt(document, target.range)).map(({ title }) => title);
      assert.ok(
        titles.some((title) => title.includes('NOT VALID')),
        titles.join(', '),
      );
      editor.selection = new vscode.Selection(target.range.start, target.range.start);
      const created = new Promise<void>((resolve) => {
        const listener = vscode.workspace.onDidCreateFiles(() => {
          listener.dispose();
          resolve();
        });
      });
      await vscode.commands.executeCommand('editor.action.codeAction', { kind: 'quickfix', apply: 'first' });
      await untilDiagnostics(document.uri, (all) => !all.some(isTarget));
      assert.match(document.getText(), /NOT VALID/);
      // The editor makes the file after it has changed the text.
      await created;
      const made = (await names()).filter((name) => !before.includes(name));
      assert.equal(made.length, 1, made.join(', '));
      for (const name of made) await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, name), { recursive: true });
    });

    it('that take several deploys are one edit: the migration, new files, and the Prisma schema', async () => {
      const editor = await open(NEW_MIGRATION);
      const { document } = editor;
      const sql = 'ALTER TABLE "Order" ALTER COLUMN "note" SET NOT NULL;\n';
      await editor.edit((edit) => {
        edit.replace(new vscode.Range(0, 0, document.lineCount, 0), sql);
      });
      await untilDiagnostics(document.uri, (all) => all.some((one) => ruleOf(one) === 'set-not-null'));
      const all = new vscode.Range(0, 0, 0, sql.length);
      const [fix] = (await fixesAt(document, all, 50)).filter(({ command }) => command !== undefined);
      assert.ok(fix?.edit, 'no fix with steps');
      const touched = fix.edit.entries().map(([uri]) => vscode.workspace.asRelativePath(uri));
      assert.ok(touched.includes(NEW_MIGRATION), touched.join(', '));
      assert.equal(fix.command?.command, 'lockkeeper.showFixSteps');
    });

    it('end with accepting the finding, at its statement, in a migration that may still change', async () => {
      const { document } = await open(NEW_MIGRATION);
      await untilDiagnostics(document.uri, (all) => all.length > 0);
      const at = document.getText().indexOf('CREATE INDEX');
      assert.notEqual(at, -1);
      const { line } = document.positionAt(at);
      const fixes = await fixesAt(document, document.lineAt(line).range);
      const last = fixes.at(-1);
      assert.match(last?.title ?? '', /^Accept [a-z-]+ here, with a reason…$/);
      assert.equal(last?.edit, undefined);
      const [request] = last?.command?.arguments as [{ line: number; column: number; version: number }];
      assert.deepEqual([request.line, request.column, request.version], [line, 0, document.version]);
    });

    it('are not offered where there is no finding', async () => {
      const { document } = await open(NEW_MIGRATION);
      const start = new vscode.Position(0, 0);
      assert.deepEqual(await fixesAt(document, new vscode.Range(start, start)), []);
    });
  });
}

/** @param resolve so many of them as far as the editor would before applying them */
async function fixesAt(document: vscode.TextDocument, range: vscode.Range, resolve = 0): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
    resolve,
  );
}
