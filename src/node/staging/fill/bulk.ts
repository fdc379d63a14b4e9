import type { Client } from 'pg';
import pg from 'pg';
import { quoteIdentifier } from '../../../core/sql/quote.ts';
import type { TableShape } from './tableShape.ts';

/** From so many rows on, building indexes afterwards is worth it. */
const MANY = 20_000;

/**
 * Runs `insert` with the table's indexes and foreign keys switched off, and builds and checks them afterwards. Nothing is
 * dropped: names, OIDs and definitions stay what they are. Needs a superuser (indexes are marked as not ready in
 * pg_index, as CREATE INDEX CONCURRENTLY does it); others, and few rows, go the plain way.
 *
 * @returns what `insert` gave
 * @throws the server's error where rows break a unique key or a foreign key; the rows are there then
 */
export async function inBulk<T>(client: Client, table: TableShape, rows: number, insert: () => Promise<T>): Promise<T> {
  if (rows < MANY || !(await isSuperuser(client))) return insert();
  const indexes = await switchIndexesOff(client, table);
  let result: T;
  try {
    // Foreign keys, triggers and rules of the user do not fire.
    await client.query('SET session_replication_role = replica');
    result = await insert();
  } finally {
    await client.query('RESET session_replication_role').catch(() => undefined);
  }
  if (indexes.length > 0) await buildIndexes(client, table, indexes);
  await checkForeignKeys(client, table).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code?.startsWith('57') !== true)
      throw new Error(`foreign keys of ${table.name} could not be checked: ${error.message}`, { cause: error });
    throw error;
  });
  return result;
}

async function isSuperuser(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ superuser: boolean }>(
    'SELECT r.rolsuper AS superuser FROM pg_catalog.pg_roles r WHERE r.rolname = current_user',
  );
  return rows[0]?.superuser === true;
}

/** Of the table or of all its partitions. @returns OIDs of what was switched off */
async function switchIndexesOff(client: Client, table: TableShape): Promise<string[]> {
  const { rows } = await client.query<{ oid: string }>(
    `UPDATE pg_catalog.pg_index SET indisready = false, indisvalid = false
      WHERE indisready AND indisvalid AND indislive
        AND indexrelid IN (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'i')
        AND (indrelid = $1::oid OR indrelid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) t WHERE t.isleaf))
      RETURNING indexrelid::int8 AS oid`,
    [table.oid],
  );
  return rows.map(({ oid }) => oid);
}

/** REINDEX marks them as ready and valid again. */
async function buildIndexes(client: Client, table: TableShape, indexes: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ($1::int8[]::oid[]) ORDER BY c.oid`,
    [indexes],
  );
  await client.query("SET maintenance_work_mem = '256MB'");
  try {
    for (const { schema, name } of rows)
      await client.query(`REINDEX INDEX ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
  } catch (error) {
    // Whoever goes on must find whole indexes, though the rows have to go for it.
    await client.query(`TRUNCATE ${table.name} CASCADE`);
    for (const { schema, name } of rows)
      await client.query(`REINDEX INDEX ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
    throw error;
  } finally {
    await client.query('RESET maintenance_work_mem').catch(() => undefined);
  }
}

/** Rows that refer to nothing: there are none by the way they are made; this makes sure. */
async function checkForeignKeys(client: Client, table: TableShape): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(ORPHANS, [table.oid]);
  for (const { sql } of rows) {
    const { rows: orphans } = await client.query(sql);
    if (orphans.length === 0) continue;
    await client.query(`TRUNCATE ${table.name} CASCADE`);
    throw new Error(`made-up rows of ${table.name} refer to nothing`);
  }
}

/** One query a foreign key, as ALTER TABLE … VALIDATE CONSTRAINT asks it. */
const ORPHANS = `
  SELECT pg_catalog.format(
           'SELECT FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) LIMIT 1',
           f.conrelid::regclass, string_agg(pg_catalog.format('c.%I IS NOT NULL', a.attname), ' AND '),
           f.confrelid::regclass, string_agg(pg_catalog.format('p.%I = c.%I', b.attname, a.attname), ' AND ')) AS sql
    FROM pg_catalog.pg_constraint f
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey)) AS k (own, other)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
    JOIN pg_catalog.pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.other
   WHERE f.contype = 'f' AND f.conrelid = $1::oid AND f.conparentid = 0
   GROUP BY f.oid, f.conrelid, f.confrelid`;
