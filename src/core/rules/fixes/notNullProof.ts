import type { TableRelation } from '../../catalog/catalog.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { truncateIdentifier } from '../../catalog/generatedNames.ts';
import type { Piece } from './piece.ts';

const SUFFIX = '_not_null_check';

/** The name of the CHECK that proves a column NOT NULL for a while; one that the table does not have yet. */
export function proofName(column: string, table?: TableRelation): string {
  for (let count = 0; ; count++) {
    const suffix = count === 0 ? SUFFIX : `${SUFFIX}${String(count)}`;
    const name = fitted(column, suffix);
    if (!table?.constraints.some((constraint) => constraint.name === name)) return name;
  }
}

function fitted(column: string, suffix: string): string {
  let head = column;
  while (head !== '' && truncateIdentifier(head + suffix) !== head + suffix) head = head.slice(0, -1);
  return head + suffix;
}

/** `ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID`, as a command of ALTER TABLE. */
export function addProof(column: string, name: string): string {
  return `ADD CONSTRAINT ${quoteIdentifier(name)} CHECK (${quoteIdentifier(column)} IS NOT NULL) NOT VALID`;
}

export interface Proof {
  readonly column: string;
  /** Of the CHECK. */
  readonly name: string;
}

/** Validates the proofs, uses them and takes them away; what reads the table comes first, while the lock is weak. */
export function useProofs(target: string, proofs: readonly Proof[]): string {
  const each = (make: (proof: Proof) => string): readonly string[] =>
    proofs.map((proof) => `ALTER TABLE ${target} ${make(proof)};`);
  return [
    ...each(({ name }) => `VALIDATE CONSTRAINT ${quoteIdentifier(name)}`),
    ...each(({ column }) => `ALTER COLUMN ${quoteIdentifier(column)} SET NOT NULL`),
    ...each(({ name }) => `DROP CONSTRAINT ${quoteIdentifier(name)}`),
  ].join('\n');
}

/** SET NOT NULL for some columns in two pieces: the proofs NOT VALID; then validated, used, and dropped. Empty for no columns. */
export function proofPieces(target: string, table: TableRelation, columns: readonly string[]): readonly Piece[] {
  if (columns.length === 0) return [];
  const proofs = columns.map((column) => ({ column, name: proofName(column, table) }));
  const words = columns.join('_');
  return [
    {
      name: `${words}_not_null_check`,
      sql: `ALTER TABLE ${target}\n  ${proofs.map(({ column, name }) => addProof(column, name)).join(',\n  ')};`,
      runs: 'in a transaction',
    },
    {
      name: `${words}_not_null`,
      sql: useProofs(target, proofs),
      runs: 'in a transaction',
    },
  ];
}
