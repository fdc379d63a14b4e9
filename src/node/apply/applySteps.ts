import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import pg from 'pg';
import type { AppliedStep } from '../../core/report/applyRun.ts';
import { throwIfAborted } from './cancellation.ts';
import { isTransactionControl, statementSql, type ExecutionStep } from './executionPlan.ts';
import { serverMessage } from './serverMessage.ts';

export interface StepOptions {
  readonly work: Client;
  /** Answers what became of a COMMIT whose reply was lost. */
  readonly journal: Client;
  readonly phase: string;
  readonly retries: number;
  /** Milliseconds; also what the session has from the start. */
  readonly lockTimeout: number;
  /** For what waits for older transactions and blocks no rows meanwhile: CONCURRENTLY. */
  readonly patientLockTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onStatement: (index: number) => void;
  readonly onRetry: (attempt: number, message: string) => void;
}

/**
 * Runs one step, whole transactions again after a lock timeout or a deadlock, never without a timeout. What does not run
 * in a transaction is never repeated: it may have left something behind.
 * @throws RunError 'cancelled' only before anything was sent
 */
export async function applyStep(step: ExecutionStep, options: StepOptions): Promise<AppliedStep> {
  const indexes = step.statements.map(({ statement }) => statement.index);
  const transactional = step.kind !== 'single' || step.statements.every(({ effects }) => effects.transactional);
  for (let attempts = 1; ; attempts += 1) {
    throwIfAborted(options.signal, options.phase);
    const start = performance.now();
    const progress = { statement: null as number | null, transaction: null as string | null };
    try {
      await runStep(step, options, progress);
      return {
        statements: indexes,
        transactional,
        attempts,
        milliseconds: performance.now() - start,
        outcome: 'done',
        error: null,
      };
    } catch (error) {
      const milliseconds = performance.now() - start;
      const failed = {
        statements: indexes,
        transactional,
        attempts,
        milliseconds,
        error: errorOf(error, progress.statement),
      };
      if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57P') === true)
        return { ...failed, outcome: await lostOutcome(options.journal, progress.transaction) };
      await options.work.query('ROLLBACK');
      if (options.signal?.aborted === true && error.code === '57014') return { ...failed, outcome: 'cancelled' };
      if (!transactional || !RETRYABLE.has(error.code ?? '') || attempts > options.retries)
        return { ...failed, outcome: 'failed' };
      options.onRetry(attempts, failed.error.message);
      await pause(attempts, options.signal);
    }
  }
}

/** lock_not_available, deadlock_detected: nothing was wrong with the statement. */
const RETRYABLE = new Set(['55P03', '40P01']);

/** Exponential with jitter, so that two appliers or an applier and a job do not meet again and again; at most 10 s. */
async function pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const longest = Math.min(10_000, 100 * 2 ** (attempt - 1));
  await sleep(longest * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {}).catch(() => undefined);
}

async function runStep(
  step: ExecutionStep,
  options: StepOptions,
  progress: { statement: number | null; transaction: string | null },
): Promise<void> {
  const { work } = options;
  if (step.kind === 'wrapped') await work.query('BEGIN');
  for (const analysis of step.statements) {
    const { index, kind } = analysis.statement;
    progress.statement = index;
    options.onStatement(index);
    const patient = analysis.effects.waitsFor.length > 0 && step.kind === 'single';
    if (patient) await work.query(`SET lock_timeout = ${Math.round(options.patientLockTimeout)}`);
    if (step.kind === 'scripted' && isTransactionControl(kind)) progress.transaction ??= await transactionOf(work);
    await work.query(statementSql(analysis));
    if (patient) await work.query(`SET lock_timeout = ${Math.round(options.lockTimeout)}`);
  }
  if (step.kind !== 'wrapped') return;
  progress.statement = null;
  progress.transaction = await transactionOf(work);
  await work.query('COMMIT');
}

async function transactionOf(work: Client): Promise<string | null> {
  const { rows } = await work.query<{ id: string | null }>(
    'SELECT pg_catalog.pg_current_xact_id_if_assigned()::text AS id',
  );
  return rows[0]?.id ?? null;
}

/** The connection broke: the server still knows what became of the transaction. */
async function lostOutcome(journal: Client, transaction: string | null): Promise<AppliedStep['outcome']> {
  if (transaction === null) return 'unknown';
  for (let look = 0; look < 20; look += 1) {
    try {
      const { rows } = await journal.query<{ status: string | null }>(
        'SELECT pg_catalog.pg_xact_status($1::xid8) AS status',
        [transaction],
      );
      const status = rows[0]?.status;
      if (status === 'committed') return 'done';
      if (status === 'aborted') return 'failed';
    } catch {
      return 'unknown';
    }
    await sleep(100);
  }
  return 'unknown';
}

function errorOf(error: unknown, statement: number | null): NonNullable<AppliedStep['error']> {
  return {
    message: serverMessage(error),
    sqlState: error instanceof pg.DatabaseError ? (error.code ?? null) : null,
    statement,
  };
}
