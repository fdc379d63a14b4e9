import type { CopyStmt, DeleteStmt, InsertStmt, MergeStmt, Node, UpdateStmt } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import type { Work } from '../effect.ts';
import { foreignKeyActions } from '../foreignKeys.ts';
import { allowedByRows, allowedByWhere } from '../pruning.ts';
import type { AllowedOf } from '../pruning.ts';
import { QueryWalker } from '../queryWalker.ts';
import type { QueryDepth } from '../queryWalker.ts';
import type { EffectRecorder } from '../recorder.ts';
import { insertInto, movedTo, NOTHING_GIVEN, updateOf, useDefault, withoutIdentity } from './changedRows.ts';
import { partitionsMovedTo } from './movedRows.ts';
import { ROW_FACTS, touchTarget } from './rowTarget.ts';
import { applyRules, fireTriggers } from './rowTriggers.ts';
import { assignedColumns, constantsGiven, givenColumns, NO_VALUES, touchesAllRows } from './writtenRows.ts';
import { nameText } from '../../sql/quote.ts';

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
  recorder.unknownCall ??= walker.unknownCall;
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
    const what = `INSERT INTO ${nameText(body.relation?.relname)}`;
    const rows = (table: TableRelation): AllowedOf => allowedByRows(constantsGiven(table, listed, body.selectStmt));
    const target = touchTarget(body.relation, walker, {
      fact: ROW_FACTS.insert,
      what,
      allowed: rows,
      event: 'CMD_INSERT',
    });
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
    const fact = everything && body.fromClause === undefined ? ROW_FACTS.updateAll : ROW_FACTS.update;
    const what = `UPDATE ${nameText(body.relation?.relname)}`;
    const allowed = body.fromClause === undefined ? allowedByWhere(body.whereClause) : ANYTHING;
    const target = touchTarget(body.relation, walker, { fact, what, allowed: () => allowed, event: 'CMD_UPDATE' });
    walker.walk(body.targetList);
    walker.walk(body.whereClause);
    walker.walk(body.fromClause);
    walker.walk(body.returningClause ?? (body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    const toDefault = new Set(setToDefault(body.targetList));
    for (const column of target.columns) if (toDefault.has(column.name)) useDefault(target, column, walker);
    const assigned = assignedColumns(body.targetList);
    updateOf(target, walker, assigned, body.relation?.inh !== true);
    const moved = partitionsMovedTo(walker.recorder, target, body.targetList, allowed);
    for (const { id, kind } of moved) {
      walker.recorder.touch(id, ROW_FACTS.moved, { what, work: kind === 'partitioned table' ? NOTHING : ROWS });
    }
    if (moved.length > 0) movedTo(target, moved, walker, assigned);
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
    const fact = everything && body.usingClause === undefined ? ROW_FACTS.deleteAll : ROW_FACTS.delete;
    const what = `DELETE FROM ${nameText(body.relation?.relname)}`;
    const allowed = body.usingClause === undefined ? allowedByWhere(body.whereClause) : ANYTHING;
    const target = touchTarget(body.relation, walker, { fact, what, allowed: () => allowed, event: 'CMD_DELETE' });
    walker.walk(body.whereClause);
    walker.walk(body.usingClause);
    walker.walk(body.returningClause ?? (body as { returningList?: unknown }).returningList);
    if (target === undefined || !walker.executes) return;
    fireTriggers(target, 'delete', walker, { only: body.relation?.inh !== true });
    foreignKeyActions(walker.recorder, target, { deleted: true, columns: null });
    applyRules(target, 'CMD_DELETE', walker);
  });
}

function merge(body: MergeStmt, walker: QueryWalker): void {
  walker.within(body.withClause, () => {
    const what = `MERGE INTO ${nameText(body.relation?.relname)}`;
    const target = touchTarget(body.relation, walker, {
      fact: ROW_FACTS.merge,
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
    const what = `COPY ${nameText(body.relation.relname)} FROM`;
    const target = touchTarget(body.relation, walker, {
      fact: ROW_FACTS.copyIn,
      what,
      allowed: () => ANYTHING,
      event: null,
    });
    if (target !== undefined) {
      const listed = (body.attlist ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
      insertInto(target, walker, { given: givenColumns(target, listed, undefined), values: NO_VALUES });
    }
  } else {
    recorder.touchNamed(body.relation, ROW_FACTS.copyOut, {
      what: `COPY ${nameText(body.relation.relname)} TO`,
      work: SCAN,
    });
  }
}
