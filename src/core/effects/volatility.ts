import type { Node, SelectStmt } from '@pgsql/types';
import type { Catalog, ServerMajor, UserFunction } from '../catalog/catalog.ts';
import { resolveFunctions } from '../catalog/lookup.ts';
import type { Parser } from '../sql/parser.ts';
import { nodeAs, stringValues } from '../sql/tree.ts';
import { BUILTIN_FUNCTIONS, VOLATILE_BUILTINS } from './builtins.ts';
import type { MajorRange } from './builtins.ts';

/**
 * Whether an expression must be evaluated for each row anew. `stable` and `immutable` are one here: a default that is
 * not volatile is evaluated once when the column is added. `unknown`: it calls a function that nobody knows.
 */
export type Volatility = 'volatile' | 'not volatile' | 'unknown';

/**
 * Volatility of functions that come with extensions, where the name tells the extension: those in pg_proc of
 * uuid-ossp, pgcrypto, pg_trgm, unaccent, hstore, citext, ltree, intarray, earthdistance, tablefunc, PostGIS as
 * installed by CREATE EXTENSION. Functions that are not here and not known otherwise are `unknown`.
 */
const EXTENSION_VOLATILE = new Set(
  (
    'uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuid_generate_v7 gen_random_bytes gen_salt pgp_sym_encrypt ' +
    'pgp_sym_encrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea normal_rand crosstab connectby dblink dblink_exec ' +
    'nanoid gen_ulid ulid_generate'
  ).split(' '),
);
const EXTENSION_NOT_VOLATILE = new Set(
  (
    'uuid_generate_v3 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url uuid_ns_oid uuid_ns_x500 digest hmac crypt encrypt ' +
    'decrypt armor dearmor similarity word_similarity show_trgm unaccent hstore hstore_to_json hstore_to_jsonb avals akeys ' +
    'text2ltree ltree2text subpath nlevel lca subltree icount sort uniq idx earth ll_to_earth latitude longitude ' +
    'st_makepoint st_point st_setsrid st_geomfromtext st_geogfromtext st_geographyfromtext st_transform st_x st_y ' +
    'levenshtein soundex metaphone dmetaphone'
  ).split(' '),
);

const named = new Map<ServerMajor, { readonly known: ReadonlySet<string>; readonly volatile: ReadonlySet<string> }>();

function builtins(major: ServerMajor): { readonly known: ReadonlySet<string>; readonly volatile: ReadonlySet<string> } {
  let sets = named.get(major);
  if (sets === undefined) {
    const volatile = itemsOf(VOLATILE_BUILTINS, major);
    // One overload of fourteen's timezone() is volatile (of timetz); those in use are not.
    volatile.delete('timezone');
    sets = { known: itemsOf(BUILTIN_FUNCTIONS, major), volatile };
    named.set(major, sets);
  }
  return sets;
}

/** The items that a server of this major has. */
export function itemsOf(ranges: readonly MajorRange[], major: ServerMajor): Set<string> {
  return new Set(ranges.flatMap(({ from, to, items }) => (from <= major && major <= to ? items.split(' ') : [])));
}

export function isBuiltinFunction(major: ServerMajor, name: string): boolean {
  return builtins(major).known.has(name);
}

/** One of the functions that common extensions bring, and that run no SQL which they are given. */
export function isExtensionFunction(name: string): boolean {
  return EXTENSION_VOLATILE.has(name) ? !/^(?:dblink|crosstab|connectby)/.test(name) : EXTENSION_NOT_VOLATILE.has(name);
}

/** Worst volatility of all functions that an expression calls. */
export function volatilityOf(expression: unknown, catalog: Catalog, parser: Parser | null, depth = 0): Volatility {
  if (expression === null || typeof expression !== 'object') return 'not volatile';
  let worst: Volatility = 'not volatile';
  const add = (found: Volatility): void => {
    if (found === 'volatile' || worst === 'not volatile') worst = found;
  };
  if (Array.isArray(expression)) {
    for (const item of expression) add(volatilityOf(item, catalog, parser, depth));
    return worst;
  }
  for (const key in expression) {
    const value = (expression as Record<string, unknown>)[key];
    if (value === null || typeof value !== 'object') continue;
    if (key === 'FuncCall') {
      const { funcname, args } = value as { funcname?: Node[]; args?: Node[] };
      add(callVolatility(funcname, args?.length ?? 0, catalog, parser, depth));
    }
    add(volatilityOf(value, catalog, parser, depth));
  }
  return worst;
}

