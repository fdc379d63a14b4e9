import type { RenameStmt } from '@pgsql/types';
import type { Relation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import {
  columnNamed,
  constraintNamed,
  hasColumns,
  indexById,
  isIndex,
  isTable,
  isView,
  resolveRelation,
} from '../lookup.ts';
import { nameOf, nameOfRangeVar } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { renameColumnInTrees, renameRelationInTrees, renameUsesInTrees } from '../renameInTrees.ts';
import {
  isSkipped,
  requireAlterable,
  requireFreeRelationName,
  requireFreeTypeName,
  requireRelation,
  requireType,
} from '../targets.ts';
import { requireFreeFunction, requireFunction } from './functions.ts';
import { objectName, OTHER_KINDS } from './otherObjects.ts';
import { otherKey } from './others.ts';
import { renameReferences } from './renameReferences.ts';
import { renameSchema } from './setSchema.ts';

/** ALTER … RENAME of anything. The id stays, so all that hangs on it stays. */
export function rename(draft: Draft, node: RenameStmt): void {
  const newName = node.newname ?? '';
  const oldName = node.subname ?? '';
  const of = nameOfRangeVar(node.relation);
  if (isSkipped(draft, node)) return;
  switch (node.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX': {
      const relation = requireRelation(draft, of);
      requireAlterable(relation, node.renameType);
      renameRelation(draft, relation, newName);
      break;
    }
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE':
      renameColumn(draft, requireRelation(draft, of), oldName, newName);
      break;
    case 'OBJECT_TABCONSTRAINT':
      renameConstraint(draft, requireRelation(draft, of), oldName, newName);
      break;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      renameType(draft, node, newName);
      break;
    case 'OBJECT_DOMCONSTRAINT':
      renameDomainConstraint(draft, node, oldName, newName);
      break;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const found = requireFunction(
        draft,
        node.object !== undefined && 'ObjectWithArgs' in node.object ? node.object.ObjectWithArgs : undefined,
      );
      requireFreeFunction(draft, { ...found, name: newName });
      renameUsesInTrees(draft, found, { schema: found.schema, name: newName }, 'function');
      draft.putFunction({ ...found, name: newName });
      break;
    }
    case 'OBJECT_SCHEMA':
      renameSchema(draft, oldName, newName);
      break;
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      renamePart(draft, requireRelation(draft, of), node.renameType, oldName, newName);
      break;
    default:
      renameOther(draft, node, newName);
  }
}

/** A relation's new name; an index's constraint and a type's relation have the same one. */
export function renameRelation(draft: Draft, relation: Relation, newName: string): void {
  requireFreeRelationName(draft, relation.schema, newName);
  if (hasColumns(relation)) requireFreeTypeName(draft, relation.schema, newName);
  if (isIndex(relation) && relation.constraint !== null) {
    const table = draft.table(relation.table);
    const constraint = table.constraints.find(({ id }) => id === relation.constraint);
    if (constraint !== undefined) draft.putConstraint(table.id, { ...constraint, name: newName });
  }
  renameRelationInTrees(draft, relation, { schema: relation.schema, name: newName });
  const current = draft.relations.get(relation.id) ?? relation;
  draft.put({ ...current, name: newName });
  if (hasColumns(relation)) renameReferences(draft, relation.id, newName);
}

function renameColumn(draft: Draft, relation: Relation, oldName: string, newName: string): void {
  if (!hasColumns(relation)) throw new Refusal('42809', `cannot rename columns of "${relation.name}"`);
  const column = columnNamed(relation, oldName);
  if (column === undefined) throw new Refusal('42703', `column "${oldName}" does not exist`);
  if (columnNamed(relation, newName) !== undefined) {
    throw new Refusal('42701', `column "${newName}" of relation "${relation.name}" already exists`);
  }
  if (column.inheritCount > 0) throw new Refusal('42P16', `cannot rename inherited column "${oldName}"`);
  renameColumnDown(draft, relation.id, oldName, newName);
}

