import type { CommentStmt, Node } from '@pgsql/types';
import type { Relation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, constraintNamed, hasColumns, isTable, resolveRelation, resolveUserType } from '../lookup.ts';
import { itemsOf, nameOf, stringOf, strings } from '../nodes.ts';
import type { Name } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { requireRelation, requireType, unknown } from '../targets.ts';
import { findFunction } from './functions.ts';
import { objectName, OTHER_KINDS } from './otherObjects.ts';

/** COMMENT ON; NULL and the empty text take it away. */
export function comment(draft: Draft, node: CommentStmt): void {
  const text = node.comment === undefined || node.comment === '' ? null : node.comment;
  const { object } = node;
  if (object === undefined) return;
  switch (node.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
      draft.put({ ...requireRelation(draft, nameOf(object)), comment: text });
      return;
    case 'OBJECT_COLUMN':
      onColumn(draft, strings(itemsOf(object)), text);
      return;
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      onPart(draft, node.objtype, strings(itemsOf(object)), text);
      return;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      onType(draft, nameOf('TypeName' in object ? object.TypeName.names : object), text);
      return;
    case 'OBJECT_DOMCONSTRAINT':
      onDomainConstraint(draft, object, text);
      return;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const written = 'ObjectWithArgs' in object ? object.ObjectWithArgs : undefined;
      const found = findFunction(draft, written);
      if (found === undefined) throw unknown(nameOf(written?.objname), 'function');
      draft.putFunction({ ...found, comment: text });
      return;
    }
    case 'OBJECT_SCHEMA': {
      const schema = draft.schemas.get(stringOf(object));
      if (schema === undefined) throw unknown({ schema: undefined, name: stringOf(object) }, 'schema');
      draft.schemas = draft.schemas.set(schema.name, { ...schema, comment: text });
      return;
    }
    default:
      onOther(draft, OTHER_KINDS[node.objtype ?? ''], object, text);
  }
}

function onColumn(draft: Draft, names: readonly string[], text: string | null): void {
  const relation = requireRelation(draft, { schema: names.at(-3), name: names.at(-2) ?? '' });
  const name = names.at(-1) ?? '';
  const column = hasColumns(relation) ? columnNamed(relation, name) : undefined;
  if (column === undefined || !hasColumns(relation)) throw new Refusal('42703', `column "${name}" does not exist`);
  draft.put({
    ...relation,
    columns: relation.columns.map((other) => (other === column ? { ...column, comment: text } : other)),
  });
}

type Part = 'OBJECT_TABCONSTRAINT' | 'OBJECT_TRIGGER' | 'OBJECT_POLICY' | 'OBJECT_RULE';

function onPart(draft: Draft, kind: Part, names: readonly string[], text: string | null): void {
  const relation = requireRelation(draft, { schema: names.at(-3), name: names.at(-2) ?? '' });
  const name = names.at(-1) ?? '';
  const set = <T extends { readonly name: string; readonly comment: string | null }>(
    parts: readonly T[],
  ): readonly T[] => {
    if (!parts.some((part) => part.name === name)) throw new Refusal('42704', `"${name}" does not exist`);
    return parts.map((part) => (part.name === name ? { ...part, comment: text } : part));
  };
  draft.put(withPart(relation, kind, set, name));
}

function withPart(
  relation: Relation,
  kind: Part,
  set: <T extends { readonly name: string; readonly comment: string | null }>(parts: readonly T[]) => readonly T[],
  name: string,
): Relation {
  if (isTable(relation)) {
    if (kind === 'OBJECT_TABCONSTRAINT') {
      if (constraintNamed(relation, name) === undefined)
        throw new Refusal('42704', `constraint "${name}" does not exist`);
      const constraints = relation.constraints.map((one) =>
        one.name === name ? { ...one, comment: set([one])[0]?.comment ?? null } : one,
      );
      return { ...relation, constraints };
    }
    if (kind === 'OBJECT_POLICY') return { ...relation, policies: set(relation.policies) };
  }
  if ('triggers' in relation && kind === 'OBJECT_TRIGGER') return { ...relation, triggers: set(relation.triggers) };
  if ('rules' in relation && kind === 'OBJECT_RULE') return { ...relation, rules: set(relation.rules) };
  throw new Refusal('42809', `"${relation.name}" has no such part`);
}

function onType(draft: Draft, name: Name, text: string | null): void {
  const type = resolveUserType(draft, name.schema, name.name);
  if (type !== undefined) {
    draft.putType({ ...type, comment: text });
    return;
  }
  const relation = resolveRelation(draft, name.schema, name.name);
  if (relation?.kind !== 'composite type') throw unknown(name, 'type');
  draft.put({ ...relation, comment: text });
}

function onDomainConstraint(draft: Draft, object: Node, text: string | null): void {
  const [domain, constraint] = itemsOf(object);
  const name = stringOf(constraint);
  const type = requireType(draft, domain !== undefined && 'TypeName' in domain ? domain.TypeName.names : undefined);
  if (type.kind !== 'domain') throw new Refusal('42809', `${type.name} is not a domain`);
  const constraints = type.constraints.map((one) => (one.name === name ? { ...one, comment: text } : one));
  draft.putType({ ...type, constraints });
}

function onOther(draft: Draft, kind: string | undefined, object: Node, text: string | null): void {
  if (kind === undefined) return;
  const written = objectName(draft, kind, object);
  for (const [key, other] of draft.others) {
    if (other.kind !== kind || other.name !== written.name) continue;
    if (written.schema !== undefined && other.schema !== written.schema) continue;
    draft.others = draft.others.set(key, { ...other, comment: text });
    return;
  }
}
