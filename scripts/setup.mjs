// Brings a fresh clone to where the scripts can run: dependencies installed, bundles built. Plain JavaScript without
// dependencies, since it runs before there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the project's root, output straight to the terminal; ends this process when it fails. */
function mustRun(title, command, args) {
  process.stdout.write(`${title} …\n`);
  const npm = process.platform === 'win32' && command === 'npm';
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: npm });
  if (result.status !== 0) {
    process.stderr.write(`${title}: failed (${command} ${args.join(' ')})\n`);
    process.exit(result.status ?? 1);
  }
}

/** The Node version that package.json asks for, or a clear word. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`Lockkeeper's tools need Node 20.19 or later; this is ${process.versions.node}.\n`);
    process.exit(2);
  }
}

/** `npm ci` unless what is installed is what package-lock.json says. */
export function installDependencies() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  if (existsSync(installed) && sameVersions(installed, lock)) return;
  mustRun('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']);
}

/** A new checkout makes the lock file younger without changing a version. */
function sameVersions(installed, lock) {
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages ?? {})
      .filter(([path, entry]) => path !== '' && entry.optional !== true)
      .map(([path, entry]) => `${path}@${entry.version}`);
  const have = new Set(versions(installed));
  return versions(lock).every((version) => have.has(version));
}

export function build() {
  mustRun('Building', process.execPath, ['esbuild.mjs']);
}
