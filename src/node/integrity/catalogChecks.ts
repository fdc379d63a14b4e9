import type { Client } from 'pg';
import { qualifiedName, quoteIdentifier } from '../../core/sql/quote.ts';

/** An index that no query uses and that writes still have to keep: what a failed CONCURRENTLY leaves. */
export interface InvalidIndex {
  /** `schema.index` and `schema.table`, quoted where they have to be. */
  readonly index: string;
  readonly table: string;
  /** `invalid`: not usable for queries. `not ready`: not even kept by writes. */
  readonly state: 'invalid' | 'not ready';
  /** Being built at this moment by another session (pg_stat_progress_create_index). */
  readonly building: boolean;
}

/** All invalid indexes of user tables. A partitioned index that waits for its partitions' indexes is invalid too. */
export async function invalidIndexes(client: Client): Promise<InvalidIndex[]> {
  const { rows } = await client.query<{
    schema: string;
    name: string;
    tableSchema: string;
    table: string;
    ready: boolean;
    building: boolean;
  }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, tn.nspname::text AS "tableSchema", t.relname::text AS "table", i.indisready AS ready,
            EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS building
       FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
      WHERE NOT (i.indisvalid AND i.indisready) AND n.nspname !~ '^pg_'
      ORDER BY 1, 2`,
  );
  return rows.map((row) => ({
    index: qualifiedName(row.schema, row.name),
    table: qualifiedName(row.tableSchema, row.table),
    state: row.ready ? 'invalid' : 'not ready',
    building: row.building,
  }));
}

export interface UnvalidatedConstraint {
  readonly table: string;
  readonly constraint: string;
  readonly kind: 'foreign key' | 'check' | 'not null';
  /** NOT ENFORCED (18): can't be validated, and is meant so. */
  readonly enforced: boolean;
}

/** All constraints that hold for new rows only (NOT VALID), of user tables and domains left out. */
export async function unvalidatedConstraints(client: Client): Promise<UnvalidatedConstraint[]> {
  const { rows } = await client.query<{ schema: string; table: string; name: string; kind: string; enforced: boolean }>(
    `SELECT n.nspname::text AS schema, t.relname::text AS "table", c.conname::text AS name, c.contype::text AS kind,
            coalesce((pg_catalog.to_jsonb(c) ->> 'conenforced')::bool, true) AS enforced
       FROM pg_catalog.pg_constraint c
       JOIN pg_catalog.pg_class t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE NOT c.convalidated AND c.contype IN ('c', 'f', 'n') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        -- Partitions inherit it: the one on the parent speaks for all.
        AND c.conparentid = 0
      ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({
    table: qualifiedName(row.schema, row.table),
    constraint: quoteIdentifier(row.name),
    kind: row.kind === 'f' ? 'foreign key' : row.kind === 'c' ? 'check' : 'not null',
    enforced: row.enforced,
  }));
}
