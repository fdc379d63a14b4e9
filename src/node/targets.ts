import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { historyFromFiles, rollbackFolder } from '../core/tools/history.ts';
import {
  migrationFolderAbove,
  pathsOfHistory,
  pathWithin,
  recogniseHistories,
  recogniseNamedFolder,
} from '../core/tools/recognise.ts';
import type { RecognisedHistory } from '../core/tools/recognise.ts';
import { TOOLS } from '../core/tools/registry.ts';
import type { History, Migration } from '../core/tools/tool.ts';
import { UnreadableFileError, walkFolder } from './files.ts';
import type { FileTrouble } from './historyFiles.ts';
import {
  isOfInterest,
  readHistoryFile,
  readHistoryFiles,
  readIfThere,
  readOutsideRollbacks,
  toolVersionNear,
  withRunner,
} from './historyFiles.ts';
import type { Project } from './project.ts';

/** One history that paths on a command line name. Needs neither git nor configuration. */
export interface Target {
  readonly history: History;
  /** Absolute; `history.migrations[].path` is relative to it. */
  readonly root: string;
  /** The migrations that were named, by path; 'all' for a folder. The others are only replayed. */
  readonly named: ReadonlySet<string> | 'all';
  /** A migration's path as the user would type it: the argument joined with the path, with `/`. */
  readonly displayName: (migration: Pick<Migration, 'path'>) => string;
  readonly troubles: readonly FileTrouble[];
}

export interface TargetOptions {
  /** What relative arguments are relative to. */
  readonly cwd: string;
  /** An opened workspace: its histories, with their configuration, are taken where a path lies in one. */
  readonly project?: Project | undefined;
}

/**
 * The histories that arguments name. A folder is one history: the tool's that its files show, else every script under it
 * in natural order; several only where all of its scripts belong to histories of tools. A file in a recognised history brings that history with only itself named, and so does the folder of
 * one migration (Prisma); other files of one folder are one plain history together.
 *
 * @throws {UnreadableFileError} for an argument that is not there
 */
export function historiesOfPaths(args: readonly string[], { cwd, project }: TargetOptions): Target[] {
  const targets: Target[] = [];
  const homes: Homes = new Map();
  const loose = new Map<string, string[]>();
  const inHistory = new Map<string, { recognised: RecognisedHistory; base: string; args: string[] }>();
  for (const argument of args) {
    const arg = migrationOfFolder(argument, cwd, homes) ?? argument;
    const absolute = resolve(cwd, arg);
    if (isFolder(absolute)) {
      targets.push(...(ofProject(absolute, arg, project) ?? folderTargets(absolute, arg, { cwd, project }, homes)));
      continue;
    }
    const known = project?.find(absolute);
    if (known && project) {
      addNamed(targets, project, known, { arg, cwd });
      continue;
    }
    const home = homeOf(absolute, homes);
    if (home) {
      const entry = inHistory.get(home.base) ?? { ...home, args: [] };
      entry.args.push(arg);
      inHistory.set(home.base, entry);
    } else {
      const folder = dirname(absolute);
      loose.set(folder, [...(loose.get(folder) ?? []), arg]);
    }
  }
  for (const { base, recognised, args: files } of inHistory.values())
    targets.push(fileTarget(base, recognised, files, cwd));
  for (const [folder, files] of loose) targets.push(looseTarget(folder, files));
  return targets;
}

/** The file that the folder of a single migration (`prisma/migrations/20260101_init`) stands for, as the user would type it. */
function migrationOfFolder(arg: string, cwd: string, homes: Homes): string | null {
  const name = ['migration.sql', 'up.sql'].find((each) => existsSync(join(resolve(cwd, arg), each)));
  return name !== undefined && homeOf(join(resolve(cwd, arg), name), homes) !== null ? joined(arg, name) : null;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UnreadableFileError(path, 'missing', { cause: error });
  }
}

