import { stagingEvidence } from '../../core/report/evidence.ts';
import type { StagingRun } from '../../core/report/stagingRun.ts';
import type { Evidence } from '../../core/records/record.ts';
import type { Knowledge } from '../../core/overview.ts';
import type { ProfileRequest } from '../profile.ts';
import { profileMigration } from '../profile.ts';
import { saveEvidence, seenRecords } from '../records.ts';

/**
 * *Profile on Staging* with its evidence kept in the user's own store. What was cancelled or could not be measured leaves none.
 *
 * @throws what `profileMigration` throws
 */
export async function profileAndRecord(
  request: ProfileRequest & { readonly store: string; readonly knowledge: Knowledge },
): Promise<{ readonly run: StagingRun; readonly evidence: Evidence }> {
  const run = await profileMigration(request);
  const evidence = stagingEvidence(run, { saw: seenRecords(request.knowledge.records.records, run) });
  await saveEvidence(request.store, evidence);
  return { run, evidence };
}
