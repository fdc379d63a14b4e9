import type { HistoryAnalysis, MigrationAnalysis } from '../core/analyze.ts';
import type { CodeQuestion, DeployedCode } from '../core/deployedCode/deployedCode.ts';
import { questionKey } from '../core/deployedCode/deployedCode.ts';
import { findUses, isCode } from '../core/deployedCode/findUses.ts';
import { codeQuestions } from '../core/deployedCode/questions.ts';
import { pathsHolding, repositoryRoot, textsAt } from './git.ts';
import type { Baseline } from './git.ts';

/** More files than this are not read: a name like `id` stands in all of them. */
const MOST_FILES = 2000;

/** What the new migrations of a history take away from running code, or newly demand of it. */
export function questionsOf(
  analysis: HistoryAnalysis,
  speaks: (migration: MigrationAnalysis['migration']) => boolean,
): readonly CodeQuestion[] {
  if (analysis.history.dialect !== 'postgresql') return [];
  return analysis.migrations
    .filter(({ migration }) => speaks(migration))
    .flatMap((migration) => codeQuestions(migration).map(({ question }) => question));
}

/**
 * Searches the code at a commit, with git alone: nothing is checked out, nothing is written. One `git grep` for the names of
 * the tables, one `git cat-file` for the files that hold one.
 *
 * @param skipped folders, relative to the workspace root, that hold no code of the application: the histories
 * @returns null where there is nothing to ask, or no git
 */
export function searchDeployedCode(
  workspace: string,
  base: Baseline,
  questions: readonly CodeQuestion[],
  skipped: readonly string[],
): DeployedCode | null {
  if (questions.length === 0) return null;
  const top = repositoryRoot(workspace);
  if (top === null) return null;
  const inside = workspacePrefix(workspace, top);
  const folders = skipped
    .map((folder) => (folder === '.' ? inside : `${inside}${folder}/`))
    .filter((each) => each !== '');
  const paths = (pathsHolding(top, base.commit, [...wordsFor(questions)]) ?? [])
    .filter((path) => isCode(path) && !folders.some((folder) => path.startsWith(folder) && !path.endsWith('.prisma')))
    .slice(0, MOST_FILES);
  const texts = textsAt(top, base.commit, paths);
  const uses = findUses(
    [...texts].map(([path, text]) => ({ path, text })),
    questions,
  );
  return { ref: base.ref, commit: base.commit, uses };
}

/** Names under which a table may stand in code: its own, and the class's of an entity that is named by it. */
function wordsFor(questions: readonly CodeQuestion[]): ReadonlySet<string> {
  return new Set(questions.flatMap(({ table }) => [table, table.replaceAll('_', '')]).filter((word) => word !== ''));
}

/** Where the workspace lies in its repository, with a closing `/`; '' for the top. */
function workspacePrefix(workspace: string, top: string): string {
  const [folder, root] = [workspace.replaceAll('\\', '/'), top.replaceAll('\\', '/')];
  return folder.startsWith(`${root}/`) ? `${folder.slice(root.length + 1)}/` : '';
}

/** The same questions have the same answer: by what was asked. */
export function questionsKey(base: Baseline, questions: readonly CodeQuestion[]): string {
  return `${base.commit} ${questions.map(questionKey).join(' ')}`;
}
