import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const VERSION = '2.66.0';
const FOLDER = '.cache/squawk';

/**
 * squawk's npm command, fetched on demand into `.cache`: it is only measured against, and a lock file that names all of
 * its platform packages can't be made everywhere.
 *
 * @returns the command's path; null where npm can't fetch it
 */
export function squawkCommand(): string | null {
  const command = `${FOLDER}/node_modules/.bin/squawk`;
  if (existsSync(command)) return command;
  const args = ['install', '--prefix', FOLDER, '--no-save', '--no-audit', '--no-fund', `squawk-cli@${VERSION}`];
  const { status } = spawnSync('npm', args, { stdio: 'ignore', shell: process.platform === 'win32' });
  return status === 0 && existsSync(command) ? command : null;
}
