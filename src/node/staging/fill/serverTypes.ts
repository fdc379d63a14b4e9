import type { Client } from 'pg';
import { qualifiedName } from '../../../core/sql/quote.ts';

/** A type as the server knows it. */
export interface ServerType {
  readonly oid: number;
  /** As in pg_type: `int4`, `varchar`, `_text`. */
  readonly name: string;
  /** `schema.name`, for casts. */
  readonly sql: string;
  readonly builtIn: boolean;
  /** pg_type.typtype: b(ase), c(omposite), d(omain), e(num), p(seudo), r(ange), m(ultirange) */
  readonly kind: string;
  /** Bytes of a value; negative: they differ. */
  readonly length: number;
  /** Of arrays: the element's OID; else 0. */
  readonly element: number;
  /** Of domains. */
  readonly base: number;
  readonly baseModifier: number;
  readonly checks: readonly string[];
  /** Of enums, in order. */
  readonly labels: readonly string[];
  /** Of ranges. */
  readonly subtype: number;
}
export type ServerTypes = ReadonlyMap<number, ServerType>;

/** Types by OID with all that they are made of. */
export async function serverTypes(client: Client, oids: readonly number[]): Promise<ServerTypes> {
  const { rows } = await client.query<{
    oid: string;
    name: string;
    schema: string;
    kind: string;
    length: number;
    element: string;
    base: string;
    baseModifier: number;
    checks: string[] | null;
    labels: string[] | null;
    subtype: string | null;
  }>(TYPES, [oids]);
  return new Map(
    rows.map((row) => [
      Number(row.oid),
      {
        oid: Number(row.oid),
        name: row.name,
        sql: qualifiedName(row.schema, row.name),
        builtIn: row.schema === 'pg_catalog',
        kind: row.kind,
        length: row.length,
        element: Number(row.element),
        base: Number(row.base),
        baseModifier: row.baseModifier,
        checks: row.checks ?? [],
        labels: row.labels ?? [],
        subtype: Number(row.subtype ?? 0),
      },
    ]),
  );
}

const TYPES = `
  WITH RECURSIVE needed (oid) AS (
      SELECT t.oid::oid FROM pg_catalog.unnest($1::int8[]) AS t (oid)
    UNION
      SELECT part.oid
        FROM needed JOIN pg_catalog.pg_type t ON t.oid = needed.oid
        LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
        CROSS JOIN LATERAL (VALUES (CASE WHEN t.typcategory = 'A' THEN t.typelem END), (t.typbasetype), (r.rngsubtype)) AS part (oid)
       WHERE part.oid <> 0
  )
  SELECT t.oid::int8 AS oid, t.typname AS name, n.nspname AS schema, t.typtype::text AS kind, t.typlen::int4 AS length,
         CASE WHEN t.typcategory = 'A' THEN t.typelem::int8 ELSE 0 END AS element,
         t.typbasetype::int8 AS base, t.typtypmod AS "baseModifier", r.rngsubtype::int8 AS subtype,
         (SELECT pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels,
         (SELECT pg_catalog.array_agg(pg_catalog.pg_get_expr(c.conbin, 0)) FROM pg_catalog.pg_constraint c
           WHERE c.contypid = t.oid AND c.contype = 'c') AS checks
    FROM needed JOIN pg_catalog.pg_type t ON t.oid = needed.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid`;
