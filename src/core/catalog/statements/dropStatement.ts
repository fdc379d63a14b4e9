import type { DropStmt, Node } from '@pgsql/types';
import type { Draft } from '../draft.ts';
import {
  isIndex,
  isTable,
  isView,
  resolveRelation,
  resolveUserType,
  searchedSchemas,
  TEMPORARY_SCHEMA,
} from '../lookup.ts';
import { itemsOf, nameOf, nameText, stringOf, strings } from '../nodes.ts';
import type { Name } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { isGone, isSystemSchema, noRelation, unknown } from '../targets.ts';
import { drop } from './drop.ts';
import type { DropTarget } from './dropTargets.ts';
import { findFunction } from './functions.ts';
import { otherKey } from './others.ts';
import { objectName, OTHER_KINDS } from './otherObjects.ts';

/** DROP of anything. All names of one statement go together. */
export function dropStatement(draft: Draft, node: DropStmt): void {
  const targets: DropTarget[] = [];
  for (const object of node.objects ?? []) {
    const found = targetOf(draft, node, object);
    if (found !== null) targets.push(found);
  }
  if (targets.length > 0) drop(draft, targets, node.behavior === 'DROP_CASCADE');
}

const RELATION_KINDS: Readonly<Record<string, readonly string[]>> = {
  OBJECT_TABLE: ['table', 'partitioned table'],
  OBJECT_FOREIGN_TABLE: ['foreign table'],
  OBJECT_VIEW: ['view'],
  OBJECT_MATVIEW: ['materialized view'],
  OBJECT_SEQUENCE: ['sequence'],
  OBJECT_INDEX: ['index', 'partitioned index'],
};

function targetOf(draft: Draft, node: DropStmt, object: Node): DropTarget | null {
  const missing = node.missing_ok === true;
  const kinds = RELATION_KINDS[node.removeType ?? ''];
  if (kinds !== undefined) return relationTarget(draft, nameOf(object), kinds, missing);
  switch (node.removeType) {
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return typeTarget(draft, nameOf('TypeName' in object ? object.TypeName.names : object), missing);
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const written = 'ObjectWithArgs' in object ? object.ObjectWithArgs : undefined;
      const found = findFunction(draft, written);
      if (found === undefined) return absent(missing, nameOf(written?.objname), 'function');
      if (found.extension !== null) throw new Refusal('2BP01', `extension ${found.extension} requires it`);
      return { kind: 'function', id: found.id };
    }
    case 'OBJECT_SCHEMA': {
      const name = stringOf(object);
      if (draft.schemas.has(name)) return { kind: 'schema', name };
      return absent(missing, { schema: undefined, name }, 'schema');
    }
    case 'OBJECT_EXTENSION': {
      const name = stringOf(object);
      if (draft.extensions.has(name)) return { kind: 'extension', name };
      return absent(missing, { schema: undefined, name }, 'extension');
    }
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return partTarget(draft, node.removeType, object, missing);
    default: {
      const kind = OTHER_KINDS[node.removeType ?? ''];
      return kind === undefined ? null : otherTarget(draft, kind, object, missing);
    }
  }
}

function absent(missingOk: boolean, name: Name, kind: string): null {
  if (missingOk) return null;
  throw unknown(name, kind);
}

function relationTarget(draft: Draft, name: Name, kinds: readonly string[], missingOk: boolean): DropTarget | null {
  const found = resolveRelation(draft, name.schema, name.name);
  if (found === undefined) {
    if (!missingOk && isGone(draft, name)) throw noRelation(name);
    return absent(missingOk, name, 'relation');
  }
  if (!kinds.includes(found.kind)) throw new Refusal('42809', `"${found.name}" is not a ${kinds[0] ?? 'relation'}`);
  if (found.extension !== null) throw new Refusal('2BP01', `extension ${found.extension} requires it`);
  if (isIndex(found) && found.constraint !== null) {
    throw new Refusal('2BP01', `cannot drop index ${found.name} because a constraint requires it`);
  }
  if (isIndex(found) && found.parent !== null) {
    throw new Refusal('2BP01', `cannot drop index ${found.name} because its parent index requires it`);
  }
  if (found.kind === 'sequence' && found.ownedBy?.internal === true) {
    throw new Refusal('2BP01', `cannot drop sequence ${found.name} because an identity column requires it`);
  }
  return { kind: 'relation', id: found.id };
}

function typeTarget(draft: Draft, name: Name, missingOk: boolean): DropTarget | null {
  const type = resolveUserType(draft, name.schema, name.name);
  if (type !== undefined) {
    if (type.extension !== null) throw new Refusal('2BP01', `extension ${type.extension} requires it`);
    return { kind: 'type', id: type.id };
  }
  const relation = resolveRelation(draft, name.schema, name.name);
  if (relation?.kind === 'composite type') return { kind: 'relation', id: relation.id };
  if (relation !== undefined && (isTable(relation) || isView(relation))) {
    throw new Refusal('2BP01', `cannot drop type ${name.name} because table ${relation.name} requires it`);
  }
  return absent(missingOk, name, 'type');
}

/** Triggers, policies and rules are named with their table: `ON table`. */
function partTarget(
  draft: Draft,
  kind: 'OBJECT_TRIGGER' | 'OBJECT_POLICY' | 'OBJECT_RULE',
  object: Node,
  missingOk: boolean,
): DropTarget | null {
  const names = strings(itemsOf(object));
  const name = names.at(-1) ?? '';
  const of = { schema: names.at(-3), name: names.at(-2) ?? '' };
  const relation = resolveRelation(draft, of.schema, of.name);
  if (relation === undefined) return absent(missingOk, of, 'relation');
  if (kind === 'OBJECT_TRIGGER') {
    const trigger = 'triggers' in relation ? relation.triggers.find((one) => one.name === name) : undefined;
    if (trigger?.parent != null)
      throw new Refusal('2BP01', `cannot drop trigger ${name} because its parent requires it`);
    if (trigger !== undefined) return { kind: 'trigger', relation: relation.id, id: trigger.id };
  } else if (kind === 'OBJECT_POLICY') {
    if (isTable(relation) && relation.policies.some((one) => one.name === name)) {
      return { kind: 'policy', relation: relation.id, name };
    }
  } else if ('rules' in relation && relation.rules.some((one) => one.name === name)) {
    return { kind: 'rule', relation: relation.id, name };
  }
  if (missingOk) return null;
  throw new Refusal('42704', `"${name}" for "${nameText(of)}" does not exist`);
}

function otherTarget(draft: Draft, kind: string, object: Node, missingOk: boolean): DropTarget | null {
  const name = objectName(draft, kind, object);
  const schemas = name.schema === undefined ? [null, TEMPORARY_SCHEMA, ...searchedSchemas(draft)] : [name.schema];
  for (const schema of schemas) {
    const key = otherKey(kind, schema, name.name);
    if (draft.others.has(key)) return { kind: 'other', key };
  }
  if (name.schema !== undefined && isSystemSchema(name.schema)) return null;
  return absent(missingOk, name, kind);
}
