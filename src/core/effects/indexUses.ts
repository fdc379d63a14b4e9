import type { Catalog, TableRelation } from '../catalog/catalog.ts';
import { indexesOf } from '../catalog/lookup.ts';

/** What expressions and predicates of a table's indexes use. */
export function usesOfIndexes(catalog: Catalog, table: TableRelation): readonly (readonly number[])[] {
  if (catalog.functions.size === 0 || table.indexes.length === 0) return [];
  return indexesOf(catalog, table)
    .flatMap(({ keys, predicate }) => [...keys.map(({ expression }) => expression?.uses), predicate?.uses])
    .filter((uses) => uses !== undefined);
}
