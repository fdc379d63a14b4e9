import type { MigrationAnalysis } from '../../core/analyze.ts';
import { lockStrength, type LockMode } from '../../core/effects/effect.ts';
import type { LockQueueRun } from '../../core/report/stagingRun.ts';
import { withClient } from '../connection.ts';
import { startProbes } from './probes.ts';
import { RunClock } from './runClock.ts';
import { nameAtStart } from './touchedTables.ts';
import { watchedRun, type RunContext } from './watchedRun.ts';

/** Milliseconds that the long transaction goes on after `lock_timeout` should have fired; without one, as long as it goes on at all. */
const BEYOND = 1500;
const WITHOUT_TIMEOUT = 3000;
/** A lock_timeout longer than this is not waited for: the long transaction ends first. */
const LONGEST = 10_000;
const READER = 'lockkeeper long transaction';

export interface QueueRequest extends RunContext {
  readonly url: string;
  readonly migration: MigrationAnalysis;
}

/** The table where the migration would stand in a queue: its strongest lock, the earliest of those. */
export interface QueuePlace {
  readonly table: string;
  readonly lock: LockMode;
  readonly ahead: 'read' | 'write';
}

/** Null: no statement takes a lock on a table that was there before for which it would wait for a reader or a writer. */
export function queuePlace({
  statements,
  before,
}: Pick<MigrationAnalysis, 'statements' | 'before'>): QueuePlace | null {
  let strongest: QueuePlace | null = null;
  for (const { effects } of statements) {
    // CONCURRENTLY waits for transactions, not in the table's queue: nobody stands behind it.
    if (!effects.transactional) continue;
    for (const { relation, lock, newRelation } of effects.effects) {
      if (newRelation || relation.kind !== 'table' || lockStrength(lock) < lockStrength('SHARE')) continue;
      if (strongest !== null && lockStrength(lock) <= lockStrength(strongest.lock)) continue;
      strongest = {
        table: nameAtStart(before, relation),
        lock,
        ahead: lock === 'ACCESS EXCLUSIVE' ? 'read' : 'write',
      };
    }
  }
  return strongest;
}

/**
 * Runs the migration behind somebody's long transaction, with probe sessions on the table: shows how long those behind
 * it wait, and whether `lock_timeout` ends that. Leaves the database in whatever state that is: for a clone only.
 *
 * @returns null if the table is not there under that name, or nothing had to wait
 */
export async function lockQueueRun(request: QueueRequest, place: QueuePlace): Promise<LockQueueRun | null> {
  const { url, migration, ...context } = request;
  const { rows } = await context.work.query<{ timeout: string }>(
    "SELECT setting AS timeout FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'",
  );
  const lockTimeout = Number(rows[0]?.timeout ?? 0);
  const hold = lockTimeout === 0 ? WITHOUT_TIMEOUT : Math.min(LONGEST, lockTimeout + BEYOND);
  const clock = new RunClock();
  return withClient(url, { applicationName: READER }, async (ahead) => {
    await ahead.query('BEGIN');
    await ahead.query(`LOCK TABLE ${place.table} IN ${place.ahead === 'read' ? 'ACCESS SHARE' : 'ROW EXCLUSIVE'} MODE`);
    const probes = await startProbes(url, [place.table], clock.now);
    let timer: NodeJS.Timeout | undefined;
    let current = 0;
    let waiting = 0;
    const release = (): void => void ahead.query('ROLLBACK').catch(() => undefined);
    try {
      const measured = await watchedRun(context, {
        migration,
        clock,
        onStatement: ({ statement }) => {
          current = statement.index;
          waiting = clock.now();
          // From the statement that meets the long transaction on: the last one to be restarted is that one.
          clearTimeout(timer);
          timer = setTimeout(release, hold);
        },
      });
      const ended = clock.now();
      const { stalls } = await probes.stop();
      const long = measured.statements.find(({ waitedFor }) => waitedFor.some(({ session }) => session === READER));
      const gaveUp = measured.failure?.sqlState === '55P03';
      if (!gaveUp && long === undefined) return null;
      return {
        table: place.table,
        lock: place.lock,
        ahead: place.ahead,
        statement: gaveUp ? current : (long?.index ?? current),
        lockTimeout,
        outcome: gaveUp ? 'gave up' : 'waited',
        milliseconds: gaveUp ? ended - waiting : (long?.milliseconds ?? 0),
        longestStall: Math.max(0, ...stalls.map(({ milliseconds }) => milliseconds)),
        stalled: stalls.length,
        blockerSeen: gaveUp ? measured.blockedBy.includes(READER) : long !== undefined,
      };
    } finally {
      clearTimeout(timer);
      await probes.stop().catch(() => undefined);
    }
  });
}
