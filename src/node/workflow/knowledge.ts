import type { Knowledge } from '../../core/overview.ts';
import type { AppliedState } from '../../core/status.ts';
import { readEvidence, readWorkspaceRecords } from '../records.ts';

/**
 * What the files of a workspace and of its user tell: records and evidence.
 *
 * @param root the workspace
 * @param store the user's own evidence: `evidenceStore(root)`, or the editor's storage folder
 * @param applied where each migration is applied, by id, if somebody asked the environments
 */
export async function readKnowledge(
  root: string,
  store: string,
  applied: ReadonlyMap<string, readonly AppliedState[]> | null = null,
): Promise<Knowledge> {
  const [records, evidence] = await Promise.all([readWorkspaceRecords(root), readEvidence(store)]);
  return { records, evidence, applied };
}
