import { applyHeadline, integrityText } from '../core/report/resultText.ts';
import { applyAndRecord, pendingMigrations } from '../node/workflow/applying.ts';
import type { ApplyOutcome } from '../node/workflow/applying.ts';
import { policySourceText } from '../node/trustedPolicy.ts';
import { namedEnvironment } from '../node/workflow/stagingTarget.ts';
import { demandedEnvironment } from './addresses.ts';
import { gateText } from './check.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { progressLine } from './progress.ts';
import { selectMigrations } from './selection.ts';
import type { OpenHistory } from './workspace.ts';
import { openWorkspace, POLICY_REF } from './workspace.ts';

export const apply: Command = {
  name: 'apply',
  summary: 'apply pending migrations behind the gate',
  operands: '[MIGRATION…] --environment NAME',
  description: [
    'Plain SQL and Prisma histories: runs what is pending there, in the transactions that the tool would use, with a',
    "lock_timeout and retries, and writes the tool's own history table, so that the tool agrees. Every migration must pass the",
    'gate first. Stops at the first failure and says what state the server is in. Then verifies. Other tools: run them',
    'yourself after "lockkeeper check", then "lockkeeper verify".',
  ].join('\n'),
  options: [
    {
      name: 'environment',
      value: 'NAME',
      description: 'where; its URL comes from this machine, never from the repository',
    },
    { name: 'apply-to-production', description: 'needed for an environment of class production' },
    POLICY_REF,
    {
      name: 'lock-timeout',
      value: 'MS',
      description: 'longest wait for a lock, and so the longest stall, in milliseconds (default 2000)',
    },
  ],
  examples: [
    'lockkeeper apply --environment staging',
    'lockkeeper apply --environment production --apply-to-production',
  ],
  endsInOrder: true,
  run: runApply,
};

async function runApply(call: Invocation): Promise<ExitCode> {
  const lockTimeout = readMilliseconds(call.value('lock-timeout'));
  const workspace = await openWorkspace(call);
  const target = await demandedEnvironment(call, workspace.policy);
  const environment = namedEnvironment(workspace.policy, target.name);
  const named = call.operands.length === 0 ? null : selectMigrations(workspace, call.operands);
  const outcomes: ApplyOutcome[] = [];
  let closed = false;
  for (const history of workspace.histories) {
    const pending = await pendingOf(
      history,
      named?.filter((one) => one.history === history).map(({ overview }) => overview.migration.id) ?? null,
    );
    if (pending.length === 0) {
      if (!call.json && named === null)
        call.terminal.out(`${history.history.id}: nothing is pending in ${target.name}.\n`);
      continue;
    }
    const gates = pending.map((overview) =>
      overview.gate({ environment, purpose: 'apply', applyToProduction: call.flag('apply-to-production') }),
    );
    if (!gates.every(({ open }) => open)) {
      closed = true;
      call.terminal.error(`Nothing was applied to ${target.name}: the gate is closed.\n`);
      call.terminal.error(
        gates
          .filter(({ open }) => !open)
          .map(gateText)
          .join('') + `${policySourceText(workspace.policySource, environment.name)}\n`,
      );
      continue;
    }
    const line = progressLine(call, target.name);
    try {
      const outcome = await applyAndRecord({
        history: history.analysis,
        folder: history.folder,
        migrations: pending,
        gates,
        environment: target,
        adoptedAt: workspace.project.adoptedAt(history.history),
        ...(lockTimeout === undefined ? {} : { lockTimeout }),
        store: workspace.store,
        knowledge: workspace.knowledge,
        onProgress: ({ message }) => {
          line.show(message);
        },
        signal: call.signal,
      });
      outcomes.push(outcome);
      line.clear();
      if (!call.json) call.terminal.out(outcomeText(outcome));
    } finally {
      line.clear();
    }
  }
  if (call.json) call.terminal.out(`${JSON.stringify(outcomes)}\n`);
  if (outcomes.some(({ runs }) => runs.some(({ outcome }) => outcome !== 'applied'))) {
    return call.signal.aborted ? EXIT.cancelled : EXIT.failed;
  }
  if (outcomes.some(({ troubles }) => troubles.length > 0)) return EXIT.failed;
  return closed || outcomes.some(({ integrity }) => integrity?.outcome === 'failed') ? EXIT.against : EXIT.ok;

  async function pendingOf(history: OpenHistory, ids: readonly string[] | null): Promise<OpenHistory['migrations']> {
    if (ids !== null && ids.length === 0) return [];
    const pending = await pendingMigrations(history.analysis, target, {
      adoptedAt: workspace.project.adoptedAt(history.history),
      signal: call.signal,
    });
    return history.migrations.filter(
      ({ migration: { id } }) => pending.includes(id) && (ids === null || ids.includes(id)),
    );
  }
}

function outcomeText({ runs, integrity, troubles }: ApplyOutcome): string {
  const lines = runs.map(
    (run) => `${run.outcome === 'applied' ? 'ok    ' : 'FAILED'}  ${run.migration}: ${applyHeadline(run)}\n`,
  );
  const verified = integrity === null ? '' : `\nVerified:\n${integrityText(integrity)}\n`;
  return [...lines, verified, ...troubles.map((trouble) => `\n${trouble}\n`)].join('');
}

function readMilliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--lock-timeout ${text}: whole milliseconds, 1 or more.`);
  return value;
}
