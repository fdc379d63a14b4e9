import { describeUrl } from '../node/connection.ts';
import { urlVariable } from '../node/environments.ts';
import { RunError } from '../node/runError.ts';
import type { StagingTarget } from '../node/staging/servers/stagingServer.ts';
import { CREATE_VARIABLE, DESTROY_VARIABLE } from '../node/staging/servers/commandServer.ts';
import { identifiersOfProduction } from '../node/statistics/files.ts';
import {
  chooseStagingTarget,
  SERVER_CHOICES,
  type Addresses,
  type ServerChoice,
} from '../node/workflow/stagingTarget.ts';
import { knownAddresses } from './addresses.ts';
import { UsageError } from './command.ts';
import type { Invocation, Option } from './command.ts';
import type { OpenWorkspace } from './workspace.ts';
import { serverCache } from './workspace.ts';

/** What `measuringPlace` reads, for commands that run on any kind of server. */
export const SERVER_OPTIONS: readonly Option[] = [
  {
    name: 'server',
    value: 'KIND',
    description:
      "embedded; scratch: an empty database beside the environment's (naming it is the consent to do so on a development server); template: a clone of a golden database; in-place: in a transaction that is rolled back; command: what LOCKKEEPER_STAGING_COMMAND makes",
  },
  { name: 'golden', value: 'NAME', description: 'the database to clone (default: "golden" in environments.jsonc)' },
];

/** The same for commands that need an empty one. */
export const EMPTY_SERVER_OPTION: Option = {
  name: 'server',
  value: 'KIND',
  description:
    "embedded, or scratch: an empty database beside the environment's (naming it is the consent to do so on a development server)",
};

/**
 * Where `profile` and `test-rollback` run, from `--environment`, `--server`, `--golden` and `--fetch`, and what to call
 * it to people.
 *
 * @param options.empty only servers that come empty will do
 * @throws RunError 'not possible' for an environment that is not named in the configuration or has no URL here; UsageError
 */
export async function measuringPlace(
  call: Invocation,
  workspace: OpenWorkspace,
  options: { readonly empty?: boolean } = {},
): Promise<{ readonly target: StagingTarget; readonly place: string }> {
  const { policy } = workspace;
  const environment = call.terminal.environment;
  const create = environment[CREATE_VARIABLE];
  const addresses = await knownAddresses(call, policy);
  await proposeAddress(call, workspace, addresses);
  const target = await chooseStagingTarget({
    policy,
    addresses,
    wanted: call.value('environment'),
    server: serverChoice(call.value('server')),
    golden: call.value('golden'),
    consent: call.value('server') === 'scratch',
    empty: options.empty ?? false,
    command: create ? { create, destroy: environment[DESTROY_VARIABLE] || null, folder: call.terminal.cwd } : undefined,
    productionIdentifiers: await identifiersOfProduction(workspace.project.root, policy),
    major: workspace.settings.major,
    cacheDirectory: serverCache(call),
    mayFetch: () => call.flag('fetch'),
  });
  return { target, place: placeName(target) };
}

/**
 * For a development environment without a URL: what the project's compose file publishes, in words. Nothing is connected
 * to before the user has taken it.
 *
 * @throws RunError 'not possible' with the proposal; nothing where there is none
 */
async function proposeAddress(
  call: Invocation,
  { policy, project }: OpenWorkspace,
  addresses: Addresses,
): Promise<void> {
  const server = call.value('server');
  if (server === 'embedded' || server === 'command') return;
  const wanted = call.value('environment');
  const environment = policy.environments.find(({ name }) => name === wanted);
  if (environment?.class !== 'development' || addresses.has(environment.name)) return;
  const { composeProposals } = await import('../node/composeProposals.ts');
  const [proposal] = composeProposals(project.root);
  if (proposal === undefined) return;
  const { file, service, password, url } = proposal;
  const without = new URL(url);
  without.password = '';
  throw new RunError(
    'not possible',
    `No URL is known for ${environment.name} on this machine. Service ${service} of ${file} publishes a PostgreSQL; if that is it: ${urlVariable(environment.name)}=${without.href}${password === null ? '' : ', with the password of that file (or in PGPASSWORD)'}.`,
  );
}

function serverChoice(text: string | undefined): ServerChoice | undefined {
  const found = SERVER_CHOICES.find((one) => one === text);
  if (text !== undefined && found === undefined)
    throw new UsageError(`--server ${text}: it is one of ${SERVER_CHOICES.join(', ')}.`);
  return found;
}

function placeName(target: StagingTarget): string {
  switch (target.kind) {
    case 'embedded':
      return 'an embedded server';
    case 'command':
      return 'what the staging command makes';
    case 'template':
      return `a clone of ${target.golden}`;
    case 'environment':
    case 'in-place':
      return describeUrl(target.environment.url);
  }
}