/** The whole of a workspace's history, if the folder is exactly that; and the histories that lie in it. */
function ofProject(absolute: string, arg: string, project: Project | undefined): Target[] | null {
  const own = historyAt(absolute, arg, project);
  if (!own || !project) return null;
  const inside = project.histories.flatMap(({ root }) => {
    const path = root === own.history.root ? null : pathWithin(root, own.history.root);
    return path === null ? [] : (historyAt(join(absolute, path), joined(arg, path), project) ?? []);
  });
  return [own, ...inside];
}

function historyAt(absolute: string, arg: string, project: Project | undefined): Target | null {
  const history = project?.histories.find((each) => resolve(project.root, each.root) === absolute);
  if (!history || !project) return null;
  const { troubles } = project;
  return { history, root: absolute, named: 'all', displayName: ({ path }) => joined(arg, path), troubles };
}

/** Adds a file of a workspace's history to the target for that history. */
function addNamed(
  targets: Target[],
  project: Project,
  known: { history: History; path: string },
  { arg, cwd }: { arg: string; cwd: string },
): void {
  const { history, path } = known;
  const root = resolve(project.root, history.root);
  const index = targets.findIndex((each) => each.history === history && each.named !== 'all');
  const before = targets[index];
  const named = new Set([...(before && before.named !== 'all' ? before.named : []), path]);
  const display = (migration: Pick<Migration, 'path'>): string =>
    migration.path === path
      ? slashed(arg)
      : (before?.displayName(migration) ?? slashed(relative(cwd, join(root, migration.path))));
  const target: Target = { history, root, named, displayName: display, troubles: project.troubles };
  if (index >= 0) targets[index] = target;
  else targets.push(target);
}

function folderTargets(absolute: string, arg: string, { cwd, project }: TargetOptions, homes: Homes): Target[] {
  const { paths } = walkFolder(absolute, { wanted: isOfInterest });
  const read = (path: string): string | null => readIfThere(join(absolute, path));
  const [first, ...others] = recogniseNamedFolder({ paths, read, rootPath: absolute });
  if (!first) return [];
  const gathered = others.length === 0 && first.tool === 'flyway' ? gatheredAbove(absolute, homes) : null;
  const own = gathered ? paths.filter(TOOLS.flyway.picksUp).map((path) => joined(arg, path)) : [];
  const isPart = (path: string): boolean =>
    gathered !== null &&
    pathsOfHistory(gathered.recognised, [slashed(relative(gathered.base, resolve(cwd, path)))]).length > 0;
  if (gathered && own.every(isPart)) return [fileTarget(gathered.base, gathered.recognised, own, cwd)];
  if (others.length === 0) return [folderTarget(absolute, arg, first, paths)];
  return [first, ...others].flatMap((each) => {
    const folder = join(absolute, each.root);
    const own = pathsOfHistory(each, paths);
    const name = each.root === '.' ? arg : joined(arg, each.root);
    return historyAt(folder, name, project) ?? folderTarget(folder, name, { root: '.', tool: each.tool }, own);
  });
}

function folderTarget(absolute: string, arg: string, recognised: RecognisedHistory, paths: readonly string[]): Target {
  const { history, troubles } = readTarget(absolute, recognised, paths, arg);
  return { history, root: absolute, named: 'all', displayName: ({ path }) => joined(arg, path), troubles };
}

function fileTarget(base: string, recognised: RecognisedHistory, args: readonly string[], cwd: string): Target {
  const { paths } = walkFolder(base, { wanted: isOfInterest });
  const { history, troubles } = readTarget(base, recognised, paths, slashed(relative(cwd, base)) || '.');
  const typed = new Map(args.map((arg) => [slashed(relative(base, resolve(cwd, arg))), slashed(arg)]));
  return {
    history,
    root: base,
    named: new Set(typed.keys()),
    displayName: ({ path }) => typed.get(path) ?? (slashed(relative(cwd, join(base, path))) || path),
    troubles,
  };
}

