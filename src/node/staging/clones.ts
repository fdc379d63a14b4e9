import { randomUUID } from 'node:crypto';
import { databaseUrl, withClient } from '../connection.ts';
import type { ScratchServer } from './scratchServer.ts';

/** From this size on, copying files is quicker than writing the copy to WAL, and spares the WAL. Measured: docs/staging.md. */
const LARGE = 64_000_000;

/**
 * Runs `work` with another database beside the server's own: empty, or a copy of one of ours, which nobody may be
 * connected to. Named as all our scratch databases are, so that a crashed host's are found; dropped in any case.
 *
 * @param template a database of ours; undefined: empty
 */
export async function withSibling<T>(
  server: ScratchServer,
  template: { readonly name: string; readonly bytes: number } | undefined,
  work: (server: ScratchServer, name: string) => Promise<T>,
): Promise<T> {
  const name = `lockkeeper_scratch_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const copying = template !== undefined && template.bytes > LARGE && server.identity.major >= 15;
  await withClient(server.url, { applicationName: 'lockkeeper prepare' }, (client) =>
    client.query(
      `CREATE DATABASE ${name} TEMPLATE ${template?.name ?? 'template0'}${copying ? ' STRATEGY file_copy' : ''}`,
    ),
  );
  try {
    return await work({ ...server, url: databaseUrl(server.url, name) }, name);
  } finally {
    // After a lost connection there is no server to ask; the first error is the one to show.
    await withClient(server.url, { applicationName: 'lockkeeper prepare' }, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    ).catch(() => undefined);
  }
}

export async function databaseBytes(url: string): Promise<number> {
  return withClient(url, { applicationName: 'lockkeeper prepare' }, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes',
    );
    return Number(rows[0]?.bytes ?? 0);
  });
}
