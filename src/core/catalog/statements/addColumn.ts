import type { AlterTableCmd } from '@pgsql/types';
import type { Column } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, hasColumns, isTable, isView, sameType } from '../lookup.ts';
import type { RelationWithColumns } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { planColumn } from './columns.ts';
import { addConstraint } from './constraints.ts';
import { linkColumn } from './createTable.ts';
import { addNotNull } from './notNull.ts';

/** ADD COLUMN, to children too; of a composite type, ADD ATTRIBUTE. */
export function addColumn(draft: Draft, id: number, command: AlterTableCmd, only: boolean): void {
  const relation = draft.relations.get(id);
  const definition = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  if (relation === undefined || definition === undefined) return;
  if (!hasColumns(relation) || isView(relation)) throw new Refusal('42809', `"${relation.name}" is not a table`);
  const name = definition.colname ?? '';
  if (columnNamed(relation, name) !== undefined) {
    if (command.missing_ok === true) return;
    throw new Refusal('42701', `column "${name}" of relation "${relation.name}" already exists`);
  }
  if (isTable(relation) && relation.partitionOf !== null)
    throw new Refusal('42809', 'cannot add column to a partition');
  if (isTable(relation) && only && relation.children.length > 0) {
    throw new Refusal('42P16', 'column must be added to child tables too');
  }
  const { schema, persistence } = relation;
  const plan = planColumn(draft, definition, {
    schema,
    table: relation.name,
    persistence,
    number: relation.nextColumn,
    takenNames: new Set(),
  });
  const primary = plan.constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY');
  const column = primary ? { ...plan.column, notNull: true } : plan.column;
  appendColumn(draft, relation, column);
  if (plan.sequence !== null) {
    const internal = column.identity !== null;
    draft.addRelation({ ...plan.sequence, ownedBy: { relation: id, column: column.number, internal } });
    draft.link(id, plan.sequence.id);
  }
  if (!isTable(relation)) return;
  for (const child of relation.children) inheritColumn(draft, child, column, primary || plan.notNull !== null);
  for (const constraint of plan.constraints) {
    if (constraint.contype === 'CONSTR_CHECK') addConstraint(draft, id, constraint, { newTable: true, only });
  }
  const notNull = plan.notNull ?? (primary ? { name: null, noInherit: false } : null);
  if (notNull !== null && draft.major >= 18) addNotNull(draft, id, name, { ...notNull, validated: true, only });
  for (const constraint of plan.constraints) {
    if (constraint.contype !== 'CONSTR_CHECK' && constraint.contype !== 'CONSTR_FOREIGN') {
      addConstraint(draft, id, constraint, { newTable: true, only });
    }
  }
  for (const constraint of plan.constraints) {
    if (constraint.contype === 'CONSTR_FOREIGN') addConstraint(draft, id, constraint, { newTable: true, only });
  }
}

function appendColumn(draft: Draft, relation: RelationWithColumns, column: Column): void {
  if (isView(relation)) return;
  const { nextColumn } = relation;
  const numbered = { ...column, number: nextColumn };
  draft.put({ ...relation, columns: [...relation.columns, numbered], nextColumn: nextColumn + 1 });
  linkColumn(draft, relation.id, numbered);
}

/** A child's column: new, or the one that it has already, which counts one more parent. */
function inheritColumn(draft: Draft, childId: number, column: Column, notNull: boolean): void {
  const child = draft.table(childId);
  const existing = columnNamed(child, column.name);
  if (existing !== undefined) {
    if (!sameType(existing.type, column.type)) {
      throw new Refusal('42804', `child table "${child.name}" has different type for column "${column.name}"`);
    }
    const columns = child.columns.map((other) =>
      other === existing ? { ...existing, inheritCount: existing.inheritCount + 1 } : other,
    );
    draft.changeTable(childId, { columns });
    return;
  }
  const partition = child.partitionOf !== null;
  appendColumn(draft, child, {
    ...column,
    // A child's flag comes with the constraint on 18.
    notNull: notNull && draft.major < 18,
    identity: partition && draft.major >= 17 ? column.identity : null,
    local: false,
    inheritCount: 1,
  });
  for (const grandchild of child.children) inheritColumn(draft, grandchild, column, notNull);
}
