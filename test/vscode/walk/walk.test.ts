import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { makeProduction } from '../../../scripts/demo/production.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import type { EmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { serverCache } from '../../support/server.ts';
import { bundle } from '../launch/bundle.ts';
import { launchBrowser, openWorkbench, startCodeServer } from '../launch/codeServer.ts';
import type { CodeServer } from '../launch/codeServer.ts';
import { installNpmHost } from '../launch/install.ts';
import { prepareBranch } from '../launch/scenarios.ts';
import { NEW_ID, NEW_MIGRATION } from '../suite/support/example.ts';
import { Workbench } from './workbench.ts';

/** Fewer rows than usual: the walk is about the way, not about figures. */
const CONFIGURATION = `{
  "postgresVersion": 18,
  "environments": {
    "staging": { "class": "staging" },
    "production": {
      "class": "production",
      "require": { "high": { "evidence": ["staging run"], "approvals": { "reviewer": 1, "dba": 1 } } }
    }
  },
  "sizes": { "public.\\"Order\\"": 20000, "public.\\"OrderLine\\"": 20000, "public.\\"User\\"": 2000 }
}
`;

/** One person's way with one migration, from opening it to seeing it applied. The steps follow on each other. */
describe('a walk through the editor', () => {
  let home: string;
  let folder: string;
  let production: EmbeddedServer;
  let server: CodeServer & { readonly stop: () => Promise<void> };
  let browser: Browser;
  let page: Page;
  let workbench: Workbench;

  before('an editor on the branch, and a production database', async () => {
    home = mkdtempSync(path.join(tmpdir(), 'lockkeeper-walk-'));
    folder = prepareBranch(home);
    writeFileSync(path.join(folder, 'lockkeeper.jsonc'), CONFIGURATION);
    const { extension } = await bundle([]);
    production = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache });
    await makeProduction(production.url, folder, 2000);
    const host = installNpmHost();
    server = await startCodeServer(host, {
      trusted: true,
      settings: { 'lockkeeper.apply.allowProduction': true },
      environment: { XDG_STATE_HOME: path.join(home, 'state'), XDG_CONFIG_HOME: path.join(home, 'config') },
    });
    browser = await launchBrowser(host);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(60_000);
    await openWorkbench(page, server.address(folder, [['extensionDevelopmentPath', server.remote(extension)]]));
    workbench = new Workbench(page);
  });

  after('everything is put away', async () => {
    await browser.close();
    await server.stop();
    await production.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a migration of this branch, which the editor then shows. */
  async function open(migration: string): Promise<void> {
    const script = readFileSync(path.join(folder, 'prisma/migrations', migration, 'migration.sql'), 'utf8');
    const first = script.split('\n').find((line) => line.trim() !== '');
    assert.ok(first, `${migration} is empty`);
    await workbench.openMigration(migration, first.trim());
  }

  afterEach('a failed step leaves a picture', async function () {
    if (this.currentTest?.state === 'failed') await workbench.snapshot('failed').catch(() => undefined);
  });

  it('shows the migrations of this branch first', async () => {
    await workbench.openSidebar();
    // Of tables this small nothing is an error.
    await workbench.row(new RegExp(`^Migration ${NEW_ID}, needs a look: \\d+ warnings?`)).waitFor();
    await workbench.row(/^Staging, .*: not profiled/).waitFor();
    await workbench.row(/^\d+ earlier migrations/).waitFor();
    for (const part of [/^Lockkeeper: Prisma/, '5 migrations read', '1 new on this branch', 'PostgreSQL 18'])
      await workbench.statusItem(part).waitFor();
    await workbench.picture('1-tree');
  });

  it('underlines what would hurt', async () => {
    await workbench.row(new RegExp(`^Migration ${NEW_ID}`)).click();
    await workbench.line('ADD CONSTRAINT "Order_customerId_fkey"').waitFor();
    await page.locator('.squiggly-warning').first().waitFor();
    await workbench.picture('2-squiggles');
  });

  it('tells on hover what the statement locks and whom that blocks', async () => {
    const hover = page.locator('.monaco-hover:visible', { hasText: 'SHARE' }).first();
    await workbench.cursorTo('CREATE INDEX "Order');
    await workbench.picture('3-hover', async () => {
      await workbench.command('Lockkeeper: Explain Statement');
      await hover.waitFor();
    });
    assert.match(await hover.innerText(), /blocks writes/);
    await page.keyboard.press('Escape');
  });

  it('applies a quick fix', async () => {
    await workbench.cursorTo('ADD CONSTRAINT "Order_customerId_fkey"');
    const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'NOT VALID' }).first();
    await workbench.picture('4-quick-fix', async () => {
      await page.keyboard.press('Control+.');
      await fix.waitFor();
    });
    // The list opens with its first entry chosen; a shield keeps the mouse off it for a moment.
    await page.locator('.action-widget .monaco-list-row.focused', { hasText: 'NOT VALID' }).waitFor();
    await page.keyboard.press('Enter');
    await workbench.line('NOT VALID').waitFor();
    await workbench.command('File: Save All');
    await workbench.row(/^Migration \d+_validate_order_customerid_fkey/i).waitFor();
    assert.match(readFileSync(path.join(folder, NEW_MIGRATION), 'utf8'), /NOT VALID/);
  });

  it('writes the rollback and opens it', async () => {
    await open(NEW_ID);
    await workbench.command('Lockkeeper: Write Rollback');
    await workbench.notification(/Rollback of .* written/).waitFor();
    await workbench.line('DROP INDEX').waitFor();
    await workbench.row(/^Rollback, in order/).waitFor();
    await workbench.picture('5-rollback');
    await workbench.clearNotifications();
  });

  it('tests the rollback on a throw-away server, and shows what comes back', async () => {
    await open(NEW_ID);
    await workbench.command('Lockkeeper: Test Rollback');
    await workbench.notification(new RegExp(`Rollback of ${NEW_ID}: `)).waitFor({ timeout: 180_000 });
    await workbench.press('Show Report');
    await page.getByRole('tab', { name: /\.rollback\.md/ }).waitFor();
    await workbench.webview().getByText('priceCents').first().waitFor();
    await workbench.untilStage(NEW_ID, /^Rollback, .*tested/);
    await workbench.picture('5-rollback-tested');
    await workbench.clearNotifications();
  });

  it('stops a staging run by its Cancel button, and says what that leaves', async () => {
    await open(NEW_ID);
    await workbench.command('Lockkeeper: Profile on Staging');
    await workbench.notification(/Profiling/).waitFor();
    await workbench.press('Cancel');
    await workbench.notification(/[Cc]ancelled/).waitFor();
    await workbench.row(/^Staging, .*: not profiled/).waitFor();
    await workbench.clearNotifications();
  });

  it('profiles on a throw-away server, and shows the report', async () => {
    for (const migration of await workbench.newMigrations()) {
      await open(migration);
      await workbench.command('Lockkeeper: Profile on Staging');
      await workbench.notification(/Profiling/).waitFor();
      if (migration === NEW_ID) await workbench.snapshot('6-profiling');
      await page.getByRole('tab', { name: `Staging: ${migration}` }).waitFor({ timeout: 180_000 });
      const heading = workbench.webview().locator('h1').last();
      await heading.waitFor();
      await workbench.untilStage(migration, /^Staging, (in order|problem): /);
      if (migration === NEW_ID) await workbench.picture('7-report');
    }
  });

  it('shows measured times at the statements’ ends, and what changed since the last run', async () => {
    await open(NEW_ID);
    // As text: what runs in the page knows names that tests do not.
    const measured =
      "[...document.querySelectorAll('.view-line span')].some((part) => /[0-9] m?s/.test(getComputedStyle(part, '::after').content))";
    await page.waitForFunction(measured);
    await workbench.command('Lockkeeper: Profile on Staging');
    const compare = workbench.webview().getByRole('button', { name: 'Compare with Last Run' });
    await compare.waitFor({ timeout: 180_000 });
    await compare.click();
    await workbench.webview().getByText('Compared with the run of').waitFor();
    await workbench.picture('7-comparison');
  });

  it('lists what the gate of production still demands', async () => {
    await workbench.command('Lockkeeper: Check Gate');
    await workbench.choose('production');
    await page
      .getByText(/The gate of production is closed/)
      .first()
      .waitFor();
    await workbench.snapshot('8-gate');
    await page.keyboard.press('Escape');
  });

  it('records approvals by role', async () => {
    for (const migration of await workbench.newMigrations()) {
      for (const role of ['reviewer', 'dba']) {
        await open(migration);
        await workbench.command('Lockkeeper: Approve');
        await workbench.choose(role);
        await workbench.answer('');
        await workbench.notification(new RegExp(`approved as ${role}`)).waitFor();
        await workbench.clearNotifications();
      }
      await workbench.untilStage(migration, /^Approvals, in order/);
    }
    await workbench.picture('9-approved');
  });

  it('applies to production after a confirmation that names it, and the tree turns', async () => {
    await workbench.command('Lockkeeper: Apply Migrations');
    await workbench.choose('production');
    await workbench.answer(production.url);
    await page.locator('.monaco-dialog-box', { hasText: 'production' }).waitFor();
    await workbench.snapshot('10-confirm');
    await workbench.press('Apply to production');
    await workbench.notification(/applied to production/).waitFor({ timeout: 120_000 });
    await workbench.untilStage(NEW_ID, /^Applied, in order: production/);
    await workbench.untilStage((await workbench.newMigrations()).at(-1) ?? NEW_ID, /^Integrity, in order/);
    await workbench.picture('11-applied');
    await workbench.clearNotifications();
  });

  it('verifies production on its own', async () => {
    await workbench.command('Lockkeeper: Verify Environment');
    await workbench.choose('production');
    await workbench.notification(/production: /).waitFor({ timeout: 120_000 });
    await workbench.picture('12-verified');
    await workbench.clearNotifications();
  });

  it('calls approvals stale after one changed byte', async () => {
    await open(NEW_ID);
    await workbench.goToLine(1);
    await page.keyboard.press('End');
    await page.keyboard.type('!');
    await workbench.line('become real.!').waitFor({ state: 'attached' });
    await workbench.untilStage(NEW_ID, /^Approvals, stale/);
    await workbench.picture('13-stale');
  });
});
