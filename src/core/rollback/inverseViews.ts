import type { Catalog, Column, ViewRelation } from '../catalog/catalog.ts';
import { isView, viewsOver } from '../catalog/lookup.ts';
import { expressionText } from '../sql/expressionText.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { relationRights } from './inverseRights.ts';
import { inverseTriggers } from './inverseTriggers.ts';
import { nameIn, relationKeyword } from './naming.ts';
import type { InverseContext, Plan } from './plan.ts';
import { commentOn } from './privileges.ts';
import { createView } from './views.ts';

/**
 * Views that CREATE OR REPLACE can't bring back, because the statement added columns to them: they are dropped and made
 * again, and so is every view over them, as the server would demand.
 */
export function viewsToMakeAgain(context: InverseContext): readonly ViewRelation[] {
  const { catalog } = context.from;
  const found = new Map<number, ViewRelation>();
  for (const [id, now] of catalog.relations) {
    const before = context.to.catalog.relations.get(id);
    if (before === undefined || before === now || !isView(now) || !isView(before)) continue;
    if (context.isBorn(id) || context.isTransient(id) || !queryChanged(now, before)) continue;
    if (now.kind === 'view' && canReplace(now, before)) continue;
    found.set(id, now);
    for (const over of viewsOver(catalog, id)) if (context.to.catalog.relations.has(over.id)) found.set(over.id, over);
  }
  return nearestLast(catalog, [...found.values()]);
}

/** Views that are over others first, so that each can be dropped. */
function nearestLast(catalog: Catalog, views: readonly ViewRelation[]): readonly ViewRelation[] {
  const depth = (view: ViewRelation) => viewsOver(catalog, view.id).length;
  return [...views].sort((a, b) => depth(a) - depth(b) || b.id - a.id);
}

/** Columns may only be added at the end, and keep their names and types. */
function canReplace(now: ViewRelation, before: ViewRelation): boolean {
  return (
    now.columns.length <= before.columns.length &&
    now.columns.every(
      (column, index) =>
        column.name === before.columns[index]?.name && sameType(column, before.columns[index] ?? column),
    )
  );
}

function sameType(a: Column, b: Column): boolean {
  return a.type.name === b.type.name && a.type.id === b.type.id && a.type.modifiers.join() === b.type.modifiers.join();
}

function queryChanged(now: ViewRelation, before: ViewRelation): boolean {
  // What the query uses tells of another query; its text alone also changes when something in it is renamed.
  if (now.query === before.query) return false;
  const uses = ({ dependencies }: ViewRelation) =>
    JSON.stringify([dependencies.columns, dependencies.functions, dependencies.relations]);
  return uses(now) !== uses(before) || expressionText(now.query) !== expressionText(before.query);
}

/** The inverse of CREATE VIEW. */
export function dropView(plan: Plan, now: ViewRelation): void {
  plan.add('drop views', `DROP ${relationKeyword(now)} ${nameIn(plan.context.from, now)}`);
}

/** The inverse of DROP VIEW, with everything on it. */
export function restoreView(plan: Plan, before: ViewRelation): void {
  const { to } = plan.context;
  plan.add('views', createView(to, before));
  for (const column of before.columns) viewColumn(plan, before, null, column);
  // What the migration itself had put on it before it dropped it.
  const triggers = before.triggers.filter(({ id }) => !plan.context.isBorn(id));
  inverseTriggers(plan, null, { ...before, triggers }, false);
  relationRights(plan, null, before);
}

/** CREATE OR REPLACE VIEW, and ALTER VIEW, back. */
export function changeView(plan: Plan, now: ViewRelation, before: ViewRelation): void {
  const { context } = plan;
  const born = context.isBorn(before.id);
  if (born) {
    // It is dropped as a whole later, unless it uses something newer that has to go before.
    const uses = [...now.dependencies.relations, ...now.dependencies.functions, ...now.dependencies.types];
    if (!uses.some((id) => id > now.id)) return;
  }
  if (queryChanged(now, before)) {
    if (born && !canReplace(now, before)) dropView(plan, now);
    plan.add('views', createView(context.to, before, { replace: true }));
  } else {
    for (const [index, column] of before.columns.entries()) {
      const was = now.columns[index];
      if (was !== undefined && was.name !== column.name) {
        const names = `${quoteIdentifier(was.name)} TO ${quoteIdentifier(column.name)}`;
        plan.add('rename parts', `ALTER VIEW ${nameIn(context.from, now)} RENAME COLUMN ${names}`);
      }
    }
  }
  for (const column of born ? [] : before.columns) {
    viewColumn(plan, before, now.columns.find(({ number }) => number === column.number) ?? null, column);
  }
  inverseTriggers(plan, now, before, born);
  if (!born) relationRights(plan, now, before);
}

function viewColumn(plan: Plan, view: ViewRelation, now: Column | null, column: Column): void {
  const name = nameIn(plan.context.to, view);
  if (column.default !== (now?.default ?? null)) {
    const value = column.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${expressionText(column.default)}`;
    const action = `ALTER COLUMN ${quoteIdentifier(column.name)} ${value}`;
    plan.add('settings', `ALTER VIEW ${name} ${action}`);
  }
  if ((now?.comment ?? null) !== column.comment) {
    plan.add(
      'comments',
      commentOn({ keyword: 'COLUMN', name: `${name}.${quoteIdentifier(column.name)}` }, column.comment),
    );
  }
}
