import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The checkout. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');
const MANIFEST = path.join(ROOT, 'test/vscode/host');
const INSTALLED = path.join(ROOT, '.cache/vscode-host');

/** The npm-made VS Code. */
export interface NpmHost {
  readonly version: string;
  /** `lib/vscode/out/server-main.js`. */
  readonly server: string;
  readonly chromium: string;
}

/**
 * Installs code-server and Chromium where they are missing, and says on standard error what it does.
 * The result is kept in `.cache/vscode-host` until the lock file changes.
 *
 * @throws Error naming the command that failed, with the end of its output
 */
export function installNpmHost(): NpmHost {
  const codeServer = path.join(INSTALLED, 'node_modules/code-server');
  const vscode = path.join(codeServer, 'lib/vscode');
  const stamp = path.join(INSTALLED, 'installed.json');
  const lock = readFileSync(path.join(MANIFEST, 'package-lock.json'), 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    say('Installing code-server (a real VS Code) from npm into .cache/vscode-host: about a minute, once …');
    rmSync(INSTALLED, { recursive: true, force: true });
    mkdirSync(INSTALLED, { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(path.join(MANIFEST, file), path.join(INSTALLED, file));
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], INSTALLED);
    run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], vscode);
    // VS Code looks for Oniguruma's WebAssembly where its own build packs an archive.
    if (!existsSync(path.join(vscode, 'node_modules.asar')))
      symlinkSync('node_modules', path.join(vscode, 'node_modules.asar'));
    // Only the server's log files need it; without a compiler the server logs to its console instead.
    const rebuilt = spawnSync('npm', ['rebuild', '@vscode/spdlog'], { cwd: vscode, encoding: 'utf8' });
    if (rebuilt.status !== 0) say('@vscode/spdlog could not be compiled; the editor will keep no log files.');
    writeFileSync(stamp, lock);
  }
  const { version } = JSON.parse(readFileSync(path.join(vscode, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    server: path.join(vscode, 'out/server-main.js'),
    chromium: chromium(),
  };
}

function chromium(): string {
  const found = findChromium();
  if (found !== null) return found;
  say('Installing Chromium from Debian …');
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const command = [...sudo, 'apt-get', 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  const [program = 'apt-get', ...rest] = command;
  // The package lists of a bare machine are empty.
  if (spawnSync(program, rest, { encoding: 'utf8' }).status !== 0) {
    const update = [...sudo, 'apt-get', 'update'];
    run(update[0] ?? 'apt-get', update.slice(1), ROOT);
    run(program, rest, ROOT);
  }
  const installed = findChromium();
  if (installed === null) throw new Error('Chromium is missing, and apt-get did not bring it. Set CHROMIUM_PATH.');
  return installed;
}

function findChromium(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined) return named;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = spawnSync('which', [name], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : null;
}

function run(program: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`\`${program} ${args.join(' ')}\` failed in ${cwd}:\n${`${stdout}${stderr}`.slice(-2000)}`, {
      cause: error,
    });
  }
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
