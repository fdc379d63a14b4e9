import type { Knowledge, MigrationOverview } from '../../core/overview.ts';
import { knownRoles, mayApprove } from '../../core/policy/policy.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Approval, Person } from '../../core/records/record.ts';
import { seenRecords, writeWorkspaceRecord } from '../records.ts';
import { RunError } from '../runError.ts';

export interface ApprovalRequest {
  readonly root: string;
  readonly migration: MigrationOverview;
  readonly policy: Policy;
  readonly knowledge: Knowledge;
  readonly role: string;
  readonly person: Person;
  readonly comment: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/**
 * Writes an approval of exactly these bytes into the repository's records.
 *
 * @returns the record's path relative to the workspace
 * @throws RunError 'gate' if the policy does not speak of this role, or names others for it
 */
export async function recordApproval(request: ApprovalRequest): Promise<{ readonly path: string }> {
  const { root, migration, policy, knowledge, role, person, comment, at } = request;
  const roles = knownRoles(policy);
  if (!roles.includes(role)) {
    const others = roles.length === 0 ? 'it names none' : `there are ${roles.join(', ')}`;
    throw new RunError(
      'gate',
      `No environment asks for the role ${role}, and lockkeeper.jsonc does not name it: ${others}.`,
    );
  }
  if (!mayApprove(policy, role, person.email)) {
    const allowed = policy.roles.get(role)?.join(', ') ?? '';
    throw new RunError('gate', `${person.email} may not approve as ${role}; lockkeeper.jsonc names: ${allowed}.`);
  }
  const approval: Approval = {
    version: 1,
    type: 'approval',
    ...migration.subject,
    role,
    person,
    comment,
    at,
    saw: seenRecords(knowledge.records.records, migration.subject),
  };
  return writeWorkspaceRecord(root, approval);
}
