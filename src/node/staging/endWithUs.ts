import type { Client } from 'pg';
import pg from 'pg';

/**
 * Lets the server look every two seconds whether this process is still there: if it was killed, its statement ends, its
 * transaction is rolled back and its locks are free, instead of an index that is built to its end for nobody. Servers that
 * can't look (on Windows) go on as ever.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 *
 * @param client outside a transaction; DISCARD ALL and RESET ALL undo it
 */
export async function endWithUs(client: Client): Promise<void> {
  await client
    .query("SELECT pg_catalog.set_config('client_connection_check_interval', '2s', false)")
    .catch((error: unknown) => {
      if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57') === true) throw error;
    });
}
