import type { Constraint, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { chooseConstraintName } from '../generatedNames.ts';
import { columnNamed, primaryKeyOf } from '../lookup.ts';
import { Refusal } from '../refusal.ts';

/**
 * NOT NULL. A flag of the column up to 17; from 18 on also a constraint with a name, that children inherit.
 * https://www.postgresql.org/docs/18/release-18.html (E.4.3.2)
 */

export type NotNullConstraint = Constraint & { kind: 'not null' };

export interface NotNullOptions {
  /** Null: generated, `table_column_not_null`. */
  readonly name: string | null;
  readonly noInherit: boolean;
  readonly validated: boolean;
  /** ALTER TABLE ONLY. */
  readonly only: boolean;
}

export function addNotNull(draft: Draft, tableId: number, columnName: string, options: NotNullOptions): void {
  const table = draft.table(tableId);
  const column = columnNamed(table, columnName);
  if (column === undefined) throw noColumn(table, columnName);
  const bare = table.children.some((id) => columnNamed(draft.table(id), columnName)?.notNull !== true);
  if (options.only && table.kind === 'partitioned table' && bare && !column.notNull) {
    throw new Refusal('42P16', 'constraint must be added to child tables too');
  }
  if (draft.major < 18) {
    markNotNull(draft, tableId, columnName, options.only);
    return;
  }
  const existing = notNullOf(table, column.number);
  if (existing !== undefined) {
    if (options.name !== null && options.name !== existing.name) {
      throw new Refusal('55000', `cannot create not-null constraint "${options.name}" on column "${columnName}"`);
    }
    if (options.noInherit !== existing.noInherit) {
      throw new Refusal('55000', `cannot change NO INHERIT status of NOT NULL constraint "${existing.name}"`);
    }
    if (!existing.validated && options.validated)
      throw new Refusal('55000', `incompatible NOT VALID constraint "${existing.name}"`);
    if (!existing.local) draft.putConstraint(tableId, { ...existing, local: true });
    return;
  }
  const constraint = newNotNull(draft, table, column.number, columnName, options);
  draft.addConstraint(tableId, constraint);
  setColumnFlag(draft, tableId, columnName, true);
  if (options.noInherit || options.only) return;
  for (const child of table.children) inheritNotNull(draft, child, columnName, constraint);
}

export function newNotNull(
  draft: Draft,
  table: TableRelation,
  column: number,
  columnName: string,
  { name, noInherit, validated }: Pick<NotNullOptions, 'name' | 'noInherit' | 'validated'>,
  taken?: ReadonlySet<string>,
): NotNullConstraint {
  const names = { name1: table.name, name2: columnName, label: 'not_null' };
  return {
    kind: 'not null',
    id: draft.newId(),
    name: name ?? chooseConstraintName(draft, table.schema, names, taken),
    column,
    deferrable: false,
    initiallyDeferred: false,
    validated,
    enforced: true,
    noInherit,
    local: true,
    inheritCount: 0,
    parent: null,
    comment: null,
  };
}

/** A child's NOT NULL from its parent: one more parent for the constraint that it has, or one of the parent's name (18). */
export function inheritNotNull(draft: Draft, childId: number, columnName: string, parent: NotNullConstraint): void {
  const child = draft.table(childId);
  const column = columnNamed(child, columnName);
  if (column === undefined) return;
  const existing = notNullOf(child, column.number);
  if (existing !== undefined) {
    draft.putConstraint(childId, { ...existing, inheritCount: existing.inheritCount + 1 });
    return;
  }
  const taken = child.constraints.some(({ name }) => name === parent.name);
  const name = taken ? null : parent.name;
  const constraint = {
    ...newNotNull(draft, child, column.number, columnName, { ...parent, name }),
    local: false,
    inheritCount: 1,
  };
  draft.addConstraint(childId, constraint);
  setColumnFlag(draft, childId, columnName, true);
  for (const grandchild of child.children) inheritNotNull(draft, grandchild, columnName, constraint);
}

/** DROP NOT NULL. */
export function dropNotNull(draft: Draft, tableId: number, columnName: string, only: boolean): void {
  const table = draft.table(tableId);
  const column = columnNamed(table, columnName);
  if (column === undefined) throw noColumn(table, columnName);
  if (!column.notNull) return;
  if (column.identity !== null) throw new Refusal('42601', `column "${columnName}" is an identity column`);
  if (primaryKeyOf(table)?.columns.includes(column.number) === true) {
    throw new Refusal('42P16', `column "${columnName}" is in a primary key`);
  }
  if (draft.major >= 18) {
    const constraint = notNullOf(table, column.number);
    if (constraint === undefined) return;
    if (constraint.inheritCount > 0) {
      throw new Refusal('42P16', `cannot drop inherited constraint "${constraint.name}" of relation "${table.name}"`);
    }
    removeNotNull(draft, tableId, constraint, only);
    return;
  }
  const parent = table.partitionOf === null ? undefined : draft.table(table.partitionOf.parent);
  if (parent !== undefined && columnNamed(parent, columnName)?.notNull === true) {
    throw new Refusal('42P16', `column "${columnName}" is marked NOT NULL in parent table`);
  }
  unmarkNotNull(draft, tableId, columnName, only);
}

/** Takes a NOT NULL constraint (18) from a table, and from children that only inherited it. */
export function removeNotNull(draft: Draft, tableId: number, constraint: NotNullConstraint, only: boolean): void {
  const table = draft.table(tableId);
  const column = table.columns.find(({ number }) => number === constraint.column);
  draft.removeConstraint(tableId, constraint.id);
  if (column === undefined) return;
  setColumnFlag(draft, tableId, column.name, false);
  if (constraint.noInherit) return;
  for (const childId of table.children) disinheritNotNull(draft, childId, column.name, only);
}

/** A child has one parent fewer for a column's NOT NULL; the last one takes it away unless it is the child's own too. */
export function disinheritNotNull(draft: Draft, childId: number, columnName: string, keep = false): void {
  const child = draft.table(childId);
  const column = columnNamed(child, columnName);
  const constraint = column === undefined ? undefined : notNullOf(child, column.number);
  if (constraint === undefined || constraint.inheritCount === 0) return;
  if (constraint.inheritCount > 1 || constraint.local || keep) {
    const inheritCount = constraint.inheritCount - 1;
    draft.putConstraint(childId, { ...constraint, inheritCount, local: constraint.local || inheritCount === 0 });
  } else {
    removeNotNull(draft, childId, constraint, false);
  }
}

export function notNullOf(table: TableRelation, column: number): NotNullConstraint | undefined {
  for (const constraint of table.constraints) {
    if (constraint.kind === 'not null' && constraint.column === column) return constraint;
  }
  return undefined;
}

function markNotNull(draft: Draft, tableId: number, columnName: string, only: boolean): void {
  setColumnFlag(draft, tableId, columnName, true);
  if (!only) for (const child of draft.table(tableId).children) markNotNull(draft, child, columnName, false);
}

function unmarkNotNull(draft: Draft, tableId: number, columnName: string, only: boolean): void {
  setColumnFlag(draft, tableId, columnName, false);
  if (!only) for (const child of draft.table(tableId).children) unmarkNotNull(draft, child, columnName, false);
}

function setColumnFlag(draft: Draft, tableId: number, columnName: string, notNull: boolean): void {
  const table = draft.table(tableId);
  if (columnNamed(table, columnName)?.notNull === notNull) return;
  const columns = table.columns.map((column) => (column.name === columnName ? { ...column, notNull } : column));
  draft.changeTable(tableId, { columns });
}

function noColumn(table: TableRelation, name: string): Refusal {
  return new Refusal('42703', `column "${name}" of relation "${table.name}" does not exist`);
}
