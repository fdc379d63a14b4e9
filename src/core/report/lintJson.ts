import type { FileLint, LintSummary } from '../lint.ts';
import { summarize } from '../lint.ts';
import type { WaiverUse } from '../rules/waivers.ts';
import type { DurationClass } from '../statistics/durationClass.ts';
import type { Cause, Finding, Severity } from '../rules/rule.ts';

/** The contract of `lockkeeper lint --format json`. Offsets in UTF-16 units from 0, lines from 1, statements from 0 as in `explain`. */
export interface LintJson {
  readonly files: readonly {
    readonly file: string;
    readonly findings: readonly FindingJson[];
    readonly waivers: readonly WaiverJson[];
  }[];
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
  /** How long, where sizes are known. */
  readonly estimate: { readonly class: DurationClass; readonly low: number; readonly high: number } | null;
}

/** A waiver that concerns the file, for reviewers. */
export interface WaiverJson extends Pick<WaiverUse, 'rule' | 'reason' | 'until' | 'scope' | 'by' | 'state'> {
  /** The comment's; null for one of lockkeeper.jsonc. */
  readonly line: number | null;
  /** How many findings it keeps silent. */
  readonly accepted: number;
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
    files: files.map((file) => ({
      file: nameOf(file),
      findings: file.findings.map(findingJson),
      waivers: file.waivers.map(waiverJson),
    })),
    summary: summarize(files),
  };
}

function findingJson(finding: Finding): FindingJson {
  const { rule, cause, severity, message, statement, startLine, start, end, estimate } = finding;
  return {
    rule,
    cause,
    severity,
    message,
    statement,
    startLine,
    startOffset: start,
    endOffset: end,
    estimate: estimate === undefined ? null : { class: estimate.class, low: estimate.low, high: estimate.high },
  };
}

function waiverJson({ rule, reason, until, scope, by, state, place, accepted }: WaiverUse): WaiverJson {
  return { rule, reason, until, scope, by, state, line: place?.line ?? null, accepted: accepted.length };
}
