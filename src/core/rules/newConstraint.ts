import type { StatementAnalysis } from '../analyze.ts';
import { columnNames, tableById } from '../catalog/lookup.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import type { Constraint } from '../catalog/catalog.ts';
import type { Match } from './rule.ts';

/**
 * The name of the constraint that a statement adds to the match's table, made up by PostgreSQL or not; undefined where
 * it is not known for sure: two nameless ones, or a table that the history never made.
 */
export function newConstraintName(
  { before, after }: StatementAnalysis,
  { effect, cause }: Match,
  kind: Constraint['kind'],
): string | undefined {
  const { id } = effect.relation;
  if (id === null) return cause.object;
  const old = new Set(tableById(before, id)?.constraints.map((constraint) => constraint.id));
  const made = (tableById(after, id)?.constraints ?? []).filter(
    (constraint) => constraint.kind === kind && !old.has(constraint.id),
  );
  if (made.some(({ name }) => name === cause.object)) return cause.object;
  return made.length === 1 ? made[0]?.name : undefined;
}

/** The columns of a key that a statement adds, as a list to paste; `…` where the history never made the table. */
export function newKeyColumns({ after }: StatementAnalysis, { effect }: Match, name: string): string {
  const table = effect.relation.id === null ? undefined : tableById(after, effect.relation.id);
  const key = table?.constraints.find((constraint) => constraint.name === name);
  if (!table || !key || !('columns' in key)) return '…';
  return columnNames(table, key.columns).map(quoteIdentifier).join(', ');
}
