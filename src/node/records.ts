import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile, link } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { Evidence, LockkeeperRecord, NamedRecord } from '../core/records/record.ts';
import type { ReadRecords, RecordFile } from '../core/records/readRecords.ts';
import { readRecords } from '../core/records/readRecords.ts';
import { RECORDS_FOLDER, hashText, named, recordPath, recordText } from '../core/records/recordFile.ts';
import { RunError } from './runError.ts';

/**
 * Records on disk: the repository's (`.lockkeeper/records`), and the user's own store of evidence that nobody has
 * attached to a review yet. Both have the same form. Only explicit commands write here.
 */

/** No record is nearly as large; a larger file is not read. */
const LARGEST = 8 * 1024 * 1024;

/** Reads all records of a workspace, and says which were tampered with. A workspace without any gives none. */
export async function readWorkspaceRecords(root: string): Promise<ReadRecords> {
  return readRecords(await recordFiles(join(root, RECORDS_FOLDER)));
}

/** Reads the user's own evidence for a workspace; `store` from `evidenceStore`. */
export async function readEvidence(store: string): Promise<readonly NamedRecord<Evidence>[]> {
  const { records } = readRecords(await recordFiles(store));
  return records.filter((one): one is NamedRecord<Evidence> => one.record.type === 'evidence');
}

/**
 * Writes a record into the repository, with `.lockkeeper/.gitattributes` so that no checkout changes its bytes.
 *
 * @returns its name and its path relative to the workspace, with `/`
 */
export async function writeWorkspaceRecord(
  root: string,
  record: LockkeeperRecord,
): Promise<{ readonly name: string; readonly path: string }> {
  await writeOnce(join(root, '.lockkeeper', '.gitattributes'), '* -text\n');
  const path = recordPath(record);
  await writeOnce(join(root, RECORDS_FOLDER, path), recordText(record));
  return { name: named(record).name, path: `${RECORDS_FOLDER}/${path}` };
}

/** Keeps evidence in the user's own store. Returns its name and the file's path. */
export async function saveEvidence(
  store: string,
  evidence: Evidence,
): Promise<{ readonly name: string; readonly path: string }> {
  const path = join(store, recordPath(evidence));
  await writeOnce(path, recordText(evidence));
  return { name: named(evidence).name, path };
}

/** The names of all records about a migration, as a new record's `saw`. */
export function seenRecords(
  records: readonly NamedRecord[],
  about: { readonly history: string; readonly migration: string },
): readonly string[] {
  return records
    .filter(({ record }) => record.history === about.history && record.migration === about.migration)
    .map(({ name }) => name)
    .sort();
}

/**
 * Where the command line keeps evidence: one folder a workspace below `XDG_STATE_HOME/lockkeeper` (default
 * `~/.local/state/lockkeeper`). The editor passes a folder of its own instead.
 *
 * @param root the workspace's absolute path; symbolic links resolved by the caller
 */
export function evidenceStore(root: string, environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  const name = root.split(sep).at(-1) ?? '';
  const readable = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40);
  return join(state, 'lockkeeper', `${readable}-${hashText(root).slice(0, 16)}`);
}

/**
 * Makes the folder of evidence and tries to write there: a long run must not end with a result that can't be kept.
 *
 * @throws RunError 'not possible'
 */
export async function demandStore(store: string): Promise<void> {
  const trial = join(store, `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(store, { recursive: true });
    await writeFile(trial, '', { flag: 'wx' });
  } catch (error) {
    const message = `Evidence can't be kept in ${store} (${errorCode(error)}), so nothing was started. Make that folder writable, or set XDG_STATE_HOME to another.`;
    throw new RunError('not possible', message, { cause: error });
  } finally {
    await rm(trial, { force: true }).catch(() => undefined);
  }
}

/** `EROFS`, `EACCES`, …: what people look up. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

async function recordFiles(folder: string): Promise<readonly RecordFile[]> {
  const files: RecordFile[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await stat(path)).size > LARGEST) continue;
    const relative = path.slice(folder.length + 1).replaceAll(sep, '/');
    files.push({ path: relative, text: await readFile(path, 'utf8') });
  }
  return files;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * Writes a file that must never change: to a temporary name first, so that nobody sees half of it, then linked to its
 * own name, which fails if that is taken. An existing file is left as it is.
 */
async function writeOnce(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx', flush: true });
    try {
      await link(temporary, path);
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return;
      // File systems without hard links (FAT, some network shares).
      await rename(temporary, path);
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
