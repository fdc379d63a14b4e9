import type { Node } from '@pgsql/types';
import { COLLATABLE_TYPES } from '../catalog/builtinTypes.ts';
import type { Column, TableRelation, TypeReference } from '../catalog/catalog.ts';
import { columnNumbered, tableById } from '../catalog/lookup.ts';
import { conjuncts } from './notNullProof.ts';
import { isOutside, narrow } from './partitionProof.ts';
import type { Allowed, Constant } from './partitionProof.ts';
import type { EffectRecorder } from './recorder.ts';

/** Which values a column may have, by the column's name in the table that the statement names. */
export type AllowedOf = (column: string, type: TypeReference) => Allowed | null;

/**
 * The partitions, of all levels, that can hold rows with the allowed values: those that the planner opens, or that new
 * rows are routed to. Understood: keys of one plain column compared with constants; anything else gives all partitions.
 */
export function reachedPartitions(
  recorder: EffectRecorder,
  table: TableRelation,
  allowedOf: AllowedOf,
): TableRelation[] {
  const children = table.children.flatMap((id) => tableById(recorder.before, id) ?? []);
  const reached = table.partitionKey === null ? children : pruned(table, children, allowedOf);
  return reached.flatMap((child) => [child, ...reachedPartitions(recorder, child, allowedOf)]);
}

function pruned(
  table: TableRelation,
  children: readonly TableRelation[],
  allowedOf: AllowedOf,
): readonly TableRelation[] {
  const key = table.partitionKey?.columns;
  const number = key?.length === 1 ? key[0]?.column : null;
  const column = number === null || number === undefined ? undefined : columnNumbered(table, number);
  const allowed = column === undefined || !isComparable(table, column) ? null : allowedOf(column.name, column.type);
  if (allowed === null || table.partitionKey?.strategy === 'hash') return children;
  const bounded = children.filter(({ partitionOf }) => partitionOf !== null && partitionOf.bound.kind !== 'default');
  const fallback = children.filter((child) => !bounded.includes(child));
  const kept = bounded.filter(({ partitionOf }) => partitionOf === null || !isOutside(allowed, partitionOf.bound));
  // The default partition is left out only if every single value has a partition of its own.
  const each = allowed.list?.every((value) =>
    bounded.some(({ partitionOf }) => partitionOf !== null && !isOutside(only(value), partitionOf.bound)),
  );
  return each === true ? kept : [...kept, ...fallback];
}

/** How texts sort hangs on the collation, and some hold different texts equal. */
function isComparable(table: TableRelation, column: Column): boolean {
  if (column.type.id !== null || column.type.arrayDimensions > 0) return false;
  const text = COLLATABLE_TYPES.has(column.type.name);
  return !text || (column.collation === null && table.partitionKey?.strategy === 'list');
}

function only(value: Constant): Allowed {
  return { low: null, high: null, list: [value] };
}

/** From the AND-ed conditions of a WHERE over one table. */
export function allowedByWhere(where: Node | undefined): AllowedOf {
  if (where === undefined) return () => null;
  const parts = conjuncts(where);
  return (column, type) => {
    const allowed: Allowed = { low: null, high: null, list: null };
    for (const part of parts) narrow(allowed, part, column, type);
    return allowed.low === null && allowed.high === null && allowed.list === null ? null : allowed;
  };
}

/** From the values that rows are given; columns that are not in the map may have any. */
export function allowedByRows(values: ReadonlyMap<string, readonly Constant[]>): AllowedOf {
  return (column) => {
    const list = values.get(column);
    return list === undefined ? null : { low: null, high: null, list };
  };
}
