import type { AlterTableCmd } from '@pgsql/types';
import type { Constraint } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { constraintNamed } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { drop } from './drop.ts';
import { removeNotNull } from './notNull.ts';

/** DROP CONSTRAINT of any kind; a check's inherited copies go with it (ATExecDropConstraint). */
export function dropConstraint(draft: Draft, tableId: number, command: AlterTableCmd, only: boolean): void {
  const table = draft.table(tableId);
  const constraint = constraintNamed(table, command.name ?? '');
  if (constraint === undefined) {
    if (command.missing_ok === true) return;
    throw new Refusal('42704', `constraint "${command.name ?? ''}" of relation "${table.name}" does not exist`);
  }
  if (constraint.inheritCount > 0) {
    throw new Refusal('42P16', `cannot drop inherited constraint "${constraint.name}" of relation "${table.name}"`);
  }
  if (constraint.kind === 'not null') {
    const column = table.columns.find(({ number }) => number === constraint.column);
    const inPrimaryKey = table.constraints.some(
      (other) => other.kind === 'primary key' && other.columns.includes(constraint.column),
    );
    if (inPrimaryKey) throw new Refusal('42P16', `column "${column?.name ?? ''}" is in a primary key`);
    if (column?.identity != null) throw new Refusal('42601', `column "${column.name}" is an identity column`);
    removeNotNull(draft, tableId, constraint, only);
    return;
  }
  drop(draft, [{ kind: 'constraint', table: tableId, id: constraint.id }], command.behavior === 'DROP_CASCADE');
  if (constraint.kind !== 'check' || constraint.noInherit) return;
  for (const child of table.children) disinheritCheck(draft, child, constraint, only);
}

function disinheritCheck(draft: Draft, childId: number, parent: Constraint, only: boolean): void {
  const child = draft.table(childId);
  const own = constraintNamed(child, parent.name);
  if (own?.kind !== 'check' || own.inheritCount === 0) return;
  if (!only && own.inheritCount === 1 && !own.local) {
    draft.removeConstraint(childId, own.id);
    for (const grandchild of child.children) disinheritCheck(draft, grandchild, own, false);
    return;
  }
  const inheritCount = own.inheritCount - 1;
  draft.putConstraint(childId, { ...own, inheritCount, local: only ? true : own.local });
}
