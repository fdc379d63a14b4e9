import type { Constraint, Expression, Relation, TableRelation, ViewRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnsRead } from '../expressions.ts';
import {
  ancestors,
  foreignKeysTo,
  hasColumns,
  indexesOf,
  isIndex,
  isTable,
  isView,
  ownedSequences,
} from '../lookup.ts';
import { dependentsOfOther, inLanguage } from './dependentsOfOthers.ts';
import type { Dependent, DropTarget } from './dropTargets.ts';
import { otherKey } from './others.ts';

/** What hangs directly on a target: pg_depend, worked out from the catalog. dependency.c, findDependentObjects */
export function dependentsOf(draft: Draft, target: DropTarget): Dependent[] {
  switch (target.kind) {
    case 'relation': {
      const relation = draft.relations.get(target.id);
      return relation === undefined ? [] : [...ofRelation(draft, relation), ...usersOf(draft, target.id)];
    }
    case 'column':
      return ofColumn(draft, target.relation, target.number);
    case 'constraint':
      return ofConstraint(draft, target.table, target.id);
    case 'type':
    case 'function':
      return usersOf(draft, target.id);
    case 'schema':
      return inSchema(draft, target.name);
    case 'extension':
      return ofExtension(draft, target.name);
    case 'other':
      return dependentsOfOther(draft, target.key);
    default:
      return [];
  }
}

const auto = (target: DropTarget): Dependent => ({ target, auto: true });
const normal = (target: DropTarget): Dependent => ({ target, auto: false });
const relationTarget = (id: number): DropTarget => ({ kind: 'relation', id });

function ofRelation(draft: Draft, relation: Relation): Dependent[] {
  const found: Dependent[] = [];
  if (isTable(relation) || isView(relation)) for (const id of relation.indexes) found.push(auto(relationTarget(id)));
  if (isTable(relation)) {
    for (const id of relation.children) {
      found.push({ target: relationTarget(id), auto: draft.table(id).partitionOf !== null });
    }
    // A partition is referred to by the keys to what it is a part of, too.
    const family = relation.partitionOf === null ? [relation] : [relation, ...ancestors(draft, relation)];
    for (const { table, constraint } of family.flatMap(({ id }) => foreignKeysTo(draft, id))) {
      if (table.id !== relation.id) found.push(normal({ kind: 'constraint', table: table.id, id: constraint.id }));
    }
    for (const sequence of ownedSequences(draft, relation.id)) found.push(auto(relationTarget(sequence.id)));
  }
  if (isIndex(relation)) {
    for (const id of relation.children) found.push(auto(relationTarget(id)));
    if (relation.constraint !== null) {
      found.push(auto({ kind: 'constraint', table: relation.table, id: relation.constraint }));
    }
    found.push(...keysOnIndex(draft, relation.table, relation.id));
  }
  if (draft.others.size > 0) {
    for (const other of draft.others.values()) {
      if (!other.relations.includes(relation.id) || other.kind === 'publication') continue;
      const key = otherKey(other.kind, other.schema, other.name);
      found.push({ target: { kind: 'other', key }, auto: other.kind === 'statistics' });
    }
  }
  return found;
}

/** Foreign keys that lean on a unique index. */
function keysOnIndex(draft: Draft, table: number, index: number): Dependent[] {
  return foreignKeysTo(draft, table).flatMap((key) =>
    key.constraint.referencedIndex === index
      ? [normal({ kind: 'constraint', table: key.table.id, id: key.constraint.id })]
      : [],
  );
}

function ofConstraint(draft: Draft, tableId: number, id: number): Dependent[] {
  const table = draft.table(tableId);
  const constraint = table.constraints.find((candidate) => candidate.id === id);
  if (constraint === undefined) return [];
  if ('index' in constraint) return [auto(relationTarget(constraint.index))];
  return constraint.kind === 'foreign key' ? clonesOf(draft, table, constraint) : [];
}

function clonesOf(draft: Draft, table: TableRelation, constraint: Constraint): Dependent[] {
  return table.children.flatMap((child) =>
    draft
      .table(child)
      .constraints.filter(({ parent }) => parent === constraint.id)
      .map(({ id }) => auto({ kind: 'constraint', table: child, id })),
  );
}