function renameColumnDown(draft: Draft, id: number, oldName: string, newName: string): void {
  const before = draft.relations.get(id);
  if (before === undefined || !hasColumns(before)) return;
  const column = columnNamed(before, oldName);
  if (column === undefined) return;
  renameColumnInTrees(draft, before, column, newName);
  const relation = draft.relations.get(id);
  if (relation === undefined || !hasColumns(relation)) return;
  const columns = relation.columns.map((other) =>
    other.number === column.number ? { ...other, name: newName } : other,
  );
  draft.put({ ...relation, columns });
  if (isTable(relation)) for (const child of relation.children) renameColumnDown(draft, child, oldName, newName);
}

/** A constraint's index has its name; children's checks, NOT NULLs (18) and keys' clones are renamed with it. */
function renameConstraint(draft: Draft, relation: Relation, oldName: string, newName: string): void {
  if (!isTable(relation)) throw new Refusal('42809', `"${relation.name}" is not a table`);
  const constraint = constraintNamed(relation, oldName);
  if (constraint === undefined) {
    throw new Refusal('42704', `constraint "${oldName}" for table "${relation.name}" does not exist`);
  }
  if (constraintNamed(relation, newName) !== undefined) {
    throw new Refusal('42710', `constraint "${newName}" for relation "${relation.name}" already exists`);
  }
  const inherited = constraint.kind === 'check' || constraint.kind === 'not null';
  if (inherited && constraint.inheritCount > 0) {
    throw new Refusal('42P16', `cannot rename inherited constraint "${oldName}"`);
  }
  if ('index' in constraint) {
    const index = indexById(draft, constraint.index);
    if (index !== undefined) {
      renameRelation(draft, index, newName);
      return;
    }
  }
  renameInherited(draft, relation.id, oldName, newName, inherited && !constraint.noInherit);
}

function renameInherited(draft: Draft, tableId: number, oldName: string, newName: string, down: boolean): void {
  const table = draft.table(tableId);
  const constraint = constraintNamed(table, oldName);
  if (constraint === undefined) return;
  draft.putConstraint(tableId, { ...constraint, name: newName });
  if (down) for (const child of table.children) renameInherited(draft, child, oldName, newName, true);
}

function renameType(draft: Draft, node: RenameStmt, newName: string): void {
  const name = nameOf(node.object);
  const relation = resolveRelation(draft, name.schema, name.name);
  if (relation?.kind === 'composite type') {
    renameRelation(draft, relation, newName);
    return;
  }
  const type = requireType(draft, node.object);
  requireFreeTypeName(draft, type.schema, newName);
  renameUsesInTrees(draft, type, { schema: type.schema, name: newName }, 'type');
  draft.putType({ ...type, name: newName });
  renameReferences(draft, type.id, newName);
}

function renameDomainConstraint(draft: Draft, node: RenameStmt, oldName: string, newName: string): void {
  const type = requireType(draft, node.object);
  if (type.kind !== 'domain') throw new Refusal('42809', `${type.name} is not a domain`);
  draft.releaseConstraintName(type.schema, oldName);
  draft.claimConstraintName(type.schema, newName);
  if (type.notNullName === oldName) {
    draft.putType({ ...type, notNullName: newName });
    return;
  }
  const found = type.constraints.some(({ name }) => name === oldName);
  if (!found) throw new Refusal('42704', `constraint "${oldName}" for domain "${type.name}" does not exist`);
  const constraints = type.constraints.map((one) => (one.name === oldName ? { ...one, name: newName } : one));
  draft.putType({ ...type, constraints });
}

