import type { Knowledge } from '../../core/overview.ts';
import type { Evidence } from '../../core/records/record.ts';
import type { RollbackTest } from '../../core/report/rollbackTest.ts';
import { rollbackTestEvidence } from '../../core/report/rollbackTest.ts';
import { demandStore, saveEvidence, seenRecords } from '../records.ts';
import type { RollbackTestRequest } from '../testRollback.ts';
import { testRollback } from '../testRollback.ts';

/**
 * *Test Rollback* with its evidence kept in the user's own store. What was cancelled leaves none.
 *
 * @throws what `testRollback` throws
 */
export async function testRollbackAndRecord(
  request: RollbackTestRequest & { readonly store: string; readonly knowledge: Knowledge },
): Promise<{ readonly test: RollbackTest; readonly evidence: Evidence }> {
  await demandStore(request.store);
  const test = await testRollback(request);
  const evidence = rollbackTestEvidence(test, { saw: seenRecords(request.knowledge.records.records, test) });
  await saveEvidence(request.store, evidence);
  return { test, evidence };
}
