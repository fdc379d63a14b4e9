import type { HistoryAnalysis } from '../../../src/core/analyze.ts';
import { migrationDigest } from '../../../src/core/digest.ts';
import { gate, type Gate, type GateQuestion } from '../../../src/core/policy/gate.ts';
import { policyFromSettings } from '../../../src/core/policy/policy.ts';
import type { ToolId } from '../../../src/core/tools/tool.ts';
import type { ApplyRequest } from '../../../src/node/apply.ts';
import { withScratchDatabase } from '../../../src/node/connection.ts';
import { analyzeFiles, type TestFile } from '../../support/lint.ts';
import { sharedServer } from '../../support/server.ts';

const policy = policyFromSettings({});

/** The gate to the development environment, which demands nothing. */
export function openGate(history: HistoryAnalysis, id: string, change: Partial<GateQuestion> = {}): Gate {
  const migration = history.history.migrations.find((one) => one.id === id)!;
  return gate({
    history: history.history.id,
    migration: id,
    digest: migrationDigest(migration),
    base: null,
    environment: policy.environments.find(({ name }) => name === 'development')!,
    policy,
    risk: 'low',
    records: [],
    evidence: [],
    problems: [],
    purpose: 'apply',
    applyToProduction: false,
    ...change,
  });
}

export const productionEnvironment = policy.environments.find(({ name }) => name === 'production')!;

/** A history in which Prisma's migrations are sent as one query each and plain ones statement by statement. */
export function historyOf(files: readonly TestFile[], tool: ToolId = 'plain'): HistoryAnalysis {
  const mode = tool === 'prisma' ? 'implicit' : 'autocommit';
  return analyzeFiles(
    files.map((file) => ({ mode, ...file })),
    { major: 18, timeZone: null },
    tool,
  );
}

/** The request that applies all of a history to a database. */
export function applyAll(history: HistoryAnalysis, url: string, change: Partial<ApplyRequest> = {}): ApplyRequest {
  return {
    history,
    gates: history.history.migrations.map(({ id }) => openGate(history, id)),
    environment: { name: 'development', class: 'development', url },
    readText: (path) => Promise.resolve(history.history.migrations.find((one) => one.path === path)!.text),
    ...change,
  };
}

export async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const server = await sharedServer();
  await withScratchDatabase(server.url, (url) => work(url));
}
