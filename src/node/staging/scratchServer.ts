import { randomUUID } from 'node:crypto';
import { databaseUrl, describeUrl, withClient } from '../connection.ts';
import type { EnvironmentTarget } from '../environments.ts';
import { RunError } from '../runError.ts';
import { serverIdentity, type ServerIdentity } from '../serverIdentity.ts';
import { startEmbeddedServer, type EmbeddedServerOptions } from '../servers/embedded.ts';
import { refuseProductionAddress, refuseProductionServer, type ProductionSigns } from './guards.ts';

/** Where to measure. */
export type StagingTarget =
  | { readonly kind: 'environment'; readonly environment: EnvironmentTarget; readonly production: ProductionSigns }
  | { readonly kind: 'embedded'; readonly options: Omit<EmbeddedServerOptions, 'signal' | 'onProgress' | 'durable'> };

export interface ScratchServer {
  /** Of an empty database that is ours alone. Holds a password: never print it. */
  readonly url: string;
  readonly identity: ServerIdentity;
  readonly place: 'embedded' | 'scratch database';
  readonly environment: string | null;
}

interface ScratchHooks {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

const PREFIX = 'lockkeeper_scratch_';

/**
 * Runs `work` with an empty database of our own, on a throw-away server or beside the environment's database; never
 * in that database itself. It is gone afterwards, however `work` ends.
 * @throws RunError 'production', 'not possible'; ConnectionError; ServerError
 */
export async function withScratchServer<T>(
  target: StagingTarget,
  hooks: ScratchHooks,
  work: (server: ScratchServer) => Promise<T>,
): Promise<T> {
  return target.kind === 'embedded' ? onEmbedded(target, hooks, work) : beside(target, hooks, work);
}

async function onEmbedded<T>(
  target: StagingTarget & { kind: 'embedded' },
  hooks: ScratchHooks,
  work: (server: ScratchServer) => Promise<T>,
): Promise<T> {
  // Durable: a commit must cost what it costs on a real server.
  const server = await startEmbeddedServer({ ...target.options, durable: true, ...hooks });
  try {
    const identity = await withClient(server.url, {}, serverIdentity);
    return await work({ url: server.url, identity, place: 'embedded', environment: null });
  } finally {
    await server.stop();
  }
}

async function beside<T>(
  { environment, production }: StagingTarget & { kind: 'environment' },
  hooks: ScratchHooks,
  work: (server: ScratchServer) => Promise<T>,
): Promise<T> {
  refuseProductionAddress(environment, production);
  hooks.onProgress(`Connecting to ${describeUrl(environment.url)}`);
  const name = `${PREFIX}${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const identity = await withClient(environment.url, { signal: hooks.signal }, async (client) => {
    const found = await serverIdentity(client);
    refuseProductionServer(environment, found, production);
    await dropLeftovers(client);
    // template0: nothing that somebody left in template1, and nobody is ever connected to it.
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    return found;
  });
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    outcome = {
      value: await work({
        url: databaseUrl(environment.url, name),
        identity,
        place: 'scratch database',
        environment: environment.name,
      }),
    };
  } catch (error) {
    outcome = { error };
  }
  await drop(environment.url, name, outcome);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** The first error is the one to show; a failed clean-up on top of it is added to its words. */
async function drop(url: string, name: string, outcome: object): Promise<void> {
  try {
    await withClient(url, {}, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  } catch (error) {
    const left = `The scratch database ${name} on ${describeUrl(url)} could not be dropped; the next run there removes it.`;
    if ('error' in outcome && outcome.error instanceof Error) outcome.error.message += ` ${left}`;
    else throw new RunError('not possible', left, { cause: error });
  }
}

/** Of crashed runs: a scratch database that nobody is connected to. DROP without FORCE fails where somebody is by now. */
async function dropLeftovers(client: Parameters<typeof serverIdentity>[0]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname::text AS name FROM pg_catalog.pg_database d
      WHERE d.datname ~ $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)`,
    [`^${PREFIX}[0-9a-f]{16}$`],
  );
  for (const { name } of rows) await client.query(`DROP DATABASE IF EXISTS ${name}`).catch(() => undefined);
}