function renamePart(
  draft: Draft,
  relation: Relation,
  kind: 'OBJECT_TRIGGER' | 'OBJECT_POLICY' | 'OBJECT_RULE',
  oldName: string,
  newName: string,
): void {
  if (!isTable(relation) && !isView(relation)) throw new Refusal('42809', `"${relation.name}" has no such part`);
  const parts: readonly { readonly name: string }[] =
    kind === 'OBJECT_TRIGGER'
      ? relation.triggers
      : kind === 'OBJECT_RULE'
        ? relation.rules
        : isTable(relation)
          ? relation.policies
          : [];
  if (!parts.some(({ name }) => name === oldName)) throw new Refusal('42704', `"${oldName}" does not exist`);
  if (parts.some(({ name }) => name === newName)) throw new Refusal('42710', `"${newName}" already exists`);
  const change = <T extends { readonly name: string }>(part: T): T =>
    part.name === oldName ? { ...part, name: newName } : part;
  if (kind === 'OBJECT_POLICY' && isTable(relation))
    draft.put({ ...relation, policies: relation.policies.map(change) });
  else if (kind === 'OBJECT_RULE') draft.put({ ...relation, rules: relation.rules.map(change) });
  else renameTrigger(draft, relation.id, oldName, newName);
}

/** Clones in partitions are renamed with their parent's trigger (from 15 on). https://www.postgresql.org/docs/15/release-15.html */
function renameTrigger(draft: Draft, relationId: number, oldName: string, newName: string): void {
  const relation = draft.relations.get(relationId);
  if (relation === undefined || (!isTable(relation) && !isView(relation))) return;
  const trigger = relation.triggers.find(({ name }) => name === oldName);
  if (trigger === undefined) return;
  if (trigger.parent !== null && draft.major >= 15 && !isRenamedWithParent(draft, relation, trigger.parent, newName)) {
    throw new Refusal('0A000', `cannot rename trigger "${oldName}" on a partition`);
  }
  const triggers = relation.triggers.map((one) => (one === trigger ? { ...trigger, name: newName } : one));
  draft.put({ ...relation, triggers });
  if (!isTable(relation) || draft.major < 15) return;
  for (const childId of relation.children) {
    const clone = draft.table(childId).triggers.find(({ parent }) => parent === trigger.id);
    if (clone !== undefined) renameTrigger(draft, childId, clone.name, newName);
  }
}

function isRenamedWithParent(draft: Draft, child: Relation, parentTrigger: number, newName: string): boolean {
  if (!isTable(child) || child.partitionOf === null) return false;
  return draft
    .table(child.partitionOf.parent)
    .triggers.some(({ id, name }) => id === parentTrigger && name === newName);
}

function renameOther(draft: Draft, node: RenameStmt, newName: string): void {
  const kind = OTHER_KINDS[node.renameType ?? ''];
  if (kind === undefined || node.object === undefined) return;
  const written = objectName(draft, kind, node.object);
  for (const [key, other] of draft.others) {
    if (other.kind !== kind || other.name !== written.name) continue;
    if (written.schema !== undefined && other.schema !== written.schema) continue;
    const suffix = / USING \S+$/.exec(other.name)?.[0] ?? '';
    const name = newName + suffix;
    draft.others = draft.others.delete(key).set(otherKey(kind, other.schema, name), { ...other, name });
    renameContainer(draft, kind, other.name, name);
    return;
  }
}

/** What lies in a wrapper, server or operator family names it. */
function renameContainer(draft: Draft, kind: string, from: string, to: string): void {
  for (const [key, other] of [...draft.others]) {
    if (other.of !== from || !LIES_IN[kind]?.includes(other.kind)) continue;
    const name = other.kind === 'user mapping' ? other.name.slice(0, -from.length) + to : other.name;
    const renamed = { ...other, name, of: to };
    draft.others = draft.others.delete(key).set(otherKey(other.kind, other.schema, name), renamed);
  }
  if (kind !== 'server') return;
  for (const relation of [...draft.relations.values()]) {
    if (isTable(relation) && relation.server === from) draft.put({ ...relation, server: to });
  }
}

const LIES_IN: Readonly<Record<string, readonly string[]>> = {
  'foreign data wrapper': ['server'],
  server: ['user mapping'],
  'operator family': ['operator class'],
};
