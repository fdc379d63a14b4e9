import { relationSize } from '../statistics/statistics.ts';
import type { Statistics } from '../statistics/statistics.ts';

/** How large a table is in production. */
export interface KnownSize {
  /** Null: only the bytes are known. */
  readonly rows: number | null;
  /** Without indexes; null: only the rows are known. */
  readonly bytes: number | null;
  /** Where it is known from, for people: `lockkeeper.jsonc`. */
  readonly source: string;
}

/** Sizes as typed in `lockkeeper.jsonc`, by `orders` or `public.orders`. */
export type TypedSizes = Readonly<Record<string, { readonly rows: number | null; readonly bytes: number | null }>>;

/** The size of a relation, null where nobody told. */
export type SizeLookup = (relation: {
  /** Identity in the replay, where there is one. */
  readonly id?: number | null;
  readonly schema: string;
  readonly name: string;
}) => KnownSize | null;

/** What was typed counts before what was measured: a person may know better what is coming. */
export function sizeLookup(typed: TypedSizes, measured: readonly Statistics[]): SizeLookup | null {
  const written = Object.entries(typed);
  if (written.length === 0 && measured.length === 0) return null;
  const byName = new Map(written.map(([name, size]) => [unquoted(name), size]));
  return ({ schema, name }) => {
    const size = byName.get(`${schema}.${name}`) ?? (schema === 'public' ? byName.get(name) : undefined);
    if (size) return { ...size, source: 'lockkeeper.jsonc' };
    for (const statistics of measured) {
      const found = relationSize(statistics, schema, name);
      if (!found) continue;
      const where = statistics.environment === null ? '' : ` of ${statistics.environment}`;
      return { rows: found.rows, bytes: found.bytes, source: `statistics${where}, ${statistics.takenAt.slice(0, 10)}` };
    }
    return null;
  };
}

function unquoted(name: string): string {
  return name.replaceAll('"', '');
}
