import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import type { NpmHost } from './install.ts';

export interface ServerOptions {
  /** `false` leaves Workspace Trust on, so that a new folder opens in Restricted Mode. */
  readonly trusted: boolean;
  /** User settings of the editor. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Extensions folder; a fresh empty one if not given. */
  readonly extensions?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CodeServer {
  readonly port: number;
  /** `userdata` and `data` of this run, removed afterwards. */
  readonly data: string;
  /** Address that opens a folder; `payload` as VSCODE-HOST.md has it. */
  readonly address: (folder: string | null, payload: readonly (readonly [string, string])[]) => string;
  /** The path as the workbench in the browser names it. */
  readonly remote: (file: string) => string;
}

/** Serves the npm-made VS Code on a free local port with fresh data while `use` runs. */
export async function withCodeServer<T>(
  host: NpmHost,
  options: ServerOptions,
  use: (server: CodeServer) => Promise<T>,
): Promise<T> {
  const server = await startCodeServer(host, options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** As `withCodeServer`, for those who have a beginning and an end of their own, as mocha's hooks. */
export async function startCodeServer(
  host: NpmHost,
  options: ServerOptions,
): Promise<CodeServer & { readonly stop: () => Promise<void> }> {
  const data = mkdtempSync(path.join(tmpdir(), 'lockkeeper-editor-'));
  const user = path.join(data, 'data/User');
  mkdirSync(user, { recursive: true });
  writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...QUIET, ...options.settings }, null, 2));
  const child = spawn(
    process.execPath,
    [
      host.server,
      ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
      ...['--server-data-dir', data, '--extensions-dir', options.extensions ?? path.join(data, 'extensions')],
      '--disable-telemetry',
      ...(options.trusted ? ['--disable-workspace-trust'] : []),
    ],
    { env: { ...process.env, EXTENSIONS_GALLERY: '{}', ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const cleanUp = async () => {
    await stop(child);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await listening(child);
    const authority = `127.0.0.1:${String(port)}`;
    return {
      port,
      data,
      remote: (file) => `vscode-remote://${authority}${file}`,
      address: (folder, payload) => {
        const place = folder === null ? 'ew=true' : `folder=${encodeURIComponent(folder)}`;
        return `http://${authority}/?${place}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
      },
      stop: cleanUp,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** A browser for the workbench while `use` runs. */
export async function withBrowser<T>(host: NpmHost, use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await launchBrowser(host);
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** Debian's Chromium refuses its sandbox to root. */
export function launchBrowser(host: NpmHost): Promise<Browser> {
  return chromium.launch({
    executablePath: host.chromium,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    ],
  });
}

/** Opens the workbench and waits until it is drawn. */
export async function openWorkbench(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector('.monaco-workbench', { timeout: 60_000 });
}

/** An editor that asks nothing, greets nobody and updates nothing. */
const QUIET = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.quickOpen.closeOnFocusLost': false,
  // In a browser the default is to save after a second: a test that is slower would find its edits on disk.
  'files.autoSave': 'off',
  // A fix of several files is saved by itself otherwise, some time after it was applied.
  'files.refactoring.autoSave': false,
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'editor.minimap.enabled': false,
  'chat.commandCenter.enabled': false,
};

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`code-server ended with ${String(code)} before it listened:\n${output.slice(-2000)}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
