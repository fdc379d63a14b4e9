import type { RollbackTest } from './rollbackTest.ts';
import { rollbackTestSummary } from './rollbackTest.ts';

/** A rollback test for a terminal: the verdict, then what differs and what is lost, object by object. */
export function rollbackTestText(test: RollbackTest): string {
  const { data } = test;
  const lines = [`${test.migration} (${test.source}): ${rollbackTestSummary(test)}`];
  for (const { object, property, before, after } of test.differences)
    lines.push(`  ${object}, ${property}: ${before ?? 'none'} before, ${after ?? 'none'} after`);
  for (const { line, reason } of test.leftOut) lines.push(`  line ${line} was left out: ${reason}`);
  for (const standIn of test.standIns) lines.push(`  tested on: ${standIn}`);
  if (data.written.length > 0) lines.push(`  written as only the new version can: ${data.written.join('; ')}`);
  return `${lines.join('\n')}\n`;
}
