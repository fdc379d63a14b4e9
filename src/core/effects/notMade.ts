import type { Catalog } from '../catalog/catalog.ts';
import { EXTENSION_TYPES } from '../catalog/extensionObjects.ts';
import { isBuiltinFunction } from './volatility.ts';

/**
 * Whether a server may have an object of that name although the history makes none: PostgreSQL's own, or one that an
 * extension brings. Types of known extensions are in the catalog.
 *
 * @param name undefined where any would do
 */
export function mayBeThere(
  catalog: Catalog,
  kind: 'relation' | 'type' | 'function',
  name: string | undefined,
): boolean {
  if (name === undefined) return true;
  const extensions = [...catalog.extensions.keys()].filter((each) => each !== 'plpgsql');
  if (kind === 'function') return extensions.length > 0 || isBuiltinFunction(catalog.major, name);
  if (name.startsWith('pg_') || INFORMATION_SCHEMA.has(name)) return true;
  return extensions.some((each) => !Object.hasOwn(EXTENSION_TYPES, each) || WITH_RELATIONS.has(each));
}

/** Of the extensions whose types are known, those that bring tables or views, and so row types (their own scripts). */
const WITH_RELATIONS: ReadonlySet<string> = new Set(['postgis', 'postgis_raster', 'postgis_topology', 'timescaledb']);

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
