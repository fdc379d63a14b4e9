import type { Client } from 'pg';
import pg from 'pg';
import type { MigrationAnalysis, HistoryAnalysis } from '../../core/analyze.ts';
import { parseScript } from '../../core/sql/script.ts';
import { mayLack } from '../../core/tools/supabaseSchema.ts';
import type { Parser } from '../../core/sql/parser.ts';
import { quoteIdentifier } from '../../core/sql/quote.ts';
import { executionPlan, statementSql, type ExecutionStep } from '../apply/executionPlan.ts';
import { demandRunnable } from '../apply/runnable.ts';
import { RunError } from '../runError.ts';
import { endWithUs } from './endWithUs.ts';

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
  if (request.makeRoles && request.fromNothing) await makeRoles(client, request);
  const { baseline } = request.history.history;
  if (baseline !== null && request.fromNothing) notes.push(...(await replayBaseline(client, request, baseline)));
  for (const [index, migration] of request.migrations.entries()) {
    request.onMigration(migration, index);
    demandRunnable(request.history.history, migration);
    for (const step of executionPlan(migration.statements)) {
      await run(client, stepText(step), migration.migration.path, request.phase);
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
    if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57') === true) throw error;
    throw new RunError(
      'replay failed',
      `${path}, which comes before, does not run on an empty database: ${error.message}.${hintFor(error.code)}`,
      { sqlState: error.code ?? null, phase, cause: error },
    );
  }
}

/** What usually lies behind it. */
function hintFor(sqlState: string | undefined): string {
  switch (sqlState) {
    case '42P01': // undefined_table
    case '42704': // undefined_object
    case '3F000': // invalid_schema_name
      return ' If the history does not start from nothing, name a schema dump as "baseline" in lockkeeper.jsonc.';
    case '0A000': // feature_not_supported: extension is not available
    case '58P01': // undefined_file
      return ' The server may lack an extension: profile on a staging server that has it.';
    default:
      return '';
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

/** A dump's statements; its rows (COPY) and psql's own commands are left out, and what a stand-in may lack where it is refused. */
async function replayBaseline(
  client: Client,
  request: ReplayRequest,
  baseline: { readonly path: string; readonly text: string },
): Promise<string[]> {
  const script = parseScript(baseline.text, { parser: request.parser, dialect: 'postgresql' });
  const copies = script.other.filter((part) => part.kind === 'copy data').length;
  const lacking = new Set<string>();
  for (const statement of script.statements) {
    if (statement.kind === 'COPY') continue;
    if (statement.error)
      throw new RunError('script', `${baseline.path}: ${statement.error.message}.`, { phase: request.phase });
    try {
      await run(client, statement.text, baseline.path, request.phase);
    } catch (error) {
      const cause = error instanceof RunError ? error.cause : null;
      if (!(cause instanceof pg.DatabaseError) || !mayLack(request.history.history, statement.kind)) throw error;
      lacking.add(cause.message);
    }
  }
  await reset(client);
  const notes = copies > 0 ? [`The rows of ${copies} tables in ${baseline.path} were left out.`] : [];
  if (lacking.size > 0)
    notes.push(`Left out of ${baseline.path}, since the server refuses it: ${[...lacking].join('; ')}.`);
  return notes;
}

/** Grantees, owners and the roles of policies: no migration makes them, since roles belong to the cluster. */
async function makeRoles(client: Client, { history }: ReplayRequest): Promise<void> {
  const roles = new Set<string>();
  const last = history.migrations.at(-1)?.after;
  if (last === undefined) return;
  for (const schema of last.schemas.values()) {
    if (schema.owner !== null) roles.add(schema.owner);
    for (const { grantee } of schema.privileges) roles.add(grantee);
  }
  for (const relation of last.relations.values()) {
    if (relation.owner !== null) roles.add(relation.owner);
    for (const { grantee } of relation.privileges) roles.add(grantee);
    if ('policies' in relation)
      for (const policy of relation.policies) for (const role of policy.roles) roles.add(role);
  }
  for (const { privileges, owner } of last.functions.values()) {
    if (owner !== null) roles.add(owner);
    for (const { grantee } of privileges) roles.add(grantee);
  }
  const { rows } = await client.query<{ name: string }>('SELECT rolname::text AS name FROM pg_catalog.pg_roles');
  const present = new Set([
    ...rows.map(({ name }) => name),
    '',
    'public',
    'PUBLIC',
    'CURRENT_USER',
    'SESSION_USER',
    'CURRENT_ROLE',
    'current_user',
    'session_user',
    'current_role',
  ]);
  for (const role of roles) {
    if (present.has(role) || role.startsWith('pg_')) continue;
    await client.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN`);
  }
}
