import type { Part } from './insertPlan.ts';
import { spreadColumn } from './spread.ts';
import type { TableShape } from './tableShape.ts';

interface Place {
  readonly index: string;
  readonly distinct: number;
}

/** The parts of every unique key that is not unique by one of its parts alone; null among them: a part that nobody gives. */
function keysOf(table: TableShape, parts: readonly Part[]): Part[][] {
  const keys = table.uniques.flatMap((columns) => {
    const found = columns.map((number) => parts.find((part) => part.columns.includes(number)));
    // Not given at all: a default or an identity, or NULL, none of which collide.
    if (found.length === 0 || found.some((part) => part === undefined)) return [];
    return [[...new Set(found.flatMap((part) => part ?? []))]];
  });
  // The narrower key first: it leaves the others less to choose.
  return keys.sort((a, b) => a.length - b.length);
}

/** How many rows the unique keys allow, and which of them says so, in words. */
export function uniqueLimit(
  table: TableShape,
  parts: readonly Part[],
): { readonly limit: number | null; readonly limitedBy: string | null } {
  let limit: number | null = null;
  let limitedBy: string | null = null;
  for (const key of keysOf(table, parts)) {
    if (key.some(({ most }) => most === null)) continue;
    const product = key.reduce((all, { most }) => all * (most ?? 1), 1);
    if (limit !== null && product >= limit) continue;
    limit = product;
    const numbers = new Set(key.flatMap(({ columns }) => columns));
    const columns = table.uniques.find((one) => one.every((number) => numbers.has(number))) ?? [];
    const names = columns.map((number) => table.columns.find((column) => column.number === number)?.name ?? '');
    limitedBy = `the unique key (${names.join(', ')}) allows only ${product} different rows here`;
  }
  return { limit, limitedBy };
}

/**
 * Places for the parts of unique keys so that no two rows have the same: a row's number is cut into the first part's
 * value, the place within the rows of that value, and so on; the last part takes what is left.
 *
 * @returns `conflicts`: keys share parts in a way that can't be met for certain
 */
export function uniquePlaces(
  table: TableShape,
  parts: readonly Part[],
  row: string,
  rows: number,
): { readonly placed: ReadonlyMap<Part, Place>; readonly conflicts: boolean } {
  const placed = new Map<Part, Place>();
  const unique = new Set<Part>();
  let conflicts = false;
  for (const key of keysOf(table, parts)) {
    if (key.some((part) => unique.has(part))) continue;
    if (key.some((part) => !placed.has(part) && isUnique(part, rows))) continue;
    if (key.some((part) => placed.has(part))) {
      // Another key decided one of them: whether this one holds, the rows show.
      conflicts = true;
      continue;
    }
    // The part with the fewest values first: it makes groups, and the last one tells the rows of a group apart.
    const ordered = [...key].sort((a, b) => reach(a, rows) - reach(b, rows));
    const first = ordered[0];
    if (first === undefined) continue;
    const last = ordered.at(-1) ?? first;
    if (ordered.length === 1) {
      unique.add(first);
      const { nullFraction, correlation } = first;
      const place = spreadColumn(row, rows, {
        nullFraction,
        distinct: null,
        correlation,
        salt: (first.columns[0] ?? 0) + 1,
      });
      placed.set(first, { index: place.index, distinct: place.distinct });
      continue;
    }
    let counts = ordered.map((part) => reach(part, rows));
    if (spanAfter(counts, rows) > (last.most ?? rows))
      counts = ordered.map((part) => Math.min(rows, part.most ?? rows));
    let position = spreadColumn(row, rows, {
      nullFraction: 0,
      distinct: null,
      correlation: first.correlation,
      salt: 1,
    }).index;
    let span = rows;
    for (const [at, part] of ordered.slice(0, -1).entries()) {
      const size = Math.ceil(span / (counts[at] ?? 1));
      placed.set(part, { index: `(${position} / ${size})`, distinct: Math.ceil(span / size) });
      position = `(${position} % ${size})`;
      span = size;
    }
    const distinct = Math.max(span, counts.at(-1) ?? 1);
    const before = placed.get(ordered.at(-2) ?? first)?.index ?? '0';
    // Each group begins elsewhere, so that all values of the last part come up.
    placed.set(last, {
      index: `((${position} + ${before} * ${Math.max(1, Math.floor(distinct * 0.618))}) % ${distinct})`,
      distinct,
    });
  }
  return { placed, conflicts };
}

function isUnique(part: Part, rows: number): boolean {
  const distinct = part.distinct(rows);
  return (
    (distinct === null || distinct >= rows) && (part.most === null || part.most >= rows) && part.nullFraction === 0
  );
}

/** How many values a part is to have among so many rows. */
function reach(part: Part, rows: number): number {
  return Math.max(1, Math.min(rows, part.distinct(rows) ?? rows, part.most ?? rows));
}

function spanAfter(counts: readonly number[], rows: number): number {
  return counts.slice(0, -1).reduce((span, count) => Math.ceil(span / count), rows);
}
