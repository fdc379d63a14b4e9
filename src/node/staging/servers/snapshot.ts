import type { Client } from 'pg';
import { quoteLiteral } from '../../../core/sql/quote.ts';
import type { ServerSnapshot } from './stagingServer.ts';

/** Of a database that is empty and ours. */
export async function emptySnapshot(client: Client): Promise<ServerSnapshot> {
  return { source: 'an empty database', takenAt: null, bytes: await databaseBytes(client) };
}

export async function databaseBytes(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes',
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** Does it hold tables of anybody? */
export async function holdsTables(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS found`,
  );
  return rows[0]?.found === true;
}

/** What the cluster knows of a database without connecting to it. */
export interface DatabaseFacts {
  readonly bytes: number | null;
  readonly allowsConnections: boolean;
  readonly isTemplate: boolean;
  readonly sessions: number;
  readonly marker: string | null;
  /** When its data was taken, RFC 3339. */
  readonly takenAt: string | null;
}

/**
 * Facts about another database of the same cluster; null if there is none of that name. Its age: the setting
 * `lockkeeper.snapshot_at` where somebody set it (`ALTER DATABASE … SET lockkeeper.snapshot_at = '2026-11-22'`), else
 * when its folder was made, which only a superuser may ask.
 */
export async function databaseFacts(client: Client, name: string): Promise<DatabaseFacts | null> {
  const { rows } = await client.query<{
    bytes: string | null;
    allowsConnections: boolean;
    isTemplate: boolean;
    sessions: string;
    settings: string[] | null;
    made: string | null;
  }>(
    `SELECT CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END AS bytes,
            d.datallowconn AS "allowsConnections", d.datistemplate AS "isTemplate",
            (SELECT count(*) FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) AS sessions,
            (SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0) AS settings
       FROM pg_catalog.pg_database d WHERE d.datname = $1`,
    [name],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const setting = (wanted: string): string | null => {
    const found = row.settings?.find((one) => one.toLowerCase().startsWith(`${wanted}=`));
    return found === undefined ? null : found.slice(wanted.length + 1).replace(/^"(.*)"$/, '$1') || null;
  };
  return {
    bytes: row.bytes === null ? null : Number(row.bytes),
    allowsConnections: row.allowsConnections,
    isTemplate: row.isTemplate,
    sessions: Number(row.sessions),
    marker: setting('lockkeeper.environment'),
    takenAt: time(setting('lockkeeper.snapshot_at')) ?? (await folderMade(client, name)),
  };
}

function time(text: string | null): string | null {
  const milliseconds = Date.parse(text ?? '');
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}

async function folderMade(client: Client, name: string): Promise<string | null> {
  const { rows: allowed } = await client.query<{ allowed: boolean }>(
    "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text)', 'EXECUTE') AS allowed",
  );
  if (allowed[0]?.allowed !== true) return null;
  const { rows } = await client.query<{ made: Date | null }>(
    `SELECT (pg_catalog.pg_stat_file('base/' || d.oid || '/PG_VERSION', true)).modification AS made
       FROM pg_catalog.pg_database d WHERE d.datname = ${quoteLiteral(name)} AND d.dattablespace = 1663`,
  );
  return rows[0]?.made?.toISOString() ?? null;
}
