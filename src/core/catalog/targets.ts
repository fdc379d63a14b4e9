import type { Node, RangeVar, TypeName } from '@pgsql/types';
import { qualifiedKey, schemaKey } from './catalog.ts';
import type { Relation, Schema, TableRelation, TypeReference, UserType } from './catalog.ts';
import type { Draft } from './draft.ts';
import { isTable, resolveRelation, resolveUserType, searchedSchemas, TEMPORARY_SCHEMA } from './lookup.ts';
import { EXTENSION_TYPES, MADE_SCHEMAS } from './extensionObjects.ts';
import { nameOf, nameOfRangeVar, nameText, strings } from './nodes.ts';
import type { Name } from './nodes.ts';
import { Refusal, Unknown } from './refusal.ts';
import { resolveType } from './typeNames.ts';

/** Where a statement's names lead to: the object meant, the schema where a new one goes. */

/** Schemas that every server has and that no history makes. */
export function isSystemSchema(schema: string): boolean {
  return schema === 'pg_catalog' || schema === 'information_schema' || schema === 'pg_toast';
}

export function newSchema(name: string): Schema {
  return { name, owner: null, comment: null, privileges: [] };
}

/**
 * A schema that a statement names must be there. One that the history never made is taken for given, and said; one that it
 * took away is missing for the server too, unless dynamic SQL may have made it again.
 */
export function requireSchema(draft: Draft, schema: string): void {
  if (draft.schemas.has(schema) || schema === TEMPORARY_SCHEMA || isSystemSchema(schema)) return;
  if (draft.gone.has(schemaKey(schema)) && !draft.gaps.some(({ kind }) => kind === 'dynamic SQL'))
    throw new Refusal('3F000', `schema "${schema}" does not exist`);
  missSchema(draft, schema);
  draft.schemas = draft.schemas.set(schema, newSchema(schema));
}

/** A schema that the history never made is taken for given, and said, unless an extension has made it. */
export function missSchema(draft: Draft, schema: string): void {
  const ofExtension = [...draft.extensions.keys()].some((name) => MADE_SCHEMAS[name]?.includes(schema));
  if (!ofExtension) draft.gap({ kind: 'missing baseline', what: `schema ${schema}` });
}

/** The schema in which a new object goes: the one written, or the first of search_path that exists. */
export function creationSchema(draft: Draft, schema: string | undefined, persistence?: string): string {
  if (persistence === 't') return TEMPORARY_SCHEMA;
  if (schema !== undefined) {
    requireSchema(draft, schema);
    return schema;
  }
  const path = searchedSchemas(draft);
  const existing = path.find((name) => draft.schemas.has(name) || name === TEMPORARY_SCHEMA);
  if (existing !== undefined) return existing;
  const [first] = path;
  if (first === undefined) throw new Refusal('3F000', 'no schema has been selected to create in');
  requireSchema(draft, first);
  return first;
}

/** Finds a relation by a statement's words. Throws `Unknown` for what the history never made. */
export function requireRelation(draft: Draft, name: Name): Relation {
  const found = resolveRelation(draft, name.schema, name.name);
  if (found === undefined) throw isGone(draft, name) ? noRelation(name) : unknown(name, 'relation');
  return found;
}

/** The history made a relation of this name and took it away: the statement errs. */
export function isGone(draft: Draft, { schema, name }: Name): boolean {
  if (draft.gone.size === 0) return false;
  const schemas = schema === undefined ? searchedSchemas(draft) : [schema];
  return schemas.some((one) => draft.gone.has(qualifiedKey(one, name)));
}

/**
 * A relation that a statement leans on is not there: one that the history took away is missing for the server too, unless
 * dynamic SQL may have made it again. Any other is taken for given, and said.
 */
export function missRelation(draft: Draft, name: Name): void {
  if (isGone(draft, name) && !draft.gaps.some(({ kind }) => kind === 'dynamic SQL')) throw noRelation(name);
  draft.gap({ kind: 'missing baseline', what: `relation ${nameText(name)}` });
}

export function noRelation(name: Name): Refusal {
  return new Refusal('42P01', `relation "${nameText(name)}" does not exist`);
}

export function requireTable(draft: Draft, relation: RangeVar | undefined): TableRelation {
  const found = requireRelation(draft, nameOfRangeVar(relation));
  if (!isTable(found)) throw new Refusal('42809', `"${found.name}" is not a table`);
  return found;
}

/** ALTER … IF EXISTS of a relation that is not there: the server says so and goes on. */
export function isSkipped(
  draft: Draft,
  { missing_ok: ifExists, relation }: { readonly missing_ok?: boolean; readonly relation?: RangeVar },
): boolean {
  if (ifExists !== true || relation === undefined) return false;
  const { schema, name } = nameOfRangeVar(relation);
  return resolveRelation(draft, schema, name) === undefined;
}

/** What ALTER VIEW, ALTER SEQUENCE … may be said of; ALTER TABLE is forgiving (RangeVarCallbackForAlterRelation() in tablecmds.c). */
const ALTERED_KIND: Readonly<Record<string, Relation['kind']>> = {
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_FOREIGN_TABLE: 'foreign table',
  OBJECT_TYPE: 'composite type',
};

export function requireAlterable(relation: Relation, objectType: string | undefined): void {
  const kind = ALTERED_KIND[objectType ?? ''];
  if (kind !== undefined && relation.kind !== kind) throw new Refusal('42809', `"${relation.name}" is not a ${kind}`);
  if (relation.kind === 'composite type' && objectType !== 'OBJECT_TYPE')
    throw new Refusal('42809', `"${relation.name}" is a composite type`);
}

export function requireType(draft: Draft, nodes: readonly Node[] | Node | undefined): UserType {
  const name = nameOf(nodes);
  const found = resolveUserType(draft, name.schema, name.name);
  if (found === undefined) throw unknown(name, 'type');
  return found;
}

/** A type by a statement's words; one that nothing is known of is said, and kept by its name. */
export function knownType(draft: Draft, typeName: TypeName | undefined): TypeReference {
  const type = resolveType(draft, typeName);
  const unknownType = type.id === null && type.schema !== 'pg_catalog' && !isSystemSchema(type.schema ?? '');
  if (unknownType && typeName !== undefined) {
    // An extension that we have no list of may have brought it.
    const known = [...draft.extensions.keys()].every(
      (name) => name === 'plpgsql' || Object.hasOwn(EXTENSION_TYPES, name),
    );
    draft.gap({ kind: known ? 'missing baseline' : 'not followed', what: `type ${strings(typeName.names).join('.')}` });
  }
  return type;
}

/** What the history never made. Objects of the system are known to the server, only not to us: nothing to say. */
export function unknown(name: Name, kind: string): Unknown | Refusal {
  if (name.schema !== undefined && isSystemSchema(name.schema)) {
    return new Refusal('42501', `system object ${nameText(name)}`);
  }
  return new Unknown(`${kind} ${nameText(name)}`);
}

/** A new relation's name must be free among relations, and among types when it brings a row type. */
export function requireFreeRelationName(draft: Draft, schema: string, name: string): void {
  if (draft.relationByName.has(qualifiedKey(schema, name))) {
    throw new Refusal('42P07', `relation "${name}" already exists`);
  }
}

export function requireFreeTypeName(draft: Draft, schema: string, name: string): void {
  const key = qualifiedKey(schema, name);
  const relation = draft.relations.get(draft.relationByName.get(key) ?? -1);
  const taken = relation !== undefined && 'columns' in relation;
  if (draft.typeByName.has(key) || taken) throw new Refusal('42710', `type "${name}" already exists`);
}
