import { spawn, spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { ROOT, say } from './install.ts';
import type { SuiteRun } from './suiteRun.ts';

/** The oldest VS Code that package.json admits. */
const VERSION = '1.100.3';

/**
 * VS Code itself: where `VSCODE_PATH` names one, or where its download answers at once.
 *
 * @returns the program, or null where only the npm-made host is to be had
 */
export async function findVSCode(): Promise<string | null> {
  const named = process.env['VSCODE_PATH'];
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error(`VSCODE_PATH names ${named}, which does not exist.`);
    return named;
  }
  try {
    const late = new Promise<never>((_, reject) => setTimeout(reject, 3000, new Error('no answer in 3 s')).unref());
    await Promise.race([lookup('update.code.visualstudio.com'), late]);
    return await downloadAndUnzipVSCode({
      version: VERSION,
      cachePath: path.join(ROOT, '.cache/vscode'),
      reporter: new SilentReporter(),
      timeout: 15_000,
    });
  } catch (error) {
    say(`VS Code can't be downloaded here (${error instanceof Error ? error.message : String(error)}).`);
    return null;
  }
}

/** Runs one scenario's suite in VS Code. The results are in the scenario's results file, whatever the exit code. */
export async function runInElectron(program: string, run: SuiteRun): Promise<void> {
  const data = mkdtempSync(path.join(tmpdir(), 'lockkeeper-vscode-'));
  try {
    await withDisplay(async () => {
      await runTests({
        vscodeExecutablePath: program,
        extensionDevelopmentPath: run.extension,
        extensionTestsPath: run.suite,
        extensionTestsEnv: run.environment,
        launchArgs: [
          ...(run.folder === null ? [] : [run.folder]),
          ...['--disable-extensions', '--skip-welcome', '--skip-release-notes', '--disable-gpu', '--disable-updates'],
          ...[`--user-data-dir=${data}`, ...(run.trusted ? ['--disable-workspace-trust'] : [])],
          ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ],
      });
    });
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A display where the machine has none. */
async function withDisplay(use: () => Promise<void>): Promise<void> {
  if (process.platform !== 'linux' || process.env['DISPLAY'] !== undefined) {
    await use();
    return;
  }
  if (spawnSync('which', ['Xvfb']).status !== 0) throw new Error('VS Code needs a display here: install xvfb.');
  const display = `:${String(100 + (process.pid % 400))}`;
  const server = spawn('Xvfb', [display, '-screen', '0', '1280x900x24'], { stdio: 'ignore' });
  process.env['DISPLAY'] = display;
  try {
    await use();
  } finally {
    delete process.env['DISPLAY'];
    server.kill();
  }
}
