import { join, resolve } from 'node:path';
import { realpathSync } from 'node:fs';
import { CONFIG_FILE, parseConfig } from '../core/config.ts';
import type { Config, ConfigProblem, HistoryConfig } from '../core/config.ts';
import { historyFromFiles, rollbackFolder, withText } from '../core/tools/history.ts';
import { pathsOfHistory, recogniseFolder, recogniseHistories } from '../core/tools/recognise.ts';
import type { RecognisedHistory } from '../core/tools/recognise.ts';
import type { History, HistoryFile } from '../core/tools/tool.ts';
import { isInside, walkFolder } from './files.ts';
import type { Walk } from './files.ts';
import { blobsAt, defaultBranchBase, mergeBase } from './git.ts';
import type { Baseline } from './git.ts';
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

/** A workspace folder: its configuration and its histories, as they lie on disk at one moment. */
export interface Project {
  /** Absolute, with symbolic links resolved. */
  readonly root: string;
  readonly config: Config;
  /** In `lockkeeper.jsonc`. */
  readonly configProblems: readonly ConfigProblem[];
  readonly histories: readonly History[];
  /** Migrations of databases that Lockkeeper does not read. */
  readonly unsupported: readonly { readonly root: string; readonly reason: string }[];
  /** Files that could not be read as they should, and configured folders that are not there. */
  readonly troubles: readonly FileTrouble[];
  /**
   * Ids of the migrations that speak: not on the default branch (by merge base), and later than `adoptedAt`. Without git
   * all are new. Asked of git once a project.
   */
  readonly newMigrations: (history: History) => ReadonlySet<string>;
  /** What `newMigrations` compares with, `origin/main`; null: nothing, so that everything is new. */
  readonly comparedWith: () => string | null;
  /** The commit that `newMigrations` compares with; null without git. */
  readonly base: () => Baseline | null;
  /** Files at that commit: path relative to the workspace root → git's id of the content; null without git. */
  readonly blobsAtBase: () => ReadonlyMap<string, string> | null;
  /** The id up to which nothing is demanded, from the configuration. */
  readonly adoptedAt: (history: History) => string | null;
  /** The history and path of a file, if it is one of a history's (its down script too). */
  readonly find: (absolutePath: string) => { readonly history: History; readonly path: string } | null;
  /** The same project with the text of some files replaced, by absolute path: an editor's unsaved text. */
  readonly overlay: (texts: ReadonlyMap<string, string>) => Project;
}

export interface OpenOptions {
  /** Compare with this ref instead of the default branch (`--since`). */
  readonly since?: string | undefined;
  /** Read the configuration alone: nothing in the folder is searched for. */
  readonly configurationOnly?: boolean;
}

/**
 * Reads a workspace. Total: what is missing or broken is named in the result.
 *
 * @param root the workspace folder
 */
export function openProject(root: string, options: OpenOptions = {}): Project {
  const top = realPathOf(root);
  const troubles: FileTrouble[] = [];
  const { config, problems } = parseConfig(readIfThere(join(top, CONFIG_FILE)) ?? '');
  const walk = options.configurationOnly === true ? NOTHING_FOUND : walkFolder(top, { wanted: isOfInterest });
  if (walk.truncated) {
    troubles.push({
      path: top,
      message: 'the folder holds more than 50,000 files: only a part of it was searched for migrations',
    });
  }
  const listing = { paths: walk.paths, read: (path: string) => readIfThere(join(top, path)), rootPath: top };
  const recognised = recogniseHistories(listing);
  const plans = walk === NOTHING_FOUND ? [] : planHistories(top, config, recognised.histories, walk.paths, troubles);
  const histories = plans.map((plan) => readHistory(top, plan, config, walk.paths, plans.length === 1, troubles));
  const configs = new Map(histories.map((history, index) => [history.id, plans[index]?.config ?? null]));
  const single = histories.length === 1;

  let base: Baseline | null | undefined;
  let known: ReadonlyMap<string, string> | null | undefined;
  const baseline = (): Baseline | null => {
    // Null is an answer as well, not to be asked for again.
    if (base === undefined) base = options.since === undefined ? defaultBranchBase(top) : mergeBase(top, options.since);
    return base;
  };
  const knownBlobs = (): ReadonlyMap<string, string> | null => {
    if (known === undefined) {
      const commit = baseline()?.commit;
      known = commit === undefined ? null : blobsAt(top, commit);
    }
    return known;
  };
  const adoptedAt = (history: History): string | null =>
    configs.get(history.id)?.adoptedAt ?? (single ? config.adoptedAt : null);

  for (const history of histories) {
    const adopted = adoptedAt(history);
    if (adopted === null || history.migrations.some(({ id }) => id === adopted)) continue;
    troubles.push({
      path: join(top, CONFIG_FILE),
      message: `"adoptedAt" names ${adopted}, which is no migration of ${history.id}: nothing is left out because of it`,
    });
  }

  const project = (current: readonly History[]): Project => ({
    root: top,
    config,
    configProblems: problems,
    histories: current,
    unsupported: recognised.unsupported,
    troubles,
    adoptedAt,
    comparedWith: () => baseline()?.ref ?? null,
    base: baseline,
    blobsAtBase: knownBlobs,
    newMigrations: (history) => {
      const old = knownBlobs();
      const adopted = history.migrations.findIndex(({ id }) => id === adoptedAt(history));
      const fresh = history.migrations.filter(
        ({ path }, index) => index > adopted && !old?.has(workspacePath(history, path)),
      );
      return new Set(fresh.map(({ id }) => id));
    },
    find: (absolutePath) => findIn(top, current, absolutePath),
    overlay: (texts) => project(current.map((history) => overlaid(top, history, texts))),
  });
  return project(histories);
}

