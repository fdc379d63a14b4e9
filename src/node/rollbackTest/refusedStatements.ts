import type { Client } from 'pg';
import type pg from 'pg';
import type { MigrationAnalysis } from '../../core/analyze.ts';
import type { LeftOut } from '../../core/report/rollbackTest.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { parseScript } from '../../core/sql/script.ts';
import type { Statement } from '../../core/sql/statement.ts';
import type { History } from '../../core/tools/tool.ts';
import { isTransactionControl } from '../apply/executionPlan.ts';
import { RunError } from '../runError.ts';
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

/** A dump's statements; its rows (COPY) and psql's own commands are left out. */
export function baselineStatements(
  history: History,
  parser: Parser,
): readonly (Pick<Statement, 'kind' | 'text'> & { readonly path: string })[] {
  const { baseline } = history;
  if (baseline === null) return [];
  return parseScript(baseline.text, { parser, dialect: 'postgresql' })
    .statements.filter(({ kind }) => kind !== 'COPY')
    .map(({ kind, text }) => ({ kind, text, path: baseline.path }));
}

/** An earlier migration, or the baseline, that does not run: what usually lies behind it, and what can be done. */
export function replayError(path: string, error: pg.DatabaseError): RunError {
  return new RunError(
    'replay failed',
    `${path}, which comes before, does not run on an empty database: ${error.message}.${hintFor(error.code)}`,
    { sqlState: error.code ?? null, phase: 'replaying the history', cause: error },
  );
}

function hintFor(sqlState: string | undefined): string {
  switch (sqlState) {
    case '42P01': // undefined_table
    case '42704': // undefined_object
    case '3F000': // invalid_schema_name
      return ' If the history does not start from nothing, name a schema dump as "baseline" in lockkeeper.jsonc. With --all, what the server refuses is left out and named.';
    case '0A000': // feature_not_supported: extension is not available
    case '58P01': // undefined_file
      return ' The server may lack an extension: test on a server that has it (--environment).';
    default:
      return '';
  }
}
