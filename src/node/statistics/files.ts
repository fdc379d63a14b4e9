import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Policy } from '../../core/policy/policy.ts';
import { decodeId, encodeId } from '../../core/records/recordFile.ts';
import { parseStatistics, type ParsedStatistics } from '../../core/statistics/parseStatistics.ts';
import { LARGEST_STATISTICS_FILE, statisticsText, type Statistics } from '../../core/statistics/statistics.ts';
import { RunError } from '../runError.ts';

/** Where statistics lie, relative to the workspace root. */
export const STATISTICS_FOLDER = '.lockkeeper/statistics';

/** `.lockkeeper/statistics/<environment>.json`, relative to the workspace root, with `/`. */
export function statisticsPath(environment: string): string {
  return `${STATISTICS_FOLDER}/${encodeId(environment)}.json`;
}

/**
 * Writes an environment's statistics into the repository; an older file gives way whole or not at all.
 *
 * @returns the file's path, absolute
 * @throws RunError 'not possible' where the folder is a link that leads out of the workspace
 */
export async function writeStatistics(root: string, environment: string, statistics: Statistics): Promise<string> {
  const folder = join(root, STATISTICS_FOLDER);
  await mkdir(folder, { recursive: true });
  const inside = relative(await realpath(root), await realpath(folder));
  if (inside.startsWith('..'))
    throw new RunError('not possible', `${folder} leads out of the workspace; nothing was written.`);
  const path = join(root, statisticsPath(environment));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, statisticsText(statistics), { flag: 'wx' });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

/** An environment's statistics from the repository; null where there are none. Problems are for people. */
export async function readStatistics(root: string, environment: string): Promise<ParsedStatistics | null> {
  const path = join(root, statisticsPath(environment));
  try {
    if ((await stat(path)).size > LARGEST_STATISTICS_FILE)
      return { statistics: null, problems: ['it is larger than any statistics can be'] };
    return parseStatistics(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** The environments whose statistics lie in the repository, by name. */
export async function environmentsWithStatistics(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, STATISTICS_FOLDER)).catch((): string[] => []);
  return names
    .flatMap((name) => (name.endsWith('.json') ? (decodeId(name.slice(0, -'.json'.length)) ?? []) : []))
    .sort();
}

/**
 * System identifiers of production's clusters, as the statistics of its environments tell: staging refuses these servers
 * on every machine, also where nobody ever connected to production. What can't be read is passed over.
 */
export async function identifiersOfProduction(root: string, policy: Policy): Promise<readonly string[]> {
  const production = policy.environments.filter((one) => one.class === 'production');
  const read = await Promise.all(production.map(({ name }) => readStatistics(root, name).catch(() => null)));
  return read.flatMap((one) => one?.statistics?.database.systemIdentifier ?? []);
}
