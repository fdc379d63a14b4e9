import type { Client } from 'pg';
import { RunError } from '../runError.ts';
import { backendPid } from './cancellation.ts';

/**
 * Refuses a connection through a pooler in transaction mode: it gives two clients the same session, so that advisory
 * locks hold nobody and settings leak. A sign: the process id of the start-up (BackendKeyData) is not the backend's own.
 * @throws RunError 'pooler'
 */
export async function refusePooler(client: Client): Promise<void> {
  const fromStartup = (client as Client & { readonly processID?: number | null }).processID ?? null;
  const actual = await backendPid(client);
  if (fromStartup === null || fromStartup === actual) return;
  throw new RunError(
    'pooler',
    'A connection pooler lies between Lockkeeper and the server (the session is not the one that answered first). ' +
      'Give Lockkeeper the direct address: through a pooler, locks and settings reach other sessions.',
  );
}
