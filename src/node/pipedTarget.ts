import { statSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { historyFromFiles, withText } from '../core/tools/history.ts';
import { TOOLS } from '../core/tools/registry.ts';
import type { History, Migration, TransactionMode } from '../core/tools/tool.ts';
import { isInside } from './files.ts';
import { realPathOf } from './project.ts';
import type { Project } from './project.ts';
import type { Target } from './targets.ts';

/** How a text without a file name is called. */
export const PIPED_NAME = '<stdin>';

export interface PipedText {
  readonly text: string;
  /** Where it lies or would lie, as the user typed it; null: not said. */
  readonly fileName: string | null;
  readonly cwd: string;
  readonly project: Project;
}

/** Why a text has no place in the workspace, in a sentence. */
export interface NoPlace {
  readonly problem: string;
}

/**
 * A text that was piped in, as a migration of the history that it belongs to: in its file's place, else as the newest of
 * the workspace's only history. Where there is no history it stands alone.
 */
export function targetOfText({ text, fileName, cwd, project }: PipedText): Target | NoPlace {
  if (fileName !== null && isFolder(resolve(cwd, fileName)))
    return { problem: `${fileName} is a folder: --stdin-filename names the file that the text is for.` };
  if (fileName !== null) return named(text, fileName, resolve(cwd, fileName), project);
  const [history, ...others] = project.histories;
  if (others.length > 0) {
    const folders = project.histories.map(({ root }) => root).join(', ');
    return { problem: `there are several histories here (${folders}): --stdin-filename says which one it is for.` };
  }
  return history === undefined ? alone(text, PIPED_NAME, cwd) : newest(text, history, project);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function named(text: string, typed: string, absolute: string, project: Project): Target | NoPlace {
  const real = realPathOf(absolute);
  for (const history of project.histories) {
    const root = resolve(project.root, history.root);
    const base = [absolute, real].find((each) => isInside(each, root));
    if (base === undefined) continue;
    const path = relative(root, base).split(sep).join('/');
    if (!history.migrations.some((each) => each.path === path) && !TOOLS[history.tool].reads(path)) continue;
    const changed = withText(history, path, text);
    if (!changed.migrations.some((each) => each.path === path)) {
      return { problem: `${typed}: ${TOOLS[history.tool].name} would not run this file as a migration.` };
    }
    return { ...target(changed, root, path, project), displayName: (each) => (each.path === path ? typed : each.path) };
  }
  return alone(text, typed, dirname(absolute));
}

function newest(text: string, history: History, project: Project): Target {
  const migration: Migration = {
    id: PIPED_NAME,
    tool: history.tool,
    path: PIPED_NAME,
    text,
    range: { start: 0, end: text.length },
    transactionMode: usualMode(history),
    rollback: null,
  };
  const changed = { ...history, migrations: [...history.migrations, migration] };
  return target(changed, resolve(project.root, history.root), PIPED_NAME, project);
}

/** How the tool runs most scripts of this history. */
function usualMode({ migrations }: History): TransactionMode {
  const counts = new Map<TransactionMode, number>();
  for (const { transactionMode } of migrations) counts.set(transactionMode, (counts.get(transactionMode) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'autocommit';
}

function alone(text: string, name: string, folder: string): Target {
  const path = basename(name);
  const history = historyFromFiles({ id: folder, tool: 'plain', root: '.', files: [{ path, text }], paths: [path] });
  // By whatever name: the person said that it is a migration.
  const migrations: readonly Migration[] =
    history.migrations.length > 0
      ? history.migrations
      : [
          {
            id: path,
            tool: 'plain',
            path,
            text,
            range: { start: 0, end: text.length },
            transactionMode: 'autocommit',
            rollback: null,
          },
        ];
  return {
    history: { ...history, migrations },
    root: folder,
    named: new Set([path]),
    displayName: () => name,
    troubles: [],
  };
}

function target(history: History, root: string, path: string, project: Project): Target {
  return { history, root, named: new Set([path]), displayName: (each) => each.path, troubles: project.troubles };
}
