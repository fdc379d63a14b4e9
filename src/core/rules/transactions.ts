import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import { lockStrength } from '../effects/effect.ts';
import type { Effect, RelationReference } from '../effects/effect.ts';
import type { SizeLookup } from './sizes.ts';

const known = new WeakMap<MigrationAnalysis, readonly (readonly StatementAnalysis[])[]>();

/** The statements of each transaction of a script; those that run by themselves are in none. Kept, since several rules ask. */
export function transactionsOf(migration: MigrationAnalysis): readonly (readonly StatementAnalysis[])[] {
  let transactions = known.get(migration);
  if (transactions === undefined) known.set(migration, (transactions = grouped(migration)));
  return transactions;
}

function grouped({ statements }: MigrationAnalysis): readonly (readonly StatementAnalysis[])[] {
  const groups = new Map<number, StatementAnalysis[]>();
  for (const statement of statements) {
    const { id } = statement.transaction;
    if (id === null) continue;
    const group = groups.get(id);
    if (group) group.push(statement);
    else groups.set(id, [statement]);
  }
  return [...groups.values()];
}

/** A lock that stops writes or more on what existed before, and stays until the transaction ends. */
export function isStrongAndHeld(effect: Effect): boolean {
  return !effect.newRelation && effect.held === 'transaction' && lockStrength(effect.lock) >= lockStrength('SHARE');
}

/** Below this many rows a table is taken for one that nobody waits for. */
const FEW_ROWS = 1000;

/** False for a table that is known to be small. */
export function mayBeBusy(relation: RelationReference, sizes: SizeLookup | null): boolean {
  const rows = sizes?.(relation)?.rows;
  return rows === undefined || rows === null || rows >= FEW_ROWS;
}

/** Stands for a relation whatever it is called in this statement. */
export function relationKey({ id, schema, name }: RelationReference): string {
  return id === null ? `${schema}.${name}` : String(id);
}
