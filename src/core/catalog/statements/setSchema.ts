import type { AlterObjectSchemaStmt } from '@pgsql/types';
import type { Relation, TableRelation } from '../catalog.ts';
import { schemaKey } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { renameRelationInTrees, renameUsesInTrees } from '../renameInTrees.ts';
import { hasColumns, indexesOf, isIndex, isTable, isView, ownedSequences, resolveRelation } from '../lookup.ts';
import { nameOf, nameOfRangeVar, stringOf } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import {
  isSkipped,
  requireAlterable,
  requireFreeRelationName,
  requireFreeTypeName,
  requireRelation,
  requireSchema,
  requireType,
} from '../targets.ts';
import { requireFreeFunction, requireFunction } from './functions.ts';
import { objectName, OTHER_KINDS } from './otherObjects.ts';
import { otherKey } from './others.ts';
import { renameReferences } from './renameReferences.ts';

/** ALTER … SET SCHEMA. */
export function setSchema(draft: Draft, node: AlterObjectSchemaStmt): void {
  const schema = node.newschema ?? '';
  const of = nameOfRangeVar(node.relation);
  if (isSkipped(draft, node)) return;
  requireSchema(draft, schema);
  switch (node.objectType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE': {
      const relation = requireRelation(draft, of);
      requireAlterable(relation, node.objectType);
      if (isIndex(relation)) throw new Refusal('42809', `cannot change schema of index "${relation.name}"`);
      if (relation.kind === 'sequence' && relation.ownedBy !== null) {
        throw new Refusal('0A000', 'cannot move an owned sequence into another schema');
      }
      moveRelation(draft, relation, schema);
      return;
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const name = nameOf(node.object);
      const relation = resolveRelation(draft, name.schema, name.name);
      if (relation?.kind === 'composite type') moveRelation(draft, relation, schema);
      else moveType(draft, requireType(draft, node.object).id, schema);
      return;
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const found = requireFunction(
        draft,
        node.object !== undefined && 'ObjectWithArgs' in node.object ? node.object.ObjectWithArgs : undefined,
      );
      if (schema !== found.schema) requireFreeFunction(draft, { ...found, schema });
      renameUsesInTrees(draft, found, { schema, name: found.name }, 'function');
      draft.putFunction({ ...found, schema });
      return;
    }
    case 'OBJECT_EXTENSION':
      moveExtension(draft, stringOf(node.object), schema);
      return;
    default:
      moveOther(draft, node, schema);
  }
}

/** A table takes its indexes, constraints, row type and owned sequences along (AlterTableNamespaceInternal). */
function moveRelation(draft: Draft, relation: Relation, schema: string): void {
  if (relation.schema === schema) return;
  requireFreeRelationName(draft, schema, relation.name);
  if (hasColumns(relation)) requireFreeTypeName(draft, schema, relation.name);
  putInSchema(draft, relation, schema);
  if (hasColumns(relation)) renameReferences(draft, relation.id, relation.name, schema);
  if (isTable(relation) || isView(relation))
    for (const index of indexesOf(draft, relation)) putInSchema(draft, index, schema);
  if (!isTable(relation)) return;
  for (const sequence of ownedSequences(draft, relation.id)) putInSchema(draft, sequence, schema);
}

function putInSchema(draft: Draft, relation: Relation, schema: string): void {
  renameRelationInTrees(draft, relation, { schema, name: relation.name });
  const current = draft.relations.get(relation.id) ?? relation;
  if (isTable(current)) moveConstraintNames(draft, current, schema);
  draft.put({ ...current, schema });
}

function moveConstraintNames(draft: Draft, table: TableRelation, schema: string): void {
  for (const { name } of table.constraints) {
    draft.releaseConstraintName(table.schema, name);
    draft.claimConstraintName(schema, name);
  }
}

function moveType(draft: Draft, id: number, schema: string): void {
  const type = draft.types.get(id);
  if (type === undefined || type.schema === schema) return;
  requireFreeTypeName(draft, schema, type.name);
  if (type.kind === 'domain') {
    for (const { name } of type.constraints) {
      draft.releaseConstraintName(type.schema, name);
      draft.claimConstraintName(schema, name);
    }
    if (type.notNullName !== null) {
      draft.releaseConstraintName(type.schema, type.notNullName);
      draft.claimConstraintName(schema, type.notNullName);
    }
  }
  renameUsesInTrees(draft, type, { schema, name: type.name }, 'type');
  draft.putType({ ...type, schema });
  renameReferences(draft, id, type.name, schema);
}

function moveExtension(draft: Draft, name: string, schema: string): void {
  const extension = draft.extensions.get(name);
  if (extension === undefined) return;
  draft.extensions = draft.extensions.set(name, { ...extension, schema });
  for (const type of [...draft.types.values()]) {
    if (type.extension !== name) continue;
    draft.putType({ ...type, schema });
    renameReferences(draft, type.id, type.name, schema);
  }
  for (const one of [...draft.functions.values()]) if (one.extension === name) draft.putFunction({ ...one, schema });
  for (const relation of [...draft.relations.values()])
    if (relation.extension === name) draft.put({ ...relation, schema });
}

function moveOther(draft: Draft, node: AlterObjectSchemaStmt, schema: string): void {
  const kind = OTHER_KINDS[node.objectType ?? ''];
  if (kind === undefined || node.object === undefined) return;
  const written = objectName(draft, kind, node.object);
  for (const [key, other] of draft.others) {
    if (other.kind !== kind || other.name !== written.name) continue;
    if (written.schema !== undefined && other.schema !== written.schema) continue;
    draft.others = draft.others.delete(key).set(otherKey(kind, schema, other.name), { ...other, schema });
    return;
  }
}

/** ALTER SCHEMA … RENAME: every object in it has the new schema's name. */
export function renameSchema(draft: Draft, oldName: string, newName: string): void {
  const schema = draft.schemas.get(oldName);
  if (schema === undefined) {
    requireSchema(draft, oldName);
    renameSchema(draft, oldName, newName);
    return;
  }
  if (draft.schemas.has(newName)) throw new Refusal('42P06', `schema "${newName}" already exists`);
  draft.schemas = draft.schemas.delete(oldName).set(newName, { ...schema, name: newName });
  draft.gone = draft.gone.add(schemaKey(oldName));
  for (const relation of [...draft.relations.values()])
    if (relation.schema === oldName) putInSchema(draft, relation, newName);
  for (const type of [...draft.types.values()]) {
    if (type.schema !== oldName) continue;
    moveType(draft, type.id, newName);
  }
  for (const relation of [...draft.relations.values()]) {
    if (relation.schema === newName && hasColumns(relation))
      renameReferences(draft, relation.id, relation.name, newName);
  }
  for (const one of [...draft.functions.values()])
    if (one.schema === oldName) draft.putFunction({ ...one, schema: newName });
  for (const [key, other] of draft.others) {
    if (other.schema !== oldName) continue;
    draft.others = draft.others
      .delete(key)
      .set(otherKey(other.kind, newName, other.name), { ...other, schema: newName });
  }
  for (const extension of draft.extensions.values()) {
    if (extension.schema === oldName) {
      draft.extensions = draft.extensions.set(extension.name, { ...extension, schema: newName });
    }
  }
}
