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
  const table = draft.table(tableId);
  const made: NotNullConstraint[] = [];
  const names = new Set(table.constraints.map(({ name }) => name));
  const add = (one: WantedNotNull, inheritance: Inheritance): void => {
    const column = columnNamed(table, one.column);
    if (column === undefined) throw new Refusal('42703', `column "${one.column}" does not exist`);
    // A partition has its parent's already; one that it wants itself is its own too.
    const existing = notNullOf(table, column.number);
    if (existing !== undefined) {
      if (inheritance.local && !existing.local) draft.putConstraint(tableId, { ...existing, local: true });
      return;
    }
    const constraint = newNotNull(draft, table, column.number, column.name, { ...one, validated: true }, names);
    names.add(constraint.name);
    made.push({ ...constraint, ...inheritance });
  };
  for (const one of own.values()) {
    const inheritCount = inherited.get(one.column)?.length ?? 0;
    inherited.delete(one.column);
    add(one, { local: true, inheritCount });
  }
  for (const [column, constraints] of inherited) {
    const name = constraints[0]?.name ?? null;
    const one = { column, name: name !== null && names.has(name) ? null : name, noInherit: false };
    add(one, { local: false, inheritCount: constraints.length });
  }
  draft.addConstraints(tableId, made);
}

interface Inheritance {
  readonly local: boolean;
  readonly inheritCount: number;
}
