import type { HistoryAnalysis } from '../../core/analyze.ts';
import type { Knowledge, MigrationOverview } from '../../core/overview.ts';
import { integrityEvidence } from '../../core/report/evidence.ts';
import type { IntegrityResult } from '../../core/report/integrityResult.ts';
import type { EnvironmentTarget } from '../environments.ts';
import { productionServersFile } from '../productionServers.ts';
import type { RunProgress } from '../runProgress.ts';
import { saveEvidence, seenRecords } from '../records.ts';
import type { IntegritySnapshot } from '../verify.ts';
import { verifyDatabase } from '../verify.ts';

export interface VerifyWorkflow {
  readonly history: HistoryAnalysis;
  readonly environment: EnvironmentTarget;
  /** Left out: the whole database, whatever is applied. */
  readonly migration?: MigrationOverview;
  /** Taken before the team's tool applied. */
  readonly before?: IntegritySnapshot;
  readonly store: string;
  readonly knowledge: Knowledge;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * *Verify*; of one migration the result is kept as evidence.
 *
 * @throws what `verifyDatabase` throws
 */
export async function verifyAndRecord(workflow: VerifyWorkflow): Promise<IntegrityResult> {
  const { migration, before, store, knowledge, ...request } = workflow;
  const result = await verifyDatabase({
    ...request,
    ...(migration === undefined ? {} : { migration: migration.migration.id }),
    ...(before === undefined ? {} : { before }),
    productionServersFile: productionServersFile(),
  });
  if (migration !== undefined) {
    const saw = seenRecords(knowledge.records.records, migration.subject);
    const evidence = integrityEvidence(result, { saw, base: migration.base });
    if (evidence !== null) await saveEvidence(store, evidence);
  }
  return result;
}
