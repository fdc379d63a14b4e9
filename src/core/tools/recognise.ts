import { codeMigrationsReason } from './codeMigrations.ts';
import { DBMATE_UP } from './dbmate.ts';
import { DRIZZLE_JOURNAL, drizzleDialect } from './drizzle.ts';
import { GOOSE_UP } from './goose.ts';
import { naturalOrder } from './naturalOrder.ts';
import { foreignDatabase, isOtherDatabasesFolder } from './otherDatabases.ts';
import { isScript } from './plain.ts';
import { prismaProvider } from './prisma.ts';
import type { ToolId } from './tool.ts';

/** The files of a folder tree; paths relative to its root, with `/`. */
export interface Listing {
  readonly paths: readonly string[];
  /** The text of a file, null if it can't be read. Asked only where names do not tell. */
  readonly read: (path: string) => string | null;
  /** The root's own path on the machine, as far as it is known: for a folder that is named alone. */
  readonly rootPath?: string | undefined;
}

/** A folder of migrations; `root` relative to the listing's, '.' for itself. */
export interface RecognisedHistory {
  readonly root: string;
  readonly tool: ToolId;
  /** Folders inside that are no part of it, relative to the listing's root: other histories, scripts for another database. */
  readonly without?: readonly string[];
}

/** What was found in a folder tree. */
export interface Recognition {
  readonly histories: readonly RecognisedHistory[];
  /** Folders that are migrations, but of a database that Lockkeeper does not read. */
  readonly unsupported: readonly { readonly root: string; readonly reason: string }[];
}

/**
 * Finds the histories of a workspace by their tools' own file patterns; nothing has to be configured. Folders of SQL that
 * no tool claims count only where their name or their numbering says migrations: not queries, seeds or test data.
 */
export function recogniseHistories(listing: Listing): Recognition {
  const folders = new Map<string, string[]>();
  for (const path of listing.paths) {
    const folder = folderOf(path);
    const files = folders.get(folder);
    if (files) files.push(nameOf(path));
    else folders.set(folder, [nameOf(path)]);
  }
  const found = new Map<string, ToolId>();
  const unsupported: { root: string; reason: string }[] = [];
  const claimed = (folder: string): boolean =>
    [...found].some(
      ([root, tool]) =>
        isInside(folder, root) && !(tool === 'flyway' && isOtherDatabasesFolder(pathWithin(folder, root) ?? '')),
    );

  for (const root of prismaRoots(folders)) {
    const lock = listing.read(join(root, 'migration_lock.toml'));
    const provider = lock === null ? null : prismaProvider(lock);
    if (provider !== null && !['postgresql', 'postgres', 'cockroachdb', 'mysql'].includes(provider)) {
      unsupported.push({ root, reason: `Prisma migrations for ${provider}` });
    } else found.set(root, 'prisma');
  }
  const sorted = [...folders].sort(([a], [b]) => naturalOrder(a, b));
  for (const [folder, files] of sorted) {
    const holdsPlan = files.includes('sqitch.plan') && folders.has(join(folder, 'deploy'));
    if (holdsPlan && !claimed(folder)) found.set(folder, 'sqitch');
  }
  const isForeign = (folder: string): boolean => {
    const database = foreignDatabase(folder);
    if (database !== null) unsupported.push({ root: folder, reason: `scripts for ${database}, by the folder's name` });
    return database !== null;
  };
  for (const [folder, files] of sorted) {
    if (claimed(folder) || unsupported.some(({ root }) => isInside(folder, root))) continue;
    const tool = toolOfFolder(folder, files, listing);
    if (tool && !isForeign(folder)) found.set(folder, tool);
  }
  gatherFlyway(found, folders, listing.rootPath);
  for (const root of [...new Set(sorted.flatMap(([folder, files]) => rootOfFolderScript(folder, files)))]) {
    const isFree = !claimed(root) && !unsupported.some((other) => isInside(root, other.root));
    if (
      isFree &&
      listing.paths.some((path) => isScript(path) && isInside(folderOf(path), root)) &&
      !NOT_MIGRATIONS.test(root) &&
      !isForeign(root)
    ) {
      const dialect = drizzleDialectOf(root, folders, listing);
      if (dialect === null || dialect === 'postgresql' || dialect === 'mysql') found.set(root, 'plain');
      else unsupported.push({ root, reason: `Drizzle migrations for ${dialect}` });
    }
  }
  for (const [folder, files] of sorted) {
    if (claimed(folder) || unsupported.some(({ root }) => isInside(folder, root))) continue;
    const holds = [...found.keys()].some((root) => isInside(root, folder));
    if (!holds && isPlainHistory(folder, files, listing) && !isForeign(folder)) found.set(folder, 'plain');
  }
  for (const [folder, files] of sorted) {
    const reason = isMigrationFolder(folder) && !found.has(folder) ? codeMigrationsReason(files) : null;
    if (reason !== null) unsupported.push({ root: folder, reason });
  }
  const others = [...found.keys(), ...unsupported.map(({ root }) => root)];
  const histories = [...found]
    .map(([root, tool]): RecognisedHistory => {
      const isOut = (each: string): boolean =>
        each !== root && isInside(each, root) && (tool === 'flyway' || found.has(each));
      const without = others.filter(isOut);
      return without.length > 0 ? { root, tool, without } : { root, tool };
    })
    .sort((a, b) => naturalOrder(a.root, b.root));
  return { histories, unsupported };
}

