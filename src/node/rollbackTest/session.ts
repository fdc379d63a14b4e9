import type { Client } from 'pg';
import pg from 'pg';
import { RunError } from '../runError.ts';

/** The working session of a rollback test, with what is needed to stop it. */
export interface TestSession {
  readonly client: Client;
  /** Another session of the same server, used for cancelling alone. */
  readonly control: Client;
  /** `pg_backend_pid()` of `client`. */
  readonly backend: number;
  /** Milliseconds that up or down may take as a whole; then it is cancelled on the server. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** What the server said against a script. */
export interface ScriptFailure {
  readonly message: string;
  readonly sqlState: string | null;
}

/** Again and again, since a cancel that arrives between two statements is lost. */
const REPEAT = 100;

/**
 * Runs a script's work with a deadline: what a script sets for itself (`statement_timeout = 0`) does not matter.
 *
 * @returns what the server said against it; null: nothing
 * @throws RunError 'cancelled' where the user cancelled; errors of the connection as they are
 */
export async function failureOf(
  session: TestSession,
  work: () => Promise<unknown>,
  phase: string,
): Promise<ScriptFailure | null> {
  const { control, backend, timeout, signal } = session;
  const state: { late: boolean; interval: NodeJS.Timeout | null } = { late: false, interval: null };
  const cancel = (): void => {
    const ask = (): void =>
      void control.query('SELECT pg_catalog.pg_cancel_backend($1)', [backend]).catch(() => undefined);
    ask();
    state.interval ??= setInterval(ask, REPEAT);
  };
  const timer = setTimeout(() => {
    state.late = true;
    cancel();
  }, timeout);
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    await work();
    return null;
  } catch (error) {
    if (signal?.aborted === true) throw new RunError('cancelled', `Cancelled while ${phase}.`, { phase, cause: error });
    if (!isStatementError(error)) throw error;
    if (state.late && error.code === '57014') {
      const seconds = Math.round(timeout / 100) / 10;
      return { message: `it did not end within ${seconds} s and was cancelled on the server`, sqlState: '57014' };
    }
    return { message: error.message, sqlState: error.code ?? null };
  } finally {
    clearTimeout(timer);
    if (state.interval !== null) clearInterval(state.interval);
    signal?.removeEventListener('abort', cancel);
  }
}

/** The server refused a statement; the session lives on. 57P01 and the like end it. */
export function isStatementError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code?.startsWith('57P') !== true;
}

/** Tries something inside a transaction; null: the server refused it, and nothing of it is left. */
export async function attempt<T>(client: Client, work: () => Promise<T>): Promise<T | null> {
  await client.query('SAVEPOINT lockkeeper_attempt');
  try {
    const value = await work();
    await client.query('RELEASE SAVEPOINT lockkeeper_attempt');
    return value;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT lockkeeper_attempt; RELEASE SAVEPOINT lockkeeper_attempt');
    return null;
  }
}

/** As the tool's next session would find it; inside a transaction block too, where DISCARD ALL can't be used. */
export async function freshSession(client: Client): Promise<void> {
  await client.query('RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP');
}
