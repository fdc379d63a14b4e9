import type { Catalog } from '../catalog/catalog.ts';
import { anyMayBeThere, mayBeThere } from './notMade.ts';

/** A value in a row of a system catalog; undefined: not known. OIDs are texts that name the object. */
export type Cell = string | number | boolean | null | undefined;

/** What the rows' columns are known to equal: only rows that fit need be made. */
export type Filters = ReadonlyMap<string, Cell>;

/** What a query's conditions say of one system catalog's columns. */
export interface Wanted {
  /** Columns that equal something known. */
  readonly equal: Filters;
  /** Columns that are one of some known texts: `IN ('a', 'b')`. */
  readonly among: ReadonlyMap<string, readonly string[]>;
  /** How columns begin: `LIKE 'orders%'`. */
  readonly prefixes: ReadonlyMap<string, string>;
  /** Columns that equal a column of another table of the query, or of the one around it. */
  readonly joined: ReadonlySet<string>;
}

/** Columns that hold a relation's OID. */
export const RELATION_OIDS = ['attrelid', 'conrelid', 'indrelid', 'tgrelid', 'polrelid', 'indexrelid'];

interface Listed {
  readonly kind: Parameters<typeof mayBeThere>[1];
  /** Its columns with their names; each of them must fit. */
  readonly names: readonly string[];
  /** Its column with their schema's name or OID. */
  readonly schema?: string;
}

/**
 * Whether a server may have rows of a system catalog, or of a view of the information schema, that the conditions let
 * through and that the history knows nothing of.
 */
export function mayHaveOthers(catalog: Catalog, name: string, { equal, among, prefixes }: Wanted): boolean {
  const listed = WITH_OTHERS[name];
  if (listed === undefined) return false;
  const { kind, names, schema } = listed;
  // The relation is one of the history's.
  if (RELATION_OIDS.some((column) => typeof equal.get(column) === 'string')) return false;
  const where = schema === undefined ? undefined : equal.get(schema);
  const schemaName = typeof where === 'string' ? where.replace(/^schema:/, '') : undefined;
  return names.every((column) => {
    const value = equal.get(column);
    const prefix = prefixes.get(column);
    if (prefix !== undefined && kind === 'relation' && !anyMayBeThere(catalog, prefix)) return false;
    const values = typeof value === 'string' ? [value] : (among.get(column) ?? [undefined]);
    return values.some((each) => mayBeThere(catalog, kind, each, schemaName));
  });
}

/** What lists objects of PostgreSQL itself and of extensions too. */
const WITH_OTHERS: Readonly<Record<string, Listed>> = {
  pg_type: { kind: 'type', names: ['typname'], schema: 'typnamespace' },
  pg_class: { kind: 'relation', names: ['relname'], schema: 'relnamespace' },
  pg_tables: { kind: 'relation', names: ['tablename'], schema: 'schemaname' },
  pg_views: { kind: 'relation', names: ['viewname'], schema: 'schemaname' },
  pg_matviews: { kind: 'relation', names: ['matviewname'], schema: 'schemaname' },
  pg_sequences: { kind: 'relation', names: ['sequencename'], schema: 'schemaname' },
  pg_indexes: { kind: 'relation', names: ['tablename', 'indexname'], schema: 'schemaname' },
  pg_attribute: { kind: 'relation', names: ['attrelid'] },
  pg_constraint: { kind: 'relation', names: ['conname'], schema: 'connamespace' },
  key_column_usage: { kind: 'relation', names: ['table_name', 'constraint_name'], schema: 'table_schema' },
  pg_namespace: { kind: 'schema', names: ['nspname'] },
  pg_proc: { kind: 'function', names: ['proname'], schema: 'pronamespace' },
  tables: { kind: 'relation', names: ['table_name'], schema: 'table_schema' },
  views: { kind: 'relation', names: ['table_name'], schema: 'table_schema' },
  columns: { kind: 'relation', names: ['table_name'], schema: 'table_schema' },
  sequences: { kind: 'relation', names: ['sequence_name'], schema: 'sequence_schema' },
  table_constraints: { kind: 'relation', names: ['table_name', 'constraint_name'], schema: 'table_schema' },
  schemata: { kind: 'schema', names: ['schema_name'] },
  routines: { kind: 'function', names: ['routine_name'], schema: 'routine_schema' },
};
