import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import type { MigrationAnalysis } from '../../core/analyze.ts';
import type { AppliedStep, ApplyRun } from '../../core/report/applyRun.ts';
import type { ApplyRequest } from '../apply.ts';
import { invalidIndexes } from '../integrity/catalogChecks.ts';
import { RunError } from '../runError.ts';
import { serverIdentity, type ServerIdentity } from '../serverIdentity.ts';
import { applyStep } from './applySteps.ts';
import { withServerCancel } from './cancellation.ts';
import { executionPlan, type ExecutionStep } from './executionPlan.ts';
import type { HistoryTable } from './historyTable.ts';

export interface MigrationToApply {
  readonly request: ApplyRequest;
  readonly analysis: MigrationAnalysis;
  readonly digest: string;
  readonly table: HistoryTable;
  /** Holds the advisory lock and writes the history table. */
  readonly journal: Client;
  /** Cancels. */
  readonly control: Client;
  /** Runs the script. */
  readonly work: Client;
  readonly backend: number;
  readonly identity: ServerIdentity;
  readonly settings: ApplyRun['settings'];
  readonly lockTimeout: number;
}

/** CONCURRENTLY waits for every older transaction, and lets rows through meanwhile. */
const PATIENT_LOCK_TIMEOUT = 10 * 60_000;

/** Runs one migration, with its row in the history table before and after. A failure is a result, in words. */
export async function applyMigration(applying: MigrationToApply): Promise<ApplyRun> {
  const { request, analysis, digest, table, journal, identity, settings } = applying;
  const { migration } = analysis;
  const began = performance.now();
  const { now } = await serverIdentity(journal);
  const before = new Set((await invalidIndexes(journal)).map(({ index }) => index));
  const row = await table.start(journal, migration, digest);
  const plan = executionPlan(analysis.statements);
  const steps: AppliedStep[] = [];
  for (const step of plan) {
    const outcome = await runStep(applying, step);
    steps.push(outcome);
    if (outcome.outcome !== 'done') break;
  }
  const failed = steps.find(({ outcome }) => outcome !== 'done');
  let state = 'Applied.';
  if (failed === undefined) await table.finish(journal, row);
  else {
    // The journal's own connection may be gone as well: then the row stays begun, which is what it is.
    const left = await invalidIndexes(journal).catch(() => []);
    const broken = left.map(({ index }) => index).filter((index) => !before.has(index));
    const nothingKept = steps.length === 1 && failed.transactional && failed.outcome !== 'unknown';
    await table.fail(journal, row, failed.error?.message ?? '', nothingKept).catch(() => undefined);
    state = [stateInWords(failed, steps, plan), ...leftovers(broken), table.afterFailure(migration, nothingKept)].join(
      ' ',
    );
  }
  return {
    version: 1,
    history: request.history.history.id,
    migration: migration.id,
    digest,
    environment: request.environment.name,
    startedAt: now,
    server: { version: identity.version, major: identity.major },
    settings,
    outcome: failed === undefined ? 'applied' : failed.outcome === 'cancelled' ? 'cancelled' : 'failed',
    steps,
    state,
    milliseconds: performance.now() - began,
  };
}

async function runStep(applying: MigrationToApply, step: ExecutionStep): Promise<AppliedStep> {
  const { request, analysis, journal, control, work, backend, lockTimeout } = applying;
  const { id } = analysis.migration;
  const { signal } = request;
  const phase = `applying ${id}`;
  const share = 100 / Math.max(1, analysis.statements.length * request.gates.length);
  try {
    return await withServerCancel({ control, backend, signal, phase }, () =>
      applyStep(step, {
        work,
        journal,
        phase,
        retries: request.retries ?? 10,
        lockTimeout,
        patientLockTimeout: PATIENT_LOCK_TIMEOUT,
        signal,
        onStatement: (index) => {
          const statement = analysis.statements[index]?.statement;
          request.onProgress?.({
            message: `${id}, line ${statement?.startLine ?? 0}: ${statement?.kind ?? ''}`,
            increment: share,
            statement: index,
          });
        },
        onRetry: (attempt, message) => {
          request.onProgress?.({ message: `${id}: attempt ${attempt} gave up (${message}), trying again` });
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof RunError) || error.reason !== 'cancelled') throw error;
    // Between two steps or two attempts: nothing of this one was sent, or it was rolled back.
    return {
      statements: step.statements.map(({ statement }) => statement.index),
      transactional: true,
      attempts: 1,
      milliseconds: 0,
      outcome: 'cancelled',
      error: { message: error.message, sqlState: null, statement: null },
    };
  }
}

/** What of the migration is in the database now. */
function stateInWords(failed: AppliedStep, steps: readonly AppliedStep[], plan: readonly ExecutionStep[]): string {
  const total = plan.reduce((sum, { statements }) => sum + statements.length, 0);
  const done = steps.filter(({ outcome }) => outcome === 'done').flatMap(({ statements }) => statements).length;
  const verb = failed.outcome === 'cancelled' ? 'was cancelled' : 'failed';
  const place = failed.error?.statement ?? null;
  const what = place === null ? `The step of ${range(failed.statements)}` : `Statement ${place + 1} of ${total}`;
  const head = `${what} ${verb}${failed.error ? `: ${failed.error.message}.` : '.'}`;
  const kept =
    done === 0
      ? 'Nothing of the migration took effect'
      : `${done === 1 ? 'Statement 1' : `Statements 1 to ${done}`} took effect and stay${done === 1 ? 's' : ''}`;
  if (failed.outcome === 'unknown')
    return `The connection was lost during ${range(failed.statements)}; whether it took effect is not known: look with "lockkeeper verify". ${done === 0 ? '' : `${kept}.`}`.trim();
  if (failed.transactional)
    return `${head} ${kept}${done === 0 ? ': the server rolled it back.' : '; the rest did not.'}`;
  return `${head} ${done === 0 ? '' : `${kept}. `}It does not run in a transaction, so that part of it may remain.`;
}

function leftovers(indexes: readonly string[]): string[] {
  return indexes.map(
    (index) =>
      `The index ${index} is left INVALID: it slows writes and serves nobody; DROP INDEX CONCURRENTLY ${index}.`,
  );
}

function range(statements: readonly number[]): string {
  const [first, last] = [statements[0] ?? 0, statements.at(-1) ?? 0];
  return first === last ? `statement ${first + 1}` : `statements ${first + 1} to ${last + 1}`;
}
