import type { Client } from 'pg';
import pg from 'pg';
import { STALL_THRESHOLD, type Probe, type Stall } from '../../core/report/stagingRun.ts';
import { quoteIdentifier, quoteLiteral } from '../../core/sql/quote.ts';
import { withClient } from '../connection.ts';

/** Between two operations of one probe, milliseconds, the resolution of a stall: when a statement begins, and at most. */
const PAUSE = 4;
const LONGEST_PAUSE = 40;
/** An operation gives up its place in the queue after this and starts again, its wait counted on: else it would close a deadlock with a migration that updates and then alters (deadlock_timeout is 1 s). */
const PATIENCE = 400;

export interface RunningProbes {
  /** Lets every operation that is under way finish, and gives what was measured. */
  readonly stop: () => Promise<{
    readonly probes: readonly Probe[];
    readonly stalls: readonly Omit<Stall, 'statement'>[];
  }>;
}

/**
 * Two sessions per table, one reading and one writing a row all the time, as an application would. The writer takes the
 * locks of an UPDATE (ROW EXCLUSIVE and the row's own) and rolls back, so that it changes nothing, fires no trigger and
 * leaves no dead row behind.
 *
 * @param now milliseconds since the run began
 * @param statementBegan when the running statement did, likewise: strong locks come at its start, and a session that
 *   asks 250 times a second of a long index build would slow it down
 */
export async function startProbes(
  url: string,
  tables: readonly string[],
  now: () => number,
  statementBegan: () => number = now,
): Promise<RunningProbes> {
  const stopped = { value: false };
  const ready: Promise<void>[] = [];
  const sessions: Promise<{ probe: Probe; stalls: Omit<Stall, 'statement'>[] }>[] = [];
  for (const table of tables) {
    for (const operation of ['read', 'write'] as const) {
      const { promise, resolve } = deferred();
      ready.push(promise);
      const session = withClient(url, { lockTimeout: PATIENCE, applicationName: 'lockkeeper probe' }, (client) =>
        probeTable(client, { table, operation, now, statementBegan, stopped, started: resolve }),
      );
      // Waited for in `stop`; a failure must not end the process before that, nor keep `ready` waiting.
      session.catch(resolve);
      sessions.push(session);
    }
  }
  await Promise.all(ready);
  return {
    stop: async () => {
      stopped.value = true;
      const measured = await Promise.all(sessions);
      return { probes: measured.map(({ probe }) => probe), stalls: measured.flatMap(({ stalls }) => stalls) };
    },
  };
}

interface ProbeTask {
  readonly table: string;
  readonly operation: 'read' | 'write';
  readonly now: () => number;
  readonly statementBegan: () => number;
  readonly stopped: { readonly value: boolean };
  readonly started: () => void;
}

async function probeTable(
  client: Client,
  task: ProbeTask,
): Promise<{ probe: Probe; stalls: Omit<Stall, 'statement'>[] }> {
  const { table, operation, now } = task;
  const stalls: Omit<Stall, 'statement'>[] = [];
  let row = await oneRow(client, table);
  let operations = 0;
  let longest = 0;
  let start = now();
  while (!task.stopped.value) {
    const outcome = await attempt(client, operationSql(table, operation, row));
    if (outcome === 'no such column' && row !== null) {
      row = null;
      continue;
    }
    if (outcome === 'still waiting') continue;
    const milliseconds = now() - start;
    operations += 1;
    // The first one also pays for the session's empty caches.
    if (operations > 1) {
      longest = Math.max(longest, milliseconds);
      if (milliseconds >= STALL_THRESHOLD) stalls.push({ table, operation, start, milliseconds });
    }
    task.started();
    // The table is gone: what waited for that waited nonetheless.
    if (outcome !== 'done') break;
    const pause = Math.min(LONGEST_PAUSE, Math.max(PAUSE, (now() - task.statementBegan()) / 10));
    await new Promise((resolve) => setTimeout(resolve, pause));
    start = now();
  }
  task.started();
  return { probe: { table, operation, operations, stalled: stalls.length, longest }, stalls };
}

function operationSql(table: string, operation: 'read' | 'write', row: string | null): string {
  const select = `SELECT 1 FROM ${table} ${row === null ? 'LIMIT 1' : `WHERE ${row}`}`;
  if (operation === 'read') return select;
  return `BEGIN; LOCK TABLE ${table} IN ROW EXCLUSIVE MODE; ${select} FOR NO KEY UPDATE; ROLLBACK`;
}

type Attempt = 'done' | 'still waiting' | 'gone' | 'no such column';

async function attempt(client: Client, sql: string): Promise<Attempt> {
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('ROLLBACK');
    switch (error.code) {
      case '55P03': // lock_not_available: our own patience
      case '40P01': // deadlock_detected
      case '40001': // serialization_failure
        return 'still waiting';
      case '42703': // undefined_column
      case '42883': // undefined_function: the column has another type now
      case '22P02': // invalid_text_representation: likewise
        return 'no such column';
      case '42P01': // undefined_table
      case '3F000': // invalid_schema_name
      case '42809': // wrong_object_type: a view of that name now
        return 'gone';
      default:
        throw error;
    }
  }
}

/** A condition that finds one row by primary key, as an application does; null where there is none. */
async function oneRow(client: Client, table: string): Promise<string | null> {
  const { rows: columns } = await client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
      WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY a.attnum`,
    [table],
  );
  if (columns.length === 0) return null;
  const list = columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ');
  const { rows } = await client.query<string[]>({ text: `SELECT ${list} FROM ${table} LIMIT 1`, rowMode: 'array' });
  const values = rows[0];
  return values
    ? columns.map(({ name }, place) => `${quoteIdentifier(name)} = ${quoteLiteral(values[place] ?? '')}`).join(' AND ')
    : null;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
