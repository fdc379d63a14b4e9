import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  inFolder,
  lockkeeper,
  open,
  replace,
  ruleOf,
  underlined,
  untilDiagnostics,
  revert,
} from '../support/editor.ts';
import { NEW_MIGRATION, OLD_MIGRATION } from '../support/example.ts';

export function typing(): void {
  describe('findings while typing', () => {
    before(lockkeeper);
    afterEach(() => revert(NEW_MIGRATION));

    it('speaks of the new migration, also before it is opened', async () => {
      const diagnostics = await untilDiagnostics(inFolder(NEW_MIGRATION), (found) => found.length > 0);
      assert.ok(diagnostics.some((one) => ruleOf(one) === 'require-concurrent-index'));
      assert.ok(diagnostics.every(({ source, message }) => source === 'lockkeeper' && message.length > 20));
    });

    it("underlines the statement in the user's own text, and leads to the rule's page", async () => {
      const { document } = await open(NEW_MIGRATION);
      const diagnostics = await untilDiagnostics(document.uri, (found) => found.length > 0);
      const index = diagnostics.find((one) => ruleOf(one) === 'require-concurrent-index');
      assert.ok(index);
      assert.match(underlined(document, index), /^CREATE INDEX/);
      assert.match(index.message, /Order/);
      assert.ok(typeof index.code === 'object' && index.code.target.toString().includes('require-concurrent-index'));
    });

    it('takes a finding back when the statement becomes safe, and brings it again', async () => {
      const editor = await open(NEW_MIGRATION);
      const { uri } = editor.document;
      const hasIndex = (found: readonly vscode.Diagnostic[]) =>
        found.some((one) => ruleOf(one) === 'require-concurrent-index');
      await untilDiagnostics(uri, hasIndex);
      await replace(editor, 'CREATE INDEX "', 'CREATE INDEX CONCURRENTLY "');
      await untilDiagnostics(uri, (found) => !hasIndex(found));
      await replace(editor, 'CREATE INDEX CONCURRENTLY "', 'CREATE INDEX "');
      await untilDiagnostics(uri, hasIndex);
    });

    it('costs one finding for a half-typed statement, and the others stay', async () => {
      const editor = await open(NEW_MIGRATION);
      const { uri } = editor.document;
      const before = await untilDiagnostics(uri, (found) => found.length > 0);
      await editor.edit((edit) => {
        edit.insert(editor.document.positionAt(editor.document.getText().length), '\nALTER TABLE "Order" ADD COL');
      });
      const after = await untilDiagnostics(uri, (found) => found.some((one) => ruleOf(one) === 'syntax-error'));
      assert.equal(after.length, before.length + 1);
      assert.deepEqual(after.filter((one) => ruleOf(one) !== 'syntax-error').map(ruleOf), before.map(ruleOf));
    });

    it('follows a name through the unsaved text: a table of the same migration stops nobody', async () => {
      const editor = await open(NEW_MIGRATION);
      const { document } = editor;
      await untilDiagnostics(document.uri, (found) => found.length > 0);
      const everything = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
      await editor.edit((edit) => {
        edit.replace(everything, 'CREATE TABLE fresh (id bigint PRIMARY KEY, n int);\nCREATE INDEX ON fresh (n);\n');
      });
      await untilDiagnostics(document.uri, (found) => found.every((one) => ruleOf(one) !== 'require-concurrent-index'));
    });

    it('is silent about a migration that is on the default branch, though it holds the same statements', async () => {
      const { document } = await open(OLD_MIGRATION);
      assert.match(document.getText(), /CREATE (UNIQUE )?INDEX|ADD CONSTRAINT/);
      const api = await lockkeeper();
      const published = new Promise((resolve) => api.onDidPublish(resolve));
      const editor = vscode.window.activeTextEditor;
      await editor?.edit((edit) => {
        edit.insert(new vscode.Position(0, 0), '-- read again\n');
      });
      await published;
      assert.deepEqual(await untilDiagnostics(document.uri, () => true), []);
      await revert(OLD_MIGRATION);
    });

    it('can be switched off and on', async () => {
      const uri = inFolder(NEW_MIGRATION);
      await untilDiagnostics(uri, (found) => found.length > 0);
      const settings = vscode.workspace.getConfiguration('lockkeeper');
      await settings.update('diagnostics.enabled', false, vscode.ConfigurationTarget.Global);
      await untilDiagnostics(uri, (found) => found.length === 0);
      await settings.update('diagnostics.enabled', undefined, vscode.ConfigurationTarget.Global);
      await untilDiagnostics(uri, (found) => found.length > 0);
    });
  });
}
