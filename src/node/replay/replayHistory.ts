import type { Client } from 'pg';
import type { MigrationAnalysis, HistoryAnalysis } from '../../core/analyze.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { executionPlan, statementSql, type ExecutionStep } from '../apply/executionPlan.ts';
import { demandRunnable } from '../apply/runnable.ts';
import { endWithUs } from '../staging/endWithUs.ts';
import { applyBaseline } from './baseline.ts';
import { isRefused, replayError } from './replayError.ts';
import { makeRoles } from './roles.ts';

export interface ReplayRequest {
  readonly history: HistoryAnalysis;
  /** Those before the one that is measured, in order. */
  readonly migrations: readonly MigrationAnalysis[];
  readonly parser: Parser;
  /** The database is empty: the baseline comes first. */
  readonly fromNothing: boolean;
  /** Make the roles that the history grants to, where the server does not have them: on a throw-away server only. */
  readonly makeRoles: boolean;
  readonly phase: string;
  readonly onMigration: (migration: MigrationAnalysis, index: number) => void;
}

/**
 * Brings an empty database to the state before a migration: the baseline, then the earlier migrations, each as its
 * tool runs it. Between two of them the session is reset, since a tool's next run is another session.
 * @returns what was left out, in words
 * @throws RunError 'replay failed', 'script'
 */
export async function replayHistory(client: Client, request: ReplayRequest): Promise<string[]> {
  const notes: string[] = [];
  await quicken(client);
  const { parser, phase } = request;
  const { history } = request.history;
  if (request.makeRoles && request.fromNothing) await makeRoles(client, history, parser);
  if (history.baseline !== null && request.fromNothing) {
    notes.push(...(await applyBaseline(client, { history, parser, phase, purpose: 'staging run', tolerant: false })));
    await reset(client);
  }
  for (const [index, migration] of request.migrations.entries()) {
    request.onMigration(migration, index);
    demandRunnable(history, migration);
    for (const step of executionPlan(migration.statements)) {
      await run(client, stepText(step), migration.migration.path, phase);
    }
    await reset(client);
  }
  return notes;
}

/** One message: the server stops at the first error and rolls an implicit or explicit block back. */
function stepText(step: ExecutionStep): string {
  const text = step.statements.map(statementSql).join(';\n');
  return step.kind === 'wrapped' ? `BEGIN;\n${text};\nCOMMIT` : text;
}

async function run(client: Client, text: string, path: string, phase: string): Promise<void> {
  if (text.trim() === '') return;
  try {
    await client.query(text);
  } catch (error) {
    if (!isRefused(error)) throw error;
    throw replayError(path, error, { purpose: 'staging run', phase });
  }
}

/** Nothing is measured here, and nobody reads its notices. */
async function quicken(client: Client): Promise<void> {
  await client.query("SET synchronous_commit = off; SET client_min_messages = 'error'");
}

async function reset(client: Client): Promise<void> {
  await client.query('ROLLBACK');
  await client.query('DISCARD ALL');
  await quicken(client);
  await endWithUs(client);
}
