import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_SERVER_MAJOR } from '../../core/catalog/catalog.ts';
import type { MigrationOverview } from '../../core/overview.ts';
import { knownRoles, mayApprove } from '../../core/policy/policy.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Evidence, NamedRecord, Person } from '../../core/records/record.ts';
import type { RollbackGrade } from '../../core/rollback/rollback.ts';
import { STAGING_REPORT_CSS } from '../../core/report/stagingCss.ts';
import { stagingReportBody } from '../../core/report/stagingHtml.ts';
import type { StagingRun } from '../../core/report/stagingRun.ts';
import { gitPerson } from '../../node/git.ts';
import { recordApproval } from '../../node/workflow/approving.ts';
import { profileAndRecord } from '../../node/workflow/profiling.ts';
import { prepareRollback } from '../../node/workflow/rollbackFile.ts';
import { chooseStagingTarget } from '../../node/workflow/stagingTarget.ts';
import type { RequestContext } from './channel.ts';
import type { Engine, Located } from './engine.ts';
import type { FolderState } from './folderState.ts';
import type { EnvironmentAddress } from '../../node/environments.ts';
import type { Config } from '../../core/config.ts';
import { RequestError } from './failure.ts';
import type {
  Addresses,
  ApprovalChoice,
  ApprovalOffer,
  MigrationKey,
  Parameters,
  ReportDocument,
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

export async function profile(
  engine: Engine,
  { key, environment, addresses, mayDownload }: Parameters<'profile'>,
  { signal, progress }: RequestContext,
): Promise<ReportDocument> {
  await engine.reread();
  const { folder, history } = engine.locate(key);
  const { config } = folder.project;
  const target = await chooseStagingTarget({
    policy: folder.policySource.policy,
    addresses: allAddresses(folder, addresses),
    wanted: environment ?? 'embedded',
    // The list that it was chosen from says so.
    consent: true,
    major: config.postgresVersion ?? DEFAULT_SERVER_MAJOR,
    cacheDirectory: serverCache(),
    mayFetch: () => mayDownload,
  });
  const { run } = await profileAndRecord({
    history: history.reading.analysis,
    migration: key.migration,
    parser: history.input.parser,
    target,
    tableRows: tableRows(config.sizes),
    onProgress: ({ message, increment }) => {
      progress(increment === undefined ? { message } : { message, increment });
    },
    signal,
    store: folder.store,
    knowledge: history.knowledge,
  });
  await engine.learn();
  return reportDocument(key, run);
}

/** The machine's own URLs, and over them those of the editor's secret storage. */
export function allAddresses(folder: FolderState, addresses: Addresses): ReadonlyMap<string, EnvironmentAddress> {
  const secret = Object.entries(addresses).map(([name, url]) => {
    const systemIdentifier = folder.addresses.get(name)?.systemIdentifier ?? null;
    return [name, { url, systemIdentifier, source: "the editor's secret storage" }] as const;
  });
  return new Map([...folder.addresses, ...secret]);
}

/** Rows by quoted name, of the tables whose sizes the configuration names. */
function tableRows(sizes: Config['sizes']): Readonly<Record<string, number>> {
  const named = Object.entries(sizes).flatMap(([table, { rows }]) =>
    rows === null ? [] : [[table.includes('.') ? table : `public.${table}`, rows] as const],
  );
  return Object.fromEntries(named);
}

/** The last staging run of the migration, of whatever text. */
export function report(engine: Engine, { key }: Parameters<'report'>): ReportDocument | null {
  const { history } = engine.locate(key);
  const { records, evidence } = history.knowledge;
  const runs = [...records.records, ...evidence].filter(
    (one): one is NamedRecord<Evidence> =>
      one.record.type === 'evidence' &&
      one.record.kind === 'staging run' &&
      one.record.history === key.history &&
      one.record.migration === key.migration,
  );
  const last = runs.toSorted((a, b) => a.record.at.localeCompare(b.record.at)).at(-1);
  // What its own maker wrote; every text in it is escaped where it is shown.
  return last === undefined ? null : reportDocument(key, last.record.details as unknown as StagingRun);
}

function reportDocument(key: MigrationKey, run: StagingRun): ReportDocument {
  return {
    key,
    title: `Staging: ${key.migration}`,
    html: stagingReportBody(run, { goTo: true }),
    css: STAGING_REPORT_CSS,
  };
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