const NOTHING_FOUND: Walk = { paths: [], truncated: false };

interface HistoryPlan extends RecognisedHistory {
  readonly config: HistoryConfig | null;
}

/** What was recognised, and what the configuration adds to it or says otherwise. */
function planHistories(
  top: string,
  config: Config,
  recognised: readonly RecognisedHistory[],
  paths: readonly string[],
  troubles: FileTrouble[],
): HistoryPlan[] {
  const plans: HistoryPlan[] = recognised.map((history) => ({
    ...history,
    config: config.histories.find(({ path }) => path === history.root) ?? null,
  }));
  for (const wish of config.histories) {
    const existing = plans.findIndex(({ root }) => root === wish.path);
    const inside = wish.path === '.' ? paths : paths.filter((path) => path.startsWith(`${wish.path}/`));
    if (existing >= 0) {
      plans[existing] = { root: wish.path, tool: wish.tool ?? plans[existing]?.tool ?? 'plain', config: wish };
    } else if (!isInside(resolve(top, wish.path), top)) {
      troubles.push({
        path: join(top, CONFIG_FILE),
        message: `the history "${wish.path}" lies outside of the workspace; it is not read`,
      });
    } else if (inside.length === 0) {
      troubles.push({ path: join(top, CONFIG_FILE), message: `the history "${wish.path}" holds no SQL files` });
    } else {
      const relative = wish.path === '.' ? inside : inside.map((path) => path.slice(wish.path.length + 1));
      const folder = join(top, wish.path);
      const found = recogniseFolder({
        paths: relative,
        read: (path) => readIfThere(join(folder, path)),
        rootPath: folder,
      });
      plans.push({ root: wish.path, tool: wish.tool ?? (found.root === '.' ? found.tool : 'plain'), config: wish });
    }
  }
  // A folder that the configuration names is one history: what was recognised inside of it is part of it.
  return plans.filter(
    ({ root, config: own }) =>
      own !== null ||
      !config.histories.some(({ path }) => path !== root && (path === '.' || root.startsWith(`${path}/`))),
  );
}

function readHistory(
  top: string,
  { root, tool: recognised, without, config: own }: HistoryPlan,
  config: Config,
  paths: readonly string[],
  single: boolean,
  troubles: FileTrouble[],
): History {
  const base = root === '.' ? top : join(top, root);
  const inside = pathsOfHistory({ root, tool: recognised, ...(without && { without }) }, paths);
  const id = own?.name ?? root;
  const { tool, nearbyRunner } = withRunner(recognised, base, { top, isSure: own?.tool !== undefined });
  const up = '../'.repeat(root === '.' ? 0 : root.split('/').length);
  const files = readHistoryFiles({ base, folder: '', tool, paths: inside }, troubles);
  const outside = readOutsideRollbacks(base, up + rollbackFolder(id), troubles);
  const baselinePath = own?.baseline ?? (single ? config.baseline : null);
  return historyFromFiles({
    id,
    tool,
    root,
    files: [...files, ...outside],
    paths: inside,
    toolVersion: toolVersionNear(tool, base, top),
    nearbyRunner,
    dialect: own?.dialect,
    transactionMode: own?.transactionMode,
    baseline: baselinePath === null ? null : readBaseline(top, baselinePath, up, troubles),
  });
}

function readBaseline(top: string, path: string, up: string, troubles: FileTrouble[]): HistoryFile | null {
  const absolute = resolve(top, path);
  if (!isInside(realPathOf(absolute), top)) {
    troubles.push({
      path: join(top, CONFIG_FILE),
      message: `the baseline "${path}" lies outside of the workspace; it is not read`,
    });
    return null;
  }
  return readHistoryFile(absolute, up + path, troubles);
}

function workspacePath(history: History, path: string): string {
  return history.root === '.' ? path : `${history.root}/${path}`;
}

function findIn(top: string, histories: readonly History[], absolutePath: string): ReturnType<Project['find']> {
  const real = realPathOf(absolutePath);
  for (const history of histories) {
    const base = history.root === '.' ? top : join(top, history.root);
    if (!isInside(real, base)) continue;
    const path = real.slice(base.length + 1).replaceAll('\\', '/');
    if (history.migrations.some((each) => each.path === path || each.rollback?.path === path)) return { history, path };
  }
  return null;
}

function overlaid(top: string, history: History, texts: ReadonlyMap<string, string>): History {
  let result = history;
  for (const [absolute, text] of texts) {
    const found = findIn(top, [result], absolute);
    if (found) result = withText(result, found.path, text);
  }
  return result;
}

/** The absolute path without symbolic links; with them where there is no such file. */
export function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    return absolute;
  }
}
