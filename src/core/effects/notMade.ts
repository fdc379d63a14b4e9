import { qualifiedKey } from '../catalog/catalog.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { EXTENSION_TYPES } from '../catalog/extensionObjects.ts';
import { isSystemSchema } from '../catalog/targets.ts';
import { isBuiltinFunction } from './volatility.ts';

/**
 * Whether a server may have an object of that name although the history makes none: PostgreSQL's own, or one that an
 * extension brings. Types of known extensions are in the catalog.
 *
 * @param name undefined where any would do
 * @param schema undefined where any would do
 */
export function mayBeThere(
  catalog: Catalog,
  kind: 'schema' | 'relation' | 'type' | 'function',
  name: string | undefined,
  schema?: string,
): boolean {
  const extensions = [...catalog.extensions.keys()].filter((each) => each !== 'plpgsql');
  const inSystem = schema === undefined || isSystemSchema(schema) || schema.startsWith('pg_');
  const isSystemName = name === undefined || name.startsWith('pg_');
  if (kind === 'schema')
    return isSystemName || isSystemSchema(name) || extensions.some((each) => brings(each, WITH_SCHEMAS));
  if (kind === 'function')
    return extensions.length > 0 || (inSystem && (name === undefined || isBuiltinFunction(catalog.major, name)));
  if (inSystem && (isSystemName || INFORMATION_SCHEMA.has(name))) return true;
  // Every type brings that of its arrays: the name of the one, `_` before it.
  if (kind === 'type' && (name === undefined || name.startsWith('_'))) return true;
  if (isSystemName) return extensions.length > 0;
  // An extension can't make another of that name beside it.
  if (kind === 'relation' && isMade(catalog, schema, name)) return false;
  return extensions.some((each) => brings(each, WITH_RELATIONS));
}

/** Whether a server may have relations, or constraints, whose names begin so although the history makes none. */
export function anyMayBeThere(catalog: Catalog, prefix: string): boolean {
  if (prefix === '' || prefix.startsWith('pg_') || 'pg_'.startsWith(prefix)) return true;
  if ([...INFORMATION_SCHEMA].some((name) => name.startsWith(prefix))) return true;
  return [...catalog.extensions.keys()].some((each) => each !== 'plpgsql' && brings(each, WITH_RELATIONS));
}

function isMade(catalog: Catalog, schema: string | undefined, name: string): boolean {
  const schemas = schema === undefined ? [...catalog.schemas.keys()] : [schema];
  return schemas.some((each) => catalog.relationByName.has(qualifiedKey(each, name)));
}

function brings(extension: string, such: ReadonlySet<string>): boolean {
  return !Object.hasOwn(EXTENSION_TYPES, extension) || such.has(extension);
}

/** Of the extensions whose types are known, those that bring tables or views (not named pg_…), and so row types (their own scripts). */
const WITH_RELATIONS: ReadonlySet<string> = new Set(['postgis', 'postgis_raster', 'postgis_topology', 'timescaledb']);

/** Of the extensions whose types are known, those that bring schemas. */
const WITH_SCHEMAS: ReadonlySet<string> = new Set(['postgis_topology', 'timescaledb']);

/** Relations and domains of the information schema (the same from 14 to 18). */
const INFORMATION_SCHEMA: ReadonlySet<string> = new Set(
  `administrable_role_authorizations applicable_roles attributes character_sets check_constraint_routine_usage
  check_constraints collation_character_set_applicability collations column_column_usage column_domain_usage
  column_options column_privileges column_udt_usage columns constraint_column_usage constraint_table_usage
  data_type_privileges domain_constraints domain_udt_usage domains element_types enabled_roles
  foreign_data_wrapper_options foreign_data_wrappers foreign_server_options foreign_servers foreign_table_options
  foreign_tables information_schema_catalog_name key_column_usage parameters referential_constraints
  role_column_grants role_routine_grants role_table_grants role_udt_grants role_usage_grants routine_column_usage
  routine_privileges routine_routine_usage routine_sequence_usage routine_table_usage routines schemata sequences
  sql_features sql_implementation_info sql_parts sql_sizing table_constraints table_privileges tables transforms
  triggered_update_columns triggers udt_privileges usage_privileges user_defined_types user_mapping_options
  user_mappings view_column_usage view_routine_usage view_table_usage views
  cardinal_number character_data sql_identifier time_stamp yes_or_no`.split(/\s+/),
);
