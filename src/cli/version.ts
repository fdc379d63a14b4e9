import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lockkeeper's own version, from its package.json: the nearest one above this file that has one. */
export function packageVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== undefined) return version;
    if (folder === dirname(folder)) throw new Error('The installation is damaged: package.json is missing.');
  }
}

function versionIn(file: string): string | undefined {
  // The build puts one without a version beside the programs.
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version : undefined;
}
