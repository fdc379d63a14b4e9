/** SQL that has to run in a transaction, or a file, of its own: what a fix moves out of a statement's place. */
export interface Piece {
  /** Words for a file's name: `validate_orders_customer_fkey`. */
  readonly name: string;
  /** Whole statements, each closed by `;`, without a line break at the end. */
  readonly sql: string;
  readonly runs: Runs;
  /** Said in comment lines above the SQL. */
  readonly note?: string;
  /** Not to be deployed together with what comes before: always a file of its own. */
  readonly afterDeploy?: boolean;
}

/**
 * - `in a transaction`: as the tool does it, or statement by statement;
 * - `without a transaction`: one statement that refuses a transaction block (CONCURRENTLY, VACUUM);
 * - `committing`: one DO block that commits on its way, which only works as the sole statement of a query.
 */
export type Runs = 'in a transaction' | 'without a transaction' | 'committing';

/** Comment lines and SQL. */
export function pieceText({ note, sql }: Pick<Piece, 'note' | 'sql'>): string {
  const comment = note === undefined ? '' : note.replaceAll(/^/gm, '-- ').replaceAll(/ +$/gm, '') + '\n';
  return `${comment}${sql}`;
}
