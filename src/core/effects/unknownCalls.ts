import type { FuncCall, Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import { columnNamed, hasColumns, resolveFunctions } from '../catalog/lookup.ts';
import { resolveType } from '../catalog/typeNames.ts';
import { definitionIsOn, nodeAs, nodeKind, stringValues, walkTree } from '../sql/tree.ts';
import type { NodeKind } from '../sql/tree.ts';
import { isBuiltinFunction, isExtensionFunction } from './volatility.ts';

/**
 * The first function that a statement calls when it runs and that neither PostgreSQL nor the history has: an extension's
 * (`create_hypertable`, `partman.create_parent`, `AddGeometryColumn`) may well change tables, and so may one of a
 * database that was there before.
 *
 * @returns its name as written, null if there is none
 */
export function callOfUnknown(catalog: Catalog, tree: Node): string | null {
  if (!RUNS_QUERIES.has(nodeKind(tree))) return null;
  const call = nodeAs(tree, 'CallStmt')?.funccall;
  if (call !== undefined) return nameOfUnknown(catalog, call);
  const explain = nodeAs(tree, 'ExplainStmt');
  if (explain !== undefined && !definitionIsOn(explain.options, 'analyze')) return null;
  let unknown: string | null = null;
  walkTree(tree, (kind, body) => {
    if (kind === 'FuncCall') unknown ??= nameOfUnknown(catalog, body);
  });
  return unknown;
}

const RUNS_QUERIES: ReadonlySet<NodeKind> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CreateTableAsStmt',
  'ExplainStmt',
  'CallStmt',
]);

/** A call's name as written, if neither PostgreSQL nor the history has such a function and it may do anything; else null. */
export function nameOfUnknown(catalog: Catalog, call: FuncCall): string | null {
  const names = stringValues(call.funcname);
  const name = names.at(-1) ?? '';
  const schema = names.at(-2);
  if (schema === 'pg_catalog' || isBuiltinFunction(catalog.major, name) || isExtensionFunction(name)) return null;
  const full = names.join('.');
  if (isHarmless(schema, name) || resolveFunctions(catalog, schema, name).length > 0) return null;
  // A cast in a function's form, or the constructor of a range.
  const type = resolveType(catalog, { names: call.funcname ?? [] });
  if (type.id !== null || type.schema === 'pg_catalog') return null;
  return names.length === 1 && isColumnOfRow(catalog, name, call) ? null : full;
}

/** `note(o)` for `o.note`, with a column of that name anywhere. */
function isColumnOfRow(catalog: Catalog, name: string, { args }: FuncCall): boolean {
  const row = nodeAs(args?.[0], 'ColumnRef')?.fields;
  if (args?.length !== 1 || row?.length !== 1) return false;
  for (const relation of catalog.relations.values())
    if (hasColumns(relation) && columnNamed(relation, name) !== undefined) return true;
  return false;
}

function isHarmless(schema: string | undefined, name: string): boolean {
  if (HARMLESS.has(name)) return true;
  if (schema !== undefined && HARMLESS_OF_SCHEMA.has(`${schema}.${name}`)) return true;
  if (schema === 'topology') return false;
  return /^(?:h3|st)_/.test(name) && !CHANGES_TABLES.test(name);
}

/** Of PostGIS's st_…, those of raster and topology that make or change tables. */
const CHANGES_TABLES =
  /^st_(?:createoverview|retile|inittopogeo|createtopogeo|add(?:iso|edge)|removeiso|rem(?:edge|iso)|moveiso|changeedge|modedge|newedge)/;

/** Functions that only compute or tell something, in whatever schema: PostGIS, pgvector, TimescaleDB, contrib. */
const HARMLESS: ReadonlySet<string> = new Set(
  `pg_stat_statements_reset pgstattuple pgstatindex pg_prewarm
  postgis_full_version postgis_version postgis_lib_version postgis_geos_version postgis_proj_version
  postgis_libxml_version postgis_scripts_installed postgis_scripts_released postgis_lib_build_date
  cosine_distance l2_distance l1_distance inner_product negative_inner_product hamming_distance jaccard_distance
  vector_dims vector_norm l2_norm l2_normalize subvector binary_quantize
  time_bucket time_bucket_gapfill
  set_limit show_limit strict_word_similarity
  earth_distance earth_box skeys svals sort_asc sort_desc
  pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_pub_decrypt pgp_pub_decrypt_bytea encrypt_iv decrypt_iv
  dmetaphone_alt levenshtein_less_equal daitch_mokotoff difference`.split(/\s+/),
);

/** Functions of pg_cron, pg_net, pgmq and of a Supabase project that keep rows of their own or only tell something. */
const HARMLESS_OF_SCHEMA: ReadonlySet<string> = new Set(
  `auth.uid auth.jwt auth.role auth.email
  storage.foldername storage.filename storage.extension
  realtime.send realtime.topic realtime.broadcast_changes
  vault.create_secret vault.update_secret
  cron.schedule cron.schedule_in_database cron.unschedule cron.alter_job
  net.http_get net.http_post net.http_delete
  pgmq.send pgmq.send_batch`.split(/\s+/),
);
