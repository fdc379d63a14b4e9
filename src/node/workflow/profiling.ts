import { stagingEvidence } from '../../core/report/evidence.ts';
import { stagingRuns } from '../../core/report/readStagingRun.ts';
import type { StagingRun } from '../../core/report/stagingRun.ts';
import type { Evidence } from '../../core/records/record.ts';
import type { Knowledge } from '../../core/overview.ts';
import type { StagingBudget } from '../../core/report/stagingBudget.ts';
import type { ProfileRequest, ProfileSeriesRequest } from '../profile.ts';
import { profileMigrations } from '../profile.ts';
import { demandStore, saveEvidence, seenRecords } from '../records.ts';

/** A run together with what is kept of it. */
export interface RecordedRun {
  readonly run: StagingRun;
  readonly evidence: Evidence;
  /** The last run of the same migration before this one, of whatever text; null: there is none that can be read. */
  readonly previous: StagingRun | null;
}

/** Where evidence is kept, and what is known already. */
interface Keeping {
  readonly store: string;
  readonly knowledge: Knowledge;
  readonly stagingBudget: StagingBudget;
}

/**
 * *Profile on Staging* with its evidence kept in the user's own store. What was cancelled or could not be measured leaves none.
 *
 * @throws what `profileMigrations` throws
 */
export async function profileAndRecord(request: ProfileRequest & Keeping): Promise<RecordedRun> {
  const [recorded] = await profileAllAndRecord({ ...request, migrations: [request.migration] });
  if (recorded === undefined) throw new Error('a profile of one migration gives one run');
  return recorded;
}

/** The same for several migrations of one history, on one server that is filled once; ends after the first that fails. */
export async function profileAllAndRecord(request: ProfileSeriesRequest & Keeping): Promise<readonly RecordedRun[]> {
  await demandStore(request.store);
  const recorded: RecordedRun[] = [];
  const { records, evidence: own } = request.knowledge;
  for (const run of await profileMigrations(request)) {
    const evidence = stagingEvidence(run, { saw: seenRecords(records.records, run), budget: request.stagingBudget });
    await saveEvidence(request.store, evidence);
    recorded.push({ run, evidence, previous: stagingRuns([...records.records, ...own], run).at(-1) ?? null });
  }
  return recorded;
}
