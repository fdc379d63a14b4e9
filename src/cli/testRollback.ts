import type { RollbackTest } from '../core/report/rollbackTest.ts';
import { rollbackTestSummary } from '../core/report/rollbackTest.ts';
import { testRollbackAndRecord } from '../node/workflow/testingRollback.ts';
import { EXIT } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { measuringPlace } from './measuringPlace.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace } from './workspace.ts';

export const testRollback: Command = {
  name: 'test-rollback',
  summary: 'run a migration up, down and up again, and compare',
  operands: '[MIGRATION…]',
  description: [
    'Replays the history into an empty database, puts made-up rows into the tables that the migration touches, runs it, runs',
    'its rollback, and compares schema and rows with before; then runs it again. Tests the script that is written, else the',
    'one that `lockkeeper rollback` would write. Same servers as `lockkeeper profile`. The result is kept as evidence.',
  ].join('\n'),
  options: [
    { name: 'environment', value: 'NAME', description: 'test there; "embedded" for an embedded server' },
    { name: 'fetch', description: 'consent to fetch PostgreSQL with npm, if none is found on this machine' },
  ],
  examples: ['lockkeeper test-rollback', 'lockkeeper test-rollback 20260301100000_orders --environment embedded'],
  endsInOrder: true,
  run: runTestRollback,
};

async function runTestRollback(call: Invocation): Promise<ExitCode> {
  const workspace = await openWorkspace(call);
  const selected = selectMigrations(workspace, call.operands);
  const { target, place } = await measuringPlace(call, workspace);
  const line = progressLine(call, place);
  const tests: RollbackTest[] = [];
  let failed = false;
  try {
    for (const { history, overview } of selected) {
      const { test, evidence } = await testRollbackAndRecord({
        history: history.analysis,
        migration: overview.migration.id,
        parser: workspace.parser,
        target,
        onProgress: ({ message }) => {
          line.show(message);
        },
        signal: call.signal,
        store: workspace.store,
        knowledge: workspace.knowledge,
      });
      tests.push(test);
      failed ||= evidence.outcome === 'failed';
    }
  } finally {
    line.clear();
  }
  if (call.json) call.terminal.out(`${JSON.stringify(tests)}\n`);
  else for (const test of tests) call.terminal.out(testText(test));
  return failed ? EXIT.against : EXIT.ok;
}

function testText(test: RollbackTest): string {
  const differences = test.differences.map(
    ({ object, property, before, after }) =>
      `  ${object}, ${property}: ${before ?? 'none'} before, ${after ?? 'none'} after\n`,
  );
  return `${test.migration} (${test.source}): ${rollbackTestSummary(test)}\n${differences.join('')}`;
}
