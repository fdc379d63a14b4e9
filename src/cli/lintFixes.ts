import { resolve } from 'node:path';
import type { HistoryAnalysis } from '../core/analyze.ts';
import { fixesOf } from '../core/lint.ts';
import type { FileLint, LintOptions } from '../core/lint.ts';
import { fixHistory } from '../core/rules/fixes/applyFixes.ts';
import type { FixedHistory } from '../core/rules/fixes/applyFixes.ts';
import type { Project } from '../node/project.ts';
import { loadParserFor } from '../node/wasm.ts';
import { FixesNotWrittenError, writeFixes } from '../node/writeFixes.ts';
import type { WrittenFixes } from '../node/writeFixes.ts';
import { UsageError } from './command.ts';
import type { Invocation, Option } from './command.ts';
import type { NamedHistory } from './targets.ts';

/** A history with what its replay gave. */
export interface AnalysedTarget extends NamedHistory {
  readonly analysis: HistoryAnalysis;
}

export const FIX_OPTION: Option = {
  name: 'fix',
  description:
    'write the safe form of errors and warnings where there is one, in new files too; never in a migration of the default branch',
};

/** @throws UsageError where there is nothing to write to, or nothing says what may be written */
export function demandFixable(call: Invocation, project: Project): void {
  if (call.flag('stdin') || call.value('stdin-filename') !== undefined) {
    throw new UsageError('--fix writes files, and --stdin reads a text that is none: save it, and name the file.');
  }
  if (call.operands.length === 0 && project.comparedWith() === null) {
    throw new UsageError(
      '--fix: no default branch was found, so nothing tells which migrations are new. Name the files that may be changed, or the branch with --since.',
    );
  }
}

/**
 * Applies and writes a history's fixes, and tells people what was done. What is left is linted by the caller.
 *
 * @throws UsageError where a file is not what it was when it was read
 */
export async function fixTarget(
  call: Invocation,
  target: AnalysedTarget,
  { top, ...more }: Pick<LintOptions, 'config' | 'facts' | 'said'> & { readonly top: string },
): Promise<AnalysedTarget> {
  const { analysis, speaks, mayEdit, folder } = target;
  const parser = await loadParserFor([analysis.history]);
  const fixed = fixHistory(analysis, { parser, lint: { speaks, mayEdit, ...more } });
  if (fixed.applied.length === 0) return target;
  call.terminal.error(told(fixed, target, written(fixed, folder, top)));
  const made = new Set(fixed.created.map(({ path }) => path));
  return {
    ...target,
    history: fixed.analysis.history,
    analysis: fixed.analysis,
    speaks: (migration) => made.has(migration.path) || speaks(migration),
    mayEdit: (migration) => made.has(migration.path) || mayEdit(migration),
  };
}

/** As many findings are asked for a fix at most: making one may take longer than finding all. */
const MOST_ASKED = 50;

/** Whether `--fix` would do away with an error or warning, for a person who could call it again with it. */
export function hasFixToOffer(
  call: Invocation,
  files: readonly FileLint[],
  { analysis, options }: { readonly analysis: HistoryAnalysis; readonly options: LintOptions },
): boolean {
  const isFile = !call.flag('stdin') && call.value('stdin-filename') === undefined;
  if (call.format !== 'text' || call.flag('fix') || !isFile) return false;
  return files
    .filter(({ migration }) => options.mayEdit?.(migration) === true)
    .flatMap((file) => file.findings.map((finding) => ({ file, finding })))
    .filter(({ finding: { severity } }) => severity === 'error' || severity === 'warning')
    .slice(0, MOST_ASKED)
    .some(({ file, finding }) => fixesOf(finding, file, analysis, options).length > 0);
}

function written(fixed: FixedHistory, folder: string, top: string): WrittenFixes {
  try {
    // A folder outside of the workspace was named by the user.
    const inside = resolve(folder).startsWith(resolve(top));
    return writeFixes(fixed, { root: folder, top: inside ? top : folder });
  } catch (error) {
    if (error instanceof FixesNotWrittenError) throw new UsageError(`--fix: ${error.message}`, { cause: error });
    throw error;
  }
}

function told({ applied, created }: FixedHistory, { displayName }: AnalysedTarget, result: WrittenFixes): string {
  const lines = applied.map(
    ({ path, startLine, rule, title }) => `fixed ${displayName(path)}:${String(startLine)} ${rule}: ${title}`,
  );
  const files = created.map(({ path }) => `made  ${displayName(path)}`);
  const steps = [...new Set(applied.flatMap((fix) => fix.steps))];
  const todo =
    steps.length === 0
      ? []
      : ['', 'What is left for you to do:', ...steps.map((step) => `- ${step.replaceAll('\n', '\n  ')}`)];
  const missing = result.missingFields.map(
    (field) =>
      `- No schema.prisma beside the migrations has a field for ${field}: see that it fits what the migrations end with.`,
  );
  return [...lines, ...files, ...todo, ...missing, ''].join('\n') + '\n';
}
