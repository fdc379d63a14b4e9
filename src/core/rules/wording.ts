import { lockStrength } from '../effects/effect.ts';
import type { EffectCause, LockMode, RelationReference, Work } from '../effects/effect.ts';
import { qualifiedName, quoteIdentifier } from '../sql/quote.ts';

/** A relation as it can be pasted into SQL: the schema is said only where it is not `public`. */
export function relationName({ schema, name }: Pick<RelationReference, 'schema' | 'name'>): string {
  return qualifiedName(schema === 'public' ? null : schema, name);
}

/** `a`, `a and b`, `a, b and c`; from four on `a, b and 5 more`. */
export function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length <= 1) return distinct[0] ?? '';
  if (distinct.length > 3) return `${distinct.slice(0, 2).join(', ')} and ${String(distinct.length - 2)} more`;
  return `${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1) ?? ''}`;
}

/** Who waits for a lock, by the conflict table of https://www.postgresql.org/docs/current/explicit-locking.html. */
export function waiters(lock: LockMode): string {
  const strength = lockStrength(lock);
  if (strength === lockStrength('ACCESS EXCLUSIVE')) return 'all queries on it, reads too,';
  if (strength === lockStrength('EXCLUSIVE')) return 'writes and SELECT … FOR UPDATE on it';
  if (strength >= lockStrength('SHARE')) return 'inserts, updates and deletes on it';
  return 'other schema changes, VACUUM and CREATE INDEX CONCURRENTLY on it';
}

/** What the work is, as the rest of "while …". */
export function workPhrase(work: readonly Work[]): string {
  const phrases: string[] = [];
  if (work.includes('rewrite')) phrases.push('the whole table is written anew');
  if (work.includes('scan')) phrases.push('every row is read');
  if (work.includes('index build'))
    phrases.push(work.includes('rewrite') ? 'its indexes are built again' : 'the index is built');
  return phrases.length === 0 ? 'it works on the rows' : listed(phrases);
}

/** Lines of SQL, set off from the prose of a message. */
export function indented(sql: string): string {
  return sql
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

/** The objects of some causes, quoted where they have to be, as a list; empty where none is named. */
export function quotedObjects(causes: readonly EffectCause[]): string {
  return listed(causes.flatMap(({ object }) => (object === undefined ? [] : [quoteIdentifier(object)])));
}

/** A sentence that goes on after a colon. Words in capitals stay: `USING computes …`. */
export function uncapitalized(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
