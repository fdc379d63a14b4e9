import { lockStrength } from '../effects/effect.ts';
import { STALL_THRESHOLD, type MeasuredStatement, type StagingRun, type Stall } from './stagingRun.ts';
import { counted, duration, roughly } from './figures.ts';

/** The worst wait on one table, reads and writes apart. */
export interface WorstStall {
  readonly table: string;
  readonly operation: 'read' | 'write';
  readonly milliseconds: number;
  readonly statement: number | null;
  /** The migration held a lock that explains the wait; else the session was only slow, as on a busy machine. */
  readonly blocked: boolean;
}

/** One sentence: what users would have felt, or why the migration did not go through. */
export function stagingHeadline(run: StagingRun): string {
  if (run.failure !== null) {
    const { statement, message } = run.failure;
    const failed = run.statements.length;
    const where =
      statement === null
        ? 'at COMMIT'
        : `at statement ${statement + 1}${failed > 0 ? `, after ${counted(failed, 'statement')}` : ''}`;
    return `Failed ${where}: ${message}`;
  }
  const felt = worstStalls(run).filter(({ milliseconds }) => milliseconds >= STALL_THRESHOLD);
  const parts = sentenceParts(felt);
  if (parts.length > 0) return `${capitalized(parts.join('; '))} (whole run ${duration(run.milliseconds)})`;
  if (run.probes.length === 0) return `Ran in ${duration(run.milliseconds)}; it touches no table that holds rows`;
  return `Nobody waited longer than ${roughly(STALL_THRESHOLD)} (whole run ${duration(run.milliseconds)})`;
}

/** The longest wait per table and operation, the longest first. */
export function worstStalls(run: StagingRun): WorstStall[] {
  const worst = new Map<string, Stall>();
  for (const stall of run.stalls) {
    const key = `${stall.operation} ${stall.table}`;
    if ((worst.get(key)?.milliseconds ?? 0) < stall.milliseconds) worst.set(key, stall);
  }
  return [...worst.values()]
    .map((stall) => ({
      table: stall.table,
      operation: stall.operation,
      milliseconds: stall.milliseconds,
      statement: stall.statement,
      blocked: isBlocked(run, stall),
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Did the migration hold, at some moment of the wait, a lock that conflicts: for a writer also one that comes with locked rows? */
function isBlocked({ statements, transactions }: StagingRun, stall: Stall): boolean {
  const enough = lockStrength(stall.operation === 'read' ? 'ACCESS EXCLUSIVE' : 'ROW EXCLUSIVE');
  return statements.some((one) => {
    const transaction = transactions.find(({ id }) => id === one.transaction);
    const end = transaction ? transaction.start + transaction.milliseconds : one.start + one.milliseconds;
    const overlaps = one.start <= stall.start + stall.milliseconds && end >= stall.start;
    return overlaps && one.locks.some(({ relation, lock }) => relation === stall.table && lockStrength(lock) >= enough);
  });
}

/** "writes to orders blocked about 3.1 s", or "reads and writes …" where both waited alike. */
function sentenceParts(stalls: readonly WorstStall[]): string[] {
  const parts: string[] = [];
  const done = new Set<WorstStall>();
  for (const stall of stalls) {
    if (done.has(stall)) continue;
    const other = stalls.find(
      (one) =>
        one.table === stall.table &&
        one !== stall &&
        !done.has(one) &&
        one.blocked === stall.blocked &&
        one.milliseconds > stall.milliseconds * 0.8,
    );
    done.add(stall);
    if (other) done.add(other);
    const what = other ? 'reads of and writes to' : stall.operation === 'read' ? 'reads of' : 'writes to';
    parts.push(
      `${what} ${withoutPublic(stall.table)} ${stall.blocked ? 'blocked about' : 'slowed down by up to'} ${roughly(stall.milliseconds)}`,
    );
  }
  return parts;
}

/** The statement that took longest; null for an empty migration. */
export function slowest(run: StagingRun): MeasuredStatement | null {
  return run.statements.reduce<MeasuredStatement | null>(
    (longest, one) => (longest === null || one.milliseconds > longest.milliseconds ? one : longest),
    null,
  );
}

/** `orders` for `public.orders`: what people call it. */
export function withoutPublic(relation: string): string {
  return relation.startsWith('public.') ? relation.slice('public.'.length) : relation;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
