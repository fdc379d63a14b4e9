import { resolve } from 'node:path';
import { analyzeHistory } from '../core/analyze.ts';
import type { HistoryAnalysis } from '../core/analyze.ts';
import type { Config } from '../core/config.ts';
import type { Parser } from '../core/sql/parser.ts';
import type { History, Migration } from '../core/tools/tool.ts';
import { isSearched } from '../node/files.ts';
import { openProject, realPathOf } from '../node/project.ts';
import type { Project } from '../node/project.ts';
import { historiesOfPaths } from '../node/targets.ts';
import { loadParserFor } from '../node/wasm.ts';
import type { Invocation } from './command.ts';
import { analysisSettings, demandSince, findRoot, tellProblems } from './settings.ts';

/** A history that `lint` or `explain` speaks about. */
export interface NamedHistory {
  readonly history: History;
  /** Replays it. Nobody keeps the answer for longer than needed: of many histories it is far larger than what was found. */
  readonly analyse: () => HistoryAnalysis;
  readonly speaks: (migration: Migration) => boolean;
  /** Not on the default branch: only there are fixes offered. */
  readonly mayEdit: (migration: Migration) => boolean;
  /** Absolute: the history's root. */
  readonly folder: string;
  /** A migration's path as the user would type it. */
  readonly displayName: (path: string) => string;
}

/**
 * The histories that the operands name, or those of the workspace with their new migrations. Needs neither git nor
 * configuration, and no records or evidence: `lint` has to start fast.
 */
export async function openTargets(
  call: Invocation,
): Promise<{ readonly targets: readonly NamedHistory[]; readonly config: Config; readonly project: Project }> {
  const root = findRoot(call);
  const since = call.value('since');
  const configurationOnly =
    call.operands.length > 0 && !call.operands.some((path) => liesIn(root, resolve(call.terminal.cwd, path)));
  const project = openProject(root, { since, configurationOnly });
  tellProblems(call, project);
  demandSince(call, project);
  const settings = analysisSettings(call, project.config);
  const replayed = (history: History, parser: Parser): Pick<NamedHistory, 'history' | 'analyse'> => ({
    history,
    analyse: () => analyzeHistory(history, { parser, settings }),
  });
  const piped = call.flag('stdin') || call.value('stdin-filename') !== undefined;
  if (call.operands.length === 0 && !piped) {
    const parser = await loadParserFor(project.histories);
    const targets = project.histories.map((history): NamedHistory => {
      const fresh = project.newMigrations(history);
      return {
        ...replayed(history, parser),
        speaks: ({ id }) => fresh.has(id),
        mayEdit: ({ id }) => fresh.has(id),
        folder: resolve(project.root, history.root),
        displayName: (path) => (history.root === '.' ? path : `${history.root}/${path}`),
      };
    });
    return { targets, config: project.config, project };
  }
  const named = piped
    ? [(await import('./standardInput.ts')).pipedTarget(call, project)]
    : historiesOfPaths(call.operands, { cwd: call.terminal.cwd, project });
  const parser = await loadParserFor(named.map(({ history }) => history));
  const targets = named.map((target): NamedHistory => {
    for (const { path, message } of target.troubles) {
      if (!project.troubles.some((known) => known.path === path))
        call.terminal.error(`lockkeeper: ${path}: ${message}\n`);
    }
    const fresh = freshOf(project, target.history);
    return {
      ...replayed(target.history, parser),
      speaks: (migration) =>
        (target.named === 'all' || target.named.has(migration.path)) && (since === undefined || fresh(migration)),
      mayEdit: fresh,
      folder: target.root,
      displayName: (path) => target.displayName({ path }),
    };
  });
  return { targets, config: project.config, project };
}

/** Where no path that is named lies in the workspace, or in a part of it that is searched, its histories need not be looked for. */
function liesIn(root: string, path: string): boolean {
  return isSearched(path, root) || isSearched(realPathOf(path), realPathOf(root));
}

/** Which migrations of a named history are new, as far as the workspace knows it; everything, where it does not. */
function freshOf(project: Project, history: History): (migration: Migration) => boolean {
  // By its folder: a text that was piped in makes another history of it.
  if (!project.histories.some(({ id, root }) => id === history.id && root === history.root)) return () => true;
  const fresh = project.newMigrations(history);
  return ({ id }) => fresh.has(id);
}
