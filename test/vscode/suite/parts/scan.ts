import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { inFolder, lockkeeper } from '../support/editor.ts';
import { OLD_MIGRATION } from '../support/example.ts';

export function scan(): void {
  describe('Scan History', () => {
    before(lockkeeper);

    it('opens a panel, and leaves the Problems list alone', async () => {
      const old = () => vscode.languages.getDiagnostics(inFolder(OLD_MIGRATION));
      assert.deepEqual(old(), []);
      await vscode.commands.executeCommand('lockkeeper.scanHistory');
      const panel = await untilTab('Scan History');
      assert.ok(panel.input instanceof vscode.TabInputWebview);
      assert.deepEqual(old(), []);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
  });
}

/** Settles when such a tab is open: asked at once and after each change of the tabs. */
function untilTab(label: string): Promise<vscode.Tab> {
  return new Promise((resolve) => {
    const ask = () => {
      const found = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find((tab) => tab.label === label);
      if (found === undefined) return;
      listener.dispose();
      resolve(found);
    };
    const listener = vscode.window.tabGroups.onDidChangeTabs(ask);
    ask();
  });
}
