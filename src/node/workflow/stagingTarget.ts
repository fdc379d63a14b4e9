import type { ServerMajor } from '../../core/catalog/catalog.ts';
import type { Environment, Policy } from '../../core/policy/policy.ts';
import type { EnvironmentAddress, EnvironmentTarget } from '../environments.ts';
import { knownProductionServers, productionServersFile } from '../productionServers.ts';
import { RunError } from '../runError.ts';
import type { EmbeddedServerOptions } from '../servers/embedded.ts';
import type { ProductionSigns } from '../staging/guards.ts';
import type { StagingTarget } from '../staging/scratchServer.ts';

/** By environment name: from the user's machine, never from the repository. */
export type Addresses = ReadonlyMap<string, EnvironmentAddress>;

export interface StagingChoice {
  readonly policy: Policy;
  readonly addresses: Addresses;
  /** A named environment, or `embedded`; undefined: the first staging environment that has a URL, else embedded. */
  readonly wanted: string | undefined;
  readonly major: ServerMajor;
  readonly cacheDirectory: string;
  readonly mayFetch?: EmbeddedServerOptions['mayFetch'];
}

/**
 * Where *Profile on Staging* measures.
 *
 * @throws RunError 'environment' for one that is not in the configuration, 'not possible' for one that has no URL here
 */
export async function chooseStagingTarget(choice: StagingChoice): Promise<StagingTarget> {
  const { policy, addresses, wanted } = choice;
  const environment =
    wanted === undefined
      ? policy.environments.find((one) => one.class === 'staging' && addresses.has(one.name))
      : wanted === 'embedded'
        ? undefined
        : namedEnvironment(policy, wanted);
  if (environment === undefined) {
    return {
      kind: 'embedded',
      options: { major: choice.major, cacheDirectory: choice.cacheDirectory, mayFetch: choice.mayFetch },
    };
  }
  return {
    kind: 'environment',
    environment: environmentTarget(environment, addresses),
    production: await productionSigns(policy, addresses),
  };
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

async function productionSigns(policy: Policy, addresses: Addresses): Promise<ProductionSigns> {
  const names = policy.environments.filter((one) => one.class === 'production').map(({ name }) => name);
  const known = names.flatMap((name) => addresses.get(name) ?? []);
  return {
    names,
    urls: known.map(({ url }) => url),
    systemIdentifiers: [
      ...known.flatMap(({ systemIdentifier }) => systemIdentifier ?? []),
      ...(await knownProductionServers(productionServersFile())),
    ],
  };
}
