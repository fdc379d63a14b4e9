import type { Client } from 'pg';
import pg from 'pg';
import type { IntegrityCheck, IntegrityFinding } from '../../core/report/integrityResult.ts';
import { counted, grouped } from '../../core/report/figures.ts';
import { qualifiedName } from '../../core/sql/quote.ts';

/** How many rows a table held at one moment, and how many had ever been inserted and deleted by then. Never a row's value. */
export interface TableRows {
  readonly oid: number;
  /** `schema.table`, quoted where it has to be. */
  readonly table: string;
  /** Null: counting took too long, or was not permitted. */
  readonly rows: number | null;
  /** pg_stat_all_tables.n_tup_ins and n_tup_del. */
  readonly inserted: number;
  readonly deleted: number;
}

/**
 * Counts the rows of tables. A table that takes longer than the session's statement_timeout, or that may not be read, has
 * `rows: null`; one that is not there is left out.
 * @param names quoted where they have to be
 */
export async function countTables(client: Client, names: readonly string[]): Promise<TableRows[]> {
  const counts: TableRows[] = [];
  for (const { oid, schema, name } of await existing(client, names)) {
    const table = qualifiedName(schema, name);
    const rows = await count(client, table);
    // After counting: what is inserted while we count is then in both or in the counters alone.
    counts.push({ oid, table, rows, ...(await counters(client, oid)) });
  }
  return counts;
}

/** The same tables again, by OID: names may have changed. Gone ones are left out. */
export async function recountTables(client: Client, before: readonly TableRows[]): Promise<TableRows[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ($1::int8[]) ORDER BY c.oid`,
    [before.map(({ oid }) => oid)],
  );
  return countTables(
    client,
    rows.map(({ name }) => name),
  );
}

/**
 * Compares counts with what inserts and deletes in between explain. Users write meanwhile, and every session reports its
 * inserts up to a second late (https://www.postgresql.org/docs/current/monitoring-stats.html): where anything was
 * inserted or deleted, a difference of up to a tenth of that is let pass, at least 100 rows. Where nothing was, none.
 *
 * @param expectedGone tables that the migration itself drops or truncates, by the name that they had before
 */
export function compareCounts(
  before: readonly TableRows[],
  after: readonly TableRows[],
  expectedGone: { readonly dropped: ReadonlySet<string>; readonly truncated: ReadonlySet<string> },
): IntegrityCheck {
  const now = new Map(after.map((one) => [one.oid, one]));
  const findings = before.flatMap((one) => finding(one, now.get(one.oid), expectedGone));
  const problems = findings.filter(({ severity }) => severity === 'problem').length;
  const compared = before.filter(({ oid, rows }) => rows !== null && now.get(oid)?.rows != null).length;
  if (compared === 0 && problems === 0)
    return { kind: 'row counts', state: 'not run', summary: 'no table could be counted before and after', findings };
  return {
    kind: 'row counts',
    state: problems > 0 ? 'failed' : 'passed',
    summary:
      problems > 0
        ? `rows of ${counted(problems, 'table')} are missing or too many`
        : `${counted(compared, 'table')} counted, every difference explained by inserts and deletes`,
    findings,
  };
}

function finding(
  before: TableRows,
  after: TableRows | undefined,
  gone: { readonly dropped: ReadonlySet<string>; readonly truncated: ReadonlySet<string> },
): IntegrityFinding[] {
  const object = before.table;
  const note = (message: string): IntegrityFinding[] => [{ severity: 'note', object, message }];
  if (after === undefined)
    return gone.dropped.has(object)
      ? note('dropped, as the migration says')
      : [
          {
            severity: 'problem',
            object,
            message: `is gone, with ${before.rows === null ? 'its' : grouped(before.rows)} rows`,
          },
        ];
  if (before.rows === null || after.rows === null) return note('not counted: it took too long, or may not be read');
  if (gone.truncated.has(object)) return note('truncated by the migration: not compared');
  const inserted = after.inserted - before.inserted;
  const deleted = after.deleted - before.deleted;
  if (inserted < 0 || deleted < 0) return note('not compared: the server’s counters were reset in between');
  const expected = before.rows + inserted - deleted;
  const difference = after.rows - expected;
  const moved = inserted + deleted;
  const tolerance = moved === 0 ? 0 : Math.max(100, Math.round(moved / 10));
  if (Math.abs(difference) > tolerance) {
    const change =
      moved === 0 ? 'nothing was inserted or deleted' : `${grouped(inserted)} inserted, ${grouped(deleted)} deleted`;
    return [
      {
        severity: 'problem',
        object,
        message: `${grouped(before.rows)} rows before, ${grouped(after.rows)} now, though ${change} in between`,
      },
    ];
  }
  return moved === 0
    ? []
    : note(
        `${grouped(before.rows)} rows before, ${grouped(after.rows)} now (${grouped(inserted)} inserted, ${grouped(deleted)} deleted)`,
      );
}

async function existing(
  client: Client,
  names: readonly string[],
): Promise<{ oid: number; schema: string; name: string }[]> {
  const { rows } = await client.query<{ oid: string; schema: string; name: string }>(
    `SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name
       FROM pg_catalog.unnest($1::text[]) AS wanted (name)
       JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(wanted.name)
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'm')`,
    [names],
  );
  return rows.map((row) => ({ ...row, oid: Number(row.oid) }));
}

async function count(client: Client, table: string): Promise<number | null> {
  try {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
    return Number(rows[0]?.count ?? 0);
  } catch (error) {
    // query_canceled (statement_timeout), insufficient_privilege, lock_not_available
    if (error instanceof pg.DatabaseError && ['57014', '42501', '55P03'].includes(error.code ?? '')) return null;
    throw error;
  }
}

/** A partitioned table's counters are those of its partitions. */
async function counters(client: Client, oid: number): Promise<{ inserted: number; deleted: number }> {
  const { rows } = await client.query<{ inserted: string; deleted: string }>(
    `SELECT coalesce(sum(pg_catalog.pg_stat_get_tuples_inserted(t.oid)), 0) AS inserted,
            coalesce(sum(pg_catalog.pg_stat_get_tuples_deleted(t.oid)), 0) AS deleted
       FROM (SELECT relid::oid AS oid FROM pg_catalog.pg_partition_tree($1::oid::regclass)
             UNION SELECT $1::oid) AS t`,
    [oid],
  );
  return { inserted: Number(rows[0]?.inserted ?? 0), deleted: Number(rows[0]?.deleted ?? 0) };
}
