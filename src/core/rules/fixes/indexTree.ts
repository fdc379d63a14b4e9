import type { Catalog, IndexRelation, TableRelation } from '../../catalog/catalog.ts';
import { indexById, tableById } from '../../catalog/lookup.ts';
import { qualifiedName } from '../../sql/quote.ts';

/** One index of a partitioned index, with the table that it is on. */
export interface IndexPart {
  readonly index: IndexRelation;
  readonly table: TableRelation;
  /** The index that it is attached to. */
  readonly parent: IndexRelation;
  /** It was there before, and is attached only. */
  readonly isOld: boolean;
}

/** All indexes below a partitioned one: those of partitioned tables from the top, and leaves and the rest from the bottom up. */
export interface IndexTree {
  /** On partitions that have partitions, each after the one above. */
  readonly frames: readonly IndexPart[];
  readonly leaves: readonly IndexPart[];
  /** All of them, each before the one that it hangs on. */
  readonly bottomUp: readonly IndexPart[];
}

/** Null where some partition has no index, or one that can't be built concurrently (a foreign table). */
export function indexTree(top: IndexRelation, before: Catalog, after: Catalog): IndexTree | null {
  const frames: IndexPart[] = [];
  const leaves: IndexPart[] = [];
  const bottomUp: IndexPart[] = [];
  const visit = (parent: IndexRelation): boolean =>
    parent.children.every((id) => {
      const index = indexById(after, id);
      const table = index && tableById(after, index.table);
      if (!index || !table) return false;
      const part = { index, table, parent, isOld: before.relations.has(id) };
      const isFrame = index.kind === 'partitioned index';
      if (!isFrame && table.kind !== 'table') return false;
      // What was there before has its own partitions' indexes already.
      if (isFrame && !part.isOld) {
        frames.push(part);
        if (!visit(index)) return false;
      } else if (!isFrame) leaves.push(part);
      bottomUp.push(part);
      return true;
    });
  return visit(top) && bottomUp.length > 0 ? { frames, leaves, bottomUp } : null;
}

/** Attaches an index to the one above it. */
export function attachSql({ index, parent }: IndexPart): string {
  return `ALTER INDEX ${nameOf(parent)} ATTACH PARTITION ${nameOf(index)};`;
}

/** As written in SQL; without `public`, which most search_paths hold. */
export function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return qualifiedName(schema === 'public' ? null : schema, name);
}
