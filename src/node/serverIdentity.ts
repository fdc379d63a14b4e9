import type { Client } from 'pg';

/** Who a server is, by its own word: host names lie. */
export interface ServerIdentity {
  /** `SHOW server_version`. */
  readonly version: string;
  readonly major: number;
  readonly database: string;
  /** `pg_control_system().system_identifier`: the cluster's own, the same on its standbys. Null where the function is not to be had. */
  readonly systemIdentifier: string | null;
  /** `ALTER DATABASE … SET lockkeeper.environment = '…'`, if somebody set it. */
  readonly marker: string | null;
  readonly standby: boolean;
  readonly superuser: boolean;
  readonly mayCreateDatabases: boolean;
  /** RFC 3339, UTC: the server's own clock. */
  readonly now: string;
}

export async function serverIdentity(client: Client): Promise<ServerIdentity> {
  const { rows } = await client.query<Omit<ServerIdentity, 'systemIdentifier'>>(`
    SELECT current_setting('server_version') AS version,
           current_setting('server_version_num')::int4 / 10000 AS major,
           current_database()::text AS database,
           nullif(current_setting('lockkeeper.environment', true), '') AS marker,
           pg_catalog.pg_is_in_recovery() AS standby,
           r.rolsuper AS superuser, r.rolsuper OR r.rolcreatedb AS "mayCreateDatabases",
           pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now
      FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`);
  const row = rows[0];
  if (row === undefined) throw new Error('the server has no role for current_user');
  return { ...row, systemIdentifier: await systemIdentifier(client) };
}

/** Some hosted servers take the function away from ordinary roles. */
async function systemIdentifier(client: Client): Promise<string | null> {
  const { rows: allowed } = await client.query<{ allowed: boolean }>(
    "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS allowed",
  );
  if (allowed[0]?.allowed !== true) return null;
  const { rows } = await client.query<{ identifier: string }>(
    'SELECT system_identifier::text AS identifier FROM pg_catalog.pg_control_system()',
  );
  return rows[0]?.identifier ?? null;
}

/** Settings that decide what statements do and how long they take, as the session has them. */
export async function sessionSettings(client: Client): Promise<Readonly<Record<string, string>>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'SELECT s.name, pg_catalog.current_setting(s.name) AS value FROM pg_catalog.pg_settings s WHERE s.name = ANY ($1) ORDER BY s.name',
    [SETTINGS],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const SETTINGS = [
  'TimeZone',
  'default_tablespace',
  'default_toast_compression',
  'fsync',
  'lock_timeout',
  'maintenance_work_mem',
  'max_parallel_maintenance_workers',
  'max_wal_size',
  'search_path',
  'shared_buffers',
  'statement_timeout',
  'synchronous_commit',
  'wal_level',
  'work_mem',
];
