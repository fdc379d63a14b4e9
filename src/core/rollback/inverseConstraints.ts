import type { Constraint, TableRelation } from '../catalog/catalog.ts';
import { indexById } from '../catalog/lookup.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { constraintDefinition, timing } from './constraints.ts';
import { alterTable } from './inverseColumns.ts';
import { createIndex } from './indexes.ts';
import { nameIn } from './naming.ts';
import type { Plan } from './plan.ts';
import { commentOn } from './privileges.ts';

/** Constraints of a table that is there before and after the statement. NOT NULL is the columns' affair. */
export function inverseConstraints(plan: Plan, from: TableRelation, to: TableRelation, born: boolean): void {
  const before = new Map(to.constraints.map((constraint) => [constraint.id, constraint]));
  const after = new Map(from.constraints.map((constraint) => [constraint.id, constraint]));
  for (const constraint of [...from.constraints].reverse()) {
    if (!before.has(constraint.id)) dropConstraint(plan, from, to, constraint, born);
  }
  for (const constraint of to.constraints) {
    const now = after.get(constraint.id);
    if (now === undefined) restoreConstraint(plan, to, constraint, born);
    else if (now !== constraint) changeConstraint(plan, { from, to, now, constraint, born });
  }
}

/** The inverse of ADD CONSTRAINT. */
function dropConstraint(
  plan: Plan,
  from: TableRelation,
  to: TableRelation,
  constraint: Constraint,
  born: boolean,
): void {
  const { context } = plan;
  if (constraint.kind === 'not null' || !isOwn(constraint)) return;
  if (context.isTransient(constraint.id)) return;
  if (born && !needsDropping(plan, from, constraint)) return;
  // A dropped column takes its constraints with it.
  const stays = (number: number) => to.columns.some((column) => column.number === number);
  if (!born && 'columns' in constraint && constraint.columns.some((number) => !stays(number))) return;
  const phase = constraint.kind === 'foreign key' ? 'drop foreign keys' : 'drop constraints';
  plan.alter(phase, alterTable(plan, 'from', from), `DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`);
  indexThatWasTaken(plan, constraint);
}

/** ADD CONSTRAINT … USING INDEX took over an index, which DROP CONSTRAINT drops: it has to be made again. */
function indexThatWasTaken(plan: Plan, constraint: Constraint): void {
  if (constraint.kind !== 'primary key' && constraint.kind !== 'unique') return;
  const index = indexById(plan.context.to.catalog, constraint.index);
  if (index === undefined || index.constraint !== null || plan.context.isBorn(index.id)) return;
  const concurrently = plan.context.outsideTransaction && index.kind === 'index';
  plan.add('indexes', createIndex(plan.context.to, index, { concurrently }), { nonTransactional: concurrently });
  const table = plan.context.to.catalog.relations.get(index.table);
  if (!concurrently)
    plan.notes.waits.push(`writers of ${table?.name ?? ''} wait while the index ${index.name} is built`);
}

/** A constraint on a new table that stands in the way of an earlier statement's inverse. */
function needsDropping(plan: Plan, table: TableRelation, constraint: Constraint): boolean {
  if (constraint.kind === 'foreign key') return constraint.referenced !== null && constraint.referenced > table.id;
  if (constraint.kind === 'check') return (constraint.expression.uses ?? []).some((id) => id > table.id);
  // Its index may have a name that an older index needs again.
  return 'index' in constraint && plan.context.nameWasTaken(table.schema, constraint.name);
}

/** The inverse of DROP CONSTRAINT, and of what DROP … CASCADE took. */
function restoreConstraint(plan: Plan, to: TableRelation, constraint: Constraint, born: boolean): void {
  if (constraint.kind === 'not null' || !isOwn(constraint)) return;
  if (born || plan.context.isBorn(constraint.id)) return;
  addConstraint(plan, to, constraint);
  if (constraint.validated && constraint.enforced && !hasGentleForm(plan, to, constraint))
    plan.notes.waits.push(whoWaits(to, constraint));
  if (constraint.comment !== null) constraintComment(plan, to, constraint);
  rowsMayRefuse(plan, to, constraint);
}

/** ADD CONSTRAINT; outside a transaction first NOT VALID and then VALIDATE, which does not stop writers. */
export function addConstraint(plan: Plan, to: TableRelation, constraint: Constraint): void {
  const phase = constraint.kind === 'foreign key' ? 'foreign keys' : 'constraints';
  const alter = alterTable(plan, 'to', to);
  const definition = constraintDefinition(plan.context.to, to, constraint);
  const canWait = constraint.kind === 'foreign key' || constraint.kind === 'check';
  if (!constraint.enforced) {
    plan.alter(phase, alter, `ADD ${definition}`);
  } else if (!constraint.validated) {
    plan.alter(phase, alter, `ADD ${definition} NOT VALID`);
  } else if (plan.context.outsideTransaction && canWait && to.kind === 'table') {
    plan.add(phase, `${alter} ADD ${definition} NOT VALID`);
    plan.add(phase, `${alter} VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)}`, { ownTransaction: true });
  } else if (!keyOverIndex(plan, to, constraint)) {
    plan.alter(phase, alter, `ADD ${definition}`);
  }
}

