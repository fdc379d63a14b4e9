import { bytes, counted } from '../core/report/figures.ts';
import { findLeftovers, removeLeftovers, type CleanRequest, type Leftovers } from '../node/cleanUp.ts';
import { openProject } from '../node/project.ts';
import { leasesFolder } from '../node/staging/servers/leases.ts';
import { identifiersOfProduction } from '../node/statistics/files.ts';
import { trustedPolicy } from '../node/trustedPolicy.ts';
import { environmentTarget, namedEnvironment, productionSigns } from '../node/workflow/stagingTarget.ts';
import { knownAddresses } from './addresses.ts';
import { EXIT } from './command.ts';
import type { Command, ExitCode, Invocation } from './command.ts';
import { findRoot, tellProblems } from './settings.ts';
import { serverCache } from './workspace.ts';

export const clean: Command = {
  name: 'clean',
  summary: 'remove what crashed runs left behind',
  operands: '',
  description: [
    'Throw-away servers and their data on this machine, what a staging command made and nobody destroyed, and, on the',
    'servers that are named, scratch databases and clones. Only what Lockkeeper made, by its names and the owner written',
    'down with it, and only what no running process owns and nobody is connected to. Every run does the same for the server',
    'that it uses, when it starts.',
  ].join('\n'),
  options: [
    {
      name: 'environment',
      value: 'NAME',
      multiple: true,
      description: 'look at this server too; may be given more than once',
    },
    { name: 'list', description: 'only list, remove nothing' },
  ],
  examples: ['lockkeeper clean', 'lockkeeper clean --list --environment staging'],
  endsInOrder: true,
  run: runClean,
};

async function runClean(call: Invocation): Promise<ExitCode> {
  const project = openProject(findRoot(call));
  tellProblems(call, project);
  const { policy } = trustedPolicy(project.root, project.config);
  const addresses = await knownAddresses(call, policy);
  const request: CleanRequest = {
    cacheDirectory: serverCache(call),
    leases: leasesFolder(call.terminal.environment),
    environments: call
      .values('environment')
      .map((name) => environmentTarget(namedEnvironment(policy, name), addresses)),
    production: await productionSigns({
      policy,
      addresses,
      productionIdentifiers: await identifiersOfProduction(project.root, policy),
    }),
    signal: call.signal,
  };
  const found = await findLeftovers(request);
  if (call.flag('list')) {
    call.terminal.out(call.json ? `${JSON.stringify(found)}\n` : listText(found));
    return EXIT.ok;
  }
  const { removed, failed } = await removeLeftovers(request);
  const kept = found.databases.filter(({ state }) => state !== 'left behind');
  if (call.json) call.terminal.out(`${JSON.stringify({ removed, failed, kept })}\n`);
  else {
    for (const one of removed) call.terminal.out(`removed  ${one}\n`);
    for (const one of failed) call.terminal.out(`not removed  ${one}\n`);
    for (const { name, environment, state, owner } of kept)
      call.terminal.out(`kept  ${name} on ${environment}: ${state} (${owner})\n`);
    if (removed.length === 0 && failed.length === 0) call.terminal.out('Nothing was left behind.\n');
  }
  return failed.length > 0 ? EXIT.failed : EXIT.ok;
}

function listText({ local, leases, databases }: Leftovers): string {
  const lines = [
    ...local.map(({ kind, path, made }) => `${kind}  ${path}  of ${made}`),
    ...leases.map(({ id, made }) => `made by the staging command  ${id}  of ${made}`),
    ...databases.map(
      ({ name, environment, made, state, owner, bytes: size }) =>
        `database  ${name} on ${environment}  of ${made}${size === null ? '' : `, ${bytes(size)}`}  ${state} (${owner})`,
    ),
  ];
  if (lines.length === 0) return 'Nothing was left behind.\n';
  return `${lines.join('\n')}\n${counted(lines.length, 'thing')}; without --list, what is left behind is removed.\n`;
}
