import type { Knowledge } from '../../core/overview.ts';
import type { Evidence } from '../../core/records/record.ts';
import type { RollbackTest } from '../../core/report/rollbackTest.ts';
import { rollbackTestEvidence } from '../../core/report/rollbackTest.ts';
import { demandStore, saveEvidence, seenRecords } from '../records.ts';
import type { RollbackTestRequest } from '../testRollback.ts';
import { testRollback } from '../testRollback.ts';

/** Where evidence is kept, and what is known already. */
interface Store {
  readonly store: string;
  readonly knowledge: Knowledge;
}

/**
 * *Test Rollback* with its evidence kept in the user's own store. What was cancelled leaves none.
 *
 * @throws what `testRollback` throws
 */
export async function testRollbackAndRecord(
  request: RollbackTestRequest & Store,
): Promise<{ readonly test: RollbackTest; readonly evidence: Evidence }> {
  await demandStore(request.store);
  const test = await testRollback(request);
  return { test, evidence: await recordRollbackTest(test, request) };
}

/** Keeps the evidence of a test that was made. */
export async function recordRollbackTest(test: RollbackTest, { store, knowledge }: Store): Promise<Evidence> {
  const evidence = rollbackTestEvidence(test, { saw: seenRecords(knowledge.records.records, test) });
  await saveEvidence(store, evidence);
  return evidence;
}
