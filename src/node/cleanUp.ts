import { tmpdir } from 'node:os';
import { throwIfAborted } from './apply/cancellation.ts';
import { withClient } from './connection.ts';
import type { EnvironmentTarget } from './environments.ts';
import { RunError } from './runError.ts';
import { serverIdentity } from './serverIdentity.ts';
import { localLeftovers, removeLocal, type LocalLeftover } from './servers/leftovers.ts';
import { refuseProductionAddress, refuseProductionServer, type ProductionSigns } from './staging/guards.ts';
import { dropLeftDatabases, ownDatabases, type FoundDatabase } from './staging/ownDatabases.ts';
import { abandonedLeases, endLease, type Lease } from './staging/servers/leases.ts';

export interface CleanRequest {
  /** Where throw-away servers keep binaries and data. */
  readonly cacheDirectory: string;
  /** `leasesFolder()` */
  readonly leases: string;
  /** Servers to look at; none is connected to unless it is named here. */
  readonly environments: readonly EnvironmentTarget[];
  readonly production: ProductionSigns;
  readonly signal?: AbortSignal | undefined;
}

/** What crashed runs left, and what is ours but perhaps in use. */
export interface Leftovers {
  /** Throw-away servers and half-made folders on this machine. */
  readonly local: readonly LocalLeftover[];
  /** What a staging command made and nobody destroyed. */
  readonly leases: readonly Lease[];
  /** Databases of ours, by environment. */
  readonly databases: readonly (FoundDatabase & { readonly environment: string })[];
}

/** *Clean Up*, first half: only looks. @throws RunError 'production', 'cancelled'; ConnectionError */
export async function findLeftovers(request: CleanRequest): Promise<Leftovers> {
  const databases: Leftovers['databases'][number][] = [];
  for (const environment of request.environments) {
    throwIfAborted(request.signal, 'looking for leftovers');
    const found = await guarded(request, environment, ownDatabases);
    databases.push(...found.map((one) => ({ ...one, environment: environment.name })));
  }
  return {
    local: await localLeftovers(request.cacheDirectory, tmpdir()),
    leases: await abandonedLeases(request.leases),
    databases,
  };
}

export interface Cleaned {
  readonly removed: readonly string[];
  /** What could not be removed, with the reason, in words. */
  readonly failed: readonly string[];
}

/**
 * *Clean Up*, second half: removes what `findLeftovers` calls left behind, and nothing else: by Lockkeeper's own names and
 * by what their owner wrote down; never a database of anybody else, nor one that somebody is in.
 *
 * @throws RunError 'production', 'cancelled'; ConnectionError
 */
export async function removeLeftovers(request: CleanRequest): Promise<Cleaned> {
  const removed: string[] = [];
  const failed: string[] = [];
  for (const one of await localLeftovers(request.cacheDirectory, tmpdir())) {
    throwIfAborted(request.signal, 'cleaning up');
    if (await removeLocal(one)) removed.push(one.path);
    else failed.push(`${one.path}: it belongs to another user, or is in use.`);
  }
  for (const lease of await abandonedLeases(request.leases)) {
    throwIfAborted(request.signal, 'cleaning up');
    try {
      await endLease(request.leases, lease);
      removed.push(`staging ${lease.id}`);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      failed.push(`staging ${lease.id}: ${error.message}`);
    }
  }
  for (const environment of request.environments) {
    throwIfAborted(request.signal, 'cleaning up');
    const { gone, left } = await guarded(request, environment, async (client) => ({
      gone: await dropLeftDatabases(client),
      left: (await ownDatabases(client)).filter(({ state }) => state === 'left behind'),
    }));
    removed.push(...gone.map((name) => `${name} on ${environment.name}`));
    failed.push(...left.map(({ name }) => `${name} on ${environment.name}: the role may not drop it.`));
  }
  return { removed, failed };
}

/** There is nothing of ours on a production server, and nothing is to be dropped there by mistake. */
function guarded<T>(
  { production, signal }: CleanRequest,
  environment: EnvironmentTarget,
  work: (client: Parameters<typeof ownDatabases>[0]) => Promise<T>,
): Promise<T> {
  refuseProductionAddress(environment, production);
  return withClient(environment.url, { applicationName: 'lockkeeper clean', signal }, async (client) => {
    refuseProductionServer(environment, await serverIdentity(client), production);
    return work(client);
  });
}
