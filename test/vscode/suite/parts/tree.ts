import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lockkeeper, open, replace, revert } from '../support/editor.ts';
import { NEW_ID, NEW_MIGRATION, OLD_ID } from '../support/example.ts';
import { rowsBelow, rowTexts, untilRows } from '../support/rows.ts';

export function tree(): void {
  describe('tree', () => {
    before(lockkeeper);
    afterEach(() => revert(NEW_MIGRATION));

    it('shows the history, this branch first, then the earlier ones', async () => {
      assert.deepEqual(await rowTexts([]), ['prisma/migrations']);
      assert.deepEqual(await rowTexts(['prisma/migrations']), [NEW_ID, 'Earlier Migrations']);
      const earlier = await rowTexts(['prisma/migrations', 'Earlier Migrations']);
      assert.equal(earlier.at(-1), OLD_ID);
      assert.equal(earlier.length, 4);
    });

    it('has a row for every stage of a migration, as text and icon, also for screen readers', async () => {
      const rows = await rowsBelow(['prisma/migrations', NEW_ID]);
      const items = rows.map((row) => row.item());
      assert.deepEqual(
        items.map(({ label }) => label),
        ['Lint', 'Rollback', 'Staging', 'Approvals', 'Integrity', 'Applied'],
      );
      for (const { description, iconPath, accessibilityInformation } of items) {
        assert.ok(typeof description === 'string' && description.length > 0);
        assert.ok(iconPath instanceof vscode.ThemeIcon);
        assert.ok(accessibilityInformation?.label.includes(description));
      }
      assert.match(String(items[0]?.description), /^\d+ errors?/);
      assert.equal(items[2]?.description, 'not profiled');
    });

    it("reads an earlier migration's stages when it is opened", async () => {
      const rows = await rowsBelow(['prisma/migrations', 'Earlier Migrations', OLD_ID]);
      assert.match(String(rows[0]?.item().description), /not linted/);
    });

    it('turns while the text changes', async () => {
      const editor = await open(NEW_MIGRATION);
      const lint = async () => String((await rowsBelow(['prisma/migrations', NEW_ID]))[0]?.item().description);
      // The rows follow when typing pauses: what an earlier test typed may still be told.
      await untilRows(async () => (await lint()).startsWith('3 errors'));
      const before = await lint();
      await replace(editor, 'CREATE INDEX "Order_customerId_idx" ON "Order"("customerId");', '');
      await untilRows(async () => (await lint()) !== before);
      await revert(NEW_MIGRATION);
      await untilRows(async () => (await lint()) === before);
      // Three times everything is read anew, on a machine that may be busy.
    }).timeout(90_000);
  });
}
