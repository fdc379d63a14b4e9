import type { StatementAnalysis } from '../analyze.ts';
import type { Cause, Report } from './rule.ts';
import { listed, relationName } from './wording.ts';

/**
 * What to say of a statement that hurts only tables that another new migration makes: applied together they are empty.
 * Null for any other.
 *
 * @param pendingFrom relations with this id or a higher one are made by new migrations; null: not known
 */
export function pendingSentence(
  made: Report,
  cause: Cause,
  { effects: { effects } }: StatementAnalysis,
  pendingFrom: number | null,
): string | null {
  if (pendingFrom === null) return null;
  const claims = concerned(made, cause);
  if (claims === null) return null;
  const hurt = effects.filter(
    ({ newRelation, causes }) => !newRelation && (claims === 'all' || causes.some((each) => claims.has(each))),
  );
  if (hurt.length === 0 || !hurt.every(({ relation: { id } }) => id !== null && id >= pendingFrom)) return null;
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
