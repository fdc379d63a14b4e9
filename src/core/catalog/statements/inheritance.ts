import type { Column, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, columnNumbered, constraintNamed, descendants, sameType } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { inheritCheck } from './constraints.ts';
import { notNullOf } from './notNull.ts';

/** The columns that a new table has from its parents, in order, equal names merged (MergeAttributes). */
export function inheritedColumns(draft: Draft, parents: readonly TableRelation[], partition: boolean): Column[] {
  const columns: Column[] = [];
  for (const parent of parents) {
    for (const column of parent.columns) {
      const at = columns.findIndex(({ name }) => name === column.name);
      const before = columns[at];
      if (before === undefined) {
        columns.push({
          ...column,
          notNull: column.notNull && inheritsNotNull(draft, parent, column),
          // Partitions share their parent's identity from 17 on. https://www.postgresql.org/docs/17/release-17.html
          identity: partition && draft.major >= 17 ? column.identity : null,
          statistics: null,
          comment: null,
          privileges: [],
          options: {},
          local: false,
          inheritCount: 1,
        });
      } else {
        if (!sameType(before.type, column.type)) {
          throw new Refusal('42804', `inherited column "${column.name}" has a type conflict`);
        }
        columns[at] = {
          ...before,
          notNull: before.notNull || (column.notNull && inheritsNotNull(draft, parent, column)),
          default: before.default ?? column.default,
          inheritCount: before.inheritCount + 1,
        };
      }
    }
  }
  return columns;
}

/** NO INHERIT keeps a NOT NULL (18) to the parent. */
function inheritsNotNull(draft: Draft, parent: TableRelation, column: Column): boolean {
  return draft.major < 18 || notNullOf(parent, column.number)?.noInherit !== true;
}

/** Tells the parents of their new child, and gives it their checks. */
export function linkToParents(draft: Draft, childId: number, parents: readonly TableRelation[]): void {
  for (const { id } of parents) {
    const parent = draft.table(id);
    draft.changeTable(id, { children: [...parent.children, childId] });
    draft.link(id, childId);
    for (const constraint of parent.constraints) {
      if (constraint.kind === 'check' && !constraint.noInherit) inheritCheck(draft, childId, parent, constraint);
    }
  }
}

/**
 * ALTER TABLE child INHERIT parent, and the same part of ATTACH PARTITION: the child must have the columns and checks;
 * they count one more parent (MergeAttributesIntoExisting, MergeConstraintsIntoExisting). A partition's are no longer
 * its own.
 */
export function joinParent(draft: Draft, parentId: number, childId: number, partition: boolean): void {
  const parent = draft.table(parentId);
  const child = draft.table(childId);
  if (childId === parentId || descendants(draft, child).some(({ id }) => id === parentId)) {
    throw new Refusal('42P07', 'circular inheritance not allowed');
  }
  if (parent.children.includes(childId)) {
    throw new Refusal('42P07', `relation "${parent.name}" would be inherited from more than once`);
  }
  const columns = new Map(child.columns.map((column) => [column.name, column]));
  for (const column of parent.columns) {
    const own = columns.get(column.name);
    if (own === undefined) throw new Refusal('42804', `child table is missing column "${column.name}"`);
    if (!sameType(own.type, column.type)) {
      throw new Refusal('42804', `child table "${child.name}" has different type for column "${column.name}"`);
    }
    if (column.notNull && !own.notNull && inheritsNotNull(draft, parent, column)) {
      throw new Refusal('42804', `column "${column.name}" in child table must be marked NOT NULL`);
    }
    columns.set(column.name, {
      ...own,
      inheritCount: own.inheritCount + 1,
      local: partition ? false : own.local,
      identity: partition && draft.major >= 17 ? column.identity : own.identity,
    });
  }
  draft.changeTable(childId, { columns: [...columns.values()] });
  for (const constraint of parent.constraints) {
    if ((constraint.kind !== 'check' && constraint.kind !== 'not null') || constraint.noInherit) continue;
    const own = counterpart(draft, parent, childId, constraint);
    if (own === undefined) {
      throw new Refusal('42804', `child table is missing constraint "${constraint.name}"`);
    }
    draft.putConstraint(childId, {
      ...own,
      inheritCount: own.inheritCount + 1,
      local: partition ? false : own.local,
    });
  }
  draft.changeTable(parentId, { children: [...draft.table(parentId).children, childId] });
  draft.link(parentId, childId);
}

/** NO INHERIT and DETACH: what came from this parent only is the child's own now (RemoveInheritance). */
export function leaveParent(draft: Draft, parentId: number, childId: number): void {
  const parent = draft.table(parentId);
  const child = draft.table(childId);
  const columns = child.columns.map((column) => {
    if (column.inheritCount === 0 || columnNamed(parent, column.name) === undefined) return column;
    const inheritCount = column.inheritCount - 1;
    return { ...column, inheritCount, local: column.local || inheritCount === 0 };
  });
  draft.changeTable(childId, { columns });
  for (const constraint of parent.constraints) {
    if (constraint.kind !== 'check' && constraint.kind !== 'not null') continue;
    const own = counterpart(draft, parent, childId, constraint);
    if (own === undefined || own.inheritCount === 0) continue;
    const inheritCount = own.inheritCount - 1;
    draft.putConstraint(childId, { ...own, inheritCount, local: own.local || inheritCount === 0 });
  }
  draft.changeTable(parentId, { children: draft.table(parentId).children.filter((id) => id !== childId) });
}

function counterpart(
  draft: Draft,
  parent: TableRelation,
  childId: number,
  constraint: TableRelation['constraints'][number],
): TableRelation['constraints'][number] | undefined {
  const child = draft.table(childId);
  if (constraint.kind === 'not null') {
    const column = columnNamed(child, columnNumbered(parent, constraint.column)?.name ?? '');
    return column === undefined ? undefined : notNullOf(child, column.number);
  }
  const found = constraintNamed(child, constraint.name);
  return found?.kind === constraint.kind ? found : undefined;
}
