import type { Evidence } from '../records/record.ts';
import type { StagingRun } from './stagingRun.ts';

/**
 * The run that evidence holds, as its maker wrote it; null for one of another form (an older Lockkeeper's). Every text in
 * it is escaped where it is shown.
 */
export function stagingRunOf({ kind, details }: Evidence): StagingRun | null {
  if (kind !== 'staging run' || typeof details !== 'object' || details === null || Array.isArray(details)) return null;
  const run = details as unknown as Partial<StagingRun>;
  return run.version === 2 && Array.isArray(run.statements) && Array.isArray(run.stalls) ? (run as StagingRun) : null;
}

/** All runs of one migration that are kept, the earliest first. */
export function stagingRuns(
  records: readonly { readonly record: Evidence | { readonly type: 'approval' } }[],
  subject: { readonly history: string; readonly migration: string },
): StagingRun[] {
  return records
    .flatMap(({ record }) => {
      if (record.type !== 'evidence') return [];
      const { history, migration } = record;
      if (history !== subject.history || migration !== subject.migration) return [];
      return stagingRunOf(record) ?? [];
    })
    .sort((a, b) => a.at.localeCompare(b.at));
}
