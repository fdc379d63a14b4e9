import { schemaKey } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { hasColumns, isIndex, isTable, isView } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { dependentsOf } from './dependents.ts';
import { containersOf, targetKey } from './dropTargets.ts';
import type { DropTarget } from './dropTargets.ts';
import { dropTrigger } from './triggers.ts';

/**
 * Drops objects with all that hangs on them. What does not go unasked needs CASCADE, else the statement is refused
 * (performMultipleDeletions).
 */
export function drop(draft: Draft, targets: readonly DropTarget[], cascade: boolean): void {
  const found = new Map<string, DropTarget>();
  /** Named by the statement, or going unasked with something that is. */
  const allowed = new Set<string>();
  const queue: DropTarget[] = [];
  for (const target of targets) {
    const key = targetKey(target);
    if (!found.has(key)) queue.push(target);
    found.set(key, target);
    allowed.add(key);
  }
  const later: string[] = [];
  for (const target of queue) {
    const byRight = allowed.has(targetKey(target));
    for (const { target: dependent, auto } of dependentsOf(draft, target)) {
      const key = targetKey(dependent);
      if (auto && byRight && !allowed.has(key)) {
        allowed.add(key);
        // Seen before by a weaker way: what hangs on it must be looked at again.
        if (found.has(key)) queue.push(dependent);
      }
      if (found.has(key)) continue;
      found.set(key, dependent);
      queue.push(dependent);
      later.push(key);
    }
  }
  if (!cascade) {
    for (const key of later) {
      const target = found.get(key);
      const containers = target === undefined ? [] : containersOf(target);
      if (allowed.has(key) || containers.some((container) => allowed.has(container))) continue;
      throw new Refusal('2BP01', 'cannot drop because other objects depend on it');
    }
  }
  for (const target of found.values()) remove(draft, target);
}

/** Takes one thing away; what hung on it is a target of its own. */
function remove(draft: Draft, target: DropTarget): void {
  switch (target.kind) {
    case 'relation':
      removeRelation(draft, target.id);
      break;
    case 'column':
      removeColumn(draft, target.relation, target.number);
      break;
    case 'default': {
      const relation = draft.relations.get(target.relation);
      if (relation === undefined || !isTable(relation)) break;
      const columns = relation.columns.map((column) =>
        column.number === target.number ? { ...column, default: null } : column,
      );
      draft.put({ ...relation, columns });
      break;
    }
    case 'constraint':
      if (draft.relations.has(target.table)) draft.removeConstraint(target.table, target.id);
      break;
    case 'trigger':
      if (draft.relations.has(target.relation)) dropTrigger(draft, target.relation, target.id);
      break;
    case 'policy': {
      const relation = draft.relations.get(target.relation);
      if (relation === undefined || !isTable(relation)) break;
      draft.put({ ...relation, policies: relation.policies.filter(({ name }) => name !== target.name) });
      break;
    }
    case 'rule': {
      const relation = draft.relations.get(target.relation);
      if (relation === undefined || (!isTable(relation) && !isView(relation))) break;
      draft.put({ ...relation, rules: relation.rules.filter(({ name }) => name !== target.name) });
      break;
    }
    case 'type': {
      const type = draft.types.get(target.id);
      if (type !== undefined) draft.removeType(type);
      break;
    }
    case 'domain constraint':
      dropDomainConstraint(draft, target);
      break;
    case 'function': {
      const dropped = draft.functions.get(target.id);
      if (dropped !== undefined) draft.removeFunction(dropped);
      break;
    }
    case 'other':
      draft.others = draft.others.delete(target.key);
      break;
    case 'schema':
      draft.schemas = draft.schemas.delete(target.name);
      draft.gone = draft.gone.add(schemaKey(target.name));
      if (draft.defaultPrivileges.some(({ schema }) => schema === target.name))
        draft.defaultPrivileges = draft.defaultPrivileges.filter(({ schema }) => schema !== target.name);
      break;
    case 'extension':
      draft.extensions = draft.extensions.delete(target.name);
      break;
  }
}

function removeRelation(draft: Draft, id: number): void {
  const relation = draft.relations.get(id);
  if (relation === undefined) return;
  draft.removeRelation(relation);
  if (isIndex(relation)) {
    const owner = draft.relations.get(relation.table);
    if (owner !== undefined && (isTable(owner) || isView(owner))) {
      const changed = { ...owner, indexes: owner.indexes.filter((index) => index !== id) };
      draft.put(isTable(changed) && changed.clusteredOn === id ? { ...changed, clusteredOn: null } : changed);
    }
    const parent = relation.parent === null ? undefined : draft.relations.get(relation.parent);
    if (parent !== undefined && isIndex(parent)) {
      draft.put({ ...parent, children: parent.children.filter((child) => child !== id) });
    }
    return;
  }
  if (!isTable(relation)) return;
  const parents = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
  for (const parentId of parents) {
    const parent = draft.relations.get(parentId);
    if (parent === undefined || !isTable(parent)) continue;
    draft.put({ ...parent, children: parent.children.filter((child) => child !== id) });
  }
  for (const [key, other] of draft.others) {
    if (!other.relations.includes(id)) continue;
    draft.others = draft.others.set(key, { ...other, relations: other.relations.filter((one) => one !== id) });
  }
}

function removeColumn(draft: Draft, relationId: number, number: number): void {
  const relation = draft.relations.get(relationId);
  if (relation === undefined || !hasColumns(relation) || isView(relation)) return;
  draft.put({ ...relation, columns: relation.columns.filter((column) => column.number !== number) });
}

function dropDomainConstraint(draft: Draft, target: DropTarget & { kind: 'domain constraint' }): void {
  const type = draft.types.get(target.type);
  if (type?.kind !== 'domain') return;
  draft.releaseConstraintName(type.schema, target.name);
  draft.putType({ ...type, constraints: type.constraints.filter(({ name }) => name !== target.name) });
}
