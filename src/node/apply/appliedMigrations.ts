import type { Client } from 'pg';
import { flywayChecksum, prismaChecksum } from '../../core/tools/checksums.ts';
import { qualifiedName } from '../../core/sql/quote.ts';
import type { History, Migration } from '../../core/tools/tool.ts';

/** What a tool's own table says of one migration of the history. */
export interface AppliedMigration {
  /** `Migration.id` */
  readonly id: string;
  /** `failed`: begun and not finished; the tool refuses to go on until a person has seen to it. */
  readonly state: 'applied' | 'failed';
  /** RFC 3339, UTC; null where the table does not say. */
  readonly at: string | null;
  /** Applied from other bytes than those in the folder now, by the tool's own checksum; null where it keeps none. */
  readonly changed: boolean | null;
}

export interface AppliedHistory {
  /** The table's name, for people: `public._prisma_migrations`. */
  readonly table: string;
  /** False: the table is not there, so nothing was ever applied by this tool. */
  readonly present: boolean;
  /** In the history's order. */
  readonly migrations: readonly AppliedMigration[];
  /** What the table names and the folder does not have. */
  readonly unknown: readonly string[];
}

/**
 * Which migrations are applied to a database, by the table of the tool that applies them; for plain SQL by Lockkeeper's
 * own (`lockkeeper.migrations`).
 */
export async function appliedMigrations(client: Client, history: History): Promise<AppliedHistory> {
  const reader = READERS[history.tool];
  const table = await findTable(client, reader.schema, reader.table);
  const name = table ?? qualifiedName(reader.schema, reader.table);
  if (table === null) return { table: name, present: false, migrations: [], unknown: [] };
  const rows = await reader.read(client, table, history);
  const found: AppliedMigration[] = [];
  const used = new Set<Row>();
  for (const migration of history.migrations) {
    const own = rows.filter((row) => reader.matches(row, migration));
    for (const row of own) used.add(row);
    // A later row is a later attempt.
    const last = own.at(-1);
    if (last)
      found.push({
        id: migration.id,
        state: last.failed ? 'failed' : 'applied',
        at: last.at,
        changed: last.changed?.(migration) ?? null,
      });
  }
  return {
    table: name,
    present: true,
    migrations: found,
    unknown: [...new Set(rows.filter((row) => !used.has(row)).map(({ key }) => key))],
  };
}

interface Row {
  readonly key: string;
  readonly failed: boolean;
  readonly at: string | null;
  readonly changed?: (migration: Migration) => boolean;
}

interface Reader {
  /** Null: wherever the search_path finds it. */
  readonly schema: string | null;
  readonly table: string;
  readonly read: (client: Client, table: string, history: History) => Promise<Row[]>;
  readonly matches: (row: Row, migration: Migration) => boolean;
}

const byId = (row: Row, migration: Migration): boolean => row.key === migration.id;

/** RFC 3339 in UTC, whatever DateStyle and TimeZone say; a timestamp without time zone is taken as the server's. */
const AT = (column: string): string =>
  `pg_catalog.to_char(${column}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`;

