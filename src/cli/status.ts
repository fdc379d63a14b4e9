import type { Policy } from '../core/policy/policy.ts';
import type { MigrationStatus, StatusItem } from '../core/status.ts';
import { runnerName } from '../core/tools/runnerName.ts';
import type { Project } from '../node/project.ts';
import type { AppliedEverywhere } from '../node/workflow/applied.ts';
import { appliedStates } from '../node/workflow/applied.ts';
import { knownAddresses } from './addresses.ts';
import { EXIT } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { openWorkspace } from './workspace.ts';

export const status: Command = {
  name: 'status',
  summary: 'show where every migration stands',
  operands: '',
  description: [
    'Lint, rollback, staging run, approvals, integrity and where it is applied, for the new migrations of every history.',
    "With --environment, the tool's own history table there is read (nothing is written).",
  ].join('\n'),
  options: [
    {
      name: 'environment',
      value: 'NAME',
      multiple: true,
      description: 'ask this environment what is applied; may be given more than once',
    },
    { name: 'all', description: 'older migrations too' },
  ],
  examples: ['lockkeeper status', 'lockkeeper status --all --environment production'],
  endsInOrder: true,
  run: runStatus,
};

async function runStatus(call: Invocation): Promise<ExitCode> {
  const environments = call.values('environment');
  const askApplied = async ({ histories }: Project, policy: Policy): Promise<AppliedEverywhere> =>
    appliedStates({
      histories,
      policy,
      addresses: await knownAddresses(call, policy),
      environments,
      signal: call.signal,
    });
  const workspace = await openWorkspace(call, environments.length === 0 ? {} : { applied: askApplied });
  const histories = workspace.histories.map(({ history, migrations }) => ({
    history,
    shown: migrations.filter(({ isNew }) => isNew || call.flag('all')).map((each) => each.status),
    total: migrations.length,
  }));
  if (call.json) {
    call.terminal.out(
      `${JSON.stringify(histories.map(({ history: { id, tool, toolVersion }, shown }) => ({ history: id, tool, toolVersion, migrations: shown })))}\n`,
    );
    return EXIT.ok;
  }
  if (histories.length === 0) call.terminal.out(`No migrations were found in ${workspace.project.root}.\n`);
  for (const { history, shown, total } of histories) {
    const version = history.toolVersion === null ? '' : ` ${history.toolVersion}`;
    call.terminal.out(
      `${history.id} · ${runnerName(history) ?? 'plain SQL'}${version} · ${total} migrations, ${shown.filter(({ branch }) => branch === 'this branch').length} new · PostgreSQL ${workspace.settings.major}\n`,
    );
    call.terminal.out(shown.map(statusText).join(''));
    call.terminal.out('\n');
  }
  return EXIT.ok;
}

const MARKS: Readonly<Record<StatusItem['state'], string>> = {
  ok: '✓',
  attention: '!',
  problem: '✗',
  missing: '·',
  stale: '~',
  none: ' ',
};

function statusText(item: MigrationStatus): string {
  const rows = [
    ['lint', item.lint],
    ['rollback', item.rollback],
    ['staging', item.staging],
    ['approvals', item.approvals],
    ['integrity', item.integrity],
    ['applied', item.applied],
  ] as const;
  return `\n  ${item.migration}\n${rows.map(([name, { state, text }]) => `    ${MARKS[state]} ${name.padEnd(10)} ${text}\n`).join('')}`;
}
