import type { Node } from '@pgsql/types';
import type { CatalogView, Column, TypeReference } from './catalog.ts';
import { sameType } from './lookup.ts';
import { builtinType, resolveType } from './typeNames.ts';

/**
 * Whether values go from one type to another without an explicit cast: find_coercion_pathway() in parse_coerce.c.
 * `unknown`: a type of an extension, a cast of the user's own, anything that the catalog can't tell.
 */
export type Coercion = 'implicit' | 'assignment' | 'none' | 'unknown';

/** pg_cast, castcontext `i`, between the types of columns; the same on 14 to 18. */
const IMPLICIT: Readonly<Record<string, string>> = {
  bit: 'varbit',
  bpchar: 'name text varchar',
  char: 'text',
  cidr: 'inet',
  date: 'timestamp timestamptz',
  float4: 'float8',
  int2: 'float4 float8 int4 int8 numeric oid',
  int4: 'float4 float8 int8 numeric oid',
  int8: 'float4 float8 numeric oid',
  macaddr: 'macaddr8',
  macaddr8: 'macaddr',
  name: 'text',
  numeric: 'float4 float8',
  text: 'bpchar name varchar',
  time: 'interval timetz',
  timestamp: 'timestamptz',
  varbit: 'bit',
  varchar: 'bpchar name text',
};

/** pg_cast, castcontext `a`; to a string type every type can be assigned. */
const ASSIGNMENT: Readonly<Record<string, string>> = {
  box: 'polygon',
  bpchar: 'char',
  float4: 'int2 int4 int8 numeric',
  float8: 'float4 int2 int4 int8 numeric',
  inet: 'cidr',
  int4: 'int2 money',
  int8: 'int2 int4 money',
  interval: 'time',
  json: 'jsonb',
  jsonb: 'json',
  money: 'numeric',
  numeric: 'int2 int4 int8 money',
  oid: 'int4 int8',
  path: 'polygon',
  point: 'box',
  polygon: 'path',
  text: 'char',
  timestamp: 'date time',
  timestamptz: 'date time timestamp timetz',
  timetz: 'time',
  varchar: 'char',
};

const STRINGS: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name']);

/** Types that one operator family of btree compares with each other (pg_amop). */
const FAMILIES = ['int2 int4 int8', 'float4 float8', 'date timestamp timestamptz', 'text varchar name'].map((names) =>
  names.split(' '),
);

/** How a value of `from` becomes one of `to` where nobody writes a cast. */
export function coercionBetween(catalog: CatalogView, from: TypeReference, to: TypeReference): Coercion {
  const source = underDomains(catalog, from);
  const target = underDomains(catalog, to);
  if (sameType(source, target)) return 'implicit';
  for (const { kind } of catalog.others.values()) if (kind === 'cast') return 'unknown';
  if (!isKnown(catalog, source) || !isKnown(catalog, target)) return 'unknown';
  if (target.arrayDimensions > 0) {
    return source.arrayDimensions > 0 ? coercionBetween(catalog, elementOf(source), elementOf(target)) : 'none';
  }
  if (source.arrayDimensions === 0 && source.id === null && target.id === null) {
    if (IMPLICIT[source.name]?.split(' ').includes(target.name) === true) return 'implicit';
    if (ASSIGNMENT[source.name]?.split(' ').includes(target.name) === true) return 'assignment';
  }
  return target.id === null && STRINGS.has(target.name) ? 'assignment' : 'none';
}

/** Whether a foreign key's column can't be compared with the one that it refers to (ATAddForeignKeyConstraint). */
export function neverComparable(catalog: CatalogView, own: TypeReference, referenced: TypeReference): boolean {
  const [from, to] = [underDomains(catalog, own), underDomains(catalog, referenced)];
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0) return false;
  if (from.id === null && to.id === null && FAMILIES.some((all) => all.includes(from.name) && all.includes(to.name)))
    return false;
  const coercion = coercionBetween(catalog, from, to);
  return coercion === 'none' || coercion === 'assignment';
}

/**
 * The type of a column's default as the server keeps it (implicit casts stripped); null where that takes more than a
 * look. A plain string has become a value of the column's own type.
 */
export function defaultType(catalog: CatalogView, { default: expression, type }: Column): TypeReference | null {
  const tree: Node | null | undefined = expression?.tree;
  if (tree == null) return null;
  if ('TypeCast' in tree) return resolveType(catalog, tree.TypeCast.typeName);
  if (!('A_Const' in tree)) return null;
  const { sval, ival, fval, boolval } = tree.A_Const;
  if (sval !== undefined) return type;
  if (ival !== undefined) return builtinType('int4');
  if (boolval !== undefined) return builtinType('bool');
  return fval === undefined ? null : builtinType('numeric');
}

function underDomains(catalog: CatalogView, type: TypeReference): TypeReference {
  const domain = type.id === null || type.arrayDimensions > 0 ? undefined : catalog.types.get(type.id);
  return domain?.kind === 'domain' ? underDomains(catalog, domain.base) : type;
}

function elementOf(type: TypeReference): TypeReference {
  return { ...type, arrayDimensions: 0 };
}

/** A built-in type whose casts are all above, or an enum. */
function isKnown(catalog: CatalogView, { id, schema, name }: TypeReference): boolean {
  if (id !== null) return catalog.types.get(id)?.kind === 'enum';
  return schema === 'pg_catalog' && !/^(reg|pg_|any|unknown|record|oidvector|int2vector)/.test(name);
}
