import type { StatementAnalysis } from '../analyze.ts';
import type { RelationReference } from '../effects/effect.ts';
import { nodeAs } from '../sql/tree.ts';
import type { Cause, Report } from './rule.ts';
import { listed, relationName } from './wording.ts';

/** Whether a relation is made by a new migration, other than the one that speaks of it as existing. */
export function pendingFrom(first: number | null): (relation: Pick<RelationReference, 'id'>) => boolean {
  return ({ id }) => first !== null && id !== null && id >= first;
}

/**
 * What to say of a statement that hurts only tables that another new migration makes: applied together they are empty.
 * Null for any other.
 *
 * @param first relations with this id or a higher one are made by new migrations; null: not known
 */
export function pendingSentence(
  made: Report,
  cause: Cause,
  { statement, effects: { effects } }: StatementAnalysis,
  first: number | null,
): string | null {
  if (first === null) return null;
  const isPending = pendingFrom(first);
  const claims = concerned(made, cause);
  if (claims === null) return null;
  const altered = nodeAs(statement.tree, 'AlterTableStmt')?.relation?.relname;
  const hurt = effects.filter(({ relation, newRelation, causes }) => {
    const own = claims === 'all' ? causes : causes.filter((each) => claims.has(each));
    // A foreign key's work goes with the rows of the table that gets it; the other one is locked for as long.
    const isReferenced = relation.name !== altered && own.every(({ operation }) => operation === 'add foreign key');
    return !newRelation && own.length > 0 && !isReferenced;
  });
  if (hurt.length === 0 || !hurt.every(({ relation }) => isPending(relation))) return null;
  const names = listed(hurt.map(({ relation }) => relationName(relation)));
  const [are, they] = hurt.length === 1 ? ['is', 'it is'] : ['are', 'they are'];
  return `${names} ${are} made by a migration that is new as well: applied together with it, ${they} empty here.`;
}

/** The causes that a report is about; null: what it says holds of empty tables, too. */
function concerned({ claims }: Report, cause: Cause): ReadonlySet<unknown> | 'all' | null {
  if (cause === 'loses data' || cause === 'breaks code') return 'all';
  if (cause !== 'blocks' && cause !== 'fails' && cause !== 'rows') return null;
  return claims === undefined ? null : new Set(claims);
}
