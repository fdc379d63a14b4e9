import type { FileLint, LintSummary } from '../lint.ts';
import { summarize } from '../lint.ts';
import type { Cause, Finding, Severity } from '../rules/rule.ts';

/** The contract of `lockkeeper lint --format json`. Offsets in UTF-16 units from 0, lines from 1, statements from 0 as in `explain`. */
export interface LintJson {
  readonly files: readonly { readonly file: string; readonly findings: readonly FindingJson[] }[];
  readonly summary: LintSummary;
}

export interface FindingJson {
  readonly rule: string;
  readonly cause: Cause;
  readonly severity: Severity;
  readonly message: string;
  readonly statement: number;
  readonly startLine: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

/**
 * @param files of one or several histories; a file without findings is listed with an empty array
 * @param nameOf the file's name as the user should see it (the argument joined with the path); the path in the history unless given
 */
export function lintJson(
  files: readonly FileLint[],
  nameOf: (file: FileLint) => string = ({ file }) => file,
): LintJson {
  return {
    files: files.map((file) => ({ file: nameOf(file), findings: file.findings.map(findingJson) })),
    summary: summarize(files),
  };
}

function findingJson(finding: Finding): FindingJson {
  const { rule, cause, severity, message, statement, startLine, start, end } = finding;
  return { rule, cause, severity, message, statement, startLine, startOffset: start, endOffset: end };
}