/**
 * The histories that a folder named by a person is: those of several tools, if all its SQL belongs to them, else the one
 * that `recogniseFolder` gives.
 */
export function recogniseNamedFolder(listing: Listing): readonly RecognisedHistory[] {
  const { histories } = recogniseHistories(listing);
  const isOfTools = histories.filter(({ tool }) => tool !== 'plain').length > 1;
  const isPart = (path: string): boolean => histories.some(({ root }) => isInside(folderOf(path), root));
  return isOfTools && listing.paths.filter(isScript).every(isPart) ? histories : [oneHistory(histories, listing)];
}

/**
 * The one history that a folder named by a person is: the tool's, if all its SQL belongs to one, else plain SQL, with
 * every script under it.
 */
export function recogniseFolder(listing: Listing): RecognisedHistory {
  return oneHistory(recogniseHistories(listing).histories, listing);
}

function oneHistory(histories: readonly RecognisedHistory[], listing: Listing): RecognisedHistory {
  const [only, ...more] = histories.filter(({ tool }) => tool !== 'plain');
  const scripts = listing.paths.filter(isScript);
  if (only && more.length === 0 && scripts.every((path) => isInside(folderOf(path), only.root))) return only;
  return { root: '.', tool: 'plain' };
}

/** A folder whose sub-folders hold `migration.sql`. Drizzle's newer layout has that too, with a `snapshot.json` beside it. */
function prismaRoots(folders: ReadonlyMap<string, readonly string[]>): string[] {
  const roots = new Set<string>();
  for (const [folder, files] of folders) {
    if (folder !== '.' && files.includes('migration.sql') && !files.includes('snapshot.json'))
      roots.add(folderOf(folder));
  }
  return [...roots];
}

/** The paths of a listing that a history is read from, relative to its root. */
export function pathsOfHistory({ root, without = [] }: RecognisedHistory, paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    without.some((other) => isInside(folderOf(path), other)) ? [] : (pathWithin(path, root) ?? []),
  );
}

/** The folder called migration that a folder lies in; null: in none. Flyway may be told to search that one. */
export function migrationFolderAbove(path: string): string | null {
  return /^((?:.*\/)?migrations?)\/./.exec(path)?.[1] ?? null;
}

/** Folders into which people sort the scripts of one database: `2024`, `v1.2`, `release_3`, `repeatable`. */
const PART_OF_HISTORY =
  /^(?:(?:v|ver|version|release|rel|sprint)?[._-]?\d+(?:[._-].*)?|versioned|repeatables?|common|ddl|dml)$/i;

/**
 * Flyway searches its folders to the bottom: several below one that is called migration are one history where that is the
 * folder that it searches unless told otherwise, or where their names say so; but not if they number alike, as those of
 * several databases do, nor with a folder that is named after another database.
 */
function gatherFlyway(
  found: Map<string, ToolId>,
  folders: ReadonlyMap<string, readonly string[]>,
  rootPath: string | undefined,
): void {
  const top = rootPath?.replaceAll('\\', '/').replace(/\/+$/, '');
  const groups = new Map<string, { readonly isDefault: boolean; readonly roots: string[] }>();
  for (const [root, tool] of found) {
    if (tool !== 'flyway') continue;
    const folder = migrationFolderAbove(top === undefined ? root : root === '.' ? top : `${top}/${root}`);
    const above = folder === null ? null : top === undefined ? folder : folder === top ? '.' : pathWithin(folder, top);
    if (folder === null || above === null || isOtherDatabasesFolder(pathWithin(root, above) ?? '')) continue;
    const group = groups.get(above) ?? { isDefault: /(?:^|\/)db\/migration$/.test(folder), roots: [] };
    group.roots.push(root);
    groups.set(above, group);
  }
  for (const [above, { isDefault, roots }] of groups) {
    const isPart = (root: string): boolean =>
      PART_OF_HISTORY.test((pathWithin(root, above) ?? '').replace(/\/.*/, '')) ||
      !(folders.get(root) ?? []).some((name) => /^[VB]\d/.test(name));
    const versions = roots.flatMap((root) =>
      (folders.get(root) ?? []).flatMap((name) => /^V([0-9]+(?:[._][0-9]+)*)__.*\.sql$/.exec(name)?.[1] ?? []),
    );
    if (roots.length < 2 || new Set(versions).size < versions.length) continue;
    if (!isDefault && !roots.every(isPart)) continue;
    for (const root of roots) found.delete(root);
    found.set(above, 'flyway');
  }
}

