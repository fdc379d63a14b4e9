import { dirname, join, resolve } from 'node:path';
import { isCodeMigration } from '../core/tools/codeMigrations.ts';
import { TOOLS } from '../core/tools/registry.ts';
import { rustRunner } from '../core/tools/runners.ts';
import type { HistoryFile, RunnerId, ToolId } from '../core/tools/tool.ts';
import { LOCK_FILES, npmToolVersion } from '../core/tools/toolVersion.ts';
import { isInside, readTextFile, UnreadableFileError, walkFolder } from './files.ts';

/** A file that could not be read as it should, for people. */
export interface FileTrouble {
  /** Absolute. */
  readonly path: string;
  readonly message: string;
}

/** Files by which tools are known, and settings of theirs. */
const SIGNS: ReadonlySet<string> = new Set([
  'migration_lock.toml',
  'sqitch.plan',
  'snapshot.json',
  '_journal.json',
  'atlas.sum',
  'metadata.toml',
]);

/** Names that recognition looks at. */
export function isOfInterest(name: string): boolean {
  return (
    /\.(?:sql|pgsql|psql|conf)$/i.test(name) ||
    SIGNS.has(name) ||
    isCodeMigration(name) ||
    /^\d+_.*\.(?:up|down)\./.test(name)
  );
}

/**
 * The files that a tool's history is made of, and rollbacks that lie outside of its folder.
 *
 * @param base absolute; the paths given back are relative to it
 * @param folder the tool's folder relative to `base`, '' for itself
 * @param paths what lies under `base`
 * @param troubles filled with what could not be read
 */
export function readHistoryFiles(
  { base, folder, tool, paths }: { base: string; folder: string; tool: ToolId; paths: readonly string[] },
  troubles: FileTrouble[],
): HistoryFile[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  return paths.flatMap((path) => {
    if (!path.startsWith(prefix) || !TOOLS[tool].reads(path.slice(prefix.length))) return [];
    return readHistoryFile(join(base, path), path, troubles) ?? [];
  });
}

/** Rollbacks kept where no tool sees them; paths relative to `base`. */
export function readOutsideRollbacks(base: string, outside: string, troubles: FileTrouble[]): HistoryFile[] {
  const folder = resolve(base, outside);
  return walkFolder(folder, { wanted: (name) => name.endsWith('.sql'), limit: 10_000 }).paths.flatMap(
    (path) => readHistoryFile(join(folder, path), `${outside}/${path}`, troubles) ?? [],
  );
}

/** One file of a history; null if it can't be read (noted in `troubles`). */
export function readHistoryFile(absolute: string, path: string, troubles: FileTrouble[]): HistoryFile | null {
  try {
    const { text, invalidAt } = readTextFile(absolute);
    if (invalidAt === null) return { path, text };
    const message = `not UTF-8: the byte at offset ${String(invalidAt)} is no part of a character; PostgreSQL would refuse the file or store wrong text`;
    troubles.push({ path: absolute, message });
    return { path, text, problem: { message, offset: text.indexOf('\ufffd') } };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    troubles.push({ path: absolute, message: error.message });
    return null;
  }
}

/**
 * The tool's version from the nearest package.json at or above a folder, or a lock file above that.
 *
 * @param top the folder above which nothing is looked at
 */
export function toolVersionNear(tool: ToolId, folder: string, top: string): string | null {
  if (tool !== 'prisma' && tool !== 'supabase') return null;
  const files = new Map<string, string>();
  for (let current = folder; isInside(current, top); current = dirname(current)) {
    for (const name of ['package.json', ...LOCK_FILES]) {
      if (files.has(name)) continue;
      const text = readIfThere(join(current, name));
      if (text !== null) files.set(name, text);
    }
    const version = npmToolVersion(tool, files);
    if (version !== null && LOCK_FILES.some((name) => files.has(name))) return version;
    if (dirname(current) === current) break;
  }
  return npmToolVersion(tool, files);
}

/**
 * What runs a folder of SQL, by the nearest Cargo.toml at or above it. sqlx names its files as golang-migrate does.
 *
 * @param top the folder above which nothing is looked at
 * @param isSure a person said which tool it is
 */
export function withRunner(
  tool: ToolId,
  folder: string,
  { top, isSure = false }: { readonly top: string; readonly isSure?: boolean },
): { readonly tool: ToolId; readonly nearbyRunner: RunnerId | null } {
  if (tool !== 'plain' && tool !== 'golang-migrate') return { tool, nearbyRunner: null };
  const nearbyRunner = runnerNear(folder, top);
  const isSqlx = tool === 'golang-migrate' && nearbyRunner === 'sqlx' && !isSure;
  return { tool: isSqlx ? 'plain' : tool, nearbyRunner };
}

function runnerNear(folder: string, top: string): RunnerId | null {
  for (let current = folder; isInside(current, top); current = dirname(current)) {
    const runner = rustRunner(readIfThere(join(current, 'Cargo.toml')) ?? '');
    if (runner !== null || dirname(current) === current) return runner;
  }
  return null;
}

export function readIfThere(path: string): string | null {
  try {
    return readTextFile(path).text;
  } catch {
    return null;
  }
}
