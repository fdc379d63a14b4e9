import { stagingHeadline } from './headline.ts';
import type { StagingRun } from './stagingRun.ts';

/** `profile --format json`: the run as it is, with its headline. */
export function stagingJson(run: StagingRun): string {
  return `${JSON.stringify({ headline: stagingHeadline(run), ...run }, null, 2)}\n`;
}
