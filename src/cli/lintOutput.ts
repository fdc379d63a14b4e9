import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { FileLint, LintSummary } from '../core/lint.ts';
import { lintJson } from '../core/report/lintJson.ts';
import type { LintJson } from '../core/report/lintJson.ts';
import { lintText } from '../core/report/lintText.ts';
import type { SizeLookup } from '../core/rules/sizes.ts';
import type { Invocation } from './command.ts';
import type { NamedHistory } from './targets.ts';

export interface OutputOptions {
  /** Lockkeeper's own version. */
  readonly version: () => string;
  /** Absolute: paths in SARIF are relative to it. */
  readonly repository: string;
}

/** What is only known when all histories were looked at. */
export interface LintEnd {
  /** Said where no migration spoke. */
  readonly nothing: string;
  /** How large tables are; null: nobody told. */
  readonly sizes: SizeLookup | null;
  /** `lint --fix` would do away with some of the findings. */
  readonly offerFixes: boolean;
}

/** Takes the findings of one history after the other. */
export interface LintWriter {
  /** Findings are wanted with their fixes. */
  readonly showsFixes: boolean;
  readonly add: (target: NamedHistory, files: readonly FileLint[]) => void;
  readonly finish: (end: LintEnd) => Promise<string>;
}

/** The findings in the format that was asked for. */
export function lintWriter(call: Invocation, options: OutputOptions): LintWriter {
  return call.json ? jsonWriter() : wholeWriter(call, options);
}

/** Keeps of each history what JSON says, and lets its replay go. */
function jsonWriter(): LintWriter {
  const parts: LintJson[] = [];
  return {
    showsFixes: false,
    add: ({ displayName }, files) => parts.push(lintJson(files, ({ file }) => displayName(file))),
    finish: () =>
      Promise.resolve(
        `${JSON.stringify({ files: parts.flatMap(({ files }) => files), summary: total(parts.map(({ summary }) => summary)) })}\n`,
      ),
  };
}

function total(summaries: readonly LintSummary[]): LintSummary {
  const sum = (count: (summary: LintSummary) => number): number =>
    summaries.reduce((all, summary) => all + count(summary), 0);
  return {
    files: sum(({ files }) => files),
    statements: sum(({ statements }) => statements),
    analysed: sum(({ analysed }) => analysed),
    findings: {
      error: sum(({ findings }) => findings.error),
      warning: sum(({ findings }) => findings.warning),
      information: sum(({ findings }) => findings.information),
      hint: sum(({ findings }) => findings.hint),
    },
    waived: sum(({ waived }) => waived),
  };
}

/** The formats that show more than findings. The rarer ones are loaded only when asked for. */
function wholeWriter(call: Invocation, { version, repository }: OutputOptions): LintWriter {
  const homes = new Map<FileLint, NamedHistory>();
  const nameOf = (file: FileLint): string => homes.get(file)?.displayName(file.file) ?? file.file;
  const finish = async ({ nothing, sizes, offerFixes }: LintEnd): Promise<string> => {
    const files = [...homes.keys()];
    switch (call.format) {
      case 'sarif': {
        const { lintSarif } = await import('../core/report/lintSarif.ts');
        const newPathOf = (file: FileLint, path: string): string =>
          relativePath(repository, resolve(homes.get(file)?.folder ?? repository, path));
        const log = lintSarif(files, { version: version(), newPathOf, pathOf: (file) => newPathOf(file, file.file) });
        return `${JSON.stringify(log, null, 2)}\n`;
      }
      case 'markdown': {
        const { lintMarkdown } = await import('../core/report/lintMarkdown.ts');
        const entries = [...homes].map(([file, { history }]) => ({ file, history, name: nameOf(file) }));
        return lintMarkdown(entries, sizes);
      }
      default:
        return lintText(files, {
          colours: call.terminal.colour,
          nameOf,
          nothing,
          sizes,
          offerFixes,
        });
    }
  };
  return {
    showsFixes: call.format === 'sarif',
    add: (target, files) => {
      for (const file of files) homes.set(file, target);
    },
    finish,
  };
}

/** With `/`; absolute where it lies outside of the folder. */
function relativePath(folder: string, path: string): string {
  const inside = relative(folder, path);
  const chosen = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? path : inside;
  return chosen.split(sep).join('/');
}