/** The folder above one that is a migration by itself: of Drizzle's newer layout, or with an `up.sql` as diesel and Hasura have it. */
function rootOfFolderScript(folder: string, files: readonly string[]): string[] {
  // The older layout has its journal in a folder of its own.
  if (folder.endsWith('/meta') && files.includes('_journal.json')) return [folderOf(folder)];
  const isDrizzle = files.includes('migration.sql') && files.includes('snapshot.json');
  const isNumbered = files.includes('up.sql') && /^\d{2,}[_-]/.test(nameOf(folder));
  return folder !== '.' && (isDrizzle || isNumbered) ? [folderOf(folder)] : [];
}

function drizzleDialectOf(
  root: string,
  folders: ReadonlyMap<string, readonly string[]>,
  listing: Listing,
): string | null {
  const snapshots = [...folders].flatMap(([folder, files]) =>
    folderOf(folder) === root && folder !== root && files.includes('snapshot.json')
      ? [join(folder, 'snapshot.json')]
      : [],
  );
  const journal = folders.get(join(root, 'meta'))?.includes('_journal.json')
    ? join(root, DRIZZLE_JOURNAL)
    : snapshots[0];
  return drizzleDialect((journal === undefined ? null : listing.read(journal)) ?? '');
}

function toolOfFolder(folder: string, files: readonly string[], listing: Listing): ToolId | null {
  const scripts = files.filter((name) => /\.sql$/.test(name));
  if (scripts.length === 0) return null;
  const most = (pattern: RegExp): boolean => scripts.filter((name) => pattern.test(name)).length * 2 > scripts.length;
  const place = `${listing.rootPath ?? ''}/${folder === '.' ? '' : folder}`.replaceAll('\\', '/').replace(/\/+$/, '');
  if (/\/supabase\/migrations$/.test(place) && most(/^[0-9]+_.*\.sql$/)) return 'supabase';
  if (scripts.some((name) => /^[0-9]+_.*\.up\.sql$/.test(name)) && most(/^[0-9]+_.*\.(?:up|down)\.sql$/))
    return 'golang-migrate';
  if (most(/^(?:[VUB][0-9]+(?:[._][0-9]+)*__|R__).*\.sql$/)) return 'flyway';
  const numbered = scripts.filter((name) => /^\d+.*\.sql$/.test(name));
  if (numbered.length > 0 && most(/^\d+.*\.sql$/)) {
    const sample = listing.read(join(folder, numbered.at(-1) ?? ''));
    if (sample !== null && sample.search(DBMATE_UP) >= 0) return 'dbmate';
    if (sample !== null && sample.search(GOOSE_UP) >= 0 && most(/^\d+_.*\.sql$/)) return 'goose';
  }
  return null;
}

const MIGRATION_FOLDER = /(?:^|[-_.])(?:migrations?|migrate|change(?:set|log)s?|upgrades?|patches|deltas?|versions)$/i;
/** Numbers that order files: `001_init.sql`, `20240101-x.sql`, `1.2.3.sql`. */
const NUMBERED = /^v?\d+(?:[._-]\d+)*(?:[._-].*)?\.(?:sql|pgsql|psql)$/i;
const NOT_MIGRATIONS =
  /(?:^|\/)(?:seeds?|seeders|fixtures|testdata|test-data|queries|query|node_modules|rollbacks?|down|undo)(?:\/|$)/i;

function isPlainHistory(folder: string, files: readonly string[], { rootPath }: Listing): boolean {
  const scripts = files.filter(isScript);
  if (scripts.length === 0 || NOT_MIGRATIONS.test(folder)) return false;
  const path = folder === '.' ? rootPath : folder;
  if (path !== undefined && isMigrationFolder(path)) return true;
  return scripts.length >= 2 && scripts.filter((name) => NUMBERED.test(name)).length * 2 > scripts.length;
}

/** Whether a folder's own name says that it holds migrations. */
function isMigrationFolder(path: string): boolean {
  return MIGRATION_FOLDER.test(nameOf(path.replaceAll('\\', '/').replace(/\/+$/, '')));
}

function isInside(folder: string, root: string): boolean {
  return root === '.' || folder === root || folder.startsWith(`${root}/`);
}

/** A path relative to a folder, both relative to the same one; null where it lies outside. */
export function pathWithin(path: string, folder: string): string | null {
  if (folder === '.') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function join(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}