/** Sources: the `source` of each tool's file in src/core/tools. */
const READERS: Readonly<Record<History['tool'], Reader>> = {
  prisma: {
    schema: null,
    table: '_prisma_migrations',
    matches: byId,
    // Rows with rolled_back_at are ignored by Prisma too: the migration counts as pending.
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string; failed: boolean; at: string | null; checksum: string }>(
        `SELECT migration_name AS key, finished_at IS NULL AS failed, ${AT('coalesce(finished_at, started_at)')}, checksum
           FROM ${table} WHERE rolled_back_at IS NULL ORDER BY started_at`,
      );
      return rows.map(({ checksum, ...row }) => ({
        ...row,
        changed: ({ text }) => !prismaChecksums(text).includes(checksum),
      }));
    },
  },
  supabase: {
    schema: 'supabase_migrations',
    table: 'schema_migrations',
    matches: byId,
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string }>(`SELECT version AS key FROM ${table} ORDER BY version`);
      return rows.map(({ key }) => ({ key, failed: false, at: null }));
    },
  },
  flyway: {
    schema: null,
    table: 'flyway_schema_history',
    matches: (row, { id }) => sameFlywayVersion(row.key, id),
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string; failed: boolean; at: string; checksum: number | null }>(
        `SELECT CASE WHEN version IS NULL THEN 'R__' || description
                     WHEN type LIKE '%BASELINE%' THEN 'B' || version ELSE 'V' || version END AS key,
                NOT success AS failed, ${AT('installed_on')}, checksum
           FROM ${table} WHERE type NOT IN ('SCHEMA', 'DELETE') AND type NOT LIKE 'UNDO%' ORDER BY installed_rank`,
      );
      return rows.map(({ checksum, ...row }) => ({
        ...row,
        ...(checksum === null ? {} : { changed: ({ text }: Migration) => flywayChecksum(text) !== checksum }),
      }));
    },
  },
  'golang-migrate': {
    schema: null,
    table: 'schema_migrations',
    matches: byId,
    // One row: the version that the database is at. All before it are applied; a dirty one failed.
    read: async (client, table, history) => {
      const { rows } = await client.query<{ version: string; dirty: boolean }>(
        `SELECT version::text AS version, dirty FROM ${table} LIMIT 1`,
      );
      const row = rows[0];
      if (row === undefined) return [];
      const known = history.migrations.filter(({ id }) => BigInt(id) <= BigInt(row.version)).map(({ id }) => id);
      return [...new Set([...known, row.version])].map((key) => ({
        key,
        failed: row.dirty && key === row.version,
        at: null,
      }));
    },
  },
  goose: {
    schema: null,
    table: 'goose_db_version',
    matches: byId,
    // A row for each step up and down; the newest of a version counts. Version 0 is goose's own.
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string; applied: boolean; at: string }>(
        `SELECT DISTINCT ON (version_id) version_id::text AS key, is_applied AS applied, ${AT('tstamp')}
           FROM ${table} WHERE version_id > 0 ORDER BY version_id, id DESC`,
      );
      return rows.filter(({ applied }) => applied).map(({ key, at }) => ({ key, failed: false, at }));
    },
  },
  sqitch: {
    schema: 'sqitch',
    table: 'changes',
    matches: (row, { id }) => row.key === id.replace(/@.*$/, ''),
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string; at: string }>(
        `SELECT change AS key, ${AT('committed_at')} FROM ${table} ORDER BY committed_at`,
      );
      return rows.map(({ key, at }) => ({ key, failed: false, at }));
    },
  },
  dbmate: {
    schema: null,
    table: 'schema_migrations',
    matches: byId,
    read: async (client, table) => {
      const { rows } = await client.query<{ key: string }>(`SELECT version AS key FROM ${table} ORDER BY version`);
      return rows.map(({ key }) => ({ key, failed: false, at: null }));
    },
  },
  plain: {
    schema: 'lockkeeper',
    table: 'migrations',
    matches: byId,
    // A failed run that left nothing behind does not count: it may be tried again.
    read: async (client, table, history) => {
      const { rows } = await client.query<{ key: string; failed: boolean; at: string; checksum: string }>(
        `SELECT migration AS key, finished_at IS NULL AS failed, ${AT('coalesce(finished_at, started_at)')}, checksum
           FROM ${table} WHERE history = $1 AND (finished_at IS NOT NULL OR NOT rolled_back) ORDER BY started_at`,
        [history.id],
      );
      return rows.map(({ checksum, ...row }) => ({
        ...row,
        changed: ({ text }) => !prismaChecksums(text).includes(checksum),
      }));
    },
  },
};

/** As it lies there, and as a checkout with the other line ends would have it: git may change those, nobody means them. */
function prismaChecksums(text: string): string[] {
  const unix = text.replaceAll('\r\n', '\n');
  return [text, unix, unix.replaceAll('\n', '\r\n')].map(prismaChecksum);
}

/** `V1.0` and `V1` are the same to Flyway; descriptions of repeatables have spaces for underscores. */
function sameFlywayVersion(row: string, id: string): boolean {
  const normal = (text: string): string =>
    text.startsWith('R__')
      ? text.replaceAll('_', ' ')
      : text.replace(/(?:\.0+)+$/, '').replaceAll(/(^[VB]|\.)0+(?=\d)/g, '$1');
  return normal(row) === normal(id);
}

/** `schema.table` if it is there, and is a table; null if not. */
async function findTable(client: Client, schema: string | null, table: string): Promise<string | null> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('r', 'p')`,
    [qualifiedName(schema, table)],
  );
  return rows[0] ? qualifiedName(rows[0].schema, rows[0].name) : null;
}
