import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runProgram } from './runProgram.ts';
import { ServerError } from './serverError.ts';

/** The operating system's user that runs the server. Null everywhere in this folder: the user who runs Lockkeeper. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: root hands it to the `postgres` user if there is one, else to `nobody`.
 * @returns null where Lockkeeper does not run as root, so that no other user is needed (Windows too)
 * @throws ServerError `no user`
 */
export async function serverUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([numericId('-u', name), numericId('-g', name)]);
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  throw new ServerError(
    'no user',
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor "nobody" to run it. Create one (useradd --system postgres), or run Lockkeeper as another user.',
  );
}

async function numericId(flag: string, name: string): Promise<number | null> {
  const outcome = await runProgram('id', [flag, name]).catch(() => null);
  const id = outcome?.code === 0 ? Number.parseInt(outcome.output, 10) : Number.NaN;
  return Number.isNaN(id) ? null : id;
}

/**
 * The folder for binaries and data that the server's user can reach: the given one, unless one of the folders above it
 * is closed to that user (a checkout or home directory with mode 0700). Then /var/cache/lockkeeper, else one under the
 * system's temporary folder; such a folder must belong to us and be writable for nobody else, since we execute from it.
 */
export function reachableCache(cacheDirectory: string, user: ServerUser | null): string {
  if (user === null || canReach(resolve(cacheDirectory), user)) return makeFolder(resolve(cacheDirectory));
  for (const place of ['/var/cache/lockkeeper', join(tmpdir(), 'lockkeeper-cache'), '/tmp/lockkeeper-cache']) {
    if (!canReach(place, user)) continue;
    try {
      makeFolder(place);
      const state = lstatSync(place);
      if (state.isDirectory() && state.uid === process.getuid?.() && (state.mode & 0o022) === 0) return place;
    } catch {
      // Not ours to make: the next place.
    }
  }
  throw new ServerError(
    'no user',
    `The server's user "${user.name}" can't reach ${cacheDirectory} (a folder above it is closed to others), and neither /var/cache nor ${tmpdir()} can hold the server's files instead.`,
  );
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return path;
}

/** Whether the user may enter every folder of the path that exists. */
function canReach(path: string, user: ServerUser): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { mode, uid, gid } = statSync(folder);
      const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & needed) === 0) return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
    if (dirname(folder) === folder) return true;
  }
}
