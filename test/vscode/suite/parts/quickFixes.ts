import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockkeeper, open, ruleOf, untilDiagnostics } from '../support/editor.ts';
import { NEW_MIGRATION } from '../support/example.ts';

export function quickFixes(): void {
  describe('quick fixes', () => {
    before(lockkeeper);
    afterEach(() => vscode.commands.executeCommand('workbench.action.files.revert'));

    it('are offered at the finding, and applying one takes it away', async () => {
      const { document } = await open(NEW_MIGRATION);
      const isTarget = (one: vscode.Diagnostic) => ruleOf(one) === 'foreign-key-not-valid';
      const found = await untilDiagnostics(document.uri, (all) => all.some(isTarget));
      const target = found.find(isTarget);
      assert.ok(target);
      const fixes = await fixesAt(document, target.range);
      const fix = fixes.find(({ title }) => title.includes('NOT VALID'));
      assert.ok(fix?.edit, `no fix among: ${fixes.map(({ title }) => title).join(', ')}`);
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      await untilDiagnostics(document.uri, (all) => !all.some(isTarget));
      assert.match(document.getText(), /NOT VALID/);
      const made = fix.edit.entries().map(([uri]) => uri);
      for (const uri of made) {
        if (uri.toString() !== document.uri.toString()) await vscode.workspace.fs.delete(uri);
      }
    });

    it('are not offered where there is no finding', async () => {
      const { document } = await open(NEW_MIGRATION);
      const start = new vscode.Position(0, 0);
      assert.deepEqual(await fixesAt(document, new vscode.Range(start, start)), []);
    });
  });
}

async function fixesAt(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
}
