import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isHostAlive, removeRun } from './runDirectory.ts';
import { reachableCache, serverUser } from './serverUser.ts';

/** Something on this machine's disk that a crashed process left. */
export interface LocalLeftover {
  readonly kind: 'server' | 'half-made copy' | 'download';
  readonly path: string;
  /** RFC 3339: when it was last written to. */
  readonly made: string;
}

/** What is being made takes less than this; what is older was left. */
const ABANDONED_AFTER = 3_600_000;

/**
 * Throw-away servers whose host process is gone, copies of binaries that were never finished, and downloads. By names
 * that only Lockkeeper gives, in folders that are its own.
 *
 * @param cacheDirectory as `startEmbeddedServer` gets it
 * @param temporary the system's folder for temporary files
 */
export async function localLeftovers(cacheDirectory: string, temporary: string): Promise<LocalLeftover[]> {
  const cache = reachableCache(cacheDirectory, await serverUser());
  const found: LocalLeftover[] = [];
  const add = async (kind: LocalLeftover['kind'], path: string, least: number): Promise<void> => {
    const state = await stat(path).catch(() => null);
    if (state === null || Date.now() - state.mtimeMs < least) return;
    if (process.getuid !== undefined && kind === 'download' && state.uid !== process.getuid()) return;
    found.push({ kind, path, made: state.mtime.toISOString() });
  };
  for (const name of await names(join(cache, 'runs'))) {
    const path = join(cache, 'runs', name);
    if (!/^s-\w{6}$/.test(name) || (await isHostAlive(path)) !== false) continue;
    await add('server', path, 0);
  }
  for (const name of await names(join(cache, 'postgresql'))) {
    // `<version>.<process>.<chance>`: a copy that was not renamed into place.
    if (/\.\d+\.[0-9a-f]{8}$/.test(name)) await add('half-made copy', join(cache, 'postgresql', name), ABANDONED_AFTER);
  }
  for (const name of await names(temporary))
    if (/^lockkeeper-fetch-\w{6}$/.test(name)) await add('download', join(temporary, name), ABANDONED_AFTER);
  return found;
}

/** Ends the server that runs there, if one does. @returns false: it is still there */
export async function removeLocal({ kind, path }: LocalLeftover): Promise<boolean> {
  try {
    if (kind === 'server') await removeRun(path);
    else await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // Another user's.
  }
  return readFile(path).then(
    () => false,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
  );
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}
