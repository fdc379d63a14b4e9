import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hoverAt, lockkeeper, open } from '../support/editor.ts';
import { NEW_MIGRATION, OLD_MIGRATION } from '../support/example.ts';

export function hover(): void {
  describe('hover', () => {
    before(lockkeeper);

    it('tells lock, what it blocks, work, and where the fact comes from', async () => {
      const { document } = await open(NEW_MIGRATION);
      const text = await hoverAt(document, 'CREATE INDEX "');
      assert.match(text, /CREATE INDEX/);
      assert.match(text, /`public\.Order`: \*\*SHARE\*\*/);
      assert.match(text, /blocks writes/);
      assert.match(text, /index/);
      assert.match(text, /postgresql\.org|measured on PostgreSQL/);
    });

    it('names both tables of a foreign key', async () => {
      const { document } = await open(NEW_MIGRATION);
      const text = await hoverAt(document, 'ADD CONSTRAINT');
      assert.match(text, /`public\.Order`: \*\*SHARE ROW EXCLUSIVE\*\*/);
      assert.match(text, /`public\.User`: \*\*SHARE ROW EXCLUSIVE\*\*/);
    });

    it('tells of older migrations as well, and that a new table blocks nobody', async () => {
      const { document } = await open(OLD_MIGRATION);
      assert.match(await hoverAt(document, 'CREATE TABLE "Tenant"'), /nobody is blocked/);
    });

    it('says nothing between statements, and nothing when switched off', async () => {
      const { document } = await open(NEW_MIGRATION);
      assert.equal(await hoverAt(document, '-- Orders get'), '');
      const settings = vscode.workspace.getConfiguration('lockkeeper');
      await settings.update('hover.enabled', false, vscode.ConfigurationTarget.Global);
      assert.equal(await hoverAt(document, 'CREATE INDEX "'), '');
      await settings.update('hover.enabled', undefined, vscode.ConfigurationTarget.Global);
    });
  });
}
