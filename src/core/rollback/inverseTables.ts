import type { TableRelation } from '../catalog/catalog.ts';

import { quoteIdentifier } from '../sql/quote.ts';
import { ARCHIVE_SCHEMA } from './archive.ts';
import { alterTable, decorateColumns, inverseColumns } from './inverseColumns.ts';
import { addConstraint, constraintComment, inverseConstraints } from './inverseConstraints.ts';
import { relationRights } from './inverseRights.ts';
import { inverseTriggers } from './inverseTriggers.ts';
import { NotKnown, nameIn, relationKeyword, relationName } from './naming.ts';
import type { Plan } from './plan.ts';
import { boundClause, createTable, laterConstraints } from './tables.ts';

/** The inverse of CREATE TABLE. */
export function dropTable(plan: Plan, now: TableRelation): void {
  if (now.schema !== ARCHIVE_SCHEMA) plan.notes.sinceLost.push(`rows written to ${now.name}`);
  plan.add('drop tables', `DROP ${relationKeyword(now)} ${nameIn(plan.context.from, now)}`);
}

/** The inverse of DROP TABLE: the table with everything on it. Indexes, and sequences that are no serial's, come by themselves. */
export function restoreTable(plan: Plan, whole: TableRelation): void {
  const { to } = plan.context;
  const before = withoutBornParts(plan, whole);
  if (before.ofType !== null) throw new NotKnown(`how the typed table ${before.name} was written`);
  if (before.kind !== 'partitioned table') plan.notes.before.push(`rows of ${before.name}`);
  plan.tablesMade.push({ table: before.id, columns: before.columns.map(({ number }) => number) });
  plan.add('make', createTable(to, before), { remark: `The rows of ${before.name} are lost.` });
  for (const constraint of laterConstraints(before)) addConstraint(plan, before, constraint);
  for (const constraint of before.constraints)
    if (constraint.comment !== null) constraintComment(plan, before, constraint);
  inverseTriggers(plan, null, before, false);
  tableSettings(plan, null, before);
  relationRights(plan, null, { ...before, options: {} });
  // A REVOKE on the table would take the rights on its columns with it.
  decorateColumns(plan, before);
}

/** Without what the migration itself had added to it before it dropped it. */
function withoutBornParts(plan: Plan, table: TableRelation): TableRelation {
  const { isBorn, isBornColumn } = plan.context;
  const born = new Set(
    table.columns.filter(({ number }) => isBornColumn(table.id, number)).map(({ number }) => number),
  );
  const onBorn = (constraint: TableRelation['constraints'][number]) =>
    ('columns' in constraint && constraint.columns.some((number) => born.has(number))) ||
    (constraint.kind === 'not null' && born.has(constraint.column));
  return {
    ...table,
    columns: table.columns.filter(({ number }) => !born.has(number)),
    constraints: table.constraints.filter((constraint) => !isBorn(constraint.id) && !onBorn(constraint)),
    triggers: table.triggers.filter(({ id }) => !isBorn(id)),
  };
}

/** ALTER TABLE, and all else that changes a table, back. */
export function changeTable(plan: Plan, now: TableRelation, before: TableRelation): void {
  const born = plan.context.isBorn(before.id);
  partitionsBack(plan, now, before, born);
  inverseColumns(plan, now, before, born);
  inverseConstraints(plan, now, before, born);
  inverseTriggers(plan, now, before, born);
  if (born) return;
  tableSettings(plan, now, before);
  relationRights(plan, now, before);
}

/** ATTACH, DETACH, INHERIT and NO INHERIT. */
function partitionsBack(plan: Plan, now: TableRelation, before: TableRelation, born: boolean): void {
  const { from, to } = plan.context;
  const wasIn = before.partitionOf?.parent ?? null;
  const isIn = now.partitionOf?.parent ?? null;
  if (wasIn !== isIn) {
    if (isIn !== null && (!born || isIn > now.id)) {
      plan.add('detach partitions', `ALTER TABLE ${knownName(from, isIn)} DETACH PARTITION ${nameIn(from, now)}`);
    }
    if (before.partitionOf !== null && wasIn !== null && !born) {
      const bound = boundClause(before.partitionOf.bound);
      plan.add('partitions', `ALTER TABLE ${knownName(to, wasIn)} ATTACH PARTITION ${nameIn(to, before)} ${bound}`);
    }
  }
  for (const parent of now.inherits.filter((id) => !before.inherits.includes(id))) {
    if (born && parent < now.id) continue;
    plan.alter('detach partitions', alterTable(plan, 'from', now), `NO INHERIT ${knownName(from, parent)}`);
  }
  for (const parent of before.inherits.filter((id) => !now.inherits.includes(id))) {
    if (born) continue;
    plan.alter('partitions', alterTable(plan, 'to', before), `INHERIT ${knownName(to, parent)}`);
    if (before.columns.some(({ local }) => !local)) {
      plan.remains.push(`columns that ${before.name} only inherited count as its own as well: NO INHERIT made them so`);
    }
  }
}

function knownName(naming: Plan['context']['to'], id: number): string {
  const name = relationName(naming, id);
  if (name === null) throw new NotKnown(`a parent table`);
  return name;
}

/** Row security, replica identity, CLUSTER ON, LOGGED, access method. */
function tableSettings(plan: Plan, now: TableRelation | null, before: TableRelation): void {
  const alter = alterTable(plan, 'to', before);
  const set = (action: string): void => {
    plan.alter('settings', alter, action);
  };
  if ((now?.rowSecurity ?? 'off') !== before.rowSecurity) {
    set(`${before.rowSecurity === 'on' ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`);
  }
  if ((now?.forceRowSecurity ?? false) !== before.forceRowSecurity) {
    set(`${before.forceRowSecurity ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY`);
  }
  const identity = now?.replicaIdentity ?? { kind: 'default' };
  if (!sameIdentity(identity, before.replicaIdentity)) set(`REPLICA IDENTITY ${identityText(plan, before)}`);
  if ((now?.clusteredOn ?? null) !== before.clusteredOn) {
    const index = before.clusteredOn === null ? undefined : plan.context.to.catalog.relations.get(before.clusteredOn);
    if (index === undefined) set('SET WITHOUT CLUSTER');
    else plan.add('settings', `${alter} CLUSTER ON ${quoteIdentifier(index.name)}`);
  }
  if (now === null) return;
  if (now.persistence !== before.persistence) set(before.persistence === 'unlogged' ? 'SET UNLOGGED' : 'SET LOGGED');
  if (now.accessMethod !== before.accessMethod)
    set(`SET ACCESS METHOD ${quoteIdentifier(before.accessMethod ?? 'heap')}`);
}

function sameIdentity(a: TableRelation['replicaIdentity'], b: TableRelation['replicaIdentity']): boolean {
  return a.kind === b.kind && (a.kind === 'index' ? a.index : 0) === (b.kind === 'index' ? b.index : 0);
}

function identityText(plan: Plan, table: TableRelation): string {
  const identity = table.replicaIdentity;
  if (identity.kind !== 'index') return identity.kind.toUpperCase();
  const index = plan.context.to.catalog.relations.get(identity.index);
  if (index === undefined) throw new NotKnown(`the index that is the replica identity of ${table.name}`);
  return `USING INDEX ${quoteIdentifier(index.name)}`;
}
