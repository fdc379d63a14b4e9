import { ConnectionError } from '../connectionError.ts';
import { RunError } from '../runError.ts';
import { createByCommand } from './servers/commandServer.ts';
import { createEmbedded } from './servers/embeddedServer.ts';
import { useInPlace } from './servers/inPlace.ts';
import { createScratchDatabase } from './servers/scratchDatabase.ts';
import type { Made, ScratchHooks, ScratchServer, StagingTarget } from './servers/stagingServer.ts';
import { createClone } from './servers/templateDatabase.ts';

export type { ScratchServer, StagingTarget } from './servers/stagingServer.ts';

/**
 * Runs `work` with a database to measure on. What was made for it is gone afterwards, however `work` ends.
 *
 * @throws RunError 'production', 'not possible'; ConnectionError; ServerError
 */
export async function withScratchServer<T>(
  target: StagingTarget,
  hooks: ScratchHooks,
  work: (server: ScratchServer) => Promise<T>,
): Promise<T> {
  const { server, destroy, lastWords } = await createServer(target, hooks);
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    outcome = { value: await work(server) };
  } catch (error) {
    outcome = { error };
    if (error instanceof ConnectionError && error.reason === 'lost') {
      const words = await lastWords?.();
      if (typeof words === 'string') error.message += `. The server's last words: ${words}`;
    }
  }
  try {
    await destroy();
  } catch (error) {
    if (!('error' in outcome)) throw error;
    // The first error is the one to show; a failed clean-up on top of it is added to its words.
    if (outcome.error instanceof Error && error instanceof RunError) outcome.error.message += ` ${error.message}`;
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** Makes the server; whoever calls it must call `destroy`. @throws as `withScratchServer` */
export function createServer(target: StagingTarget, hooks: ScratchHooks): Promise<Made> {
  switch (target.kind) {
    case 'embedded':
      return createEmbedded(target, hooks);
    case 'environment':
      return createScratchDatabase(target, hooks);
    case 'template':
      return createClone(target, hooks);
    case 'in-place':
      return useInPlace(target, hooks);
    case 'command':
      return createByCommand(target, hooks);
  }
}
