import type { Catalog, Relation } from '../catalog/catalog.ts';
import { isIndex, isTable, isView } from '../catalog/lookup.ts';
import { inverseIndex, dropIndex, restoreIndex } from './inverseIndexes.ts';
import { inverseFunctions, inverseTypes } from './inverseRoutines.ts';
import { inverseOthers } from './inverseOthers.ts';
import { inverseSchemas } from './inverseSchemas.ts';
import { changeSequence, dropSequence, restoreSequence } from './inverseSequences.ts';
import { changeTable, dropTable, restoreTable } from './inverseTables.ts';
import { changeView, dropView, restoreView, viewsToMakeAgain } from './inverseViews.ts';
import { changeComposite, dropComposite, restoreComposite } from './inverseRoutines.ts';
import { nameIn, relationKeyword } from './naming.ts';
import type { DataNotes, InverseContext } from './plan.ts';
import { Plan } from './plan.ts';

/**
 * The steps that lead from the catalog after a statement back to the one before it: whatever differs, by id, is undone.
 * So one function is the inverse of every statement that the replay follows, CASCADE included.
 */
export function inverse(context: InverseContext, notes: DataNotes): Plan {
  const again = viewsToMakeAgain(context);
  const from = again.length === 0 ? context.from.catalog : without(context.from.catalog, again);
  const plan = new Plan({ ...context, from: { ...context.from, catalog: from } }, notes);
  for (const view of again) dropView(plan, view);
  const renamed = inverseSchemas(plan);
  inverseFunctions(plan, renamed, 'before relations');
  inverseRelations(plan, from, context.to.catalog, { renamed, again: new Set(again.map(({ id }) => id)) });
  inverseFunctions(plan, renamed, 'after relations');
  inverseTypes(plan, renamed);
  inverseOthers(plan, renamed);
  return plan;
}

function inverseRelations(
  plan: Plan,
  from: Catalog,
  to: Catalog,
  { renamed, again }: { readonly renamed: ReadonlyMap<string, string>; readonly again: ReadonlySet<number> },
): void {
  const { context } = plan;
  const changed: [Relation, Relation][] = [];
  const created: Relation[] = [];
  const removed: Relation[] = [];
  for (const [id, now] of from.relations) {
    const before = to.relations.get(id);
    if (before === undefined) created.push(now);
    else if (before !== now) changed.push([now, before]);
  }
  for (const [id, before] of to.relations) if (!from.relations.has(id)) removed.push(before);

  for (const now of created.sort((a, b) => b.id - a.id)) {
    if (concerns(now) && !context.isTransient(now.id)) drop(plan, now);
  }
  for (const [now, before] of changed.sort((a, b) => b[0].id - a[0].id)) {
    if (!concerns(now) || context.isTransient(now.id)) continue;
    renameBack(plan, now, before, renamed);
    change(plan, now, before);
  }
  for (const before of inOrderOfNeed(removed)) {
    // A view that was dropped only for another one's sake is dropped for good later, by its name of now.
    if (concerns(before) && (!context.isBorn(before.id) || again.has(before.id))) restore(plan, before);
  }
}

/** Temporary objects end with their session; an extension's members come and go with it. */
function concerns(relation: Relation): boolean {
  return relation.persistence !== 'temporary' && relation.extension === null;
}

function drop(plan: Plan, now: Relation): void {
  if (isTable(now)) dropTable(plan, now);
  else if (isView(now)) dropView(plan, now);
  else if (isIndex(now)) dropIndex(plan, now);
  else if (now.kind === 'sequence') dropSequence(plan, now);
  else dropComposite(plan, now);
}

function restore(plan: Plan, before: Relation): void {
  if (isTable(before)) restoreTable(plan, before);
  else if (isView(before)) restoreView(plan, before);
  else if (isIndex(before)) restoreIndex(plan, before);
  else if (before.kind === 'sequence') restoreSequence(plan, before);
  else restoreComposite(plan, before);
}

function change(plan: Plan, now: Relation, before: Relation): void {
  if (isTable(now) && isTable(before)) changeTable(plan, now, before);
  else if (isView(now) && isView(before)) changeView(plan, now, before);
  else if (isIndex(now) && isIndex(before)) inverseIndex(plan, now, before);
  else if (now.kind === 'sequence' && before.kind === 'sequence') changeSequence(plan, now, before);
  else if (now.kind === 'composite type' && before.kind === 'composite type') changeComposite(plan, now, before);
}

/** RENAME TO and SET SCHEMA. An index that belongs to a constraint follows it; so does a partition's to its parent's. */
function renameBack(plan: Plan, now: Relation, before: Relation, renamed: ReadonlyMap<string, string>): void {
  if (isIndex(now) && now.constraint !== null) return;
  const schema = renamed.get(now.schema) ?? now.schema;
  const keyword = relationKeyword(now);
  const moves = schema !== before.schema && !followsTable(now);
  if (moves) {
    plan.add(
      'rename',
      `ALTER ${keyword} ${nameIn(plan.context.from, now)} SET SCHEMA ${nameIn(plan.context.to, { schema: '', name: before.schema })}`,
    );
  }
  if (now.name === before.name) return;
  const place = moves ? { schema: before.schema, name: now.name } : now;
  const name = nameIn(plan.context.from, place);
  plan.add(
    'rename',
    `ALTER ${keyword} ${name} RENAME TO ${nameIn(plan.context.to, { schema: '', name: before.name })}`,
  );
}

/** Indexes and owned sequences move with their table. */
function followsTable(relation: Relation): boolean {
  return isIndex(relation) || (relation.kind === 'sequence' && relation.ownedBy !== null);
}

/** Tables before the views and indexes over them; else as they were made. A view that was replaced may use younger ones. */
function inOrderOfNeed(relations: readonly Relation[]): readonly Relation[] {
  const byId = new Map(relations.map((relation) => [relation.id, relation]));
  const ordered: Relation[] = [];
  const visited = new Set<number>();
  const visit = (relation: Relation): void => {
    if (visited.has(relation.id)) return;
    visited.add(relation.id);
    for (const id of needs(relation)) {
      const needed = byId.get(id);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(relation);
  };
  for (const relation of [...relations].sort((a, b) => a.id - b.id)) visit(relation);
  return ordered;
}

function needs(relation: Relation): readonly number[] {
  if (isIndex(relation)) return [relation.table, ...(relation.parent === null ? [] : [relation.parent])];
  if (isView(relation)) return relation.dependencies.relations;
  if (isTable(relation)) {
    const parents = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
    const types = relation.columns.flatMap(({ type }) => type.id ?? []);
    return [...parents, ...types, ...relation.columns.flatMap((column) => column.default?.uses ?? [])];
  }
  if (relation.kind === 'composite type') return relation.columns.flatMap(({ type }) => type.id ?? []);
  return [];
}

function without(catalog: Catalog, relations: readonly Relation[]): Catalog {
  let left = catalog.relations;
  for (const relation of relations) {
    left = left.delete(relation.id);
    if (isView(relation)) for (const index of relation.indexes) left = left.delete(index);
  }
  return { ...catalog, relations: left };
}
