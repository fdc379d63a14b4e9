import type { IndexRelation } from '../catalog/catalog.ts';
import { figureName } from '../catalog/figuredNames.ts';
import { columnNamesAddition, indexColumnNames, makeObjectName } from '../catalog/generatedNames.ts';
import { isTable, isView } from '../catalog/lookup.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { relationRights } from './inverseRights.ts';
import { createIndex } from './indexes.ts';
import { columnOf, nameIn } from './naming.ts';
import type { Plan } from './plan.ts';

/** The inverse of CREATE INDEX. */
export function dropIndex(plan: Plan, now: IndexRelation): void {
  const { context } = plan;
  // A constraint's goes with the constraint, a partition's with its parent's.
  if (now.constraint !== null) return;
  if (now.parent !== null && !context.to.catalog.relations.has(now.parent)) return;
  const table = context.to.catalog.relations.get(now.table);
  if (table === undefined) return;
  if (context.isBorn(now.table) && !context.nameWasTaken(now.schema, now.name)) return;
  // A dropped column takes its indexes with it.
  const columns = [...now.keys.flatMap(({ column }) => column ?? []), ...now.include, ...now.expressionColumns];
  const stays = (number: number) => !isTable(table) || table.columns.some((column) => column.number === number);
  if (columns.some((number) => !stays(number))) return;
  const concurrently = context.outsideTransaction && now.kind === 'index' && !context.isBorn(now.table);
  const name = nameIn(context.from, now);
  plan.add('drop indexes', `DROP INDEX ${concurrently ? 'CONCURRENTLY ' : ''}${name}`, {
    nonTransactional: concurrently,
  });
}

/** The inverse of DROP INDEX. */
export function restoreIndex(plan: Plan, before: IndexRelation): void {
  const { context } = plan;
  if (before.constraint !== null || context.isBorn(before.table)) {
    if (!context.isBorn(before.table)) relationRights(plan, null, before);
    return;
  }
  const tableStays = context.from.catalog.relations.has(before.table);
  const parent = before.parent === null ? undefined : context.to.catalog.relations.get(before.parent);
  const parentStays = parent !== undefined && context.from.catalog.relations.has(parent.id);
  if (parent !== undefined && !(parentStays && tableStays)) {
    // Comes by itself: PARTITION OF makes the parent's indexes on the partition, CREATE INDEX on the parent those below.
    renameOwnName(plan, before);
  } else {
    const concurrently = context.outsideTransaction && tableStays && before.kind === 'index' && parent === undefined;
    const table = context.to.catalog.relations.get(before.table);
    const phase = table !== undefined && isView(table) ? 'views' : 'indexes';
    plan.add(phase, createIndex(context.to, before, { concurrently }), { nonTransactional: concurrently });
    if (!concurrently && tableStays)
      plan.notes.waits.push(`writers of ${table?.name ?? ''} wait while the index ${before.name} is built`);
    if (before.unique && tableStays) {
      plan.notes.sinceFails.push(`${table?.name ?? ''} holds rows that have the same values (${before.name})`);
    }
    if (parent !== undefined) {
      plan.add(
        'partitions',
        `ALTER INDEX ${nameIn(context.to, parent)} ATTACH PARTITION ${nameIn(context.to, before)}`,
      );
    }
  }
  relationRights(plan, null, before);
}

/** ALTER INDEX, back. */
export function inverseIndex(plan: Plan, now: IndexRelation, before: IndexRelation): void {
  if (plan.context.isBorn(before.id)) return;
  relationRights(plan, now, before);
}

/** Gives a partition's index its name back, where that is not the one that it gets by itself (ChooseIndexName of indexcmds.c). */
function renameOwnName(plan: Plan, before: IndexRelation): void {
  const { to } = plan.context;
  const table = to.catalog.relations.get(before.table);
  if (table === undefined || !isTable(table)) return;
  const names = [...before.keys, ...before.include.map((column) => ({ column, expression: null }))].map(
    ({ column, expression }) =>
      column === null ? (figureName(expression?.tree ?? undefined) ?? 'expr') : columnOf(table, column).name,
  );
  const chosen = makeObjectName(table.name, columnNamesAddition(indexColumnNames(names)), 'idx');
  if (chosen === before.name) return;
  const name = nameIn(to, { schema: before.schema, name: chosen });
  plan.add('partitions', `ALTER INDEX ${name} RENAME TO ${quoteIdentifier(before.name)}`);
}
