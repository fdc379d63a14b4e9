import type { Client } from 'pg';
import { quoteIdentifier } from '../../core/sql/quote.ts';

/** For each table, a fingerprint of the values of its columns, and which columns those were. No value leaves the server. */
export type TableRows = ReadonlyMap<string, { readonly columns: readonly string[]; readonly fingerprint: string }>;

/** Fingerprints of some tables' rows: order of rows and of columns does not matter. */
export async function tableRows(client: Client, tables: readonly string[]): Promise<TableRows> {
  const found = new Map<string, { columns: readonly string[]; fingerprint: string }>();
  for (const table of tables) {
    const columns = await columnsOf(client, table);
    found.set(table, { columns, fingerprint: await fingerprint(client, table, columns) });
  }
  return found;
}

/** Tables whose rows are not the same any more, looking at the columns that they had then. */
export async function changedTables(client: Client, before: TableRows): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [table, rows] of before) {
    const now = new Set(await columnsOf(client, table));
    const same = rows.columns.every((column) => now.has(column));
    if (!same || (await fingerprint(client, table, rows.columns)) !== rows.fingerprint) changed.push(table);
  }
  return changed;
}

/** Names by alphabet; none for a table that is not there. */
async function columnsOf(client: Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname::text AS name FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function fingerprint(client: Client, table: string, columns: readonly string[]): Promise<string> {
  if (columns.length === 0) return '';
  const row = columns.map((column) => `t.${quoteIdentifier(column)}`).join(', ');
  const { rows } = await client.query<{ fingerprint: string }>(
    `SELECT count(*)::text || ' ' || coalesce(sum(pg_catalog.hashtextextended(ROW(${row})::text, 0)), 0)::text AS fingerprint FROM ${table} t`,
  );
  return rows[0]?.fingerprint ?? '';
}
