import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { FileLint } from '../core/lint.ts';
import { lintJson } from '../core/report/lintJson.ts';
import { lintText } from '../core/report/lintText.ts';
import type { SizeLookup } from '../core/rules/sizes.ts';
import type { Invocation } from './command.ts';
import type { AnalysedTarget } from './targets.ts';

/** What the findings of a run are written with. */
export interface LintedTarget {
  readonly target: AnalysedTarget;
  readonly files: readonly FileLint[];
}

export interface OutputOptions {
  /** Lockkeeper's own version. */
  readonly version: () => string;
  /** Absolute: paths in SARIF are relative to it. */
  readonly repository: string;
  /** Said where no migration spoke. */
  readonly nothing: string;
  /** How large tables are; null: nobody told. */
  readonly sizes: SizeLookup | null;
}

/** The findings in the format that was asked for. The rarer ones are loaded only when asked for. */
export async function lintOutput(
  call: Invocation,
  linted: readonly LintedTarget[],
  { version, repository, nothing, sizes }: OutputOptions,
): Promise<string> {
  const homes = new Map(linted.flatMap(({ target, files }) => files.map((file) => [file, target] as const)));
  const files = [...homes.keys()];
  const nameOf = (file: FileLint): string => homes.get(file)?.displayName(file.file) ?? file.file;
  switch (call.format) {
    case 'json':
      return `${JSON.stringify(lintJson(files, nameOf))}\n`;
    case 'sarif': {
      const { lintSarif } = await import('../core/report/lintSarif.ts');
      const newPathOf = (file: FileLint, path: string): string =>
        relativePath(repository, resolve(homes.get(file)?.folder ?? repository, path));
      const log = lintSarif(files, { version: version(), newPathOf, pathOf: (file) => newPathOf(file, file.file) });
      return `${JSON.stringify(log, null, 2)}\n`;
    }
    case 'markdown': {
      const { lintMarkdown } = await import('../core/report/lintMarkdown.ts');
      return lintMarkdown(
        linted.flatMap(({ target, files: own }) =>
          own.map((file) => ({ file, history: target.analysis.history, name: nameOf(file) })),
        ),
        sizes,
      );
    }
    default:
      return lintText(files, {
        colours: call.terminal.colour,
        nameOf,
        nothing,
        sizes,
        offerFixes: !call.flag('fix') && !call.flag('stdin') && call.value('stdin-filename') === undefined,
      });
  }
}

/** With `/`; absolute where it lies outside of the folder. */
function relativePath(folder: string, path: string): string {
  const inside = relative(folder, path);
  const chosen = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? path : inside;
  return chosen.split(sep).join('/');
}
