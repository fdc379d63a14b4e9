import type { SequenceRelation, TableRelation } from '../catalog/catalog.ts';
import { columnNumbered, relationAt, tableById } from '../catalog/lookup.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { serialName } from './sequences.ts';
import { changedSequenceOptions, createSequence } from './sequences.ts';
import { nameIn } from './naming.ts';
import type { Plan } from './plan.ts';
import { roleName } from './routines.ts';
import { relationRights } from './inverseRights.ts';

/** The inverse of CREATE SEQUENCE. One that a column owns goes with the column. */
export function dropSequence(plan: Plan, now: SequenceRelation): void {
  if (now.ownedBy !== null) {
    const table = tableById(plan.context.to.catalog, now.ownedBy.relation);
    const staysInTable = table !== undefined && columnNumbered(table, now.ownedBy.column) !== undefined;
    if (!staysInTable || now.ownedBy.internal) return;
  }
  plan.notes.sinceLost.push(`the position of the sequence ${now.name}`);
  // One statement (a DO block, a called function) may have made it in the place of another of its name.
  const other = relationAt(plan.context.to.catalog, now.schema, now.name);
  const phase =
    other !== undefined && !plan.context.from.catalog.relations.has(other.id) ? 'drop tables' : 'drop types';
  plan.add(phase, `DROP SEQUENCE ${nameIn(plan.context.from, now)}`);
}

/** The inverse of DROP SEQUENCE. The one of a serial or identity column comes with the column. */
export function restoreSequence(plan: Plan, before: SequenceRelation): void {
  const { to } = plan.context;
  plan.notes.before.push(`the position of the sequence ${before.name}: it starts again at ${before.start}`);
  const owner = ownerOf(plan, before);
  const comesWithColumn = owner !== null && isPartOfColumn(plan, before, owner.table, owner.column);
  if (!comesWithColumn && before.ownedBy?.internal !== true) {
    plan.add('make', createSequence(to, before));
    if (owner !== null) {
      const name = nameIn(to, before);
      // "sequence must have same owner as table it is linked to"
      if (owner.table.owner !== null)
        plan.add('constraints', `ALTER SEQUENCE ${name} OWNER TO ${roleName(owner.table.owner)}`);
      plan.add('partitions', `ALTER SEQUENCE ${name} OWNED BY ${owner.name}`);
    }
  }
  relationRights(plan, null, before);
}

/** ALTER SEQUENCE, back. */
export function changeSequence(plan: Plan, now: SequenceRelation, before: SequenceRelation): void {
  const { to } = plan.context;
  const name = nameIn(to, before);
  const options = changedSequenceOptions(now, before);
  const born = plan.context.isBorn(before.id);
  // The sequence of an identity column follows the column's type only when the column is altered with it.
  if (options.length > 0 && !born) plan.add('settings', `ALTER SEQUENCE ${name} ${options.join(' ')}`);
  // It became what its table was made.
  if (now.persistence !== before.persistence && before.ownedBy === null && !born)
    plan.add('settings', `ALTER SEQUENCE ${name} SET ${before.persistence === 'unlogged' ? 'UNLOGGED' : 'LOGGED'}`);
  if (now.ownedBy?.relation !== before.ownedBy?.relation || now.ownedBy?.column !== before.ownedBy?.column) {
    const owner = ownerOf(plan, before);
    if (owner !== null) plan.add('partitions', `ALTER SEQUENCE ${name} OWNED BY ${owner.name}`);
    else plan.add('release sequences', `ALTER SEQUENCE ${nameIn(plan.context.from, now)} OWNED BY NONE`);
  }
  if (!born) relationRights(plan, now, before);
}

function ownerOf(
  plan: Plan,
  sequence: SequenceRelation,
): { readonly table: TableRelation; readonly column: number; readonly name: string } | null {
  if (sequence.ownedBy === null) return null;
  const { to } = plan.context;
  const table = tableById(to.catalog, sequence.ownedBy.relation);
  const column = table === undefined ? undefined : columnNumbered(table, sequence.ownedBy.column);
  if (table === undefined || column === undefined) return null;
  return { table, column: column.number, name: `${nameIn(to, table)}.${quoteIdentifier(column.name)}` };
}

/** Is it made by the very statement that makes its column again: `serial`, or an identity? */
function isPartOfColumn(plan: Plan, sequence: SequenceRelation, table: TableRelation, number: number): boolean {
  const column = columnNumbered(table, number);
  if (column === undefined) return false;
  const now = tableById(plan.context.from.catalog, table.id);
  const isMadeAgain = now === undefined || columnNumbered(now, number) === undefined;
  return isMadeAgain && serialName(table, column, sequence) !== null;
}
