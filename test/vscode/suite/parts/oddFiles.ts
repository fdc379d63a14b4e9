import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hoverAt, inFolder, lockkeeper, open, ruleOf, underlined, untilDiagnostics } from '../support/editor.ts';
import { note } from '../support/runner.ts';

const isIndex = (one: vscode.Diagnostic) => ruleOf(one) === 'require-concurrent-index';

export function oddFiles(): void {
  describe('files that people really have', function () {
    // One of them has 10 MB, and is read before the first answer.
    this.timeout(180_000);
    before(lockkeeper);

    for (const [what, file] of [
      ['a byte-order mark', '002_bom'],
      ['CRLF', '003_crlf'],
      ['emoji before the error', '004_emoji'],
      ['psql meta-commands', '006_psql'],
      ['a 10 MB file before it', '011_after'],
    ] as const) {
      it(`underlines exactly the statement: ${what}`, async () => {
        const uri = inFolder(`migrations/${file}.sql`);
        const [onDisk] = (await untilDiagnostics(uri, (found) => found.some(isIndex))).filter(isIndex);
        const { document } = await open(`migrations/${file}.sql`);
        assert.ok(onDisk);
        assert.match(underlined(document, onDisk), /^CREATE INDEX orders_\w+ ON orders \(customer_id\);?$/);
        const api = await lockkeeper();
        const published = new Promise((resolve) => api.onDidPublish(resolve));
        const editor = vscode.window.activeTextEditor;
        await editor?.edit((edit) => {
          edit.insert(new vscode.Position(0, 0), '-- 🚪\n');
        });
        await published;
        const [typed] = (
          await untilDiagnostics(uri, (found) =>
            found.some((one) => isIndex(one) && one.range.start.line === onDisk.range.start.line + 1),
          )
        ).filter(isIndex);
        assert.ok(typed);
        assert.match(underlined(document, typed), /^CREATE INDEX orders_\w+ ON orders \(customer_id\);?$/);
        assert.match(await hoverAt(document, 'CREATE INDEX'), /SHARE/);
        await vscode.commands.executeCommand('workbench.action.files.revert');
      });
    }

    it("says what it can't read, in that file", async () => {
      for (const file of ['007_template', '008_nul', '009_invalid']) {
        const found = await untilDiagnostics(inFolder(`migrations/${file}.sql`), (all) => all.length > 0);
        assert.ok(found[0]?.message, file);
      }
    });

    it('says nothing of an empty file', () => {
      assert.deepEqual(vscode.languages.getDiagnostics(inFolder('migrations/005_empty.sql')), []);
    });

    it('keeps the editor responsive with a 10 MB file: its extension host never stands still', async () => {
      const editor = await open('migrations/010_huge.sql');
      const api = await lockkeeper();
      let longest = 0;
      let last = performance.now();
      const beat = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 5);
      const published = new Promise((resolve) => api.onDidPublish(resolve));
      last = performance.now();
      await editor.edit((edit) => {
        edit.insert(new vscode.Position(0, 0), 'SELECT 1;\n');
      });
      await published;
      clearInterval(beat);
      note(`10 MB file: the extension host stood still for at most ${longest.toFixed(0)} ms`);
      assert.ok(longest < 1000, `stood still for ${longest.toFixed(0)} ms`);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    });
  });
}
