import type { TypeReference } from './catalog.ts';

/** One column that a query gives. */
export interface QueryColumn {
  readonly name: string;
  /** Null where it can't be told without the server. */
  readonly type: TypeReference | null;
  /** The relation's column that it is, unchanged: `<relation id>.<number>`. */
  readonly source: string | null;
  readonly collation: string | null;
  /** In what `*` gives: the FROM item that it comes from. */
  readonly of?: string;
}

/** What one column of a `*` stands for. */
export interface StarColumn {
  readonly name: string;
  /** The FROM item's name; null for a column merged by USING. */
  readonly of: string | null;
}

/** A thing in FROM. */
export interface FromItem {
  readonly alias: string;
  readonly schema: string | undefined;
  readonly relation: number | null;
  readonly columns: readonly QueryColumn[];
}

export interface Scope {
  readonly items: readonly FromItem[];
  readonly outer: readonly FromItem[];
  readonly ctes: ReadonlyMap<string, readonly QueryColumn[]>;
}

/** Outside of everything. */
export const ROOT: Scope = { items: [], outer: [], ctes: new Map() };

/** What `*` of one JOIN … USING gives: merged columns once. */
export interface From {
  readonly items: FromItem[];
  readonly star: readonly QueryColumn[];
}
