/**
 * What a migration takes away from, or newly demands of, the code that is running: asked of the code as it is deployed,
 * since the author's own tree has lost it already.
 */
export interface CodeQuestion {
  readonly kind: 'column gone' | 'table gone' | 'column required';
  readonly schema: string;
  readonly table: string;
  /** Null where the whole table is concerned. */
  readonly column: string | null;
}

/** One place in the deployed code. */
export interface CodeUse {
  /** Relative to the repository's top folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly kind: 'Prisma schema' | 'TypeORM entity' | 'SQL';
  /** What stands there, one line, cut. */
  readonly text: string;
}

/** The answer: the uses by `questionKey`, of the code at one commit. */
export interface DeployedCode {
  /** What was searched, for people: `origin/main`. */
  readonly ref: string;
  readonly commit: string;
  /** A question that was asked has an entry, an empty one if nothing was found. */
  readonly uses: ReadonlyMap<string, readonly CodeUse[]>;
}

export function questionKey({ kind, schema, table, column }: CodeQuestion): string {
  return JSON.stringify([kind, schema, table, column]);
}
