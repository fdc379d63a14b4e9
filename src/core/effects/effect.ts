import type { Operation } from './operation.ts';

/**
 * What one statement does to one relation (for people: *lock impact*). The one truth about locks: rules, hovers,
 * reports and the comparison with a staging run read it and never derive a lock of their own.
 */

/** PostgreSQL's eight table lock modes, weakest first. https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

/** Work that grows with the table. Empty: metadata only. `unknown`: can't be known from the text alone. */
export const WORK_KINDS = ['scan', 'rewrite', 'index build', 'rows', 'unknown'] as const;
export type Work = (typeof WORK_KINDS)[number];

export type RelationKind = 'table' | 'partitioned table' | 'view' | 'materialized view' | 'sequence' | 'foreign table';

/** A relation as it was named before the statement. */
export interface RelationReference {
  /** Identity in this replay: survives RENAME; a relation dropped and made again has another. Null: the history never made it. */
  readonly id: number | null;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
}

/** Where a fact comes from: a page of PostgreSQL's documentation, or the versions where it was measured. */
export interface FactSource {
  readonly url?: string;
  /** Majors on which the oracle tests observed it, e.g. "15-18". */
  readonly measured?: string;
}

/** One reason for an effect: a part of the statement, and what it asks of the relation. */
export interface EffectCause {
  /** What does it, in the user's words: `ADD COLUMN note`, `foreign key orders_customer_fk`. */
  readonly what: string;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  /** Why this lock or this work, in a sentence for people. */
  readonly why: string;
  /** What kind of thing does it; rules select on this, and never look at the tree for locks. See `operation.ts`. */
  readonly operation: Operation;
  /** The column, constraint or index concerned. */
  readonly object?: string;
  /** Fails with this reason if the table holds rows (or rows of the wrong kind), e.g. NOT NULL without a default. */
  readonly failsOnRows?: string;
  /** Stands in a branch, a loop or an exception handler that may not run: only the data tell. */
  readonly conditional?: true;
  readonly source: FactSource;
}

/** The effect on one relation: the strongest lock and all the work of its causes. One per (statement, relation). */
export interface Effect {
  readonly relation: RelationReference;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  /** Made by this statement or an earlier one of the same migration, by identity. */
  readonly newRelation: boolean;
  /** How long the lock stays: CONCURRENTLY, VACUUM and some others let go when the statement ends. */
  readonly held: 'transaction' | 'statement';
  readonly causes: readonly EffectCause[];
}

/** A part of a statement that could not be analysed (dynamic SQL …), at its place in the file. */
export interface OpaquePart {
  readonly reason: string;
  /** UTF-16 offset into the file. */
  readonly offset: number;
  readonly line: number;
}

/** All that one statement does. */
export interface StatementEffects {
  readonly effects: readonly Effect[];
  /** May run in a transaction block. */
  readonly transactional: boolean;
  readonly opaque: readonly OpaquePart[];
  /** Under an IF that only the server can decide it changes the schema: whether it does is not known. Absent: no. */
  readonly undecided?: true;
  /** What the statement itself waits for, besides its locks: CONCURRENTLY waits for older transactions. */
  readonly waitsFor: readonly string[];
  /** Relations that the history never made, as the statement names them. */
  readonly unknownRelations: readonly string[];
  /** Changes of the schema with a role or a constant in them that is known only when they run: no lock hangs on it. */
  readonly unknownValues: readonly UnknownValue[];
}

/** `relations`: ids of all that it changes; null: not only relations. */
export interface UnknownValue extends OpaquePart {
  readonly relations: readonly number[] | null;
}

/** What a lock keeps others from doing while it is held. */
export interface Blocked {
  readonly reads: boolean;
  readonly writes: boolean;
  /** Other DDL, VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY. */
  readonly ddl: boolean;
}

/** 1 (ACCESS SHARE) to 8 (ACCESS EXCLUSIVE): PostgreSQL's own lock numbers. */
export function lockStrength(lock: LockMode): number {
  return LOCK_MODES.indexOf(lock) + 1;
}

/** The stronger of two locks. SHARE and SHARE UPDATE EXCLUSIVE do not contain each other; by PostgreSQL's number SHARE is the stronger. */
export function strongerLock(a: LockMode, b: LockMode): LockMode {
  return lockStrength(a) >= lockStrength(b) ? a : b;
}

/** What a lock blocks, from the conflict table of https://www.postgresql.org/docs/current/explicit-locking.html. */
export function blockedBy(lock: LockMode): Blocked {
  const strength = lockStrength(lock);
  return { reads: strength === 8, writes: strength >= 5, ddl: strength >= 4 };
}
