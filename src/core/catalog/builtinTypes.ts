/**
 * The types of pg_catalog, from pg_type of PostgreSQL 14–18 (`typstorage`, `typcategory`, `typlen = -1`), by their
 * internal names. Grouped by default storage, which is all that the catalog needs to know of them.
 */
const NAMES_BY_STORAGE = {
  main: 'cidr inet numeric',
  extended:
    'path polygon anyarray anycompatiblearray anycompatiblemultirange anycompatiblerange anymultirange anyrange record ' +
    'datemultirange daterange int4multirange int4range int8multirange int8range nummultirange numrange tsmultirange ' +
    'tsrange tstzmultirange tstzrange bpchar text varchar bytea json jsonb jsonpath pg_snapshot refcursor tsvector ' +
    'txid_snapshot xml bit varbit pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_dependencies pg_mcv_list ' +
    'pg_ndistinct pg_node_tree',
  plain:
    'int2vector oidvector bool date time timestamp timestamptz timetz box circle line lseg point float4 float8 int2 ' +
    'int4 int8 money oid regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc ' +
    'regprocedure regrole regtype any anycompatible anycompatiblenonarray anyelement anyenum anynonarray cstring ' +
    'event_trigger fdw_handler index_am_handler internal language_handler pg_ddl_command table_am_handler trigger ' +
    'tsm_handler void name interval aclitem cid macaddr macaddr8 pg_lsn tid uuid xid xid8 gtsvector tsquery unknown char',
} as const;

export type Storage = 'plain' | 'main' | 'extended' | 'external';

export const BUILTIN_TYPE_STORAGE: ReadonlyMap<string, Storage> = new Map(
  Object.entries(NAMES_BY_STORAGE).flatMap(([storage, names]) =>
    names.split(' ').map((name): [string, Storage] => [name, storage as Storage]),
  ),
);
/** Range types of pg_catalog and their subtypes. https://www.postgresql.org/docs/current/rangetypes.html#RANGETYPES-BUILTIN */
export const BUILTIN_RANGES: Readonly<Record<string, string>> = {
  int4range: 'int4',
  int8range: 'int8',
  numrange: 'numeric',
  tsrange: 'timestamp',
  tstzrange: 'timestamptz',
  daterange: 'date',
};

/** Types with a collation of their own; all others of pg_catalog have none. (`name` has "C".) */
export const COLLATABLE_TYPES: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name']);
