import { databaseUrl, describeUrl, withClient } from '../../connection.ts';
import { RunError } from '../../runError.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import { demandCreateDatabase, refuseProductionAddress, refuseProductionServer } from '../guards.ts';
import { createOwnDatabase, dropLeftDatabases, dropOwnDatabase } from '../ownDatabases.ts';
import { emptySnapshot } from './snapshot.ts';
import type { Made, ScratchHooks, ScratchTarget } from './stagingServer.ts';

/**
 * An empty database beside the environment's own one; never that database itself. What crashed runs left there is
 * dropped first.
 *
 * @throws RunError 'production', 'not possible'; ConnectionError
 */
export async function createScratchDatabase(target: ScratchTarget, hooks: ScratchHooks): Promise<Made> {
  const { environment, production } = target;
  refuseProductionAddress(environment, production);
  hooks.onProgress(`Connecting to ${describeUrl(environment.url)}`);
  const { name, identity } = await withClient(environment.url, { signal: hooks.signal }, async (client) => {
    const found = await serverIdentity(client);
    refuseProductionServer(environment, found, production);
    demandCreateDatabase(environment, found);
    await dropLeftDatabases(client);
    return { name: await createOwnDatabase(client, { major: found.major }), identity: found };
  });
  const url = databaseUrl(environment.url, name);
  const destroy = (): Promise<void> => dropBeside(environment.url, name);
  return withDestroy(destroy, async () => ({
    url,
    identity,
    place: 'scratch database',
    environment: environment.name,
    holdsData: false,
    inPlace: false,
    snapshot: await withClient(url, { signal: hooks.signal }, emptySnapshot),
  }));
}

/** What fails after the making must not leave it behind. */
export async function withDestroy(destroy: () => Promise<void>, rest: () => Promise<Made['server']>): Promise<Made> {
  try {
    return { server: await rest(), destroy };
  } catch (error) {
    await destroy().catch(() => undefined);
    throw error;
  }
}

/** @throws RunError 'not possible', naming what is left where */
export async function dropBeside(url: string, name: string): Promise<void> {
  try {
    await withClient(url, {}, (client) => dropOwnDatabase(client, name));
  } catch (error) {
    const left = `The scratch database ${name} on ${describeUrl(url)} could not be dropped; the next run there removes it, or "lockkeeper clean".`;
    throw new RunError('not possible', left, { cause: error });
  }
}
