import type { ApplyRun } from './applyRun.ts';
import { counted, duration } from './figures.ts';
import type { IntegrityResult } from './integrityResult.ts';

/** One sentence for tree and terminal. */
export function applyHeadline(run: ApplyRun): string {
  const retries = run.steps.reduce((sum, { attempts }) => sum + attempts - 1, 0);
  const again = retries > 0 ? `, ${counted(retries, 'retry', 'retries')} for a lock` : '';
  if (run.outcome === 'applied') return `Applied to ${run.environment} in ${duration(run.milliseconds)}${again}`;
  return `${run.outcome === 'cancelled' ? 'Cancelled' : 'Failed'} on ${run.environment}${again}. ${run.state}`;
}

/** One sentence for tree and terminal. */
export function integrityHeadline(result: IntegrityResult): string {
  const failed = result.checks.filter(({ state }) => state === 'failed');
  if (failed.length > 0) return failed.map(({ summary }) => summary).join('; ');
  const passed = result.checks.filter(({ state }) => state === 'passed');
  const skipped = result.checks.length - passed.length;
  return `${passed.map(({ kind }) => kind).join(', ')}: in order${skipped > 0 ? ` (${counted(skipped, 'check')} not run)` : ''}`;
}

/** The result for a terminal: one line a check, its findings below. */
export function integrityText(result: IntegrityResult): string {
  const mark = { passed: 'ok     ', failed: 'FAILED ', 'not run': 'not run' } as const;
  return result.checks
    .flatMap((check) => [
      `${mark[check.state]} ${check.kind}: ${check.summary}`,
      ...check.findings.map(
        ({ severity, object, message }) => `          ${severity === 'note' ? 'note: ' : ''}${object}: ${message}`,
      ),
    ])
    .join('\n');
}
