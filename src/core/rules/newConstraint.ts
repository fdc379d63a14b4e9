import type { StatementAnalysis } from '../analyze.ts';
import { columnNames, tableById } from '../catalog/lookup.ts';
import type { Effect } from '../effects/effect.ts';
import { quoteIdentifier } from '../sql/quote.ts';
import { nodeAs } from '../sql/tree.ts';
import type { Constraint } from '../catalog/catalog.ts';
import type { Match } from './rule.ts';
import { relationName } from './wording.ts';

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

/** A key that a statement adds to a partitioned table, and with it to its partitions. */
export interface PartitionedKey {
  readonly effect: Effect;
  /** Of the constraint, made up by PostgreSQL or not. */
  readonly name: string;
  /** What a finding says. */
  readonly what: string;
  readonly instead: string;
}

/** Null where the table that the statement names is not partitioned. */
export function partitionedKey(statement: StatementAnalysis, kind: 'unique' | 'primary key'): PartitionedKey | null {
  const named = nodeAs(statement.statement.tree, 'AlterTableStmt')?.relation?.relname;
  const effect = statement.effects.effects.find(
    ({ relation }) => relation.kind === 'partitioned table' && relation.name === named,
  );
  const cause = effect?.causes.find(({ operation }) => operation === `add ${kind}`);
  const name = effect && cause && newConstraintName(statement, { effect, cause }, kind);
  if (!effect || !cause || name === undefined) return null;
  const table = relationName(effect.relation);
  const columns = newKeyColumns(statement, { effect, cause }, name);
  return {
    effect,
    name,
    what: `${cause.what} holds ${effect.lock} on ${table} while the indexes of its partitions are built.`,
    instead: partitionedKeySql(`${quoteIdentifier(name)} ${kind.toUpperCase()}`, table, columns),
  };
}

/** How a partitioned table gets a key beside the traffic: it knows neither CONCURRENTLY nor USING INDEX. */
function partitionedKeySql(key: string, table: string, columns: string): string {
  return `-- a partitioned table knows neither CONCURRENTLY nor USING INDEX:
ALTER TABLE ONLY ${table} ADD CONSTRAINT ${key} (${columns});
CREATE UNIQUE INDEX CONCURRENTLY … ON each partition (${columns});  -- outside a transaction
ALTER TABLE each partition ADD CONSTRAINT … ${key.replace(/^.*?(?=UNIQUE$|PRIMARY KEY$)/, '')} USING INDEX …;
ALTER INDEX the parent’s ATTACH PARTITION …;  -- for each`;
}

/** The columns of a key that a statement adds, as a list to paste; `…` where the history never made the table. */
export function newKeyColumns({ after }: StatementAnalysis, { effect }: Match, name: string): string {
  const table = effect.relation.id === null ? undefined : tableById(after, effect.relation.id);
  const key = table?.constraints.find((constraint) => constraint.name === name);
  if (!table || !key || !('columns' in key)) return '…';
  return columnNames(table, key.columns).map(quoteIdentifier).join(', ');
}
