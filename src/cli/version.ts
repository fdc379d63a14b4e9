import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lockkeeper's own version, from its package.json: the nearest one above this file, which the build may put deeper. */
export function packageVersion(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
