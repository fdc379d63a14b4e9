import type { Node, TypeName } from '@pgsql/types';
import { BUILTIN_TYPE_STORAGE } from './builtinTypes.ts';
import { qualifiedKey } from './catalog.ts';
import type { CatalogView, TypeReference } from './catalog.ts';
import { hasColumns, resolveRelation, columnNamed, searchedSchemas, TEMPORARY_SCHEMA } from './lookup.ts';
import { strings, valueText } from './nodes.ts';

/** serial and its like are no types: the column gets the integer type, a sequence and a default. */
export const SERIAL_TYPES: Readonly<Record<string, string>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
};

const PLAIN_BUILTINS: ReadonlyMap<string, TypeReference> = new Map(
  [...BUILTIN_TYPE_STORAGE.keys()].map((name): [string, TypeReference] => [
    name,
    { schema: 'pg_catalog', name, modifiers: [], arrayDimensions: 0, id: null },
  ]),
);

/** A built-in type without modifiers, by its internal name. */
export function builtinType(name: string): TypeReference {
  return PLAIN_BUILTINS.get(name) ?? { schema: 'pg_catalog', name, modifiers: [], arrayDimensions: 0, id: null };
}

/** The integer type behind `serial` and its like; null for true types. */
export function serialType(typeName: TypeName | undefined): string | null {
  if (typeName?.names?.length !== 1 || typeName.pct_type === true) return null;
  const name = strings(typeName.names)[0] ?? '';
  return Object.hasOwn(SERIAL_TYPES, name) ? (SERIAL_TYPES[name] ?? null) : null;
}

/**
 * Resolves a type as written: aliases are gone after the grammar (`int` is pg_catalog.int4), unqualified names go
 * through search_path with pg_catalog first. What nothing is known of has `schema` and `id` null, or the schema written.
 */
export function resolveType(catalog: CatalogView, typeName: TypeName | undefined): TypeReference {
  const names = strings(typeName?.names);
  if (typeName === undefined || names.length === 0) return builtinType('unknown');
  if (typeName.pct_type === true) return columnType(catalog, names);
  const name = names.at(-1) ?? '';
  const schema = names.at(-2);
  const dimensions = typeName.arrayBounds?.length ?? 0;
  let found = lookUp(catalog, schema, name);
  if (found === undefined && name.startsWith('_')) {
    const element = lookUp(catalog, schema, name.slice(1));
    if (element !== undefined) found = { ...element, arrayDimensions: 1 };
  }
  if (typeName.typmods === undefined && dimensions === 0 && found !== undefined) return found;
  const base = found ?? { schema: schema ?? null, name, modifiers: [], arrayDimensions: 0, id: null };
  return {
    ...base,
    modifiers: typeName.typmods === undefined ? base.modifiers : modifiersOf(base, typeName.typmods),
    arrayDimensions: Math.max(base.arrayDimensions, dimensions),
  };
}

function lookUp(catalog: CatalogView, schema: string | undefined, name: string): TypeReference | undefined {
  if (schema === 'pg_catalog') return builtinType(name);
  if (schema !== undefined) return userType(catalog, schema, name);
  const builtin = PLAIN_BUILTINS.get(name);
  if (builtin !== undefined) return builtin;
  if (catalog.relationByName.has(qualifiedKey(TEMPORARY_SCHEMA, name)))
    return userType(catalog, TEMPORARY_SCHEMA, name);
  for (const searched of searchedSchemas(catalog)) {
    const found = userType(catalog, searched, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function userType(catalog: CatalogView, schema: string, name: string): TypeReference | undefined {
  const key = qualifiedKey(schema, name);
  const id = catalog.typeByName.get(key) ?? catalog.relationByName.get(key);
  if (id === undefined) return undefined;
  const relation = catalog.relations.get(id);
  if (relation !== undefined && !hasColumns(relation)) return undefined;
  return { schema, name, modifiers: [], arrayDimensions: 0, id };
}

/** `table.column%TYPE`. */
function columnType(catalog: CatalogView, names: readonly string[]): TypeReference {
  const relation = resolveRelation(catalog, names.at(-3), names.at(-2) ?? '');
  const column = relation !== undefined && hasColumns(relation) ? columnNamed(relation, names.at(-1) ?? '') : undefined;
  return column === undefined ? { ...builtinType('unknown'), schema: null } : { ...column.type, modifiers: [] };
}

/** INTERVAL_FULL_RANGE: no fields named. utils/timestamp.h */
const INTERVAL_FULL_RANGE = 0x7fff;

/** Modifiers as the server keeps them: numeric has always both, an interval its fields first, at most 6 fractional digits. */
function modifiersOf(type: TypeReference, written: readonly Node[]): readonly (number | string)[] {
  const values = written.map((node) => {
    const text = valueText(node) ?? '';
    return /^-?\d+$/.test(text) ? Number(text) : text;
  });
  if (type.schema !== 'pg_catalog') return values;
  const first = values[0];
  switch (type.name) {
    case 'numeric':
      return values.length === 1 ? [...values, 0] : values;
    case 'interval':
      if (values.length === 1 && first === INTERVAL_FULL_RANGE) return [];
      return values.length > 1 && typeof values[1] === 'number' ? [first ?? '', Math.min(values[1], 6)] : values;
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return typeof first === 'number' ? [Math.min(first, 6)] : values;
    default:
      return values;
  }
}
