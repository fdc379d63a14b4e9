import type { ServerMajor } from '../catalog/catalog.ts';
import type { FactSource, LockMode } from './effect.ts';
import type { Operation } from './operation.ts';

/**
 * One fact about PostgreSQL: what an operation locks, and why. Each family's file holds its own, as data; the oracle
 * tests compare them with real servers.
 */
export interface Fact {
  readonly operation: Operation;
  /** One lock for all majors, or the lock from a major on: `{ 14: 'ACCESS SHARE', 15: 'SHARE ROW EXCLUSIVE' }`. */
  readonly lock: LockMode | LockByMajor;
  /** Why this lock or this work, a sentence for people. */
  readonly why: string;
  readonly source: FactSource;
}

export type LockByMajor = Readonly<Partial<Record<ServerMajor, LockMode>>>;

/** The lock that a fact names for a server: of the newest entry that is not newer than the server. */
export function lockOf(lock: LockMode | LockByMajor, major: ServerMajor): LockMode {
  if (typeof lock === 'string') return lock;
  let newest: LockMode = 'ACCESS EXCLUSIVE';
  let from = 0;
  for (const [since, mode] of Object.entries(lock)) {
    const number = Number(since);
    if (number <= major && number > from) {
      from = number;
      newest = mode;
    }
  }
  return newest;
}

/** A page of PostgreSQL's documentation, and the majors on which the lock was observed on a real server. */
export function documented(page: string, measured = '14-18'): FactSource {
  return { url: `https://www.postgresql.org/docs/current/${page}`, measured };
}

/** Observed on real servers only: the documentation does not say it. */
export function measured(majors = '14-18'): FactSource {
  return { measured: majors };
}
