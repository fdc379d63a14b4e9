import type { ServerMajor } from '../../core/catalog/catalog.ts';
import type { Environment, Policy } from '../../core/policy/policy.ts';
import type { EnvironmentAddress, EnvironmentTarget } from '../environments.ts';
import { knownProductionServers, productionServersFile } from '../productionServers.ts';
import { RunError } from '../runError.ts';
import type { EmbeddedServerOptions } from '../servers/embedded.ts';
import type { ProductionSigns } from '../staging/guards.ts';
import { CREATE_VARIABLE, DESTROY_VARIABLE } from '../staging/servers/commandServer.ts';
import { leasesFolder } from '../staging/servers/leases.ts';
import type { StagingTarget } from '../staging/servers/stagingServer.ts';

/** By environment name: from the user's machine, never from the repository. */
export type Addresses = ReadonlyMap<string, EnvironmentAddress>;

/** Kinds of servers, as people name them. */
export const SERVER_CHOICES = ['embedded', 'scratch', 'template', 'in-place', 'command'] as const;
export type ServerChoice = (typeof SERVER_CHOICES)[number];

export interface StagingChoice {
  readonly policy: Policy;
  readonly addresses: Addresses;
  /** A named environment, or `embedded`; undefined: the first staging environment that has a URL, else embedded. */
  readonly wanted: string | undefined;
  /**
   * The kind of server. Undefined: what fits the environment: a clone where the user named a golden database, else a
   * scratch database.
   */
  readonly server?: ServerChoice | undefined;
  /** A person agreed to a scratch database beside a development database. */
  readonly consent?: boolean;
  /** The golden database, where the environment's settings name none or another. */
  readonly golden?: string | undefined;
  /** The database must be empty: a rollback test makes its own rows. */
  readonly empty?: boolean;
  /** Commands of the user's own settings, for the server kind `command`. */
  readonly command?: { readonly create: string; readonly destroy: string | null; readonly folder: string } | undefined;
  /** System identifiers of production's clusters from the statistics in the repository: they can only forbid. */
  readonly productionIdentifiers?: readonly string[];
  readonly major: ServerMajor;
  readonly cacheDirectory: string;
  readonly mayFetch?: EmbeddedServerOptions['mayFetch'];
}

/**
 * Where *Profile on Staging* measures.
 *
 * @throws RunError 'environment' for one that is not in the configuration, 'not possible' for one that has no URL here,
 *   for a development server without consent, and where something that the kind needs is missing
 */
export async function chooseStagingTarget(choice: StagingChoice): Promise<StagingTarget> {
  const { addresses, wanted, server } = choice;
  const production = await productionSigns(choice);
  if (server === 'command') return commandTarget(choice, production);
  const environment = environmentOf(choice);
  if (environment === undefined) {
    if (server !== undefined && server !== 'embedded')
      throw new RunError(
        'not possible',
        `--server ${server} needs an environment: no staging environment has a URL here.`,
      );
    return {
      kind: 'embedded',
      options: { major: choice.major, cacheDirectory: choice.cacheDirectory, mayFetch: choice.mayFetch },
    };
  }
  if (choice.empty === true && (server === 'template' || server === 'in-place'))
    throw new RunError('not possible', `This needs an empty database, and --server ${server} gives none.`);
  const target = environmentTarget(environment, addresses);
  if (server === 'in-place') return { kind: 'in-place', environment: target, production };
  const golden = choice.golden ?? addresses.get(environment.name)?.golden;
  if (server === 'template' || (server === undefined && golden !== undefined && choice.empty !== true)) {
    if (golden === undefined) {
      throw new RunError(
        'not possible',
        `Which database of ${environment.name} is to be cloned? Name it with --golden NAME, or as "golden" of ${environment.name} in environments.jsonc.`,
      );
    }
    return { kind: 'template', environment: target, production, golden };
  }
  if (environment.class === 'development' && choice.consent !== true) {
    throw new RunError(
      'not possible',
      `${wanted ?? environment.name} is a development server. A scratch database would be made beside its own and dropped afterwards; nothing else is touched. Agree with --server scratch.`,
    );
  }
  return { kind: 'environment', environment: target, production };
}

function environmentOf({ policy, addresses, wanted, server }: StagingChoice): Environment | undefined {
  if (server === 'embedded' || wanted === 'embedded') return undefined;
  return wanted === undefined
    ? policy.environments.find((one) => one.class === 'staging' && addresses.has(one.name))
    : namedEnvironment(policy, wanted);
}

function commandTarget({ command }: StagingChoice, production: ProductionSigns): StagingTarget {
  if (command === undefined) {
    throw new RunError(
      'not possible',
      `There is no staging command. Set ${CREATE_VARIABLE} to a command that prints the URL of a database (and ${DESTROY_VARIABLE} to one that removes it). It comes from your own settings only, never from a repository.`,
    );
  }
  return { kind: 'command', ...command, production, leases: leasesFolder() };
}

/** @throws RunError 'environment', naming those that there are */
export function namedEnvironment(policy: Policy, name: string): Environment {
  const environment = policy.environments.find((one) => one.name === name);
  if (environment !== undefined) return environment;
  const known = policy.environments.map((one) => one.name).join(', ');
  throw new RunError('environment', `There is no environment "${name}" in lockkeeper.jsonc; there are: ${known}.`);
}

/** The environment with the URL that this machine has for it. @throws RunError 'not possible' */
export function environmentTarget(environment: Environment, addresses: Addresses): EnvironmentTarget {
  const address = addresses.get(environment.name);
  if (address === undefined) {
    throw new RunError(
      'not possible',
      `No URL is known for ${environment.name} on this machine. In the editor: "Lockkeeper: Set Environment URL". ` +
        `On the command line: LOCKKEEPER_URL_${environment.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}, or environments.jsonc.`,
    );
  }
  return { name: environment.name, class: environment.class, url: address.url };
}

/** What this machine and the repository know of production's servers. */
export async function productionSigns({
  policy,
  addresses,
  productionIdentifiers = [],
}: Pick<StagingChoice, 'policy' | 'addresses' | 'productionIdentifiers'>): Promise<ProductionSigns> {
  const names = policy.environments.filter((one) => one.class === 'production').map(({ name }) => name);
  const known = names.flatMap((name) => addresses.get(name) ?? []);
  return {
    names,
    urls: known.map(({ url }) => url),
    systemIdentifiers: [
      ...known.flatMap(({ systemIdentifier }) => systemIdentifier ?? []),
      ...productionIdentifiers,
      ...(await knownProductionServers(productionServersFile())),
    ],
  };
}
