import type { Knowledge } from '../../core/overview.ts';
import { stagingRuns } from '../../core/report/readStagingRun.ts';
import type { CalibrationBasis } from '../../core/report/stagingRun.ts';
import { calibrate, type CalibrationPair } from '../../core/staging/calibration.ts';
import { isEstimate } from '../../core/staging/estimate.ts';
import type { History } from '../../core/tools/tool.ts';
import { withClient } from '../connection.ts';
import type { EnvironmentTarget } from '../environments.ts';
import { appliedDurations } from '../staging/appliedDurations.ts';

/** A factor, or why there is none. */
export type Calibrated = { readonly calibration: CalibrationBasis } | { readonly none: string };

/**
 * How an environment's own history compares with what staging runs estimated for the same migrations. Reads the
 * migration tool's table there, in a read-only session, and nothing else.
 *
 * @throws ConnectionError
 */
export async function calibrationFrom(
  environment: EnvironmentTarget,
  history: History,
  { records, evidence }: Knowledge,
  signal: AbortSignal | undefined,
): Promise<Calibrated> {
  const session = {
    applicationName: 'lockkeeper calibration',
    lockTimeout: 2_000,
    statementTimeout: 30_000,
    settings: { default_transaction_read_only: 'on' },
    signal,
  };
  const durations = await withClient(environment.url, session, (client) => appliedDurations(client, history));
  if (durations === null)
    return {
      none: `${environment.name} keeps no times of migrations that ${history.tool === 'plain' ? 'Lockkeeper' : history.tool} applied.`,
    };
  const pairs: CalibrationPair[] = [];
  for (const [migration, took] of durations) {
    const run = stagingRuns([...records.records, ...evidence], { history: history.id, migration }).at(-1);
    const total = run?.growth?.total;
    if (run === undefined || total === undefined || !isEstimate(total)) continue;
    // What was estimated before any calibration: else each one would build on the last.
    pairs.push({ migration, estimated: total.middle / (run.growth?.calibration?.factor ?? 1), took });
  }
  const found = calibrate(pairs);
  if (found !== null) return { calibration: { environment: environment.name, ...found } };
  return {
    none: `${environment.name} has ${pairs.length} migrations that were estimated here as well; three that took more than a second and agree are needed.`,
  };
}
