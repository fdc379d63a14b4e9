import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalObjects } from './canonical.ts';
import type { CanonicalObject, CanonicalOptions, CanonicalValue } from './canonical.ts';
import type { Catalog } from './catalog.ts';

/** One property of one object that is not the same in two catalogs. */
export interface CatalogDifference {
  /** For people: `column note of table public.orders`. */
  readonly object: string;
  /** Empty when the whole object is missing on one side. */
  readonly property: string;
  /** Null: the object is not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * What differs between two catalogs, in structure and names; expressions by presence, since servers rewrite them. An
 * object that is there on one side only is one difference, without its properties. Sorted by object.
 */
export function compareCatalogs(before: Catalog, after: Catalog, options: CanonicalOptions = {}): CatalogDifference[] {
  const left = canonicalObjects(before, options);
  const right = canonicalObjects(after, options);
  const differences: CatalogDifference[] = [];
  for (const [object, value] of left) {
    const other = right.get(object);
    if (other === undefined) differences.push({ object, property: '', before: 'present', after: null });
    else differences.push(...compareObjects(object, value, other));
  }
  for (const object of right.keys()) {
    if (!left.has(object)) differences.push({ object, property: '', before: null, after: 'present' });
  }
  return differences.sort((a, b) => compareText(a.object, b.object) || compareText(a.property, b.property));
}

function compareObjects(object: string, before: CanonicalObject, after: CanonicalObject): CatalogDifference[] {
  const differences: CatalogDifference[] = [];
  for (const property of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const a = text(before[property] ?? null);
    const b = text(after[property] ?? null);
    if (a !== b) differences.push({ object, property, before: a, after: b });
  }
  return differences;
}

function text(value: CanonicalValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * SHA-256 of a catalog's structure and names, in hex: equal for catalogs that `compareCatalogs` finds equal, whatever
 * their ids. Without `columnOrder` two tables whose columns stand in another order are equal.
 */
export function catalogFingerprint(catalog: Catalog, options: CanonicalOptions = {}): string {
  const lines = [...canonicalObjects(catalog, options)].map(([object, value]) => {
    const properties = Object.keys(value).sort();
    return JSON.stringify([object, ...properties.map((property) => [property, value[property] ?? null])]);
  });
  return bytesToHex(sha256(utf8ToBytes(lines.sort(compareText).join('\n'))));
}

/** By code units, so that the order is the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