function ofColumn(draft: Draft, relationId: number, number: number): Dependent[] {
  const relation = draft.relations.get(relationId);
  if (relation === undefined) return [];
  const found: Dependent[] = [];
  const reference = `${relationId}.${number}`;
  if (isTable(relation)) {
    // A column of the partition key can't go alone (StorePartitionKey()).
    if (relation.partitionKey?.columns.some(({ column }) => column === number) === true) {
      found.push(normal(relationTarget(relationId)));
    }
    for (const { name, dependencies } of relation.rules) {
      if (dependencies.columns.includes(reference)) found.push(normal({ kind: 'rule', relation: relationId, name }));
    }
    for (const constraint of relation.constraints) {
      const touched =
        constraint.kind === 'not null' ? constraint.column === number : constraint.columns.includes(number);
      if (touched) found.push(auto({ kind: 'constraint', table: relationId, id: constraint.id }));
    }
    for (const index of indexesOf(draft, relation)) {
      const touched =
        index.keys.some(({ column }) => column === number) ||
        index.include.includes(number) ||
        index.expressionColumns.includes(number);
      if (!touched) continue;
      if (index.constraint === null) found.push(auto(relationTarget(index.id)));
      else found.push(auto({ kind: 'constraint', table: relationId, id: index.constraint }));
    }
    for (const sequence of ownedSequences(draft, relationId, number)) found.push(auto(relationTarget(sequence.id)));
    for (const { table, constraint } of foreignKeysTo(draft, relationId)) {
      if (constraint.referencedColumns.includes(number)) {
        found.push(normal({ kind: 'constraint', table: table.id, id: constraint.id }));
      }
    }
    for (const column of relation.columns) {
      const tree = column.generated?.expression.tree;
      if (tree == null || !columnsRead(relation, tree).includes(number)) continue;
      // Only from 15 on a generated column holds on to what it is made of.
      const target: DropTarget = { kind: 'column', relation: relationId, number: column.number };
      found.push({ target, auto: draft.major < 15 });
    }
    for (const trigger of relation.triggers) {
      if (trigger.columns.includes(number) || trigger.whenColumns?.includes(number) === true)
        found.push(normal({ kind: 'trigger', relation: relationId, id: trigger.id }));
    }
    for (const policy of relation.policies) {
      if (policy.dependencies.columns.includes(reference)) {
        found.push(normal({ kind: 'policy', relation: relationId, name: policy.name }));
      }
    }
  }
  for (const id of draft.dependents.get(relationId) ?? []) {
    const dependent = draft.relations.get(id);
    if (dependent === undefined || id === relationId) continue;
    found.push(...queriesUsing(dependent, (query) => query.columns.includes(reference)));
  }
  for (const other of draft.others.values()) {
    if (!other.columns.includes(reference)) continue;
    const key = otherKey(other.kind, other.schema, other.name);
    found.push({ target: { kind: 'other', key }, auto: other.kind === 'statistics' });
  }
  return found;
}

type Query = ViewRelation['dependencies'];

/** A view, or a table's policies and rules, whose query matches. */
function queriesUsing(relation: Relation, matches: (query: Query) => boolean): Dependent[] {
  const found: Dependent[] = [];
  if (isView(relation) && matches(relation.dependencies)) found.push(normal(relationTarget(relation.id)));
  if (isTable(relation)) {
    for (const policy of relation.policies) {
      if (matches(policy.dependencies)) {
        found.push(normal({ kind: 'policy', relation: relation.id, name: policy.name }));
      }
    }
  }
  if (isTable(relation) || isView(relation)) {
    for (const rule of relation.rules) {
      if (matches(rule.dependencies)) found.push(normal({ kind: 'rule', relation: relation.id, name: rule.name }));
    }
  }
  return found;
}

/** All that uses a type, a function, a sequence or a relation by its id: columns, expressions, queries, signatures. */
function usersOf(draft: Draft, id: number): Dependent[] {
  const found: Dependent[] = [];
  for (const dependent of draft.dependents.get(id) ?? []) {
    const relation = draft.relations.get(dependent);
    if (relation !== undefined) {
      found.push(...usesInRelation(relation, id));
      continue;
    }
    const type = draft.types.get(dependent);
    if (type !== undefined) {
      found.push(...usesInType(draft, dependent, id));
      continue;
    }
    if (draft.functions.get(dependent)?.uses.includes(id) === true)
      found.push(normal({ kind: 'function', id: dependent }));
  }
  for (const other of draft.others.values()) {
    if (other.uses.includes(id)) {
      found.push(normal({ kind: 'other', key: otherKey(other.kind, other.schema, other.name) }));
    }
  }
  return found;
}

