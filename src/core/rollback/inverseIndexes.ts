import type { IndexRelation } from '../catalog/catalog.ts';
import { isTable, isView } from '../catalog/lookup.ts';
import { relationRights } from './inverseRights.ts';
import { createIndex } from './indexes.ts';
import { nameIn } from './naming.ts';
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
  const parentIsMadeToo = before.parent !== null && !context.from.catalog.relations.has(before.parent);
  if (!parentIsMadeToo) {
    const tableStays = context.from.catalog.relations.has(before.table);
    const concurrently = context.outsideTransaction && tableStays && before.kind === 'index' && before.parent === null;
    const table = context.to.catalog.relations.get(before.table);
    plan.add(
      table !== undefined && isView(table) ? 'views' : 'indexes',
      createIndex(context.to, before, { concurrently }),
      {
        nonTransactional: concurrently,
      },
    );
    if (before.unique && tableStays)
      plan.notes.sinceFails.push(`${table?.name ?? ''} holds rows that have the same values (${before.name})`);
  }
  if (before.parent !== null && !parentIsMadeToo) {
    const parent = context.to.catalog.relations.get(before.parent);
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
