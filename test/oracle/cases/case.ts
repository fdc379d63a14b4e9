import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';

/** One statement to be run on a real server and compared with what Lockkeeper says of it. */
export interface OracleCase {
  readonly sql: string;
  /** Majors on which the statement exists; all unless told. */
  readonly since: ServerMajor;
  readonly until: ServerMajor;
  /** TimeZone of the session, where it decides. */
  readonly timeZone: string;
  /** A part of the set-up that only this statement needs, run after the group's. */
  readonly first: string;
  /** The case for which the server has no exact answer, and which part: said in the run's summary. */
  readonly not: 'work' | null;
  /** Relations that are said to be locked, or locked more strongly, only where rows are met that the case does not have. */
  readonly unseen: number;
}

/** Statements that start from the same tables; each is rolled back before the next. */
export interface CaseGroup {
  readonly family: string;
  readonly setup: string;
  readonly cases: readonly OracleCase[];
}

export type CaseSpecification = string | ({ readonly sql: string } & Partial<OracleCase>);

export function group(family: string, setup: string, cases: readonly CaseSpecification[]): CaseGroup {
  return {
    family,
    setup,
    cases: cases.map((each) => ({
      since: 14,
      until: 18,
      timeZone: 'UTC',
      first: '',
      not: null,
      unseen: 0,
      ...(typeof each === 'string' ? { sql: each } : each),
    })),
  };
}

/** Statements that a later major brought. */
export function since(major: ServerMajor, ...sql: readonly string[]): CaseSpecification[] {
  return sql.map((each) => ({ sql: each, since: major }));
}
