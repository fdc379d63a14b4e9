import type { TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNamed, columnNumbered } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { newNotNull, notNullOf } from './notNull.ts';
import type { NotNullConstraint } from './notNull.ts';

/** A NOT NULL that CREATE TABLE asks for. */
export interface WantedNotNull {
  readonly column: string;
  readonly name: string | null;
  readonly noInherit: boolean;
}

/**
 * The NOT NULL constraints of a new table (18): its own, then those that it only inherits, under their parents' names
 * (AddRelationNotNullConstraints). Before 18 the columns' flag is all.
 */
export function newTableNotNulls(
  draft: Draft,
  tableId: number,
  wanted: readonly WantedNotNull[],
  parents: readonly TableRelation[],
): void {
  if (draft.major < 18) return;
  const inherited = new Map<string, NotNullConstraint[]>();
  for (const parent of parents) {
    for (const constraint of draft.table(parent.id).constraints) {
      if (constraint.kind !== 'not null' || constraint.noInherit) continue;
      const name = columnNumbered(parent, constraint.column)?.name ?? '';
      inherited.set(name, [...(inherited.get(name) ?? []), constraint]);
    }
  }
  const own = new Map<string, WantedNotNull>();
  for (const one of wanted) {
    const before = own.get(one.column);
    if (before?.name != null && one.name !== null && before.name !== one.name) {
      throw new Refusal('42601', `conflicting not-null constraint names "${before.name}" and "${one.name}"`);
    }
    own.set(one.column, { ...one, name: before?.name ?? one.name });
  }
  for (const one of own.values()) {
    const inheritCount = inherited.get(one.column)?.length ?? 0;
    inherited.delete(one.column);
    add(draft, tableId, one, { local: true, inheritCount });
  }
  for (const [column, constraints] of inherited) {
    const name = constraints[0]?.name ?? null;
    const taken = draft.table(tableId).constraints.some((constraint) => constraint.name === name);
    const one = { column, name: taken ? null : name, noInherit: false };
    add(draft, tableId, one, { local: false, inheritCount: constraints.length });
  }
}

function add(
  draft: Draft,
  tableId: number,
  wanted: WantedNotNull,
  inheritance: { readonly local: boolean; readonly inheritCount: number },
): void {
  const table = draft.table(tableId);
  const column = columnNamed(table, wanted.column);
  if (column === undefined) throw new Refusal('42703', `column "${wanted.column}" does not exist`);
  const existing = notNullOf(table, column.number);
  if (existing !== undefined) return;
  const constraint = newNotNull(draft, table, column.number, column.name, { ...wanted, validated: true });
  draft.addConstraint(tableId, { ...constraint, ...inheritance });
}
