import { homedir } from 'node:os';
import path from 'node:path';
import type { MigrationOverview } from '../../core/overview.ts';
import { knownRoles, mayApprove } from '../../core/policy/policy.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Person } from '../../core/records/record.ts';
import type { RollbackGrade } from '../../core/rollback/rollback.ts';
import { gitPerson } from '../../node/git.ts';
import { recordApproval } from '../../node/workflow/approving.ts';
import { prepareRollback } from '../../node/workflow/rollbackFile.ts';
import type { Engine, Located } from './engine.ts';
import type { FolderState } from './folderState.ts';
import type { EnvironmentAddress } from '../../node/environments.ts';
import { RequestError } from './failure.ts';
import type {
  Addresses,
  ApprovalChoice,
  ApprovalOffer,
  Parameters,
  ProposedAddress,
  RollbackProposal,
} from './protocol.ts';

/** Programs and data of throw-away servers; shared by all windows and the command line. */
export function serverCache(environment: NodeJS.ProcessEnv = process.env): string {
  return path.join(environment['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'lockkeeper', 'servers');
}

export async function rollback(engine: Engine, { key }: Parameters<'rollback'>): Promise<RollbackProposal> {
  const { history, overview } = engine.locate(key);
  const file = await prepareRollback(overview.analysis, history.reading.analysis.history, history.root);
  return {
    path: file.path,
    text: file.text,
    existing: file.state === 'new' && file.place.form === 'file' ? null : file.present,
    mayReplace: file.state === 'new' || file.state === 'ours',
    summary: gradeWords(file.rollback.grade, file.rollback.declined),
  };
}

function gradeWords({ schema, data }: RollbackGrade, declined: string | null): string {
  if (declined !== null) return `It can't be undone: ${declined}`;
  const schemaWords = {
    restored: 'It restores the schema',
    columnOrder: 'It restores the schema, but for the order of columns',
    different: 'It does not restore the whole schema',
  }[schema.state];
  const lost = data.before.state === 'lost' ? `; lost: ${data.before.lost.join(', ')}` : '; rows from before are kept';
  return `${schemaWords}${lost}.`;
}

/** The machine's own URLs, and over them those of the editor's secret storage. */
export function allAddresses(folder: FolderState, addresses: Addresses): ReadonlyMap<string, EnvironmentAddress> {
  const secret = Object.entries(addresses).map(([name, url]) => {
    const known = folder.addresses.get(name);
    const systemIdentifier = known?.systemIdentifier ?? null;
    return [name, { ...known, systemIdentifier, url, source: "the editor's secret storage" }] as const;
  });
  return new Map<string, EnvironmentAddress>([...folder.addresses, ...secret]);
}

/** What the folder's compose file publishes, to be proposed for a development environment. */
export async function proposedAddresses(
  engine: Engine,
  { folder }: Parameters<'composeDatabases'>,
): Promise<readonly ProposedAddress[]> {
  // With a YAML reader that nothing else needs.
  const { composeProposals } = await import('../../node/composeProposals.ts');
  const found = composeProposals(engine.locateFolder(folder).project.root);
  return found.map((one) => ({
    label: `127.0.0.1:${String(one.port)}/${one.database} as ${one.user}`,
    from: `service ${one.service} in ${one.file}`,
    url: one.url,
    isWhole: one.password !== null,
  }));
}

export async function approvalOffer(engine: Engine, { key }: Parameters<'approvalOffer'>): Promise<ApprovalOffer> {
  await engine.reread();
  const located = engine.locate(key);
  const { policy } = located.folder.policySource;
  const person = await personOf(located);
  return {
    person,
    digest: located.overview.digest,
    choices: knownRoles(policy).map((role) => roleChoice(role, located.overview, policy, person)),
  };
}

export async function approve(engine: Engine, { key, role, comment, digest }: Parameters<'approve'>): Promise<string> {
  await engine.reread();
  const located = engine.locate(key);
  const { folder, history, overview } = located;
  if (overview.digest !== digest) {
    throw new RequestError('changed', `${key.migration} was changed meanwhile. Read it again, then approve.`);
  }
  const { path: file } = await recordApproval({
    root: folder.folder,
    migration: overview,
    policy: folder.policySource.policy,
    knowledge: history.knowledge,
    role,
    person: await personOf(located),
    comment,
    at: new Date().toISOString(),
  });
  await engine.learn();
  return file;
}

async function personOf({ folder }: Located): Promise<Person> {
  const person = await gitPerson(folder.folder);
  if (person !== null) return person;
  throw new RequestError(
    'no identity',
    'Who approves? Set user.name and user.email in git: git config --global user.email you@example.com',
  );
}

function roleChoice(role: string, overview: MigrationOverview, policy: Policy, person: Person): ApprovalChoice {
  if (!mayApprove(policy, role, person.email)) return { role, note: `not open to ${person.email}` };
  const { risk } = overview.risk;
  const demands = policy.environments.flatMap(({ name, requires }) =>
    requires[risk].approvals
      .filter((approval) => approval.role === role)
      .map(({ count }) => `${name} demands ${String(count)}`),
  );
  return { role, note: demands.length > 0 ? demands.join(', ') : `not demanded at ${risk} risk` };
}
