import { bytes } from '../../core/report/figures.ts';
import { findLeftovers, removeLeftovers } from '../../node/cleanUp.ts';
import type { CleanRequest } from '../../node/cleanUp.ts';
import { leasesFolder } from '../../node/staging/servers/leases.ts';
import { identifiersOfProduction } from '../../node/statistics/files.ts';
import { environmentTarget, namedEnvironment, productionSigns } from '../../node/workflow/stagingTarget.ts';
import type { RequestContext } from './channel.ts';
import type { Engine } from './engine.ts';
import type { Parameters, Result } from './protocol.ts';
import { allAddresses, serverCache } from './requests.ts';

/** What would be removed: on this machine, and on the servers that the person chose. A line each. */
export async function leftovers(
  engine: Engine,
  parameters: Parameters<'leftovers'>,
  { signal }: RequestContext,
): Promise<Result<'leftovers'>> {
  const { local, leases, databases } = await findLeftovers(await requestOf(engine, parameters, signal));
  return [
    ...local.map(({ kind, path, made }) => `${kind} ${path}, of ${made}`),
    ...leases.map(({ id, made }) => `made by the staging command: ${id}, of ${made}`),
    ...databases
      .filter(({ state }) => state === 'left behind')
      .map(
        ({ name, environment, made, bytes: size }) =>
          `database ${name} on ${environment}, of ${made}${size === null ? '' : `, ${bytes(size)}`}`,
      ),
  ];
}

export async function cleanUp(
  engine: Engine,
  parameters: Parameters<'cleanUp'>,
  { signal }: RequestContext,
): Promise<Result<'cleanUp'>> {
  return removeLeftovers(await requestOf(engine, parameters, signal));
}

async function requestOf(
  engine: Engine,
  { folder: path, environments, addresses: secret }: Parameters<'cleanUp'>,
  signal: AbortSignal,
): Promise<CleanRequest> {
  const folder = engine.locateFolder(path);
  const { policy } = folder.policySource;
  const addresses = allAddresses(folder, secret);
  return {
    cacheDirectory: serverCache(),
    leases: leasesFolder(),
    environments: environments.map((name) => environmentTarget(namedEnvironment(policy, name), addresses)),
    production: await productionSigns({
      policy,
      addresses,
      productionIdentifiers: await identifiersOfProduction(folder.project.root, policy),
    }),
    signal,
  };
}
