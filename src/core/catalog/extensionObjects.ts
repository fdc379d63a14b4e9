/**
 * Types that extensions bring, so that columns of them resolve. From the extensions' own scripts (contrib of
 * PostgreSQL 18; PostGIS 3.5, pgvector 0.8, pg_uuidv7, ltree and others from their repositories).
 */
export const EXTENSION_TYPES: Readonly<Record<string, readonly string[]>> = {
  citext: ['citext'],
  hstore: ['hstore', 'ghstore'],
  ltree: ['ltree', 'lquery', 'ltxtquery', 'ltree_gist'],
  cube: ['cube'],
  seg: ['seg'],
  isn: ['ean13', 'isbn13', 'ismn13', 'issn13', 'isbn', 'ismn', 'issn', 'upc'],
  intarray: ['query_int', 'intbig_gkey'],
  lo: ['lo'],
  pg_trgm: ['gtrgm'],
  btree_gist: ['gbtreekey2', 'gbtreekey4', 'gbtreekey8', 'gbtreekey16', 'gbtreekey32', 'gbtreekey_var'],
  vector: ['vector', 'halfvec', 'sparsevec'],
  postgis: ['geometry', 'geography', 'box2d', 'box3d', 'spheroid', 'box2df', 'gidx'],
  postgis_raster: ['raster'],
  postgis_topology: ['topogeometry'],
  prefix: ['prefix_range'],
  semver: ['semver'],
  ulid: ['ulid'],
  pgx_ulid: ['ulid'],
  h3: ['h3index'],
  timescaledb: [],
  // Functions, operators, access methods or views named pg_… only.
  'uuid-ossp': [],
  pgcrypto: [],
  unaccent: [],
  fuzzystrmatch: [],
  btree_gin: [],
  bloom: [],
  moddatetime: [],
  pg_stat_statements: [],
  pg_buffercache: [],
  pg_prewarm: [],
  pgstattuple: [],
  pgrowlocks: [],
  amcheck: [],
  postgres_fdw: [],
  file_fdw: [],
  tcn: [],
};

/** Extensions that can be in one schema only: made there, and the schema with them. From their control files. */
export const EXTENSION_SCHEMAS: Readonly<Record<string, string>> = {
  plpgsql: 'pg_catalog',
  plperl: 'pg_catalog',
  plperlu: 'pg_catalog',
  plpython3u: 'pg_catalog',
  pltcl: 'pg_catalog',
  pltclu: 'pg_catalog',
  adminpack: 'pg_catalog',
  pg_cron: 'pg_catalog',
  age: 'ag_catalog',
  pgmq: 'pgmq',
  pgsodium: 'pgsodium',
  supabase_vault: 'vault',
  pg_graphql: 'graphql',
  postgis_topology: 'topology',
  postgis_tiger_geocoder: 'tiger',
};

/** Schemas that extensions make themselves. From their own scripts. */
export const MADE_SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  pg_cron: ['cron'],
  pg_net: ['net'],
  pg_repack: ['repack'],
  pgsodium: ['pgsodium', 'pgsodium_masks'],
  postgis_topology: ['topology'],
  postgis_tiger_geocoder: ['tiger', 'tiger_data'],
  timescaledb: [
    '_timescaledb_cache',
    '_timescaledb_catalog',
    '_timescaledb_config',
    '_timescaledb_debug',
    '_timescaledb_functions',
    '_timescaledb_internal',
    'timescaledb_experimental',
    'timescaledb_information',
  ],
};

/** Whether all schemas and types that an extension makes are listed here. */
export function isListed(extension: string): boolean {
  return [EXTENSION_TYPES, EXTENSION_SCHEMAS, MADE_SCHEMAS].some((list) => Object.hasOwn(list, extension));
}
