import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const CLI = resolve('dist/cli/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the built command line in a folder, as a user's shell would. */
export function lockkeeper(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input: string | Uint8Array = '',
): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 28,
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      XDG_STATE_HOME: join(cwd, '..', 'state'),
      XDG_CONFIG_HOME: join(cwd, '..', 'config'),
      ...environment,
    },
  });
  return { code: status, out: stdout, error: stderr };
}

/** A folder of its own with these files; paths with `/`. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'lockkeeper-cli-'))), 'workspace');
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** JSON lines of a command that must succeed. */
export function jsonLines<T>(outcome: Outcome): T[] {
  if (outcome.code !== 0) throw new Error(`exit code ${String(outcome.code)}: ${outcome.error}`);
  return outcome.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
