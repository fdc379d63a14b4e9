import { lockStrength } from '../effects/effect.ts';
import type { Effect, EffectCause, Work } from '../effects/effect.ts';
import type { Match, Report, StatementContext } from './rule.ts';
import { listed, relationName, uncapitalized, workPhrase } from './wording.ts';

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

/** What one finding speaks of: the same part of the statement on several relations (a table, its partitions, the table that it refers to). */
export interface Hazard {
  /** On the relation that the statement names. */
  readonly first: Match;
  /** Locked alike; a partitioned table has no rows of its own, but is locked as its partitions are. */
  readonly locked: readonly Match[];
  /** Those that do the work. */
  readonly working: readonly Match[];
}

/** The blocking matches, grouped by the part of the statement that they come from. */
export function blockingHazards(context: Pick<StatementContext, 'matches' | 'claimed'>): readonly Hazard[] {
  const groups = new Map<string, Match[]>();
  for (const match of blockingMatches(context)) {
    const group = groups.get(partOf(match));
    if (group) group.push(match);
    else groups.set(partOf(match), [match]);
  }
  return [...groups].flatMap(([part, working]) => {
    const lock = working[0]?.effect.lock;
    const locked = context.matches.filter((match) => partOf(match) === part && match.effect.lock === lock);
    const first = locked[0] ?? working[0];
    return first ? [{ first, locked, working }] : [];
  });
}

/** What a rule adds to the report of a hazard. */
export interface HazardReport extends Omit<Report, 'what' | 'claims'> {
  /** Instead of the cause's own words. */
  readonly subject?: string;
}

function partOf({ cause }: Match): string {
  return `${cause.operation}\u0000${cause.what}`;
}

/** "ADD CHECK a holds ACCESS EXCLUSIVE on orders while every row is read." */
export function sentence(subject: string, locked: readonly Match[], working: readonly Match[]): string {
  const names = listed(locked.map(({ effect }) => relationName(effect.relation)));
  const work = workPhrase(sizedWork(working.map(({ cause }) => cause)));
  return `${subject} holds ${locked[0]?.effect.lock ?? ''} on ${names} while ${work}.`;
}

/**
 * Reports each hazard with the metadata's prose; `more` adds what to do here. Work that can't be known from the text
 * (a table or a type that the history never made) is reported as what may happen, one step milder.
 */
export function reportHazards(
  context: StatementContext,
  more: (hazard: Pick<Hazard, 'first'>) => HazardReport = () => ({}),
): void {
  for (const { first, locked, working } of blockingHazards(context)) {
    const { subject = first.cause.what, ...report } = more({ first });
    const what = sentence(subject, locked, working);
    context.report({ what, claims: working.map(({ cause }) => cause), ...report });
  }
  for (const { first, working } of unsureHazards(context)) {
    const { effect, cause } = first;
    const { subject = cause.what, ...report } = more({ first });
    const what = `${subject} may keep ${effect.lock} on ${relationName(effect.relation)} for long: ${uncapitalized(cause.why)}`;
    context.report({ what, severity: 'warning', claims: working.map((match) => match.cause), ...report });
  }
}

function unsureHazards({ matches, claimed }: StatementContext): readonly Hazard[] {
  const groups = new Map<string, Match[]>();
  for (const match of matches) {
    const { effect, cause } = match;
    if (!cause.work.includes('unknown') || claimed.has(cause) || lockStrength(effect.lock) < SHARE) continue;
    groups.set(partOf(match), [...(groups.get(partOf(match)) ?? []), match]);
  }
  return [...groups.values()].flatMap((group) =>
    group[0] ? [{ first: group[0], locked: group, working: group }] : [],
  );
}
