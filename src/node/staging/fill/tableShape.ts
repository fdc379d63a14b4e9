import type { Client } from 'pg';
import { qualifiedName } from '../../../core/sql/quote.ts';

/** What the filler must know of a table, from the server's own catalogs after the history was replayed. */
export interface TableShape {
  readonly oid: number;
  readonly schema: string;
  readonly relation: string;
  /** `schema.name`, quoted where it has to be. */
  readonly name: string;
  readonly kind: 'r' | 'p';
  readonly columns: readonly ColumnShape[];
  readonly checks: readonly CheckShape[];
  readonly foreignKeys: readonly ForeignKeyShape[];
  /** Column numbers of every unique index; null where an expression is among its keys. */
  readonly uniques: readonly (readonly number[])[];
  /** ON CONFLICT can't be used: a unique constraint is DEFERRABLE. */
  readonly deferrableUnique: boolean;
  readonly partitions: {
    readonly strategy: string;
    readonly columns: readonly number[];
    readonly bounds: readonly string[];
    /** Of the partitions, as `TableShape.name`, in the order of `bounds`. */
    readonly names: readonly string[];
  } | null;
}

export interface ColumnShape {
  readonly number: number;
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
  readonly notNull: boolean;
  readonly default: string | null;
  /** '', 'a' (always) or 'd' (by default) */
  readonly identity: string;
  readonly generated: boolean;
  /** The type that a profiled migration gives it: its text must be one that the new type takes. */
  readonly becomes?: { readonly labels: readonly string[] } | { readonly type: string } | null;
}

export interface CheckShape {
  readonly name: string;
  readonly columns: readonly number[];
  readonly expression: string;
}

export interface ForeignKeyShape {
  readonly name: string;
  readonly columns: readonly number[];
  readonly parent: number;
  readonly parentColumns: readonly number[];
  /** A profiled migration will add it: rows should keep to it, if they can. */
  readonly future?: boolean;
}

/**
 * The tables named by OID and all that they refer to, directly or not. A partition stands for its root.
 * @returns by OID; foreign tables and views are left out
 */
export async function tableShapes(client: Client, oids: readonly number[]): Promise<Map<number, TableShape>> {
  const { rows: closure } = await client.query<{ oid: string; schema: string; name: string; kind: 'r' | 'p' }>(
    CLOSURE,
    [oids],
  );
  const tables = closure.map((row) => Number(row.oid));
  const columns = await grouped<ColumnRow>(client, COLUMNS, tables);
  const constraints = await grouped<ConstraintRow>(client, CONSTRAINTS, tables);
  const uniques = await grouped<UniqueRow>(client, UNIQUES, tables);
  const partitions = await grouped<PartitionRow>(client, PARTITIONS, tables);
  return new Map(
    closure.map((row) => {
      const oid = Number(row.oid);
      const own = constraints.get(oid) ?? [];
      const partition = partitions.get(oid)?.[0];
      return [
        oid,
        {
          oid,
          schema: row.schema,
          relation: row.name,
          name: qualifiedName(row.schema, row.name),
          kind: row.kind,
          columns: (columns.get(oid) ?? []).map((column) => ({ ...column, type: Number(column.type) })),
          checks: own
            .filter((one) => one.kind === 'c')
            .map((one) => ({ name: one.name, columns: one.columns ?? [], expression: one.expression ?? '' })),
          foreignKeys: own
            .filter((one) => one.kind === 'f')
            .map((one) => ({
              name: one.name,
              columns: one.columns ?? [],
              parent: Number(one.parent),
              parentColumns: one.parentColumns ?? [],
            })),
          uniques: (uniques.get(oid) ?? []).map((one) => one.columns),
          deferrableUnique: (uniques.get(oid) ?? []).some((one) => !one.immediate),
          partitions:
            partition === undefined
              ? null
              : {
                  strategy: partition.strategy,
                  columns: partition.columns,
                  bounds: partition.bounds ?? [],
                  names: (partition.schemas ?? []).map((schema, at) =>
                    qualifiedName(schema, partition.names?.[at] ?? ''),
                  ),
                },
        } satisfies TableShape,
      ];
    }),
  );
}

