import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { IntegrityResult } from '../core/report/integrityResult.ts';
import { integrityText } from '../core/report/resultText.ts';
import { integritySnapshot } from '../node/verify.ts';
import type { IntegritySnapshot } from '../node/verify.ts';
import { verifyAndRecord } from '../node/workflow/verifying.ts';
import { demandedEnvironment } from './addresses.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace } from './workspace.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'check a database after migrations were applied',
  operands: '[MIGRATION…] --environment NAME',
  description: [
    "Reads only: does the tool's own table agree with the folder, are there invalid indexes, constraints that nobody",
    'validated, and is the schema the one that the history makes? With --before, the row counts of the touched tables too.',
    "Works on its own, after the team's tool applied. Without a migration: the whole database. Of a named migration the",
    'result is kept as evidence.',
  ].join('\n'),
  options: [
    { name: 'environment', value: 'NAME', description: 'which database' },
    {
      name: 'snapshot',
      value: 'FILE',
      description: 'only count the rows now, before your tool applies, and keep the counts in FILE',
    },
    { name: 'before', value: 'FILE', description: 'compare row counts with this snapshot' },
  ],
  examples: [
    'lockkeeper verify --environment production',
    'lockkeeper verify --environment production --snapshot before.json 0042_orders',
    'lockkeeper verify --environment production --before before.json 0042_orders',
  ],
  endsInOrder: true,
  run: runVerify,
};

async function runVerify(call: Invocation): Promise<ExitCode> {
  const workspace = await openWorkspace(call);
  const environment = await demandedEnvironment(call, workspace.policy);
  const selected = call.operands.length === 0 ? [] : selectMigrations(workspace, call.operands);
  const snapshotFile = call.value('snapshot');
  if (snapshotFile !== undefined) {
    const chosen = selected.length > 0 ? selected : selectMigrations(workspace, []);
    const history = chosen[0]?.history;
    if (history === undefined || chosen.some((one) => one.history !== history)) {
      throw new UsageError('--snapshot takes migrations of one history.');
    }
    const migrations = chosen.map(({ overview }) => overview.migration.id);
    const snapshot = await integritySnapshot({
      history: history.analysis,
      migrations,
      environment,
      signal: call.signal,
    });
    const file = resolve(call.terminal.cwd, snapshotFile);
    await writeFile(file, `${JSON.stringify(snapshot, null, 2)}\n`);
    call.terminal.out(
      call.json
        ? `${JSON.stringify(snapshot)}\n`
        : `Counted ${snapshot.tables.length} tables of ${environment.name}: ${file}\n`,
    );
    return EXIT.ok;
  }
  const before = await readSnapshot(call);
  const jobs =
    selected.length > 0
      ? selected.map(({ history, overview }) => ({ history, migration: overview }))
      : workspace.histories.map((history) => ({ history, migration: undefined }));
  const results: IntegrityResult[] = [];
  for (const { history, migration } of jobs) {
    const line = progressLine(call, environment.name);
    try {
      const result = await verifyAndRecord({
        history: history.analysis,
        environment,
        ...(migration === undefined ? {} : { migration }),
        ...(before === undefined ? {} : { before }),
        store: workspace.store,
        knowledge: workspace.knowledge,
        onProgress: ({ message }) => {
          line.show(message);
        },
        signal: call.signal,
      });
      results.push(result);
      line.clear();
      if (!call.json) {
        call.terminal.out(
          `${migration?.migration.id ?? history.history.id} in ${environment.name}\n${integrityText(result)}\n`,
        );
      }
    } finally {
      line.clear();
    }
  }
  if (call.json) call.terminal.out(`${JSON.stringify(results)}\n`);
  return results.every(({ outcome }) => outcome === 'passed') ? EXIT.ok : EXIT.against;
}

async function readSnapshot(call: Invocation): Promise<IntegritySnapshot | undefined> {
  const name = call.value('before');
  if (name === undefined) return undefined;
  const text = await readFile(resolve(call.terminal.cwd, name), 'utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = null;
  }
  if (typeof content !== 'object' || content === null || !('version' in content) || content.version !== 1) {
    throw new UsageError(`--before ${name}: this is not a snapshot that "lockkeeper verify --snapshot" wrote.`);
  }
  return content as IntegritySnapshot;
}