/** Outside a transaction the index of a key is built without stopping anybody, and taken over in a moment. */
function keyOverIndex(plan: Plan, to: TableRelation, constraint: Constraint): boolean {
  const { context } = plan;
  if (constraint.kind !== 'primary key' && constraint.kind !== 'unique') return false;
  const index = indexById(context.to.catalog, constraint.index);
  const stays = context.from.catalog.relations.has(to.id);
  if (!context.outsideTransaction || to.kind !== 'table' || index?.kind !== 'index' || !stays) return false;
  // A period's key is no plain index.
  if (index.method !== 'btree') return false;
  const name = quoteIdentifier(constraint.name);
  const kind = constraint.kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
  const create = createIndex(context.to, { ...index, name: constraint.name }, { concurrently: true });
  plan.add('constraints', create, { nonTransactional: true });
  plan.add(
    'constraints',
    `${alterTable(plan, 'to', to)} ADD CONSTRAINT ${name} ${kind} USING INDEX ${name}${timing(constraint)}`,
    { ownTransaction: true },
  );
  return true;
}

/** Outside a transaction all but exclusion constraints of ordinary tables come back without stopping anybody for long. */
function hasGentleForm(plan: Plan, to: TableRelation, { kind }: Constraint): boolean {
  return plan.context.outsideTransaction && to.kind === 'table' && kind !== 'exclude';
}

function whoWaits(to: TableRelation, constraint: Constraint): string {
  return constraint.kind === 'foreign key'
    ? `writers of ${to.name} and ${constraint.referencedName} wait while ${constraint.name} is checked`
    : `${to.name} is locked while ${constraint.name} is ${constraint.kind === 'check' ? 'checked' : 'built'}`;
}

function rowsMayRefuse(plan: Plan, to: TableRelation, constraint: Constraint): void {
  if (!constraint.validated) return;
  const why = {
    'primary key': 'rows that have the same key, or NULL in it',
    unique: 'rows that have the same values',
    check: 'a row that the check refuses',
    exclude: 'rows that exclude each other',
    'foreign key': 'a row that refers to nothing',
    'not null': 'NULL',
  }[constraint.kind];
  plan.notes.sinceFails.push(`${to.name} holds ${why} (${constraint.name})`);
}

interface ConstraintChange {
  readonly from: TableRelation;
  readonly to: TableRelation;
  readonly now: Constraint;
  readonly constraint: Constraint;
  readonly born: boolean;
}

function changeConstraint(plan: Plan, { from, to, now, constraint, born }: ConstraintChange): void {
  if (!isOwn(constraint)) return;
  if (now.name !== constraint.name && !plan.context.isTransient(constraint.id)) {
    const names = `${quoteIdentifier(now.name)} TO ${quoteIdentifier(constraint.name)}`;
    plan.add('rename parts', `${alterTable(plan, 'from', from)} RENAME CONSTRAINT ${names}`);
  }
  if (born || plan.context.isBorn(constraint.id)) return;
  if (constraint.kind === 'not null') return;
  const alter = alterTable(plan, 'to', to);
  if (mustBeMadeAgain(now, constraint)) {
    const phase = constraint.kind === 'foreign key' ? 'foreign keys' : 'constraints';
    plan.add(phase, `${alter} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`);
    const definition = constraintDefinition(plan.context.to, to, constraint);
    plan.add(phase, `${alter} ADD ${definition}${constraint.validated || !constraint.enforced ? '' : ' NOT VALID'}`);
    if (constraint.comment !== null) constraintComment(plan, to, constraint);
    return;
  }
  if (now.deferrable !== constraint.deferrable || now.initiallyDeferred !== constraint.initiallyDeferred) {
    const deferred = constraint.initiallyDeferred ? 'INITIALLY DEFERRED' : 'INITIALLY IMMEDIATE';
    const timing = constraint.deferrable ? `DEFERRABLE ${deferred}` : 'NOT DEFERRABLE';
    plan.alter('foreign keys', alter, `ALTER CONSTRAINT ${quoteIdentifier(constraint.name)} ${timing}`);
  }
  if (now.comment !== constraint.comment) constraintComment(plan, to, constraint);
}

/** There is no ALTER for these. VALIDATE is undone by making the constraint again NOT VALID, which does not read the table. */
function mustBeMadeAgain(now: Constraint, constraint: Constraint): boolean {
  if (now.validated !== constraint.validated || now.enforced !== constraint.enforced) return true;
  if (now.noInherit !== constraint.noInherit) return true;
  if (now.kind === 'check' && constraint.kind === 'check') {
    // Renamed columns change both texts alike, so only another set of columns tells of another expression.
    return (
      now.columns.join() !== constraint.columns.join() &&
      expressionText(now.expression) !== expressionText(constraint.expression)
    );
  }
  return constraint.kind !== 'foreign key' && now.deferrable !== constraint.deferrable;
}

export function constraintComment(plan: Plan, to: TableRelation, constraint: Constraint): void {
  const name = `${quoteIdentifier(constraint.name)} ON ${nameIn(plan.context.to, to)}`;
  plan.add('comments', commentOn({ keyword: 'CONSTRAINT', name }, constraint.comment));
}

/** Defined on this table itself, not only by a parent. */
function isOwn(constraint: Constraint): boolean {
  return constraint.local && constraint.parent === null;
}
