import type { RangeVar } from '@pgsql/types';
import type { Relation, TableRelation, ViewRelation } from '../../catalog/catalog.ts';
import { ancestors, isTable } from '../../catalog/lookup.ts';
import type { Work } from '../effect.ts';
import { documented, measured } from '../fact.ts';
import type { Fact } from '../fact.ts';
import { reachedPartitions } from '../pruning.ts';
import type { AllowedOf } from '../pruning.ts';
import type { QueryWalker } from '../queryWalker.ts';
import type { EffectRecorder } from '../recorder.ts';
import { applyRules, fireViewTriggers, isInstead } from './rowTriggers.ts';
import type { RuleEvent } from './rowTriggers.ts';

/** The relation whose rows a statement changes, and what lies under it: partitions, a view's tables. */

const LOCKING = 'explicit-locking.html#LOCKING-TABLES';
const WHY =
  'Changing rows does not stop others from reading or changing other rows, but holds each changed row until the transaction ends.';
const WHY_ALL =
  'Every row is written again in one go: the table doubles, and each row stays locked until the transaction ends.';

export const ROW_FACTS = {
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

const NOTHING: readonly Work[] = [];
const ROWS: readonly Work[] = ['rows'];

interface Target {
  readonly fact: Fact;
  readonly what: string;
  /** Which rows of a partitioned table are meant, or put into it. */
  readonly allowed: (table: TableRelation) => AllowedOf;
  /** Rules for it are applied; null: rules do not count (COPY, MERGE). */
  readonly event: RuleEvent | null;
}

/** Locks the target and what lies under it. Gives the table that takes the rows, when it is known. */
export function touchTarget(
  name: RangeVar | undefined,
  walker: QueryWalker,
  target: Target,
): TableRelation | undefined {
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
  const insertsHere = fact === ROW_FACTS.insert || fact === ROW_FACTS.copyIn;
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
  const checked = fact !== ROW_FACTS.delete && fact !== ROW_FACTS.deleteAll && walker.executes;
  if (checked && relation.partitionOf !== null) {
    for (const parent of ancestors(recorder.before, relation)) {
      recorder.touch(parent.id, ROW_FACTS.boundOf, { what });
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
