import type { Gate } from '../core/policy/gate.ts';
import { shownEnvironment } from '../core/overview.ts';
import { policySourceText } from '../node/trustedPolicy.ts';
import { namedEnvironment } from '../node/workflow/stagingTarget.ts';
import { EXIT } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { selectMigrations } from './selection.ts';
import { openWorkspace, POLICY_REF } from './workspace.ts';

export const check: Command = {
  name: 'check',
  summary: 'say whether the gate of an environment is open',
  operands: '[MIGRATION…]',
  description: [
    'Opens only if the evidence and the approvals that the policy demands are there, passed, and about exactly these bytes;',
    'otherwise lists what is missing and what to do. Exit code 1 keeps a deployment in CI from going on. Without a',
    'migration: all new ones, which on the default branch are none: there, say with --since what is deployed, or name',
    "them. No server is asked. What the environment demands is read from the remote's default branch (or --policy-ref), so",
    "that a branch can't lower its own gate; without a remote, from the working tree, and the output says so.",
  ].join('\n'),
  options: [
    { name: 'environment', value: 'NAME', description: 'whose gate (default: the first of class production)' },
    POLICY_REF,
    { name: 'since', value: 'REF', description: 'all migrations that are not in this git ref' },
  ],
  examples: [
    'lockkeeper check --environment production',
    'lockkeeper check --environment production --since deployed-2026-03-01',
  ],
  run: runCheck,
};

async function runCheck(call: Invocation): Promise<ExitCode> {
  const workspace = await openWorkspace(call);
  const name = call.value('environment');
  const environment =
    name === undefined ? shownEnvironment(workspace.policy) : namedEnvironment(workspace.policy, name);
  const hasNew = workspace.histories.some(({ migrations }) => migrations.some(({ isNew }) => isNew));
  if (call.operands.length === 0 && !hasNew) {
    // A folder that is not recognised, or the wrong one, must not pass for an open gate.
    if (workspace.histories.every(({ migrations }) => migrations.length === 0)) selectMigrations(workspace, []);
    const compared = workspace.project.comparedWith();
    const than = compared === null ? '' : ` than ${compared} has`;
    call.terminal.out(
      call.json
        ? '[]\n'
        : `No other migrations${than}: nothing has to pass the gate of ${environment.name}. ` +
            'To check others, name them, or say with --since REF what is deployed.\n',
    );
    return EXIT.ok;
  }
  const gates = selectMigrations(workspace, call.operands).map(({ overview }) =>
    overview.gate({ environment, purpose: 'check', applyToProduction: false }),
  );
  const { policySource } = workspace;
  call.terminal.out(
    call.json
      ? `${JSON.stringify(gates.map((gate) => ({ ...gateJson(gate), policy: policySource.ref })))}\n`
      : `${gates.map(gateText).join('')}${policySourceText(policySource, environment.name)}\n`,
  );
  return gates.every(({ open }) => open) ? EXIT.ok : EXIT.against;
}

function gateJson(gate: Gate) {
  const { open, history, migration, digest, environment, risk, missing, records } = gate;
  return { open, history, migration, digest, environment: environment.name, risk, missing, records };
}

/** The gate in words: open, or every missing thing with what to do about it. */
export function gateText(gate: Gate): string {
  const head = `${gate.open ? 'open  ' : 'CLOSED'}  ${gate.migration} → ${gate.environment.name} (risk: ${gate.risk})\n`;
  return head + gate.missing.map(({ text, toDo }) => `          ${text}\n            → ${toDo}\n`).join('');
}
