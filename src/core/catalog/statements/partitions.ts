import type { PartitionCmd } from '@pgsql/types';
import type { Constraint, PartitionBound, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { chooseConstraintName } from '../generatedNames.ts';
import { columnNames, defaultPartition, indexById, indexesOf, isIndex, isTable } from '../lookup.ts';
import { nameOfRangeVar } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { requireRelation } from '../targets.ts';
import { inheritForeignKey } from './foreignKeys.ts';
import { adoptIndex, adoptOrAddIndex, sameDefinition } from './indexes.ts';
import { joinParent, leaveParent } from './inheritance.ts';
import { planFromIndex } from './like.ts';
import { cloneTriggers, dropClonedTriggers } from './triggers.ts';
import { boundOf } from './partitionBounds.ts';

/** Makes a table a partition: bound, indexes, row triggers and foreign keys of the parent. A new one has its columns already. */
export function joinPartition(
  draft: Draft,
  parentId: number,
  childId: number,
  bound: PartitionBound,
  { newTable }: { readonly newTable: boolean },
): void {
  const siblings = draft.table(parentId).children.flatMap((id) => draft.table(id).partitionOf?.bound.kind ?? []);
  const strategy = draft.table(parentId).partitionKey?.strategy;
  if (bound.kind === 'default' ? strategy === 'hash' : bound.kind !== strategy) {
    throw new Refusal('42P16', `invalid bound specification for a ${strategy ?? ''} partition`);
  }
  if (bound.kind === 'default' && siblings.includes('default')) {
    throw new Refusal('42P17', `partition "${draft.table(childId).name}" conflicts with existing default partition`);
  }
  if (!newTable) joinParent(draft, parentId, childId, true);
  const parent = draft.table(parentId);
  draft.changeTable(childId, { partitionOf: { parent: parentId, bound } });
  if (newTable) inheritNotNulls(draft, parent, childId);
  for (const index of indexesOf(draft, parent)) {
    const child = draft.table(childId);
    if (child.kind === 'foreign table') continue;
    adoptOrAddIndex(draft, child, planFromIndex(parent, index), index.id);
  }
  cloneTriggers(draft, parentId, childId);
  for (const constraint of parent.constraints) {
    if (constraint.kind === 'foreign key') inheritForeignKey(draft, childId, parent, constraint);
  }
}

/** The partition's part of its parent's NOT NULL constraints (18) comes with its own: see `newTableNotNulls`. */
function inheritNotNulls(draft: Draft, parent: TableRelation, childId: number): void {
  if (draft.major < 18) return;
  for (const constraint of parent.constraints) {
    if (constraint.kind !== 'not null') continue;
    const [name] = columnNames(parent, [constraint.column]);
    const child = draft.table(childId);
    const column = child.columns.find((candidate) => candidate.name === name);
    if (column === undefined) continue;
    draft.addConstraint(childId, {
      ...constraint,
      id: draft.newId(),
      column: column.number,
      local: false,
      inheritCount: 1,
      comment: null,
    });
  }
}

/** ATTACH PARTITION: of a table, or of an index under a partitioned one. */
export function attachPartition(draft: Draft, relationId: number, command: PartitionCmd): void {
  const child = requireRelation(draft, nameOfRangeVar(command.name));
  const parent = draft.relations.get(relationId);
  if (parent !== undefined && isIndex(parent)) {
    if (!isIndex(child)) throw new Refusal('42809', `"${child.name}" is not an index`);
    attachIndex(draft, parent.id, child.id);
    return;
  }
  if (parent === undefined || !isTable(parent) || !isTable(child) || command.bound === undefined) return;
  if (parent.partitionKey === null) throw new Refusal('42809', `table "${parent.name}" is not partitioned`);
  if (child.partitionOf !== null) throw new Refusal('42809', `"${child.name}" is already a partition`);
  if (child.inherits.length > 0) throw new Refusal('42809', 'cannot attach inheritance child as partition');
  if (child.columns.some((column) => !parent.columns.some(({ name }) => name === column.name))) {
    throw new Refusal('42804', `table "${child.name}" contains columns not found in parent "${parent.name}"`);
  }
  joinPartition(draft, parent.id, child.id, boundOf(draft, command.bound), { newTable: false });
}

/** ALTER INDEX … ATTACH PARTITION; the parent becomes valid with the last one (validatePartitionedIndex). */
function attachIndex(draft: Draft, parentId: number, childId: number): void {
  const parent = draft.index(parentId);
  const child = draft.index(childId);
  if (child.parent === parentId) return;
  const parentTable = draft.table(parent.table);
  const childTable = draft.table(child.table);
  const taken = parent.children.some((id) => indexById(draft, id)?.table === child.table);
  if (child.parent !== null || childTable.partitionOf?.parent !== parent.table || taken) {
    throw new Refusal('55000', `cannot attach index "${child.name}" as a partition of index "${parent.name}"`);
  }
  if (!sameDefinition(child, childTable, parent, parentTable)) {
    throw new Refusal('42P17', `cannot attach index "${child.name}" as a partition of index "${parent.name}"`);
  }
  if (parent.constraint !== null && child.constraint === null) {
    throw new Refusal('42P17', `the index "${parent.name}" belongs to a constraint, "${child.name}" to none`);
  }
  const wasValid = parent.valid;
  adoptIndex(draft, child, parent);
  draft.put({ ...draft.index(parentId), valid: wasValid });
  validateUpwards(draft, parentId);
}

function validateUpwards(draft: Draft, indexId: number): void {
  const index = draft.index(indexId);
  const partitions = draft.table(index.table).children.length;
  const validChildren = index.children.filter((id) => indexById(draft, id)?.valid === true).length;
  if (index.valid || validChildren < partitions) return;
  draft.put({ ...index, valid: true });
  if (index.parent !== null) validateUpwards(draft, index.parent);
}

/** DETACH PARTITION: indexes, constraints and foreign keys stay, as the table's own; cloned triggers go. */
export function detachPartition(draft: Draft, parentId: number, command: PartitionCmd): void {
  const child = requireRelation(draft, nameOfRangeVar(command.name));
  if (!isTable(child) || child.partitionOf?.parent !== parentId) {
    throw new Refusal('42P01', `relation "${child.name}" is not a partition`);
  }
  const parent = draft.table(parentId);
  if (command.concurrent === true && defaultPartition(draft, parent) !== undefined) {
    throw new Refusal('55000', 'cannot detach partitions concurrently when a default partition exists');
  }
  const { bound } = child.partitionOf;
  leaveParent(draft, parentId, child.id);
  draft.changeTable(child.id, { partitionOf: null });
  for (const index of indexesOf(draft, draft.table(child.id))) {
    if (index.parent === null) continue;
    const indexParent = indexById(draft, index.parent);
    draft.put({ ...draft.index(index.id), parent: null });
    if (indexParent !== undefined) {
      draft.put({ ...indexParent, children: indexParent.children.filter((id) => id !== index.id) });
    }
  }
  const current = draft.table(child.id);
  const constraints = current.constraints.map((constraint): Constraint =>
    constraint.parent === null ? constraint : { ...constraint, parent: null, inheritCount: 0, local: true },
  );
  const columns = current.columns.map((column) =>
    draft.major >= 17 && column.identity !== null ? { ...column, identity: null } : column,
  );
  draft.changeTable(child.id, { constraints, columns });
  dropClonedTriggers(draft, child.id);
  if (command.concurrent === true) keepBoundAsCheck(draft, parent, child.id, bound);
}

/** DETACH … CONCURRENTLY leaves a CHECK like the bound, unless one implies it (DetachAddConstraintIfNeeded). */
function keepBoundAsCheck(draft: Draft, parent: TableRelation, childId: number, bound: PartitionBound): void {
  const child = draft.table(childId);
  const names = columnNames(
    parent,
    (parent.partitionKey?.columns ?? []).flatMap(({ column }) => column ?? []),
  );
  const columns = child.columns.filter(({ name }) => names.includes(name)).map(({ number }) => number);
  const single = parent.partitionKey?.columns.length === 1 && bound.kind !== 'hash' ? (names[0] ?? null) : null;
  draft.addConstraint(childId, {
    kind: 'check',
    id: draft.newId(),
    name: chooseConstraintName(draft, child.schema, { name1: child.name, name2: single, label: 'check' }),
    expression: { tree: null, text: null },
    columns,
    deferrable: false,
    initiallyDeferred: false,
    validated: true,
    enforced: true,
    noInherit: false,
    local: true,
    inheritCount: 0,
    parent: null,
    comment: null,
  });
}
