import type { AlterTableCmd } from '@pgsql/types';
import type { Constraint } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnNumbered, columnNamed, constraintNamed } from '../lookup.ts';
import { Refusal } from '../refusal.ts';
import { disinheritNotNull, inheritNotNull, notNullOf } from './notNull.ts';

function require(draft: Draft, tableId: number, name: string): Constraint {
  const table = draft.table(tableId);
  const constraint = constraintNamed(table, name);
  if (constraint === undefined) {
    throw new Refusal('42704', `constraint "${name}" of relation "${table.name}" does not exist`);
  }
  return constraint;
}

/** VALIDATE CONSTRAINT; children's share of a check or NOT NULL with it. */
export function validateConstraint(draft: Draft, tableId: number, name: string): void {
  const constraint = require(draft, tableId, name);
  if (constraint.kind !== 'check' && constraint.kind !== 'foreign key' && constraint.kind !== 'not null') {
    throw new Refusal('42809', `constraint "${name}" is not a foreign key, check, or not-null constraint`);
  }
  if (!constraint.enforced) throw new Refusal('42809', 'cannot validate NOT ENFORCED constraint');
  if (constraint.validated) return;
  draft.putConstraint(tableId, { ...constraint, validated: true });
  const table = draft.table(tableId);
  for (const childId of table.children) {
    const child = draft.table(childId);
    if (constraint.kind === 'check' && constraint.noInherit) continue;
    const counterpart =
      constraint.kind === 'foreign key'
        ? child.constraints.find(({ parent }) => parent === constraint.id)
        : constraint.kind === 'not null'
          ? notNullOf(child, columnNamed(child, columnNumbered(table, constraint.column)?.name ?? '')?.number ?? -1)
          : constraintNamed(child, name);
    if (counterpart !== undefined && counterpart.enforced) validateConstraint(draft, childId, counterpart.name);
  }
}

/** ALTER CONSTRAINT: deferrability; on 18 also [NOT] ENFORCED and [NO] INHERIT. */
export function alterConstraint(draft: Draft, tableId: number, command: AlterTableCmd): void {
  if (command.def === undefined || !('ATAlterConstraint' in command.def)) return;
  const change = command.def.ATAlterConstraint;
  const constraint = require(draft, tableId, change.conname ?? '');
  const setsDeferral = change.alterDeferrability === true;
  const enforcement = change.alterEnforceability === true;
  if ((setsDeferral || enforcement) && constraint.kind !== 'foreign key') {
    throw new Refusal('42809', `constraint "${constraint.name}" is not a foreign key constraint`);
  }
  if (constraint.parent !== null) {
    throw new Refusal('42P16', `cannot alter constraint "${constraint.name}" on a partition`);
  }
  const apply = (table: number, before: Constraint): void => {
    const enforced = enforcement ? change.is_enforced === true : before.enforced;
    draft.putConstraint(table, {
      ...before,
      deferrable: setsDeferral ? change.deferrable === true : before.deferrable,
      initiallyDeferred: setsDeferral ? change.initdeferred === true : before.initiallyDeferred,
      enforced,
      // NOT ENFORCED makes it not validated; ENFORCED checks the rows.
      validated: enforcement ? enforced : before.validated,
      noInherit: change.alterInheritability === true ? change.noinherit === true : before.noInherit,
    });
    for (const childId of draft.table(table).children) {
      const child = draft.table(childId).constraints.find(({ parent }) => parent === before.id);
      if (child !== undefined) apply(childId, child);
    }
  };
  apply(tableId, constraint);
  if (change.alterInheritability !== true || constraint.kind !== 'not null') return;
  const inherits = change.noinherit !== true;
  if (inherits === !constraint.noInherit) return;
  const column = columnNumbered(draft.table(tableId), constraint.column)?.name ?? '';
  for (const childId of draft.table(tableId).children) {
    if (inherits) inheritNotNull(draft, childId, column, { ...constraint, noInherit: false });
    else disinheritNotNull(draft, childId, column, true);
  }
}
