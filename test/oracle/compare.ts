import { lockStrength, type LockMode, type Work } from '../../src/core/effects/effect.ts';
import type { ObservedEffect } from './observe.ts';

/** One effect of a line of `explain --format json`. */
export interface PredictedEffect {
  readonly relation: string;
  readonly lock: LockMode;
  readonly work: readonly Work[];
  readonly newRelation: boolean;
  /** The lock without what stands in branches that hang on data; null: all of it does. Undefined: nothing does. */
  readonly certainLock?: LockMode | null | undefined;
}

/**
 * `weaker`: the server locked more or worked more than was said: the one mistake that hurts people.
 * `stronger`: it did less. `unknown`: the lock is right, and the work was said not to be known. `opaque`: not equal, and
 * the statement was said not to be fully analysed. `unseen`: what a query's foreign keys, triggers, conditions or calls
 * would do, had they met a row: nothing was observed that could be compared.
 */
export type Verdict = 'equal' | 'unknown' | 'opaque' | 'unseen' | 'stronger' | 'weaker';

export interface PairVerdict {
  readonly relation: string;
  readonly verdict: Verdict;
  readonly predicted: PredictedEffect | null;
  readonly observed: ObservedEffect | null;
}

export interface ComparedStatement {
  /** The command tag. */
  readonly kind: string;
  /** False: locks were sampled from outside, and scans could not be seen. */
  readonly exact: boolean;
  readonly compareWork: boolean;
  readonly opaque: boolean;
  /** Relations that hold no row: what a check would have read of them can't be seen. */
  readonly empty: ReadonlySet<number>;
  /** What was there when the migration began: everything else is new. */
  readonly atStart: ReadonlyMap<number, unknown>;
}

/** Commands whose rows and scans depend on the data and on the planner: what is predicted is then the worst case. */
const QUERIES =
  /^(SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|DO|CALL|EXECUTE|EXPLAIN|CREATE TABLE AS|SELECT INTO|CREATE MATERIALIZED VIEW|REFRESH MATERIALIZED VIEW|DECLARE CURSOR|VALUES|TABLE)/;

/** Every (statement, relation) pair that either side names. */
export function compare(
  predicted: readonly PredictedEffect[],
  observed: readonly ObservedEffect[],
  statement: ComparedStatement,
): PairVerdict[] {
  const changed = observed.some(({ work }) => work.includes('rows'));
  const names = new Set([...predicted, ...observed].map(({ relation }) => relation));
  return [...names].sort().map((relation) => {
    const said = predicted.find((effect) => effect.relation === relation) ?? null;
    const seen = observed.find((effect) => effect.relation === relation) ?? null;
    const found = verdict(said, seen, statement, changed);
    return {
      relation,
      predicted: said,
      observed: seen,
      verdict: statement.opaque && (found === 'weaker' || found === 'stronger') ? 'opaque' : found,
    };
  });
}

function verdict(
  said: PredictedEffect | null,
  seen: ObservedEffect | null,
  statement: ComparedStatement,
  changed: boolean,
): Verdict {
  if (said === null) return 'weaker';
  if (seen === null) return QUERIES.test(statement.kind) || asksForNoNumber(said, statement) ? 'unseen' : 'stronger';
  // Said to be new and so harmless, while it holds rows.
  if (said.newRelation && statement.atStart.has(seen.oid)) return 'weaker';
  // (Sampling makes the tables again and again, with new identities.)
  if (statement.exact && !said.newRelation && !statement.atStart.has(seen.oid)) return 'stronger';
  const difference = lockStrength(said.lock) - lockStrength(seen.lock);
  if (difference < 0) return 'weaker';
  const work = seen.made || !statement.compareWork ? 'equal' : workVerdict(said.work, seen, statement);
  if (work === 'weaker') return 'weaker';
  // A foreign key's or trigger's lock beside the query's own, and no row changed that it could have met.
  if (difference > 0 && !changed && QUERIES.test(statement.kind)) return 'unseen';
  // The branch that would have locked more did not run with these data.
  if (difference > 0 && isCertain(said, seen.lock)) return 'unseen';
  return difference > 0 ? 'stronger' : work;
}

/** The sequence of a new column's default, where there is no row to number. */
function asksForNoNumber({ lock, work }: PredictedEffect, { kind, empty }: ComparedStatement): boolean {
  return kind === 'ALTER TABLE' && empty.size > 0 && lock === 'ROW EXCLUSIVE' && work.length === 0;
}

/** The branches that ran for certain lock no more than that. */
function isCertain({ certainLock }: PredictedEffect, lock: LockMode): boolean {
  if (certainLock === undefined) return false;
  return certainLock === null || lockStrength(certainLock) <= lockStrength(lock);
}

function workVerdict(said: readonly Work[], seen: ObservedEffect, statement: ComparedStatement): Verdict {
  const observed = new Set<Work>(seen.work);
  // TRUNCATE makes new, empty files: that does not grow with the table.
  if (statement.kind.startsWith('TRUNCATE')) {
    observed.clear();
  }
  const predicted = new Set(said);
  // A foreign key looks a row up by its index, but for a table of one page, which the planner reads whole.
  if (QUERIES.test(statement.kind) && seen.lock === 'ROW SHARE' && said.length === 0) observed.delete('scan');
  // What changes rows reads them first; a rewrite writes all of them.
  if (predicted.has('rows')) observed.delete('scan');
  if (observed.has('rewrite')) observed.delete('rows');
  if (seen.indexRead && predicted.has('scan')) observed.add('scan');
  const copies = observed.has('rewrite') || observed.has('index build');
  if (copies || !statement.exact) {
    // A rewrite and an index build read the table too; the counters can't tell whether it was read once more.
    observed.delete('scan');
    predicted.delete('scan');
  }
  const missing = [...observed].filter((work) => !predicted.has(work));
  if (predicted.has('unknown')) return 'unknown';
  if (missing.length > 0) return 'weaker';
  const more = [...predicted].filter((work) => !observed.has(work));
  // With nothing to check in one table, the planner does not read the other.
  if (statement.empty.size > 0 && more.every((work) => work === 'scan')) return 'equal';
  if (QUERIES.test(statement.kind))
    return more.some((work) => work !== 'scan' && work !== 'rows') ? 'stronger' : 'equal';
  return more.length > 0 ? 'stronger' : 'equal';
}

/** For the list of mismatches: `SHARE [index build]`. */
export function describe(
  effect: { lock: LockMode; work: readonly Work[]; newRelation?: boolean; made?: boolean } | null,
): string {
  if (effect === null) return 'nothing';
  return `${effect.lock} [${[...effect.work].sort().join(', ')}]${effect.newRelation === true ? ' new' : ''}${effect.made === true ? ' made' : ''}`;
}