function usesInRelation(relation: Relation, id: number): Dependent[] {
  const found: Dependent[] = [];
  const uses = (expression: Expression | null | undefined): boolean => expression?.uses?.includes(id) === true;
  if (isIndex(relation)) {
    if (uses(relation.predicate) || relation.keys.some((key) => uses(key.expression))) {
      found.push(normal(relationTarget(relation.id)));
    }
    return found;
  }
  if (hasColumns(relation) && !isView(relation)) {
    for (const column of relation.columns) {
      const { number } = column;
      if (column.type.id === id || uses(column.generated?.expression)) {
        found.push(normal({ kind: 'column', relation: relation.id, number }));
      } else if (uses(column.default)) found.push(normal({ kind: 'default', relation: relation.id, number }));
    }
  }
  if (isTable(relation)) {
    if (relation.ofType === id || relation.partitionKey?.columns.some((key) => uses(key.expression)) === true) {
      found.push(normal(relationTarget(relation.id)));
    }
    for (const constraint of relation.constraints) {
      const target = { kind: 'constraint', table: relation.id, id: constraint.id } as const;
      if (constraint.kind === 'check' && uses(constraint.expression)) found.push(normal(target));
    }
  }
  if (isTable(relation) || isView(relation)) {
    for (const trigger of relation.triggers) {
      if (trigger.function === id || uses(trigger.definition)) {
        found.push(normal({ kind: 'trigger', relation: relation.id, id: trigger.id }));
      }
    }
  }
  found.push(
    ...queriesUsing(
      relation,
      (query) => query.relations.includes(id) || query.functions.includes(id) || query.types.includes(id),
    ),
  );
  return found;
}

function usesInType(draft: Draft, typeId: number, id: number): Dependent[] {
  const type = draft.types.get(typeId);
  if (type?.kind === 'range') return type.subtype.id === id ? [normal({ kind: 'type', id: typeId })] : [];
  if (type?.kind !== 'domain') return [];
  if (type.base.id === id) return [normal({ kind: 'type', id: typeId })];
  const found: Dependent[] = [];
  for (const constraint of type.constraints) {
    if (constraint.expression.uses?.includes(id) === true) {
      found.push(normal({ kind: 'domain constraint', type: typeId, name: constraint.name }));
    }
  }
  // The default belongs to the type itself: without what it uses the whole domain goes.
  if (type.default?.uses?.includes(id) === true) found.push(normal({ kind: 'type', id: typeId }));
  return found;
}

function inSchema(draft: Draft, schema: string): Dependent[] {
  const found: Dependent[] = [];
  for (const relation of [...draft.relations.values()]) {
    if (relation.schema === schema && !isIndex(relation)) found.push(normal(relationTarget(relation.id)));
  }
  for (const type of [...draft.types.values()])
    if (type.schema === schema) found.push(normal({ kind: 'type', id: type.id }));
  for (const one of [...draft.functions.values()]) {
    if (one.schema === schema) found.push(normal({ kind: 'function', id: one.id }));
  }
  for (const [key, other] of draft.others) if (other.schema === schema) found.push(normal({ kind: 'other', key }));
  for (const extension of draft.extensions.values()) {
    if (extension.schema === schema) found.push(normal({ kind: 'extension', name: extension.name }));
  }
  return found;
}

function ofExtension(draft: Draft, extension: string): Dependent[] {
  // One that brings a language has its name: plpgsql, plperl, plv8.
  const found = inLanguage(draft, extension);
  for (const relation of [...draft.relations.values()]) {
    if (relation.extension === extension && !isIndex(relation)) found.push(auto(relationTarget(relation.id)));
  }
  for (const type of [...draft.types.values()]) {
    if (type.extension === extension) found.push(auto({ kind: 'type', id: type.id }));
  }
  for (const one of [...draft.functions.values()]) {
    if (one.extension === extension) found.push(auto({ kind: 'function', id: one.id }));
  }
  return found;
}
