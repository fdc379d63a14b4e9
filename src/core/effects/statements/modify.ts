import type { CopyStmt, DeleteStmt, InsertStmt, MergeStmt, Node, RangeVar, UpdateStmt } from '@pgsql/types';
import type { Column, Relation, RewriteRule, TableRelation, Trigger, ViewRelation } from '../../catalog/catalog.ts';
import { ancestors, descendants, isTable, ownedSequences } from '../../catalog/lookup.ts';
import { constantValue } from '../../sql/tree.ts';
import type { Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { checkReferencedRows, foreignKeyActions } from '../foreignKeys.ts';
import type { Constant } from '../partitionProof.ts';
import { allowedByRows, allowedByWhere, reachedPartitions } from '../pruning.ts';
import type { AllowedOf } from '../pruning.ts';
import { QueryWalker } from '../queryWalker.ts';
import type { QueryDepth } from '../queryWalker.ts';
import type { EffectRecorder } from '../recorder.ts';
import { partitionsMovedTo } from './movedRows.ts';
import { assignedColumns, constantsGiven, givenColumns, NO_VALUES, touchesAllRows } from './writtenRows.ts';
import type { Given } from './writtenRows.ts';

const LOCKING = 'explicit-locking.html#LOCKING-TABLES';
const WHY =
  'Changing rows does not stop others from reading or changing other rows, but holds each changed row until the transaction ends.';
const WHY_ALL =
  'Every row is written again in one go: the table doubles, and each row stays locked until the transaction ends.';

const FACTS = {
  insert: { operation: 'insert', lock: 'ROW EXCLUSIVE', why: WHY, source: documented(LOCKING) },
  update: { operation: 'update', lock: 'ROW EXCLUSIVE', why: WHY, source: documented(LOCKING) },
  updateAll: { operation: 'update all rows', lock: 'ROW EXCLUSIVE', why: WHY_ALL, source: documented(LOCKING) },
  moved: {
    operation: 'update',
    lock: 'ROW EXCLUSIVE',
    why: 'The partition key changes: rows move to this partition.',
    source: measured(),
  },
  delete: { operation: 'delete', lock: 'ROW EXCLUSIVE', why: WHY, source: documented(LOCKING) },
  deleteAll: { operation: 'delete all rows', lock: 'ROW EXCLUSIVE', why: WHY_ALL, source: documented(LOCKING) },
  merge: { operation: 'merge', lock: 'ROW EXCLUSIVE', why: WHY, source: documented(LOCKING) },
  copyIn: { operation: 'copy in', lock: 'ROW EXCLUSIVE', why: WHY, source: documented(LOCKING) },
  boundOf: {
    operation: 'select',
    lock: 'ACCESS SHARE',
    why: 'Rows put into a partition directly are held against its bound, which the partitioned table tells.',
    source: measured(),
  },
  copyOut: {
    operation: 'copy out',
    lock: 'ACCESS SHARE',
    why: 'COPY … TO reads the table as SELECT does.',
    source: documented(LOCKING),
  },
} as const satisfies Record<string, Fact>;

const ANYTHING: AllowedOf = () => null;
const NOTHING: readonly Work[] = [];
const ROWS: readonly Work[] = ['rows'];
const SCAN: readonly Work[] = ['scan'];

/** A walker that knows data-changing statements too. */
export function queryWalker(recorder: EffectRecorder, depth: QueryDepth): QueryWalker {
  return new QueryWalker(recorder, depth, modify);
}

/** SELECT, INSERT, UPDATE, DELETE, MERGE, as deep as the server goes. Gives the walker, which knows the functions called. */
export function query(recorder: EffectRecorder, node: Node, depth: QueryDepth): QueryWalker {
  const walker = queryWalker(recorder, depth);
  walker.walk(node);
  return walker;
}

function modify(node: Node, walker: QueryWalker): void {
  if ('InsertStmt' in node) insert(node.InsertStmt, walker);
  else if ('UpdateStmt' in node) update(node.UpdateStmt, walker);
  else if ('DeleteStmt' in node) deleteRows(node.DeleteStmt, walker);
  else if ('MergeStmt' in node) merge(node.MergeStmt, walker);
}

function insert(body: InsertStmt, walker: QueryWalker): void {
  walker.within(body.withClause, () => {
    const listed = (body.cols ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []));
    const what = `INSERT INTO ${body.relation?.relname ?? ''}`;
    const rows = (table: TableRelation): AllowedOf => allowedByRows(constantsGiven(table, listed, body.selectStmt));
    const target = touchTarget(body.relation, walker, { fact: FACTS.insert, what, allowed: rows, event: 'CMD_INSERT' });
    walker.walk(body.selectStmt);
    walker.walk(body.onConflictClause);
    walker.walk(body.returningClause ?? (body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    const given =
      // DEFAULT VALUES
      body.selectStmt === undefined ? NOTHING_GIVEN : givenColumns(target, listed, body.selectStmt);
    insertInto(target, walker, {
      given: body.override === 'OVERRIDING_USER_VALUE' ? withoutIdentity(target, given) : given,
      values: constantsGiven(target, listed, body.selectStmt),
    });
    const onConflict = body.onConflictClause;
    if (onConflict?.action === 'ONCONFLICT_UPDATE') {
      updateOf(target, walker, assignedColumns(onConflict.targetList));
    }
  });
}

function update(body: UpdateStmt, walker: QueryWalker): void {
  walker.within(body.withClause, () => {
    const everything = touchesAllRows(body.whereClause);
    const fact = everything && body.fromClause === undefined ? FACTS.updateAll : FACTS.update;
    const what = `UPDATE ${body.relation?.relname ?? ''}`;
    const allowed = body.fromClause === undefined ? allowedByWhere(body.whereClause) : ANYTHING;
    const target = touchTarget(body.relation, walker, { fact, what, allowed: () => allowed, event: 'CMD_UPDATE' });
    walker.walk(body.targetList);
    walker.walk(body.whereClause);
    walker.walk(body.fromClause);
    walker.walk(body.returningClause ?? (body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    const toDefault = new Set(setToDefault(body.targetList));
    for (const column of target.columns) if (toDefault.has(column.name)) useDefault(target, column, walker);
    updateOf(target, walker, assignedColumns(body.targetList));
    const moved = partitionsMovedTo(walker.recorder, target, body.targetList, allowed);
    for (const { id, kind } of moved) {
      walker.recorder.touch(id, FACTS.moved, { what, work: kind === 'partitioned table' ? NOTHING : ROWS });
    }
    if (moved.length === 0) return;
    // A row that moves is deleted here and inserted there.
    fireTriggers(target, 'delete', walker);
    fireTriggers(target, 'insert', walker);
  });
}

/** Columns of SET … = DEFAULT. */
function setToDefault(targets: readonly Node[] | undefined): string[] {
  return (targets ?? []).flatMap((node) => {
    const target = 'ResTarget' in node ? node.ResTarget : undefined;
    return target?.val !== undefined && 'SetToDefault' in target.val ? [target.name ?? ''] : [];
  });
}

function deleteRows(body: DeleteStmt, walker: QueryWalker): void {
  walker.within(body.withClause, () => {
    const everything = touchesAllRows(body.whereClause);
    const fact = everything && body.usingClause === undefined ? FACTS.deleteAll : FACTS.delete;
    const what = `DELETE FROM ${body.relation?.relname ?? ''}`;
    const allowed = body.usingClause === undefined ? allowedByWhere(body.whereClause) : ANYTHING;
    const target = touchTarget(body.relation, walker, { fact, what, allowed: () => allowed, event: 'CMD_DELETE' });
    walker.walk(body.whereClause);
    walker.walk(body.usingClause);
    walker.walk(body.returningClause ?? (body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    fireTriggers(target, 'delete', walker);
    foreignKeyActions(walker.recorder, target, { deleted: true, columns: null });
    applyRules(target, 'CMD_DELETE', walker);
  });
}

function merge(body: MergeStmt, walker: QueryWalker): void {
  walker.within(body.withClause, () => {
    const what = `MERGE INTO ${body.relation?.relname ?? ''}`;
    const target = touchTarget(body.relation, walker, {
      fact: FACTS.merge,
      what,
      allowed: () => ANYTHING,
      event: null,
    });
    walker.walk(body.sourceRelation);
    walker.walk(body.joinCondition);
    walker.walk(body.mergeWhenClauses);
    walker.walk((body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    for (const node of body.mergeWhenClauses ?? []) {
      if (!('MergeWhenClause' in node)) continue;
      const { commandType, targetList, values } = node.MergeWhenClause;
      if (commandType === 'CMD_INSERT') {
        const listed = (targetList ?? []).flatMap((item) => ('ResTarget' in item ? [item.ResTarget.name ?? ''] : []));
        const row: Node = { List: { items: [...(values ?? [])] } };
        const given = givenColumns(target, listed, { SelectStmt: { valuesLists: [row] } });
        const overriding = node.MergeWhenClause.override === 'OVERRIDING_USER_VALUE';
        insertInto(target, walker, {
          given: overriding ? withoutIdentity(target, given) : given,
          values: NO_VALUES,
        });
      } else if (commandType === 'CMD_UPDATE') {
        updateOf(target, walker, assignedColumns(targetList));
      } else if (commandType === 'CMD_DELETE') {
        fireTriggers(target, 'delete', walker);
        foreignKeyActions(walker.recorder, target, { deleted: true, columns: null });
      }
    }
  });
}

/** COPY in either direction. */
export function copy(recorder: EffectRecorder, body: CopyStmt): void {
  const walker = queryWalker(recorder, 'execute');
  if (body.query !== undefined) walker.walk(body.query);
  if (body.relation === undefined) return;
  if (body.is_from === true) {
    const what = `COPY ${body.relation.relname ?? ''} FROM`;
    const target = touchTarget(body.relation, walker, {
      fact: FACTS.copyIn,
      what,
      allowed: () => ANYTHING,
      event: null,
    });
    if (target !== undefined) {
      const listed = (body.attlist ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
      insertInto(target, walker, { given: givenColumns(target, listed, undefined), values: NO_VALUES });
    }
  } else {
    recorder.touchNamed(body.relation, FACTS.copyOut, { what: `COPY ${body.relation.relname ?? ''} TO`, work: SCAN });
  }
}

interface Target {
  readonly fact: Fact;
  readonly what: string;
  /** Which rows of a partitioned table are meant, or put into it. */
  readonly allowed: (table: TableRelation) => AllowedOf;
  /** Rules for it are applied; null: rules do not count (COPY, MERGE). */
  readonly event: RuleEvent | null;
}

type RuleEvent = 'CMD_INSERT' | 'CMD_UPDATE' | 'CMD_DELETE';

/** Locks the target and what lies under it. Gives the table that takes the rows, when it is known. */
function touchTarget(name: RangeVar | undefined, walker: QueryWalker, target: Target): TableRelation | undefined {
  if (name === undefined) return undefined;
  const { recorder } = walker;
  const relation = recorder.resolve(name);
  if (relation === undefined) {
    recorder.touchUnknown(name, target.fact, { what: target.what, work: walker.executes ? ROWS : NOTHING });
    return undefined;
  }
  return touchRows(relation, walker, { ...target, only: name.inh !== true });
}

function touchRows(
  relation: Relation,
  walker: QueryWalker,
  options: Target & { readonly only: boolean },
): TableRelation | undefined {
  const { recorder } = walker;
  const { fact, what } = options;
  const rows = walker.executes && relation.kind === 'table' ? ROWS : NOTHING;
  recorder.touch(relation.id, fact, { what, work: rows });
  if (relation.kind === 'view') return touchUnderView(relation, walker, options);
  if (!isTable(relation)) return undefined;
  // An inheritance parent takes inserted rows itself; a partitioned table hands them on.
  const insertsHere = fact === FACTS.insert || fact === FACTS.copyIn;
  const follows = insertsHere
    ? relation.kind === 'partitioned table' && walker.executes
    : !options.only && walker.depth >= 2;
  if (follows) {
    for (const child of reachedPartitions(recorder, relation, options.allowed(relation))) {
      const work = walker.executes && child.kind !== 'partitioned table' ? ROWS : NOTHING;
      recorder.touch(child.id, fact, { what, work });
    }
  }
  // Rows that are put into a partition directly are held against its bound, which its parents tell.
  const checked = fact !== FACTS.delete && fact !== FACTS.deleteAll && walker.executes;
  if (checked && relation.partitionOf !== null) {
    for (const parent of ancestors(recorder.before, relation)) {
      recorder.touch(parent.id, FACTS.boundOf, { what });
    }
  }
  return relation;
}

/**
 * An automatically updatable view hands the change on to its one table; an unconditional DO INSTEAD rule, or else an
 * INSTEAD OF trigger, takes it over.
 */
function touchUnderView(view: ViewRelation, walker: QueryWalker, options: Target): TableRelation | undefined {
  if (walker.depth < 1) return undefined;
  if (options.event !== null && view.rules.length > 0) {
    applyRules(view, options.event, walker);
    if (view.rules.some((rule) => isInstead(rule, options.event))) {
      if (options.event !== 'CMD_INSERT')
        walker.readRelation(view, { forUpdate: false, only: false, what: options.what });
      return undefined;
    }
  }
  if (view.triggers.some(({ timing }) => timing === 'instead of')) {
    fireViewTriggers(view, walker);
    for (const id of view.dependencies.relations) {
      const under = walker.recorder.before.relations.get(id);
      if (under !== undefined) walker.readRelation(under, { forUpdate: false, only: false, what: options.what });
    }
    return undefined;
  }
  const base = baseOf(view, walker.recorder);
  if (base === undefined) return undefined;
  for (const id of view.dependencies.relations) {
    const under = walker.recorder.before.relations.get(id);
    if (under !== undefined && id !== base.id) {
      walker.readRelation(under, { forUpdate: false, only: false, what: options.what });
    }
  }
  return touchRows(base, walker, { ...options, only: false });
}

/** The one relation in an updatable view's FROM. */
function baseOf(view: ViewRelation, recorder: EffectRecorder): Relation | undefined {
  const { tree } = view.query;
  const from = tree !== null && 'SelectStmt' in tree ? tree.SelectStmt.fromClause : undefined;
  if (view.dependencies.relations.length > 1 && from?.length === 1 && from[0] !== undefined && 'RangeVar' in from[0]) {
    const named = recorder.resolve(from[0].RangeVar);
    if (named !== undefined && view.dependencies.relations.includes(named.id)) return named;
  }
  const [only] = view.dependencies.relations;
  return only === undefined || (from !== undefined && from.length !== 1)
    ? undefined
    : recorder.before.relations.get(only);
}

/** What new rows set off: defaults that call nextval, foreign keys that look up the other table, triggers. */
function insertInto(
  table: TableRelation,
  walker: QueryWalker,
  rows: {
    readonly given: ReadonlyMap<number, Given>;
    readonly values: ReadonlyMap<string, readonly Constant[]>;
  },
): void {
  const { given } = rows;
  const filled = new Set<number>();
  for (const column of table.columns) {
    const state = given.get(column.number);
    if (state === 'value' || state === 'both') filled.add(column.number);
    if (state !== undefined && state !== 'both') continue;
    if (column.generated !== null) filled.add(column.number);
    else if (column.identity !== null || hasDefault(column) || isDomain(column, walker)) {
      filled.add(column.number);
      useDefault(table, column, walker);
    }
  }
  const values = new Map<number, readonly Constant[]>();
  for (const column of table.columns) {
    const list = rows.values.get(column.name);
    if (list !== undefined) values.set(column.number, list);
  }
  checkReferencedRows(walker.recorder, table, filled, { values });
  evaluateOwn(table, walker);
  fireTriggers(table, 'insert', walker);
  applyRules(table, 'CMD_INSERT', walker);
}

/** OVERRIDING USER VALUE: identity columns get their own. */
function withoutIdentity(table: TableRelation, given: ReadonlyMap<number, Given>): ReadonlyMap<number, Given> {
  const identities = new Set(table.columns.flatMap(({ identity, number }) => (identity === null ? [] : [number])));
  return new Map([...given].filter(([number]) => !identities.has(number)));
}

const NOTHING_GIVEN: ReadonlyMap<number, Given> = new Map();

function updateOf(table: TableRelation, walker: QueryWalker, assigned: ReadonlyMap<string, boolean>): void {
  const changed = new Set<number>();
  const filled = new Set<number>();
  for (const column of table.columns) {
    const toValue = assigned.get(column.name);
    if (toValue === undefined) continue;
    changed.add(column.number);
    if (toValue) filled.add(column.number);
  }
  checkReferencedRows(walker.recorder, table, filled, { changed });
  foreignKeyActions(walker.recorder, table, { deleted: false, columns: changed });
  evaluateOwn(table, walker);
  fireTriggers(table, 'update', walker, changed);
  applyRules(table, 'CMD_UPDATE', walker);
}

/** A new row is held against the checks, whose functions may read other tables; what is generated from it is computed. */
function evaluateOwn(table: TableRelation, walker: QueryWalker): void {
  for (const constraint of table.constraints) {
    if (constraint.kind === 'check' && constraint.enforced && constraint.expression.uses !== undefined)
      walker.useAll(constraint.expression.uses, `CHECK ${constraint.name}`);
  }
  for (const { generated, name } of table.columns)
    if (generated?.expression.uses !== undefined) walker.useAll(generated.expression.uses, `generated ${name}`);
}

function useDefault(table: TableRelation, column: Column, walker: QueryWalker): void {
  const what = `default of ${table.name}.${column.name}`;
  if (column.identity !== null) {
    for (const sequence of ownedSequences(walker.recorder.before, table.id, column.number)) {
      walker.useSequence(sequence.id, what);
    }
    return;
  }
  const { types } = walker.recorder.before;
  const domain = column.default === null && column.type.id !== null ? types.get(column.type.id) : undefined;
  walker.useAll(domain?.kind === 'domain' ? domain.default?.uses : column.default?.uses, what);
}

/** A domain may bring a default of its own. */
function isDomain(column: Column, walker: QueryWalker): boolean {
  if (column.type.id === null || column.default !== null) return false;
  const type = walker.recorder.before.types.get(column.type.id);
  return type?.kind === 'domain' && type.default !== null;
}

function hasDefault(column: Column): boolean {
  if (column.default === null) return false;
  return constantValue(column.default.tree) !== null;
}

/** Row triggers of partitions are their own; those of a parent are cloned to them. */
export function fireTriggers(
  table: TableRelation,
  event: 'insert' | 'update' | 'delete' | 'truncate',
  walker: QueryWalker,
  changed?: ReadonlySet<number>,
): void {
  const parts = table.kind === 'partitioned table' && event !== 'truncate';
  const tables = parts ? [table, ...descendants(walker.recorder.before, table)] : [table];
  for (const { name, triggers } of tables) {
    for (const trigger of triggers) if (fires(trigger, event, changed)) run(trigger, name, walker);
  }
}

function fires(trigger: Trigger, event: Trigger['events'][number], changed?: ReadonlySet<number>): boolean {
  if (trigger.enabled === 'disabled' || trigger.enabled === 'replica' || !trigger.events.includes(event)) return false;
  return trigger.columns.length === 0 || changed === undefined || trigger.columns.some((column) => changed.has(column));
}

function fireViewTriggers(view: ViewRelation, walker: QueryWalker): void {
  for (const trigger of view.triggers) if (trigger.timing === 'instead of') run(trigger, view.name, walker);
}

function run(trigger: Trigger, relation: string, walker: QueryWalker): void {
  const called = trigger.function === null ? undefined : walker.recorder.before.functions.get(trigger.function);
  if (called !== undefined) walker.call(called, `trigger ${trigger.name} on ${relation}`);
}

/** Rules put their own statements beside, or in place of, the one written. */
function applyRules(table: TableRelation | ViewRelation, event: RuleEvent, walker: QueryWalker): void {
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
function isInstead(rule: RewriteRule, event: RuleEvent | null): boolean {
  const { tree } = rule.definition;
  if (!isEnabled(rule) || tree === null || !('RuleStmt' in tree)) return false;
  return tree.RuleStmt.event === event && tree.RuleStmt.instead === true && tree.RuleStmt.whereClause === undefined;
}

/** Relations whose rules a walk is inside of. */
const rulesUnderWay = new WeakMap<QueryWalker, Set<TableRelation | ViewRelation>>();
