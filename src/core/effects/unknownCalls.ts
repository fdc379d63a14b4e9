import type { FuncCall, Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import { resolveFunctions } from '../catalog/lookup.ts';
import { resolveType } from '../catalog/typeNames.ts';
import { stringValues, walkTree } from '../sql/tree.ts';
import { isBuiltinFunction, isExtensionFunction } from './volatility.ts';

/**
 * The first function that a SELECT or CALL calls and that neither PostgreSQL nor the history has: an extension's
 * (`create_hypertable`, `partman.create_parent`, `AddGeometryColumn`) may well change tables, and so may one of a
 * database that was there before.
 *
 * @returns its name as written, null if there is none
 */
export function callOfUnknown(catalog: Catalog, tree: Node): string | null {
  if ('CallStmt' in tree) return unknownName(catalog, tree.CallStmt.funccall);
  if (!('SelectStmt' in tree)) return null;
  let unknown: string | null = null;
  walkTree(tree, (kind, body) => {
    if (kind === 'FuncCall') unknown ??= unknownName(catalog, body);
  });
  return unknown;
}

function unknownName(catalog: Catalog, call: FuncCall | undefined): string | null {
  const names = stringValues(call?.funcname);
  const name = names.at(-1) ?? '';
  const schema = names.at(-2);
  if (schema === 'pg_catalog' || isBuiltinFunction(catalog.major, name) || isExtensionFunction(name)) return null;
  const full = names.join('.');
  if (HARMLESS.has(full) || resolveFunctions(catalog, schema, name).length > 0) return null;
  // A cast in a function's form, or the constructor of a range.
  const type = resolveType(catalog, { names: call?.funcname ?? [] });
  return type.id === null && type.schema !== 'pg_catalog' ? full : null;
}

/** Functions of pg_cron, pg_net, pg_stat_statements, PostGIS and Supabase's vault that keep rows or only tell something. */
const HARMLESS: ReadonlySet<string> = new Set([
  'cron.schedule',
  'cron.schedule_in_database',
  'cron.unschedule',
  'cron.alter_job',
  'net.http_get',
  'net.http_post',
  'pg_stat_statements_reset',
  'postgis_full_version',
  'postgis_version',
  'vault.create_secret',
  'vault.update_secret',
]);
