import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withClient } from '../../connection.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import { startEmbeddedServer } from '../../servers/embedded.ts';
import { emptySnapshot } from './snapshot.ts';
import type { EmbeddedTarget, Made, ScratchHooks } from './stagingServer.ts';

/**
 * What the server would do by itself falls into one statement and not into another, by its size or by chance, and makes
 * runs incomparable. Checkpoints are made between statements instead; autovacuum has nothing to do here.
 */
async function settings(folder: string): Promise<Readonly<Record<string, string>>> {
  const { bavail, bsize } = await statfs(nearestFolder(folder)).catch(() => ({ bavail: 0, bsize: 1 }));
  const megabytes = Math.round(Math.min(MOST_WAL, Math.max(LEAST_WAL, (bavail * bsize) / 2 ** 20 / 8)));
  return { max_wal_size: `${String(megabytes)}MB`, checkpoint_timeout: '1h', autovacuum: 'off' };
}

/** The cache's folder is only made by its first server. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

/** Megabytes; an eighth of the free disk between them. The lesser is PostgreSQL's own default. */
const LEAST_WAL = 1024;
const MOST_WAL = 8192;

/** A PostgreSQL of its own on this machine, empty. @throws ServerError */
export async function createEmbedded(target: EmbeddedTarget, hooks: ScratchHooks): Promise<Made> {
  const { signal, onProgress } = hooks;
  // Durable: a commit must cost what it costs on a real server.
  const server = await startEmbeddedServer({
    ...target.options,
    durable: true,
    settings: await settings(target.options.cacheDirectory),
    signal,
    onProgress,
  });
  try {
    const found = await withClient(server.url, {}, async (client) => ({
      identity: await serverIdentity(client),
      snapshot: await emptySnapshot(client),
    }));
    return {
      server: { url: server.url, ...found, place: 'embedded', environment: null, holdsData: false, inPlace: false },
      lastWords: server.lastWords,
      destroy: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