async function grouped<Row extends { table: string }>(
  client: Client,
  query: string,
  tables: readonly number[],
): Promise<Map<number, Row[]>> {
  const { rows } = await client.query<Row>(query, [tables]);
  const byTable = new Map<number, Row[]>();
  for (const row of rows) byTable.set(Number(row.table), [...(byTable.get(Number(row.table)) ?? []), row]);
  return byTable;
}

/** Partitions to their roots, then foreign keys outward. */
const CLOSURE = `
  WITH RECURSIVE reached (oid) AS (
      SELECT coalesce(pg_catalog.pg_partition_root(t.oid), t.oid)::oid FROM pg_catalog.unnest($1::int8[]) AS t (oid)
    UNION
      SELECT coalesce(pg_catalog.pg_partition_root(f.confrelid), f.confrelid)::oid
        FROM reached r JOIN pg_catalog.pg_constraint f ON f.conrelid = r.oid AND f.contype = 'f'
  )
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
    FROM reached JOIN pg_catalog.pg_class c ON c.oid = reached.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p')
   ORDER BY c.oid`;

interface ColumnRow extends Omit<ColumnShape, 'type'> {
  readonly table: string;
  readonly type: string;
}
const COLUMNS = `
  SELECT a.attrelid::int8 AS "table", a.attnum::int4 AS number, a.attname AS name, a.atttypid::int8 AS type,
         a.atttypmod AS modifier, a.attnotnull AS "notNull", a.attidentity::text AS identity,
         a.attgenerated <> '' AS generated, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "default"
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = ANY ($1::int8[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`;

interface ConstraintRow {
  readonly table: string;
  readonly kind: 'c' | 'f';
  readonly name: string;
  readonly columns: number[] | null;
  readonly parent: string;
  readonly parentColumns: number[] | null;
  readonly expression: string | null;
}
/** The constraint's own rows only: a partition's inherited ones come with the root. */
const CONSTRAINTS = `
  SELECT c.conrelid::int8 AS "table", c.contype::text AS kind, c.conname AS name, c.conkey::int4[] AS columns,
         coalesce(pg_catalog.pg_partition_root(c.confrelid), c.confrelid)::int8 AS parent,
         c.confkey::int4[] AS "parentColumns", pg_catalog.pg_get_expr(c.conbin, c.conrelid) AS expression
    FROM pg_catalog.pg_constraint c
   WHERE c.conrelid = ANY ($1::int8[]) AND c.contype IN ('c', 'f')
     -- A foreign key to a partitioned table has one more row for each partition.
     AND NOT (c.contype = 'f' AND c.conparentid <> 0)
   ORDER BY c.conrelid, pg_catalog.cardinality(c.conkey) DESC, c.conname`;

interface UniqueRow {
  readonly table: string;
  readonly columns: number[];
  readonly immediate: boolean;
}
const UNIQUES = `
  SELECT i.indrelid::int8 AS "table", i.indimmediate AS immediate,
         (pg_catalog.string_to_array(i.indkey::text, ' ')::int4[])[1:i.indnkeyatts] AS columns
    FROM pg_catalog.pg_index i
   WHERE i.indrelid = ANY ($1::int8[]) AND i.indisunique AND i.indexprs IS NULL
   ORDER BY i.indexrelid`;

interface PartitionRow {
  readonly table: string;
  readonly strategy: string;
  readonly columns: number[];
  readonly bounds: string[] | null;
  readonly schemas: string[] | null;
  readonly names: string[] | null;
}
const PARTITIONS = `
  SELECT p.partrelid::int8 AS "table", p.partstrat::text AS strategy,
         pg_catalog.string_to_array(p.partattrs::text, ' ')::int4[] AS columns,
         h.bounds, h.schemas, h.names
    FROM pg_catalog.pg_partitioned_table p
    CROSS JOIN LATERAL (
      SELECT pg_catalog.array_agg(pg_catalog.pg_get_expr(c.relpartbound, c.oid) ORDER BY c.oid) AS bounds,
             pg_catalog.array_agg(n.nspname::text ORDER BY c.oid) AS schemas, pg_catalog.array_agg(c.relname::text ORDER BY c.oid) AS names
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE i.inhparent = p.partrelid) h
   WHERE p.partrelid = ANY ($1::int8[])`;