function readTarget(
  base: string,
  { root, tool: recognised, without }: RecognisedHistory,
  all: readonly string[],
  id: string,
): { history: History; troubles: FileTrouble[] } {
  const troubles: FileTrouble[] = [];
  const paths = without ? pathsOfHistory({ root: '.', tool: recognised, without }, all) : all;
  const folder = root === '.' ? '' : root;
  const { tool, nearbyRunner } = withRunner(recognised, join(base, folder), { top: topOf(base) });
  const files = readHistoryFiles({ base, folder, tool, paths }, troubles);
  const outside = readOutsideRollbacks(base, rollbackFolder(id), troubles);
  const toolVersion = toolVersionNear(tool, join(base, folder), topOf(base));
  const history = historyFromFiles({
    id,
    tool,
    root: '.',
    folder,
    files: [...files, ...outside],
    paths,
    toolVersion,
    nearbyRunner,
  });
  return { history, troubles };
}

function looseTarget(folder: string, args: readonly string[]): Target {
  const troubles: FileTrouble[] = [];
  const typed = new Map(args.map((arg) => [basename(arg), slashed(arg)]));
  const files = [...typed.keys()].flatMap((name) => readHistoryFile(join(folder, name), name, troubles) ?? []);
  // By whatever name: the person named the file, so it is SQL.
  const paths = files.map(({ path }) => path);
  const plain = historyFromFiles({ id: folder, tool: 'plain', root: '.', files, paths });
  return {
    history: plain,
    root: folder,
    named: new Set(paths),
    displayName: ({ path }) => typed.get(path) ?? path,
    troubles,
  };
}

/** What was found in a folder, so that a hundred files of one folder cost one look. */
type Homes = Map<string, RecognisedHistory | null>;

/** The recognised history that a file lies in: in its folder, or in the one above where each migration has a folder of its own. */
function homeOf(file: string, homes: Homes): { recognised: RecognisedHistory; base: string } | null {
  const hasOwnFolder = /^(?:migration|up)\.sql$/.test(basename(file));
  const base = hasOwnFolder ? dirname(dirname(file)) : dirname(file);
  const recognised = lookedAt(base, hasOwnFolder ? 2 : 1, homes);
  const gathered = recognised?.tool === 'flyway' ? gatheredAbove(base, homes) : null;
  if (gathered && pathsOfHistory(gathered.recognised, [slashed(relative(gathered.base, file))]).length > 0)
    return gathered;
  const picked = recognised && TOOLS[recognised.tool].picksUp(slashed(relative(base, file)));
  return picked ? { recognised, base } : null;
}

/** The history of several folders that a folder of Flyway's may be a part of. */
function gatheredAbove(folder: string, homes: Homes): { recognised: RecognisedHistory; base: string } | null {
  const above = migrationFolderAbove(slashed(folder));
  const recognised = above === null ? null : lookedAt(above, undefined, homes);
  return above !== null && recognised?.tool === 'flyway' ? { recognised, base: resolve(above) } : null;
}

function lookedAt(base: string, depth: number | undefined, homes: Homes): RecognisedHistory | null {
  const known = homes.get(base);
  const recognised = known === undefined ? recognisedAt(base, depth) : known;
  homes.set(base, recognised);
  return recognised;
}

/** @param depth only as deep as needed: the file may lie in a folder of anything */
function recognisedAt(base: string, depth: number | undefined): RecognisedHistory | null {
  const { paths } = walkFolder(base, { wanted: isOfInterest, limit: 20_000, ...(depth && { depth }) });
  const listing = { paths, read: (path: string) => readIfThere(join(base, path)), rootPath: base };
  return recogniseHistories(listing).histories.find(({ root }) => root === '.') ?? null;
}

/** How far up a package.json is looked for. */
function topOf(folder: string): string {
  const parts = folder.split(sep);
  return parts.slice(0, Math.max(2, parts.length - 5)).join(sep) || sep;
}

/** `arg/path` with `/`, without `./` and doubled slashes. */
function joined(arg: string, path: string): string {
  const folder = slashed(arg).replace(/\/+$/, '');
  if (folder === '' && arg !== '') return `/${path}`;
  return folder === '.' || folder === '' ? path : `${folder}/${path}`;
}

function slashed(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}
