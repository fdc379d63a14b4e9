import { closeSync, constants, fstatSync, openSync, readSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A file's text as it lies on disk: a BOM is kept, so that offsets are those of the file. */
export interface TextFile {
  readonly text: string;
  /** The bytes are not UTF-8: what could not be read is U+FFFD in `text`. Byte offset of the first such byte. */
  readonly invalidAt: number | null;
}

/** Why a file was not read. */
export class UnreadableFileError extends Error {
  readonly reason: 'missing' | 'too large' | 'not a file' | 'denied' | 'other';

  constructor(path: string, reason: UnreadableFileError['reason'], options?: ErrorOptions) {
    super(`${path}: ${REASONS[reason]}`, options);
    this.name = 'UnreadableFileError';
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<UnreadableFileError['reason'], string>> = {
  missing: 'there is no such file',
  'too large': 'larger than 64 MB; it is not read',
  'not a file': 'not a plain file',
  denied: 'may not be read',
  other: 'could not be read',
};

/** Nothing that people call a migration is larger. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * Reads a text file.
 *
 * @throws {UnreadableFileError}
 */
export function readTextFile(path: string): TextFile {
  const bytes = readBytes(path);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { text, invalidAt: text.includes('\ufffd') ? firstInvalidByte(bytes) : null };
}

function readBytes(path: string): Uint8Array {
  let descriptor: number;
  try {
    // Not blocking: a repository may hold a named pipe, which would wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UnreadableFileError(path, reasonOf(error), { cause: error });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new UnreadableFileError(path, 'not a file');
    if (stat.size > LARGEST_FILE) throw new UnreadableFileError(path, 'too large');
    const bytes = Buffer.allocUnsafe(stat.size);
    let filled = 0;
    while (filled < stat.size) {
      const count = readSync(descriptor, bytes, filled, stat.size - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    throw new UnreadableFileError(path, reasonOf(error), { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): UnreadableFileError['reason'] {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
  if (code === 'EISDIR') return 'not a file';
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'other';
}

/** The text may hold U+FFFD on purpose: only a byte sequence that is not UTF-8 counts. */
function firstInvalidByte(bytes: Uint8Array): number | null {
  let low = 0;
  let high = bytes.length;
  if (isUtf8(bytes, high)) return null;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (isUtf8(bytes, middle)) low = middle;
    else high = middle - 1;
  }
  // What is readable may end in the middle of a character: that character is what is wrong.
  for (let back = 1; back <= 3 && back <= low; back++) {
    const byte = bytes[low - back] ?? 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? low - back : low;
    if (byte < 0x80) break;
  }
  return low;
}

/** Whether the beginning is UTF-8, a character that is cut at its end included. */
function isUtf8(bytes: Uint8Array, length: number): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: length < bytes.length });
    return true;
  } catch {
    return false;
  }
}

export interface Walk {
  /** Paths relative to the root, with `/`. */
  readonly paths: readonly string[];
  /** The walk was stopped at its limit: there may be more. */
  readonly truncated: boolean;
}

/** Folders that hold other people's files or the tools' own. */
const SKIPPED = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  'vendor',
  'bower_components',
  '.cache',
  '.next',
  'target',
  '__pycache__',
]);

/**
 * The files under a folder. Symbolic links are followed only to what lies inside the folder, each folder once, so that a
 * repository can lead neither out of itself nor in circles.
 *
 * @param options.wanted asked for every file by its name; all unless given
 * @param options.depth how many folders deep: 1 is the folder's own files
 * @param options.limit entries that are looked at
 */
export function walkFolder(
  root: string,
  {
    wanted = () => true,
    limit = 50_000,
    depth = 100,
  }: { wanted?: (name: string) => boolean; limit?: number; depth?: number } = {},
): Walk {
  const paths: string[] = [];
  const top = realPath(root);
  if (top === null) return { paths, truncated: false };
  const seen = new Set<string>([top]);
  const queue: Folder[] = [{ path: '', real: top, depth: 1 }];
  let looked = 0;
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    for (const entry of entriesOf(folder.real)) {
      if (++looked > limit) return { paths, truncated: true };
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      const found = entry.isSymbolicLink() ? behindLink(join(folder.real, entry.name), top) : entryOf(entry, folder);
      if (found === null) continue;
      if (found.kind === 'folder' && folder.depth < depth && !SKIPPED.has(entry.name) && !seen.has(found.real)) {
        seen.add(found.real);
        queue.push({ path, real: found.real, depth: folder.depth + 1 });
      } else if (found.kind === 'file' && wanted(entry.name)) paths.push(path);
    }
  }
  return { paths, truncated: false };
}

interface Folder {
  readonly path: string;
  /** Without symbolic links. */
  readonly real: string;
  readonly depth: number;
}

interface Found {
  readonly kind: 'file' | 'folder';
  readonly real: string;
}

function entryOf(entry: Dirent, folder: Folder): Found | null {
  if (entry.isFile()) return { kind: 'file', real: '' };
  return entry.isDirectory() ? { kind: 'folder', real: join(folder.real, entry.name) } : null;
}

/** What a link leads to, if that lies inside of the folder that is walked. */
function behindLink(path: string, top: string): Found | null {
  const real = realPath(path);
  if (real === null || !isInside(real, top)) return null;
  const kind = kindOf(real);
  return kind === 'other' ? null : { kind, real };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function kindOf(path: string): 'file' | 'folder' | 'other' {
  try {
    const stat = statSync(path);
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
  } catch {
    return 'other';
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Whether a real path lies in a real folder (or is it). */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:|^[\\/]/.test(way));
}

/** Whether `walkFolder` of a folder can come to a path: it lies inside, and in none of the folders that are left out. */
export function isSearched(path: string, folder: string): boolean {
  return (
    isInside(path, folder) &&
    !relative(folder, path)
      .split(sep)
      .some((name) => SKIPPED.has(name))
  );
}
