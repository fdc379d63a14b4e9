import pg from 'pg';
import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import { withClient, withScratchDatabase } from '../../src/node/connection.ts';
import {
  observeOtherSession,
  observeOwnTransaction,
  readCounters,
  readRelations,
  type ObservedEffect,
  type Relations,
} from './observe.ts';
import { strongest } from './strongest.ts';

/** One scratch database with a session that works and one that watches and gets in its way. */
export interface OracleSession {
  readonly major: ServerMajor;
  readonly work: pg.Client;
  readonly watch: pg.Client;
}

/** What the server did with one statement. */
export type Outcome =
  | {
      readonly ok: true;
      readonly effects: readonly ObservedEffect[];
      readonly relations: Relations;
      /** False: ran outside a transaction block, so that scans can't be seen and locks were sampled. */
      readonly exact: boolean;
    }
  | { readonly ok: false; readonly message: string; readonly sqlState: string };

const SETTINGS = {
  // Counters of parallel workers would be lost; autovacuum and just-in-time compilation would only disturb.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  jit: 'off',
  client_min_messages: 'error',
  statement_timeout: '60s',
};

export function withOracleSession<T>(
  url: string,
  major: ServerMajor,
  work: (session: OracleSession) => Promise<T>,
): Promise<T> {
  return withScratchDatabase(url, (scratch) =>
    withClient(scratch, { settings: SETTINGS, timeZone: 'UTC', applicationName: 'oracle' }, (worker) =>
      withClient(scratch, { settings: SETTINGS }, (watcher) => work({ major, work: worker, watch: watcher })),
    ),
  );
}

/** Runs a statement and observes it. `keep`: it stays; else it is rolled back, so that the next one starts from the same state. */
export async function runStatement(
  session: OracleSession,
  sql: string,
  before: Relations,
  keep: boolean,
): Promise<Outcome> {
  const { work } = session;
  await work.query('BEGIN');
  try {
    const baseline = await readCounters(work);
    await work.query(sql);
    const { effects, relations } = await observeOwnTransaction(work, before, baseline);
    await work.query(keep ? 'COMMIT' : 'ROLLBACK');
    return { ok: true, effects, relations, exact: true };
  } catch (error) {
    await work.query('ROLLBACK').catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) throw error;
    // active_sql_transaction: this one has to run by itself.
    if (error.code === '25001') return runAlone(session, sql, before);
    return { ok: false, message: error.message, sqlState: error.code ?? '' };
  }
}

/** A statement that can't run in a transaction block: it runs, and what is seen afterwards is the work only. */
async function runAlone(session: OracleSession, sql: string, before: Relations): Promise<Outcome> {
  try {
    await session.work.query(sql);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { ok: false, message: error.message, sqlState: error.code ?? '' };
  }
  const { effects, relations } = await observeOwnTransaction(session.work, before);
  return { ok: true, effects, relations, exact: false };
}

/**
 * The locks of a statement that can't run in a transaction block, sampled while it is parked: behind ACCESS EXCLUSIVE on
 * each relation in turn (the mode that it asks for first), behind SHARE UPDATE EXCLUSIVE and a reader of each (the
 * stronger ones that it asks for later), and behind a writer of all of them (what it holds while it waits for older transactions).
 * `reset` brings the tables back, since a cancelled CONCURRENTLY leaves things behind.
 */
export async function observeParked(
  session: OracleSession,
  sql: string,
  reset: () => Promise<void>,
): Promise<readonly ObservedEffect[]> {
  let seen: readonly ObservedEffect[] = [];
  const start = await readRelations(session.watch);
  const targets = [...start.values()].filter(({ kind }) => 'rpm'.includes(kind));
  const name = ({ schema, name: relation }: { schema: string; name: string }): string =>
    `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(relation)}`;
  const tables = targets.filter(({ kind }) => kind !== 'm');
  const attempts = [
    ...tables.flatMap((target) => [
      `LOCK TABLE ONLY ${name(target)} IN ACCESS EXCLUSIVE MODE`,
      `LOCK TABLE ONLY ${name(target)} IN SHARE UPDATE EXCLUSIVE MODE`,
      // A reader: on the table and on all of its indexes.
      `SELECT FROM ONLY ${name(target)} LIMIT 0`,
    ]),
    `LOCK TABLE ${tables.map(name).join(', ')} IN ROW EXCLUSIVE MODE`,
    ...targets
      .filter(({ kind }) => kind === 'm')
      .flatMap((target) => [`REFRESH MATERIALIZED VIEW ${name(target)}`, `ANALYZE ${name(target)}`]),
  ];
  for (const attempt of attempts) {
    await reset();
    const before = await readRelations(session.watch);
    seen = strongest(seen, await sampleBehind(session, sql, attempt, before));
  }
  await reset();
  return seen;
}

async function sampleBehind(
  session: OracleSession,
  sql: string,
  lock: string,
  before: Relations,
): Promise<readonly ObservedEffect[]> {
  const pid = await backendPid(session.work);
  await session.watch.query('BEGIN');
  await session.watch.query(lock);
  const running = { done: false };
  const statement = session.work
    .query(sql)
    .catch(() => undefined)
    .finally(() => {
      running.done = true;
    });
  let seen: readonly ObservedEffect[] = [];
  try {
    for (let polls = 0; polls < 200 && !running.done; polls += 1) {
      const waiting = await session.watch.query('SELECT 1 FROM pg_catalog.pg_locks WHERE pid = $1 AND NOT granted', [
        pid,
      ]);
      // Only what it holds and asks for while it is parked: a lock of an instant would be seen by luck.
      if (waiting.rowCount !== 0) {
        seen = await observeOtherSession(session.watch, pid, before);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    await session.watch.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]);
    await statement;
    await session.watch.query('ROLLBACK');
  }
  return seen;
}

async function backendPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/** Empties the database: schemas with all in them, and what lives outside schemas. */
export async function emptyDatabase(session: OracleSession): Promise<void> {
  await session.work.query('ROLLBACK');
  // Not DISCARD ALL: it would throw away our own prepared statements.
  await session.work.query(`
    RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP;
    DO $$
    DECLARE command text;
    BEGIN
      FOR command IN
        SELECT format('DROP PUBLICATION %I', pubname) FROM pg_catalog.pg_publication
        UNION ALL SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_catalog.pg_event_trigger
        UNION ALL SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
        UNION ALL SELECT format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) FROM pg_catalog.pg_foreign_data_wrapper
        UNION ALL SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      LOOP EXECUTE command; END LOOP;
    END $$;
    CREATE SCHEMA public;`);
}
