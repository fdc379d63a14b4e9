import { stagingHeadline } from './headline.ts';
import type { RunComparison } from './stagingComparison.ts';
import type { StagingRun } from './stagingRun.ts';

/** `profile --format json`: the run as it is, with its headline, and where one was asked for the comparison with the run before. */
export function stagingJson(run: StagingRun, more: { readonly comparison?: RunComparison | null } = {}): string {
  return `${JSON.stringify({ headline: stagingHeadline(run), ...run, ...more }, null, 2)}\n`;
}
