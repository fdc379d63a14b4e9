import { withClient } from '../../connection.ts';
import { serverIdentity } from '../../serverIdentity.ts';
import { startEmbeddedServer } from '../../servers/embedded.ts';
import { emptySnapshot } from './snapshot.ts';
import type { EmbeddedTarget, Made, ScratchHooks } from './stagingServer.ts';

/** A PostgreSQL of its own on this machine, empty. @throws ServerError */
export async function createEmbedded(target: EmbeddedTarget, hooks: ScratchHooks): Promise<Made> {
  const { signal, onProgress } = hooks;
  // Durable: a commit must cost what it costs on a real server.
  const server = await startEmbeddedServer({ ...target.options, durable: true, signal, onProgress });
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
