import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockkeeper, open, replace, revert } from '../support/editor.ts';
import { NEW_MIGRATION, OLD_MIGRATION } from '../support/example.ts';

export function lockImpact(): void {
  describe('lock impact above and behind the statements', () => {
    before(lockkeeper);
    afterEach(() => revert(NEW_MIGRATION));

    it('is one line above a new migration: worst lock, coverage, and what can be done', async () => {
      const { document } = await open(NEW_MIGRATION);
      const lenses = await lensesOf(document);
      assert.ok(lenses.every(({ range }) => range.start.line === 0));
      assert.deepEqual(titles(lenses), [
        '$(warning)\u00a0ACCESS EXCLUSIVE on "Order": reads and writes wait',
        '4 of 4 statements analysed',
        'Profile',
        'Test Rollback',
        'Rollback',
        // Nobody said how large "Order" is.
        'Pull Statistics',
      ]);
    });

    it('follows the text, and leads to the first statement that is not analysed', async () => {
      const editor = await open(NEW_MIGRATION);
      await replace(editor, 'CREATE INDEX "Order_customerId_idx"', 'CREATE INDX "Order_customerId_idx"');
      const count = (await lensesOf(editor.document)).find((lens) => lens.command?.title.includes('analysed'));
      assert.equal(count?.command?.title, '3 of 4 statements analysed');
      assert.ok(count.command.arguments);
      await vscode.commands.executeCommand(count.command.command, ...(count.command.arguments as unknown[]));
      const { active } = vscode.window.activeTextEditor!.selection;
      assert.match(editor.document.lineAt(active.line).text, /CREATE INDX/);
    });

    it('is not above a migration that is on the default branch', async () => {
      assert.deepEqual(await lensesOf((await open(OLD_MIGRATION)).document), []);
    });

    it('is behind statements where inlay hints are switched on, and only there', async () => {
      const { document } = await open(NEW_MIGRATION);
      assert.deepEqual(await hintsOf(document), []);
      await switched('inlayHints', true, async () => {
        assert.deepEqual(await hintsOf(document), [
          'ACCESS EXCLUSIVE: reads and writes wait',
          'SHARE: writes wait',
          'SHARE ROW EXCLUSIVE: writes wait',
          'ACCESS EXCLUSIVE: brief',
        ]);
      });
    });

    it('can be switched off', async () => {
      const { document } = await open(NEW_MIGRATION);
      await switched('codeLens', false, async () => {
        assert.deepEqual(await lensesOf(document), []);
      });
      assert.equal((await lensesOf(document)).length, 6);
    });
  });
}

async function lensesOf(document: vscode.TextDocument): Promise<readonly vscode.CodeLens[]> {
  return vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
}

function titles(lenses: readonly vscode.CodeLens[]): readonly string[] {
  return lenses.map(({ command }) => command?.title ?? '');
}

async function hintsOf(document: vscode.TextDocument): Promise<readonly string[]> {
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    all,
  );
  return hints.map(({ label }) => (typeof label === 'string' ? label : label.map(({ value }) => value).join('')));
}

async function switched(surface: string, on: boolean, see: () => Promise<void>): Promise<void> {
  const settings = vscode.workspace.getConfiguration('lockkeeper');
  await settings.update(`${surface}.enabled`, on, vscode.ConfigurationTarget.Global);
  try {
    await see();
  } finally {
    await settings.update(`${surface}.enabled`, undefined, vscode.ConfigurationTarget.Global);
  }
}
