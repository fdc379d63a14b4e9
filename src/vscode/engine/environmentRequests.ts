import type { MigrationOverview } from '../../core/overview.ts';
import { applyHeadline, integrityHeadline } from '../../core/report/resultText.ts';
import { describeUrl } from '../../node/connection.ts';
import type { EnvironmentTarget as Target } from '../../node/environments.ts';
import { appliedStates } from '../../node/workflow/applied.ts';
import { applyAndRecord, pendingMigrations } from '../../node/workflow/applying.ts';
import { environmentTarget, namedEnvironment } from '../../node/workflow/stagingTarget.ts';
import type { Addresses } from '../../node/workflow/stagingTarget.ts';
import { policySourceText } from '../../node/trustedPolicy.ts';
import { verifyAndRecord } from '../../node/workflow/verifying.ts';
import type { RequestContext } from './channel.ts';
import type { Engine } from './engine.ts';
import { RequestError } from './failure.ts';
import type { FolderState } from './folderState.ts';
import type { HistoryState, Reading } from './historyState.ts';
import type { CheckResult, Parameters, RunResult } from './protocol.ts';
import { allAddresses } from './requests.ts';

/** Requests about a whole history and an environment. All of them are about what lies on disk. */

/** The gates: of the new migrations (`check`, no server is asked), or of those that the environment does not have (`apply`). */
export async function check(
  engine: Engine,
  parameters: Parameters<'check'>,
  { signal }: RequestContext,
): Promise<CheckResult> {
  const { folder, history, addresses, reading } = await onDisk(engine, parameters);
  const { purpose, allowProduction, environment: name } = parameters;
  const environment = namedEnvironment(folder.policySource.policy, name);
  const address = addresses.get(name);
  const overviews =
    purpose === 'check'
      ? reading.overviews.filter(({ isNew }) => isNew)
      : await pending(reading, environmentTarget(environment, addresses), folder, history, signal);
  return {
    history: history.id,
    environment: { name, class: environment.class, source: address?.source ?? null },
    database: address === undefined ? null : describeUrl(address.url),
    policySource: policySourceText(folder.policySource, name),
    gates: overviews.map((overview) => {
      const { migration, open, missing } = overview.gate({ environment, purpose, applyToProduction: allowProduction });
      return { migration, open, missing: missing.map(({ kind, text, toDo }) => ({ kind, text, toDo })) };
    }),
  };
}

export async function apply(
  engine: Engine,
  parameters: Parameters<'apply'>,
  { signal, progress }: RequestContext,
): Promise<RunResult> {
  const { folder, history, addresses, reading } = await onDisk(engine, parameters);
  const environment = namedEnvironment(folder.policySource.policy, parameters.environment);
  const target = environmentTarget(environment, addresses);
  const migrations = await pending(reading, target, folder, history, signal);
  const ids = migrations.map(({ migration }) => migration.id);
  if (ids.join('\n') !== parameters.migrations.join('\n')) {
    throw new RequestError(
      'changed',
      `What has to be applied to ${target.name} is no longer what you confirmed. Start again.`,
    );
  }
  const { runs, integrity, troubles } = await applyAndRecord({
    history: reading.analysis,
    folder: history.root,
    migrations,
    gates: migrations.map((overview) =>
      overview.gate({ environment, purpose: 'apply', applyToProduction: parameters.allowProduction }),
    ),
    environment: target,
    adoptedAt: folder.project.adoptedAt(history.input.history),
    store: folder.store,
    knowledge: history.knowledge,
    onProgress: progress,
    signal,
  });
  await askApplied(folder, history, addresses, target.name);
  await engine.learn();
  const done = runs.filter(({ outcome }) => outcome === 'applied');
  const verified = (integrity === null || integrity.outcome === 'passed') && troubles.length === 0;
  const headline = runs.at(-1);
  return {
    ok: done.length === migrations.length && verified,
    summary:
      done.length === migrations.length
        ? `${String(done.length)} applied to ${target.name}; ${integrity === null ? 'not verified' : integrityHeadline(integrity)}${troubles.map((trouble) => `. ${trouble}`).join('')}`
        : `Not all was applied to ${target.name}: ${headline === undefined ? 'nothing was run' : applyHeadline(headline)}`,
    lines: [
      ...runs.flatMap((run) => [`${run.migration}: ${applyHeadline(run)}`, run.state]),
      ...(integrity?.checks.map(({ kind, state, summary }) => `${kind}: ${state}: ${summary}`) ?? []),
    ],
  };
}

export async function verify(
  engine: Engine,
  parameters: Parameters<'verify'>,
  { signal, progress }: RequestContext,
): Promise<RunResult> {
  const { folder, history, addresses, reading } = await onDisk(engine, parameters);
  const target = environmentTarget(namedEnvironment(folder.policySource.policy, parameters.environment), addresses);
  await askApplied(folder, history, addresses, target.name);
  const last = reading.overviews.filter(({ migration }) => isAppliedIn(history, migration.id, target.name)).at(-1);
  const result = await verifyAndRecord({
    history: reading.analysis,
    environment: target,
    ...(last?.isNew === true ? { migration: last } : {}),
    store: folder.store,
    knowledge: history.knowledge,
    onProgress: progress,
    signal,
  });
  await engine.learn();
  return {
    ok: result.outcome === 'passed',
    summary: `${target.name}: ${integrityHeadline(result)}`,
    lines: result.checks.flatMap(({ kind, state, summary, findings }) => [
      `${kind}: ${state}: ${summary}`,
      ...findings.map(({ severity, object, message }) => `  ${severity}: ${object}: ${message}`),
    ]),
  };
}

interface OnDisk {
  readonly folder: FolderState;
  readonly history: HistoryState;
  readonly addresses: Addresses;
  readonly reading: Reading;
}

async function onDisk(
  engine: Engine,
  target: Pick<Parameters<'check'>, 'folder' | 'history' | 'addresses'>,
): Promise<OnDisk> {
  await engine.reread();
  const { folder, history } = engine.locateHistory(target);
  return { folder, history, addresses: allAddresses(folder, target.addresses), reading: history.readingOnDisk() };
}

async function pending(
  { analysis, overviews }: Reading,
  target: Target,
  folder: FolderState,
  history: HistoryState,
  signal: AbortSignal,
): Promise<readonly MigrationOverview[]> {
  const adoptedAt = folder.project.adoptedAt(history.input.history);
  const ids = new Set(await pendingMigrations(analysis, target, { adoptedAt, signal }));
  return overviews.filter(({ migration }) => ids.has(migration.id));
}

/** Asks what is applied there, for the tree. */
async function askApplied(
  folder: FolderState,
  history: HistoryState,
  addresses: Addresses,
  environment: string,
): Promise<void> {
  const everywhere = await appliedStates({
    histories: [history.input.history],
    policy: folder.policySource.policy,
    addresses,
    environments: [environment],
  });
  history.tellApplied(environment, everywhere.get(history.id) ?? new Map());
}

function isAppliedIn(history: HistoryState, migration: string, environment: string): boolean {
  const states = history.applied?.get(migration) ?? [];
  return states.some((state) => state.environment === environment && state.problem === null);
}
