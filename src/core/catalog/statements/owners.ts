import type { AlterOwnerStmt } from '@pgsql/types';
import type { Relation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { indexesOf, isTable, isView, resolveRelation, resolveUserType } from '../lookup.ts';
import { nameOf, roleOf, stringOf } from '../nodes.ts';
import { unknown } from '../targets.ts';
import { requireFunction } from './functions.ts';
import { objectName, OTHER_KINDS } from './otherObjects.ts';

/** A relation's new owner is its indexes' and owned sequences' too (ATExecChangeOwner). */
export function changeOwner(draft: Draft, relation: Relation, owner: string): void {
  draft.put({ ...relation, owner });
  if (isTable(relation) || isView(relation))
    for (const index of indexesOf(draft, relation)) draft.put({ ...index, owner });
  if (!isTable(relation)) return;
  for (const id of draft.dependents.get(relation.id) ?? []) {
    const sequence = draft.relations.get(id);
    if (sequence?.kind === 'sequence' && sequence.ownedBy?.relation === relation.id) draft.put({ ...sequence, owner });
  }
}

/** ALTER … OWNER TO, where it is not a form of ALTER TABLE. */
export function alterOwner(draft: Draft, node: AlterOwnerStmt): void {
  const owner = roleOf(node.newowner);
  const { object } = node;
  switch (node.objectType) {
    case 'OBJECT_SCHEMA': {
      const schema = draft.schemas.get(stringOf(object));
      if (schema !== undefined) draft.schemas = draft.schemas.set(schema.name, { ...schema, owner });
      return;
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const name = nameOf(object);
      const type = resolveUserType(draft, name.schema, name.name);
      const relation = resolveRelation(draft, name.schema, name.name);
      if (type !== undefined) draft.putType({ ...type, owner });
      else if (relation?.kind === 'composite type') draft.put({ ...relation, owner });
      else throw unknown(name, 'type');
      return;
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const written = object !== undefined && 'ObjectWithArgs' in object ? object.ObjectWithArgs : undefined;
      draft.putFunction({ ...requireFunction(draft, written), owner });
      return;
    }
    default: {
      const kind = OTHER_KINDS[node.objectType ?? ''];
      if (kind === undefined || object === undefined) return;
      const written = objectName(draft, kind, object);
      for (const [key, other] of draft.others) {
        if (other.kind !== kind || other.name !== written.name) continue;
        draft.others = draft.others.set(key, { ...other, owner });
      }
    }
  }
}
