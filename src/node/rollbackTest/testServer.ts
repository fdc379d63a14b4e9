import { withClient } from '../connection.ts';
import { serverIdentity, type ServerIdentity } from '../serverIdentity.ts';
import { startEmbeddedServer } from '../servers/embedded.ts';
import { withScratchServer, type StagingTarget } from '../staging/scratchServer.ts';

/** A server on which rollback tests make and drop databases of their own. */
export interface TestServer {
  readonly kind: 'server';
  /** Holds a password: never print it. */
  readonly url: string;
  readonly identity: ServerIdentity;
  /** Ours alone: roles may be made on it. */
  readonly throwAway: boolean;
  readonly environment: string | null;
}

export interface ServerHooks {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

/** Nothing is measured, so nothing has to be durable. */
const QUICK = { autovacuum: 'off', max_wal_size: '4GB', shared_buffers: '256MB' };

/** Runs `work` with a server of its own, a given one, or beside an environment's database. */
export async function withTestServer<T>(
  target: StagingTarget | TestServer,
  hooks: ServerHooks,
  work: (server: TestServer) => Promise<T>,
): Promise<T> {
  if (target.kind === 'server') return work(target);
  if (target.kind !== 'embedded') {
    return withScratchServer(target, hooks, ({ url, identity, environment }) =>
      work({ kind: 'server', url, identity, environment, throwAway: false }),
    );
  }
  const { server, stop } = await startTestServer(target, hooks);
  try {
    return await work(server);
  } finally {
    await stop();
  }
}

/** An embedded server that stays until it is stopped, so that the next test finds it warm. */
export async function startTestServer(
  { options }: StagingTarget & { kind: 'embedded' },
  hooks: ServerHooks,
): Promise<{ readonly server: TestServer; readonly stop: () => Promise<void> }> {
  const embedded = await startEmbeddedServer({ ...options, ...hooks, durable: false, settings: QUICK });
  try {
    const identity = await withClient(embedded.url, {}, serverIdentity);
    return {
      server: { kind: 'server', url: embedded.url, identity, throwAway: true, environment: null },
      stop: () => embedded.stop(),
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
