import type { Node } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { columnNumbered, descendants } from '../../catalog/lookup.ts';
import { plainConstant } from '../partitionProof.ts';
import { reachedPartitions } from '../pruning.ts';
import type { AllowedOf } from '../pruning.ts';
import type { EffectRecorder } from '../recorder.ts';

/** Partitions that rows may move to when an UPDATE of a partitioned table changes its partition key; none if it does not. */
export function partitionsMovedTo(
  recorder: EffectRecorder,
  table: TableRelation,
  targets: readonly Node[] | undefined,
  before: AllowedOf,
): readonly TableRelation[] {
  if (table.kind !== 'partitioned table') return [];
  const assigned = new Map<string, Node | undefined>();
  for (const node of targets ?? []) {
    if ('ResTarget' in node) assigned.set(node.ResTarget.name ?? '', node.ResTarget.val);
  }
  const family = [table, ...descendants(recorder.before, table)];
  if (!family.some((each) => hasInKey(each, assigned))) return [];
  return reachedPartitions(recorder, table, (column, type) => {
    if (!assigned.has(column)) return before(column, type);
    const value = plainConstant(assigned.get(column));
    return value === undefined ? null : { low: null, high: null, list: [value] };
  });
}

/** Partitions of a key with an expression are never left out: rows that move there meet no new one. */
function hasInKey(table: TableRelation, assigned: ReadonlyMap<string, unknown>): boolean {
  return (table.partitionKey?.columns ?? []).some(
    ({ column }) => column !== null && assigned.has(columnNumbered(table, column)?.name ?? ''),
  );
}
