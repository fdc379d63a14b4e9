import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { bundle } from '../launch/bundle.ts';
import type { Bundles } from '../launch/bundle.ts';
import { openWorkbench, withBrowser, withCodeServer } from '../launch/codeServer.ts';
import type { ServerOptions } from '../launch/codeServer.ts';
import { installNpmHost } from '../launch/install.ts';
import { prepareBranch, SCENARIOS } from '../launch/scenarios.ts';
import { NEW_ID } from '../suite/support/example.ts';
import { Workbench } from './workbench.ts';

describe('surfaces besides the walk', () => {
  let home: string;
  let bundles: Bundles;

  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'lockkeeper-surfaces-'));
    bundles = await bundle([]);
  });

  after(() => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const opened = async (
    folder: string,
    options: Pick<ServerOptions, 'trusted' | 'settings'>,
    see: (workbench: Workbench, page: Page) => Promise<void>,
  ) => {
    const host = installNpmHost();
    await withCodeServer(host, options, (server) =>
      withBrowser(host, async (browser) => {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        const { extension } = bundles;
        await openWorkbench(page, server.address(folder, [['extensionDevelopmentPath', server.remote(extension)]]));
        const workbench = new Workbench(page);
        await workbench.openSidebar();
        await see(workbench, page);
      }),
    );
  };

  it('welcomes in a folder without migrations, with what to do', async () => {
    const folder = SCENARIOS.find(({ name }) => name === 'empty')?.prepare(home) ?? home;
    await opened(folder, { trusted: true }, async (workbench, page) => {
      await page.getByText('No migrations were found in this folder.').waitFor();
      await page.getByRole('button', { name: 'Open lockkeeper.jsonc' }).waitFor();
      await workbench.picture('20-welcome');
    });
  });

  it('shows findings in Restricted Mode, and a row that says so', async () => {
    await opened(prepareBranch(home), { trusted: false }, async (workbench) => {
      await workbench.row(/^Restricted Mode: findings only/).waitFor();
      await workbench.row(new RegExp(`^Migration ${NEW_ID}, problem`)).waitFor();
      await workbench.picture('21-restricted');
    });
  });

  it('shows locks above and behind the statements, ranks the old migrations, and has a walkthrough', async () => {
    const settings = { 'lockkeeper.inlayHints.enabled': true };
    await opened(path.join(home, 'saas'), { trusted: true, settings }, async (workbench, page) => {
      await workbench.row(new RegExp(`^Migration ${NEW_ID}`)).click();
      const lens = page.locator('.codelens-decoration', { hasText: '4 of 4 statements analysed' });
      await lens.filter({ hasText: 'ACCESS EXCLUSIVE on "Order"' }).waitFor();
      await lens.getByRole('button', { name: 'Test Rollback' }).waitFor();
      await workbench.line('SHARE: writes wait').waitFor();
      await workbench.picture('23-locks');
      await workbench.cursorTo('CREATE INDEX "Order_customerId_idx"');
      await page.keyboard.press('Control+.');
      await workbench.chooseAction('Accept require-concurrent-index here');
      await workbench.answer('built at night');
      await workbench.line('-- lockkeeper-ignore require-concurrent-index: built at night').waitFor();
      await workbench.row(/^Lint, problem: 2 errors/).waitFor();
      await workbench.command('Lockkeeper: Scan History');
      const ranking = workbench.webview().locator('table');
      await ranking.getByRole('button', { name: /tenant_isolation/ }).waitFor();
      await workbench.picture('24-scan');
      await ranking.getByRole('button', { name: /tenant_isolation/ }).press('Enter');
      await workbench.line('ENABLE ROW LEVEL SECURITY').waitFor();
      await workbench.command('Welcome: Open Walkthrough...');
      await workbench.choose('A migration through the lock');
      await page.getByText('See what a statement locks').first().waitFor();
      await workbench.snapshot('22-walkthrough');
    });
  });
});
