import { databaseUrl, withClient } from '../connection.ts';
import { createOwnDatabase, dropOwnDatabase, type Template } from './ownDatabases.ts';
import type { ScratchServer } from './servers/stagingServer.ts';

const SESSION = { applicationName: 'lockkeeper prepare' };

/**
 * Runs `work` with another database beside the server's own: empty, or a copy of one of ours, which nobody may be
 * connected to. Dropped in any case.
 *
 * @param template a database of ours; undefined: empty
 */
export async function withSibling<T>(
  server: ScratchServer,
  template: Template | undefined,
  work: (server: ScratchServer, name: string) => Promise<T>,
): Promise<T> {
  const { major } = server.identity;
  const name = await withClient(server.url, SESSION, (client) => createOwnDatabase(client, { major, template }));
  try {
    return await work({ ...server, url: databaseUrl(server.url, name) }, name);
  } finally {
    // After a lost connection there is no server to ask; the first error is the one to show.
    await withClient(server.url, SESSION, (client) => dropOwnDatabase(client, name)).catch(() => undefined);
  }
}

/** A database of ours as an original for clones. @param name as `withSibling` gave it */
export async function asTemplate(url: string, name: string): Promise<Template> {
  const bytes = await withClient(url, SESSION, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes',
    );
    return Number(rows[0]?.bytes ?? 0);
  });
  return { name, bytes };
}
