import { lockStrength } from '../effects/effect.ts';
import type { Effect, EffectCause, Work } from '../effects/effect.ts';
import type { Match, Report, StatementContext } from './rule.ts';
import { listed, relationName, workPhrase } from './wording.ts';

/** Changes of rows that may be as many as the table holds. */
const SWEEPING: ReadonlySet<string> = new Set(['update all rows', 'delete all rows', 'update', 'delete', 'merge']);

/** Work whose time grows with the table. `rows` has its own rules: it depends on the rows chosen, not on the table. */
const SIZED: ReadonlySet<Work> = new Set(['scan', 'rewrite', 'index build']);
const SHARE = lockStrength('SHARE');

/** True where the cause's work grows with the table. Rows count only where many may be changed: a DO block that alters and then updates a table. */
export function isGrowing({ operation, work }: EffectCause): boolean {
  return work.some((kind) => SIZED.has(kind) || (kind === 'rows' && SWEEPING.has(operation)));
}

/**
 * True where others are stopped for as long as work on a table with rows takes: SHARE or stronger on a relation that existed
 * before the migration, and a scan, a rewrite or an index build in the same statement. The lock of the whole effect counts:
 * VALIDATE beside ADD COLUMN in one ALTER TABLE scans under the ADD COLUMN's ACCESS EXCLUSIVE.
 */
export function isBlocking(effect: Effect): boolean {
  return !effect.newRelation && lockStrength(effect.lock) >= SHARE && effect.causes.some(isGrowing);
}

/** The rule's matches whose own work is done under a lock that stops others, and that no rule before it has reported. */
export function blockingMatches({ matches, claimed }: Pick<StatementContext, 'matches' | 'claimed'>): readonly Match[] {
  return matches.filter(({ effect, cause }) => isBlocking(effect) && isGrowing(cause) && !claimed.has(cause));
}

/** The sized kinds of work of some causes, each once. */
export function sizedWork(causes: readonly EffectCause[]): readonly Work[] {
  return [...SIZED].filter((kind) => causes.some((cause) => cause.work.includes(kind)));
}

/** Matches that one finding speaks of: the same part of the statement on several relations (a table and its partitions). */
export interface Hazard {
  readonly first: Match;
  readonly matches: readonly Match[];
  /** "CREATE INDEX a holds SHARE on orders while the index is built." */
  readonly what: string;
}

/** The blocking matches, grouped by the part of the statement that they come from, strongest relation first. */
export function blockingHazards(context: Pick<StatementContext, 'matches' | 'claimed'>): readonly Hazard[] {
  return hazardsOf(blockingMatches(context));
}

/** Groups matches by the part of the statement that they come from, and words each group. */
export function hazardsOf(matches: readonly Match[]): readonly Hazard[] {
  const groups = new Map<string, Match[]>();
  for (const match of matches) {
    const key = `${match.cause.operation}\u0000${match.cause.what}`;
    const group = groups.get(key);
    if (group) group.push(match);
    else groups.set(key, [match]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const names = listed(group.map(({ effect }) => relationName(effect.relation)));
    const work = sizedWork(group.map(({ cause }) => cause));
    return [
      {
        first,
        matches: group,
        what: `${first.cause.what} holds ${first.effect.lock} on ${names} while ${workPhrase(work)}.`,
      },
    ];
  });
}

/** Reports each hazard with the metadata's prose; `more` adds what to do here. */
export function reportHazards(
  context: StatementContext,
  more: (hazard: Hazard) => Omit<Report, 'what' | 'claims'> = () => ({}),
): void {
  for (const hazard of blockingHazards(context))
    context.report({ what: hazard.what, claims: hazard.matches.map(({ cause }) => cause), ...more(hazard) });
}
