import type { Client } from 'pg';
import type { MigrationAnalysis } from '../../core/analyze.ts';
import type { LeftOut } from '../../core/report/rollbackTest.ts';
import type { Statement } from '../../core/sql/statement.ts';
import { isTransactionControl } from '../apply/executionPlan.ts';
import { freshSession, isStatementError } from './session.ts';

/** Of the whole server, or upkeep that no schema shows: never run by a rollback test. */
const NEVER_RUN =
  /^(VACUUM|CLUSTER|CHECKPOINT|ALTER SYSTEM|(CREATE|DROP|ALTER) (DATABASE|TABLESPACE|SUBSCRIPTION)|LISTEN|LOAD)/;

export function isNeverRun({ kind }: Statement): boolean {
  return NEVER_RUN.test(kind);
}

/**
 * The migration's text without what this server refuses, tried in a transaction that is rolled back: blanks stand in its
 * place, so that lines and offsets stay.
 */
export async function acceptedText(
  client: Client,
  migration: MigrationAnalysis,
): Promise<{ readonly text: string; readonly leftOut: readonly LeftOut[] }> {
  const { text } = migration.migration;
  const { statements } = migration.script;
  const leftOut: LeftOut[] = [];
  let kept = text;
  const blank = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    kept = kept.slice(0, start) + kept.slice(start, end).replace(/[^\r\n]/g, ' ') + kept.slice(end);
  };
  const drop = (statement: Statement, reason: string): void => {
    blank(statement);
    leftOut.push({ line: statement.startLine, reason });
    // Without its COPY, data would be read as SQL.
    const behind = migration.script.other.find(({ kind, start }) => kind === 'copy data' && start >= statement.end);
    const next = statements.find(({ start }) => start >= statement.end);
    if (statement.kind === 'COPY' && behind && (next === undefined || behind.start < next.start)) blank(behind);
  };
  await client.query('BEGIN');
  try {
    if (await allAccepted(client, statements)) return { text, leftOut };
    for (const statement of statements) {
      const reason = await refusal(client, statement);
      if (reason !== null) drop(statement, reason);
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.query('DISCARD ALL').catch(() => undefined);
  }
  return { text: kept, leftOut };
}

/** Most migrations have nothing to leave out: one savepoint for all of it. */
async function allAccepted(client: Client, statements: readonly Statement[]): Promise<boolean> {
  if (statements.some(isNeverRun)) return false;
  await client.query('SAVEPOINT lockkeeper_all');
  try {
    for (const { kind, text } of statements) {
      if (!isTransactionControl(kind)) await client.query(insideTransaction(text));
    }
    return true;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    return false;
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT lockkeeper_all').catch(() => undefined);
    await freshSession(client).catch(() => undefined);
  }
}

async function refusal(client: Client, { kind, text }: Statement): Promise<string | null> {
  if (NEVER_RUN.test(kind)) return `${kind} concerns the whole server; it is not run`;
  if (isTransactionControl(kind)) return null;
  await client.query('SAVEPOINT lockkeeper_statement');
  try {
    await client.query(insideTransaction(text));
    await client.query('RELEASE SAVEPOINT lockkeeper_statement');
    return null;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT lockkeeper_statement');
    // A value added to an enum can be used after the commit alone; outside of this trial it is committed.
    return error.code === '55P04' ? null : error.message;
  }
}

/** A statement as it can run in a transaction block. */
function insideTransaction(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/\sCONCURRENTLY\b/i, '');
}
