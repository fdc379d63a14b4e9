import type { CreateTrigStmt, Node } from '@pgsql/types';
import type { TableRelation, Trigger, ViewRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { usesOf } from '../expressions.ts';
import { columnNamed, isTable, isView, resolveFunctions } from '../lookup.ts';
import { nameOf, nameOfRangeVar, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { requireRelation } from '../targets.ts';
import { stringValues, walkTree } from '../../sql/tree.ts';

/** Bits of CreateTrigStmt. catalog/pg_trigger.h, TRIGGER_TYPE_… */
const BEFORE = 2;
const INSERT = 4;
const DELETE = 8;
const UPDATE = 16;
const TRUNCATE = 32;
const INSTEAD = 64;

type TriggerOwner = TableRelation | ViewRelation;

/** NEW.x and OLD.x of a WHEN clause. */
function columnsOfWhen(relation: TableRelation | ViewRelation, when: Node | undefined): readonly number[] {
  const found = new Set<number>();
  walkTree(when, (kind, body) => {
    const names = kind === 'ColumnRef' ? stringValues(body['fields'] as Node[]) : [];
    const column = names.length === 2 ? columnNamed(relation, names[1] ?? '') : undefined;
    if (column !== undefined) found.add(column.number);
    return undefined;
  });
  return [...found];
}

/** CreateTriggerFiringOn() in trigger.c: not every timing goes with every relation. */
function requirePossible(
  relation: TriggerOwner,
  { timing = 0, events = 0, row = false, whenClause, columns }: CreateTrigStmt,
): void {
  const instead = (timing & INSTEAD) !== 0;
  if (isView(relation)) {
    if (relation.kind !== 'view') throw new Refusal('42809', `relation "${relation.name}" cannot have triggers`);
    if (row && !instead)
      throw new Refusal('42809', `"${relation.name}" is a view: views cannot have row-level BEFORE or AFTER triggers`);
    if ((events & TRUNCATE) !== 0)
      throw new Refusal('42809', `"${relation.name}" is a view: views cannot have TRUNCATE triggers`);
  } else if (instead) {
    throw new Refusal('42809', `"${relation.name}" is a table: tables cannot have INSTEAD OF triggers`);
  }
  if (row && (events & TRUNCATE) !== 0) throw new Refusal('0A000', 'TRUNCATE FOR EACH ROW triggers are not supported');
  if (instead && (!row || whenClause !== undefined || (columns ?? []).length > 0))
    throw new Refusal('0A000', 'INSTEAD OF triggers must be FOR EACH ROW, without WHEN and column lists');
}

/** CREATE TRIGGER; of a partitioned table, row triggers go to the partitions too. */
export function createTrigger(draft: Draft, node: CreateTrigStmt): void {
  const relation = requireRelation(draft, nameOfRangeVar(node.relation));
  if (!isTable(relation) && !isView(relation)) throw new Refusal('42809', `"${relation.name}" is not a table or view`);
  requirePossible(relation, node);
  const name = node.trigname ?? '';
  const existing = relation.triggers.find((trigger) => trigger.name === name);
  if (existing !== undefined && (node.replace !== true || existing.parent !== null || existing.constraint)) {
    throw new Refusal('42710', `trigger "${name}" for relation "${relation.name}" already exists`);
  }
  const written = nameOf(node.funcname);
  const called = resolveFunctions(draft, written.schema, written.name).find(
    (candidate) => candidate.argumentTypes.length === 0,
  );
  if (called === undefined && written.schema !== 'pg_catalog' && !BUILTIN_TRIGGER_FUNCTIONS.has(written.name)) {
    draft.gap({ kind: 'missing baseline', what: `function ${written.name}` });
  }
  if (called?.returns != null && called.returns.name !== 'trigger') {
    throw new Refusal('42P17', `function ${called.name} must return type trigger`);
  }
  const uses = usesOf(draft, node.whenClause);
  const whenColumns = columnsOfWhen(relation, node.whenClause);
  const trigger: Trigger = {
    id: existing?.id ?? draft.newId(),
    name,
    definition: { tree: { CreateTrigStmt: node }, text: null, ...(uses.length === 0 ? {} : { uses }) },
    function: called?.id ?? null,
    constraint: node.isconstraint === true,
    timing: timingOf(node),
    events: eventsOf(node.events ?? 0),
    forEachRow: node.row === true,
    enabled: 'origin',
    columns: strings(node.columns).map((column) => {
      const found = columnNamed(relation, column);
      if (found === undefined) throw new Refusal('42703', `column "${column}" does not exist`);
      return found.number;
    }),
    ...(whenColumns.length === 0 ? {} : { whenColumns }),
    parent: null,
    comment: existing?.comment ?? null,
  };
  putTrigger(draft, relation.id, trigger);
  if (relation.kind === 'partitioned table' && trigger.forEachRow) {
    for (const child of relation.children) cloneTrigger(draft, child, trigger, relation, existing !== undefined);
  }
}

const BUILTIN_TRIGGER_FUNCTIONS = new Set([
  'suppress_redundant_updates_trigger',
  'tsvector_update_trigger',
  'tsvector_update_trigger_column',
]);

function timingOf(node: CreateTrigStmt): Trigger['timing'] {
  const timing = node.timing ?? 0;
  return (timing & INSTEAD) !== 0 ? 'instead of' : (timing & BEFORE) !== 0 ? 'before' : 'after';
}

function eventsOf(bits: number): Trigger['events'] {
  const events: Trigger['events'][number][] = [];
  if ((bits & INSERT) !== 0) events.push('insert');
  if ((bits & UPDATE) !== 0) events.push('update');
  if ((bits & DELETE) !== 0) events.push('delete');
  if ((bits & TRUNCATE) !== 0) events.push('truncate');
  return events;
}

function putTrigger(draft: Draft, relationId: number, trigger: Trigger): void {
  const relation = draft.relations.get(relationId) as TriggerOwner;
  const others = relation.triggers.filter(({ id }) => id !== trigger.id);
  draft.put({ ...relation, triggers: [...others, trigger] });
  draft.link(trigger.function, relationId);
  draft.linkAll(trigger.definition.uses, relationId);
}

/** A new partition's own copies of its parent's row triggers (CloneRowTriggersToPartition). */
export function cloneTriggers(draft: Draft, parentId: number, childId: number): void {
  const parent = draft.table(parentId);
  for (const trigger of parent.triggers) if (trigger.forEachRow) cloneTrigger(draft, childId, trigger, parent);
}

function cloneTrigger(draft: Draft, childId: number, trigger: Trigger, parent: TableRelation, replaces = false): void {
  const child = draft.table(childId);
  const old = child.triggers.find(({ name }) => name === trigger.name);
  if (old !== undefined && !(replaces && old.parent === trigger.id)) {
    throw new Refusal('42710', `trigger "${trigger.name}" for relation "${child.name}" already exists`);
  }
  const names = parent.columns.filter(({ number }) => trigger.columns.includes(number)).map(({ name }) => name);
  const columns = child.columns.filter(({ name }) => names.includes(name)).map(({ number }) => number);
  const clone = { ...trigger, id: old?.id ?? draft.newId(), columns, parent: trigger.id, comment: null };
  putTrigger(draft, childId, clone);
  for (const grandchild of child.children) {
    if (child.kind === 'partitioned table') cloneTrigger(draft, grandchild, clone, child, replaces);
  }
}

/** DETACH takes cloned triggers away. */
export function dropClonedTriggers(draft: Draft, childId: number): void {
  for (const trigger of draft.table(childId).triggers)
    if (trigger.parent !== null) dropTrigger(draft, childId, trigger.id);
}

/** Takes a trigger away, its clones in partitions too. */
export function dropTrigger(draft: Draft, relationId: number, triggerId: number): void {
  const relation = draft.relations.get(relationId) as TriggerOwner;
  draft.put({ ...relation, triggers: relation.triggers.filter(({ id }) => id !== triggerId) });
  if (!isTable(relation)) return;
  for (const childId of relation.children) {
    for (const trigger of draft.table(childId).triggers) {
      if (trigger.parent === triggerId) dropTrigger(draft, childId, trigger.id);
    }
  }
}

/** ENABLE and DISABLE TRIGGER; `null` for ALL and USER. */
export function enableTriggers(
  draft: Draft,
  tableId: number,
  name: string | null,
  enabled: Trigger['enabled'],
  only: boolean,
): void {
  const table = draft.table(tableId);
  if (name !== null && !table.triggers.some((trigger) => trigger.name === name)) {
    // Foreign keys' own triggers are not kept: disabling one by its name changes nothing here.
    if (name.startsWith('RI_ConstraintTrigger')) return;
    throw new Refusal('42704', `trigger "${name}" for table "${table.name}" does not exist`);
  }
  const changed = new Set<number>();
  const triggers = table.triggers.map((trigger) => {
    if (name !== null && trigger.name !== name) return trigger;
    changed.add(trigger.id);
    return trigger.enabled === enabled ? trigger : { ...trigger, enabled };
  });
  draft.changeTable(tableId, { triggers });
  if (only || table.kind !== 'partitioned table') return;
  for (const childId of table.children) {
    for (const trigger of draft.table(childId).triggers) {
      if (trigger.parent !== null && changed.has(trigger.parent)) {
        enableTriggers(draft, childId, trigger.name, enabled, false);
      }
    }
  }
}
