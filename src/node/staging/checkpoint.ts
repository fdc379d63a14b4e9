import type { Client } from 'pg';

/** Bytes of WAL: less is written out in a moment, whenever that is. */
const WORTH_WRITING = 1024 * 1024;

/**
 * On a server of our own: what was done so far and still has to be written is written now. Else it falls into a later
 * statement, or does not, depending on the size of the tables.
 *
 * @param client a superuser
 */
export async function writeOut(client: Client): Promise<void> {
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), c.redo_lsn) AS bytes
       FROM pg_catalog.pg_control_checkpoint() c`,
  );
  if (Number(rows[0]?.bytes ?? 0) >= WORTH_WRITING) await client.query('CHECKPOINT');
}