function callVolatility(
  funcname: readonly Node[] | undefined,
  argumentCount: number,
  catalog: Catalog,
  parser: Parser | null,
  depth: number,
): Volatility {
  const parts = stringValues(funcname);
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  const { known, volatile } = builtins(catalog.major);
  if ((schema === undefined || schema === 'pg_catalog') && known.has(name)) {
    return volatile.has(name) ? 'volatile' : 'not volatile';
  }
  const overloads = resolveFunctions(catalog, schema, name);
  if (overloads.length > 0) {
    const fitting = overloads.filter((each) => each.argumentTypes.length === argumentCount);
    const meant = fitting.length > 0 ? fitting : overloads;
    return worstOf([
      ...meant.map((each) => userVolatility(each, catalog, parser, depth)),
      ...meant.map((each) => defaultsVolatility(each, argumentCount, catalog, parser, depth)),
    ]);
  }
  if (EXTENSION_VOLATILE.has(name)) return 'volatile';
  if (EXTENSION_NOT_VOLATILE.has(name)) return 'not volatile';
  return 'unknown';
}

function worstOf(all: readonly Volatility[]): Volatility {
  if (all.includes('volatile')) return 'volatile';
  return all.includes('unknown') ? 'unknown' : 'not volatile';
}

/**
 * A function declared VOLATILE (that is the default) counts as its body if the planner inlines it: language SQL, one
 * SELECT of one expression without FROM (inline_function() in src/backend/optimizer/util/clauses.c; measured on 14–18).
 */
function userVolatility(called: UserFunction, catalog: Catalog, parser: Parser | null, depth: number): Volatility {
  if (called.volatility !== 'volatile') return 'not volatile';
  if (called.language !== 'sql' || called.body === null || parser === null || depth > 5) return 'volatile';
  if (called.securityDefiner || called.returnsSet || called.settings.length > 0) return 'volatile';
  const parsed = parser.parse(called.body);
  if (!parsed.ok || parsed.statements.length !== 1) return 'volatile';
  const select = nodeAs(parsed.statements[0]?.tree, 'SelectStmt');
  if (select === undefined || !isOneExpression(select)) return 'volatile';
  return volatilityOf(select.targetList, catalog, parser, depth + 1);
}

/** Arguments that are not given are computed by their defaults, where the function is called. */
function defaultsVolatility(
  called: UserFunction,
  given: number,
  catalog: Catalog,
  parser: Parser | null,
  depth: number,
): Volatility {
  if (given >= called.argumentTypes.length || parser === null || called.definition === null || depth > 5)
    return 'not volatile';
  const parsed = parser.parse(called.definition);
  const made = parsed.ok ? nodeAs(parsed.statements[0]?.tree, 'CreateFunctionStmt') : undefined;
  const defaults = (made?.parameters ?? []).map((node) => nodeAs(node, 'FunctionParameter')?.defexpr);
  return volatilityOf(defaults.slice(given), catalog, parser, depth + 1);
}

function isOneExpression(select: SelectStmt): boolean {
  const { targetList, fromClause, whereClause, groupClause, valuesLists, withClause, larg, limitCount, sortClause } =
    select;
  const others = [fromClause, whereClause, groupClause, valuesLists, withClause, larg, limitCount, sortClause];
  if (targetList?.length !== 1 || others.some((part) => part !== undefined)) return false;
  return !containsSubquery(targetList);
}

function containsSubquery(tree: unknown): boolean {
  if (tree === null || typeof tree !== 'object') return false;
  if ('SubLink' in tree) return true;
  return Object.values(tree).some(containsSubquery);
}
