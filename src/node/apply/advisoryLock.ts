import type { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunError } from '../runError.ts';
import { throwIfAborted } from './cancellation.ts';

/** Prisma's own number (schema-engine, flavour/postgres.rs): `prisma migrate deploy` and Lockkeeper exclude each other. */
export const PRISMA_LOCK = 72_707_369;
/** Ours, for plain SQL. Any number will do, as long as nobody else has it. */
export const LOCKKEEPER_LOCK = 5_127_936_401;

export interface LockOptions {
  /** How long to wait for another applier, milliseconds. */
  readonly patience: number;
  readonly onWait: (holder: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Holds a session's advisory lock of this database while `work` runs. It is tried for again and again rather than waited
 * for: a session that waits inside the server holds a snapshot, which CREATE INDEX CONCURRENTLY in the other one would
 * wait for in turn.
 * @param client must do nothing else meanwhile that may fail, since its end is the lock's end
 * @throws RunError 'locked' after `patience`, 'cancelled'
 */
export async function withAdvisoryLock<T>(
  client: Client,
  key: number,
  { patience, onWait, signal }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const phase = 'waiting for another applier';
  const deadline = Date.now() + patience;
  let told = false;
  while (!(await tryLock(client, key))) {
    throwIfAborted(signal, phase);
    const holder = await holderOf(client, key);
    if (Date.now() >= deadline)
      throw new RunError(
        'locked',
        `Somebody else is applying migrations to this database${holder}. Try again when that is done.`,
        { phase },
      );
    if (!told) onWait(holder);
    told = true;
    await sleep(250);
  }
  try {
    return await work();
  } finally {
    // A lost connection has let go of it already.
    await client.query('SELECT pg_catalog.pg_advisory_unlock($1)', [key]).catch(() => undefined);
  }
}

async function tryLock(client: Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_catalog.pg_try_advisory_lock($1) AS locked', [
    key,
  ]);
  return rows[0]?.locked === true;
}

/** " (session 4711, prisma, since 12:00)", as far as one may see it. */
async function holderOf(client: Client, key: number): Promise<string> {
  const { rows } = await client.query<{ pid: number; application: string }>(
    `SELECT l.pid, coalesce(a.application_name, '') AS application
       FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::int8 << 32) + l.objid::int8 = $1
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())`,
    [key],
  );
  const holder = rows[0];
  return holder ? ` (session ${holder.pid}${holder.application === '' ? '' : `, ${holder.application}`})` : '';
}
