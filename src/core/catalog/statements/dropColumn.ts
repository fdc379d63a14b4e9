import type { AlterTableCmd } from '@pgsql/types';
import type { Draft } from '../draft.ts';
import { columnNamed, hasColumns, isTable, isView } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { drop } from './drop.ts';
import type { DropTarget } from './dropTargets.ts';

/** DROP COLUMN, DROP ATTRIBUTE. Children lose what they only inherited (ATExecDropColumn). */
export function dropColumn(draft: Draft, id: number, command: AlterTableCmd, only: boolean): void {
  const relation = draft.relations.get(id);
  if (relation === undefined || !hasColumns(relation) || isView(relation)) return;
  const column = columnNamed(relation, command.name ?? '');
  if (column === undefined) {
    if (command.missing_ok === true) return;
    throw new Refusal('42703', `column "${command.name ?? ''}" of relation "${relation.name}" does not exist`);
  }
  if (column.inheritCount > 0) throw new Refusal('42P16', `cannot drop inherited column "${column.name}"`);
  if (isTable(relation)) {
    const inKey = relation.partitionKey?.columns.some((key) => key.column === column.number) === true;
    if (inKey)
      throw new Refusal('42P16', `cannot drop column "${column.name}" because it is part of the partition key`);
    if (only && relation.kind === 'partitioned table' && relation.children.length > 0) {
      throw new Refusal('42P16', 'cannot drop column from only the partitioned table when partitions exist');
    }
  }
  const targets: DropTarget[] = [];
  collect(draft, id, column.name, only, targets);
  // All at once: what hangs on a child's column goes unasked if the column goes (ATExecDropColumn).
  drop(draft, targets, command.behavior === 'DROP_CASCADE');
}

function collect(draft: Draft, id: number, name: string, only: boolean, targets: DropTarget[]): void {
  const relation = draft.relations.get(id);
  if (relation === undefined || !hasColumns(relation)) return;
  const column = columnNamed(relation, name);
  if (column === undefined) return;
  targets.push({ kind: 'column', relation: id, number: column.number });
  for (const childId of isTable(relation) ? relation.children : []) {
    const child = draft.table(childId);
    const own = columnNamed(child, name);
    if (own === undefined || own.inheritCount === 0) continue;
    if (!only && own.inheritCount === 1 && !own.local) {
      collect(draft, childId, name, false, targets);
      continue;
    }
    // ONLY leaves the child its column, as its own.
    const kept = { ...own, inheritCount: own.inheritCount - 1, local: only ? true : own.local };
    const columns = child.columns.map((other) => (other === own ? kept : other));
    draft.changeTable(childId, { columns });
  }
}
