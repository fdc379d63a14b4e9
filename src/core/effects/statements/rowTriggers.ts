import type { RewriteRule, TableRelation, Trigger, ViewRelation } from '../../catalog/catalog.ts';
import { columnNumbered, descendants } from '../../catalog/lookup.ts';
import type { QueryWalker } from '../queryWalker.ts';

/** Triggers and rules that changed rows set off. */

export type RuleEvent = 'CMD_INSERT' | 'CMD_UPDATE' | 'CMD_DELETE';

/**
 * The table, and those under it whose rows a statement changes with its own: partitions, and of UPDATE and DELETE without
 * ONLY inheritance children.
 */
export function withRowsOf(
  table: TableRelation,
  event: Trigger['events'][number],
  walker: QueryWalker,
  only = false,
): readonly TableRelation[] {
  if (table.children.length === 0 || event === 'truncate') return [table];
  if (table.kind !== 'partitioned table' && (only || event === 'insert')) return [table];
  return [table, ...descendants(walker.recorder.before, table)];
}

/** Row triggers of partitions and children are their own; those of a partitioned table are cloned to its partitions. */
export function fireTriggers(
  table: TableRelation,
  event: 'insert' | 'update' | 'delete' | 'truncate',
  walker: QueryWalker,
  options: { readonly changed?: ReadonlySet<string>; readonly only?: boolean } = {},
): void {
  for (const each of withRowsOf(table, event, walker, options.only)) {
    for (const trigger of each.triggers) {
      if (each !== table && !trigger.forEachRow) continue;
      if (fires(each, trigger, event, options.changed)) run(trigger, each.name, walker);
    }
  }
}

function fires(
  table: TableRelation,
  trigger: Trigger,
  event: Trigger['events'][number],
  changed?: ReadonlySet<string>,
): boolean {
  if (trigger.enabled === 'disabled' || trigger.enabled === 'replica' || !trigger.events.includes(event)) return false;
  if (trigger.columns.length === 0 || changed === undefined) return true;
  return trigger.columns.some((column) => changed.has(columnNumbered(table, column)?.name ?? ''));
}

export function fireViewTriggers(view: ViewRelation, walker: QueryWalker): void {
  for (const trigger of view.triggers) if (trigger.timing === 'instead of') run(trigger, view.name, walker);
}

function run(trigger: Trigger, relation: string, walker: QueryWalker): void {
  const called = trigger.function === null ? undefined : walker.recorder.before.functions.get(trigger.function);
  if (called !== undefined) walker.call(called, `trigger ${trigger.name} on ${relation}`);
  walker.useAll(trigger.definition.uses, `WHEN of trigger ${trigger.name}`);
}

/** Rules put their own statements beside, or in place of, the one written. */
export function applyRules(table: TableRelation | ViewRelation, event: RuleEvent, walker: QueryWalker): void {
  // Rules that set off each other for ever are refused by the server when they are used.
  const underWay = rulesUnderWay.get(walker) ?? new Set();
  rulesUnderWay.set(walker, underWay);
  if (underWay.has(table)) return;
  underWay.add(table);
  for (const rule of table.rules) {
    const { tree } = rule.definition;
    if (!isEnabled(rule) || tree === null || !('RuleStmt' in tree)) continue;
    if (tree.RuleStmt.event === event) walker.walk(tree.RuleStmt.actions);
  }
  underWay.delete(table);
}

function isEnabled({ enabled }: RewriteRule): boolean {
  return enabled === 'origin' || enabled === 'always';
}

/** Nothing of the statement as written remains. */
export function isInstead(rule: RewriteRule, event: RuleEvent | null): boolean {
  const { tree } = rule.definition;
  if (!isEnabled(rule) || tree === null || !('RuleStmt' in tree)) return false;
  return tree.RuleStmt.event === event && tree.RuleStmt.instead === true && tree.RuleStmt.whereClause === undefined;
}

/** Relations whose rules a walk is inside of. */
const rulesUnderWay = new WeakMap<QueryWalker, Set<TableRelation | ViewRelation>>();
