import type { Client } from 'pg';
import pg from 'pg';
import { RunError } from '../runError.ts';

/** Again and again, since a cancel that arrives between two statements is lost. */
const REPEAT = 100;

/**
 * Runs `work` on a session; when the signal fires, its running statement is cancelled *on the server*, through a
 * connection of its own, until `work` has ended.
 * @param backend the working session's pg_backend_pid()
 * @throws RunError 'cancelled', if the signal had fired and `work` failed
 */
export async function withServerCancel<T>(
  options: {
    /** Used for nothing else. */
    readonly control: Client;
    readonly backend: number;
    readonly signal: AbortSignal | undefined;
    readonly phase: string;
  },
  work: () => Promise<T>,
): Promise<T> {
  const { signal, phase } = options;
  throwIfAborted(signal, phase);
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  const cancel = (): void => {
    if (asking) return;
    asking = true;
    const done = (): void => void (asking = false);
    options.control.query('SELECT pg_catalog.pg_cancel_backend($1)', [options.backend]).then(done, done);
  };
  const abort = (): void => {
    cancel();
    timer = setInterval(cancel, REPEAT);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted === true && isQueryCancelled(error)) throw cancelledIn(phase, error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    clearInterval(timer);
  }
}

/** @throws RunError 'cancelled' */
export function throwIfAborted(signal: AbortSignal | undefined, phase: string): void {
  if (signal?.aborted === true) throw cancelledIn(phase);
}

function cancelledIn(phase: string, cause?: unknown): RunError {
  return new RunError('cancelled', `Cancelled while ${phase}.`, { phase, ...(cause === undefined ? {} : { cause }) });
}

/** 57014 query_canceled; also what a statement_timeout gives, so look at the signal as well. */
export function isQueryCancelled(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** The backend of a session, by its own word. */
export async function backendPid(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}
