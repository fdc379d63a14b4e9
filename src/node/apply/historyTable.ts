import { createHash, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { prismaChecksum } from '../../core/tools/checksums.ts';
import type { History, Migration, ToolId } from '../../core/tools/tool.ts';
import { RunError } from '../runError.ts';
import { LOCKKEEPER_LOCK, PRISMA_LOCK } from './advisoryLock.ts';

/** The table in which a tool keeps what it applied, as Lockkeeper writes it in the tool's place. */
export interface HistoryTable {
  readonly lockKey: number;
  /** Makes the table if it is not there, as the tool would. @throws RunError 'history' where the tool itself would refuse */
  readonly ensure: (client: Client) => Promise<void>;
  /** Says that a migration begins; gives the row's key. */
  readonly start: (client: Client, migration: Migration, digest: string) => Promise<string>;
  readonly finish: (client: Client, row: string) => Promise<void>;
  /** @param nothingKept the server rolled everything back that the migration had done */
  readonly fail: (client: Client, row: string, message: string, nothingKept: boolean) => Promise<void>;
  /** What to do after a failure, in words. */
  readonly afterFailure: (migration: Migration, nothingKept: boolean) => string;
}

/** @throws RunError 'tool' for tools whose table Lockkeeper does not write */
export function historyTable(history: History): HistoryTable {
  if (history.tool === 'prisma') return prismaTable;
  if (history.tool === 'plain') return ownTable(history);
  throw new RunError('tool', REFUSALS[history.tool]);
}

const REFUSALS: Readonly<Record<Exclude<ToolId, 'prisma' | 'plain'>, string>> = {
  'golang-migrate': refusal('golang-migrate', 'migrate up'),
  dbmate: refusal('dbmate', 'dbmate up'),
  goose: refusal('goose', 'goose up'),
  sqitch: refusal('sqitch', 'sqitch deploy'),
  supabase: refusal('Supabase', 'supabase db push'),
  flyway: refusal('Flyway', 'flyway migrate'),
};

function refusal(tool: string, command: string): string {
  return (
    `Lockkeeper applies plain SQL and Prisma histories only. It does not write ${tool}'s own table, so ${tool} would not know what was applied. ` +
    `Run "${command}" after "lockkeeper check", then "lockkeeper verify".`
  );
}

/**
 * Prisma Migrate's table, as its schema-engine makes and writes it: one row at the start, `applied_steps_count` and
 * `finished_at` at the end, `logs` after a failure.
 * https://github.com/prisma/prisma-engines/blob/main/schema-engine/ARCHITECTURE.md#the-_prisma_migrations-table
 */
const prismaTable: HistoryTable = {
  lockKey: PRISMA_LOCK,
  ensure: async (client) => {
    const { rows } = await client.query<{ present: boolean; empty: boolean }>(
      `SELECT pg_catalog.to_regclass('_prisma_migrations') IS NOT NULL AS present,
              NOT EXISTS (SELECT FROM pg_catalog.pg_class c
                           WHERE c.relnamespace = pg_catalog.current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')) AS empty`,
    );
    if (rows[0]?.present === true) return;
    if (rows[0]?.empty !== true) {
      // Prisma's P3005.
      throw new RunError(
        'history',
        'The database is not empty and has no _prisma_migrations table, so nobody can say what is applied. ' +
          'Baseline it first: prisma migrate resolve --applied <migration>.',
      );
    }
    await client.query(`CREATE TABLE _prisma_migrations (
      id                  VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum            VARCHAR(64) NOT NULL,
      finished_at         TIMESTAMPTZ,
      migration_name      VARCHAR(255) NOT NULL,
      logs                TEXT,
      rolled_back_at      TIMESTAMPTZ,
      started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0
    )`);
  },
  start: async (client, migration) => {
    const id = randomUUID();
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, started_at, migration_name) VALUES ($1, $2, clock_timestamp(), $3)',
      [id, prismaChecksum(migration.text), migration.id],
    );
    return id;
  },
  finish: async (client, row) => {
    await client.query(
      'UPDATE _prisma_migrations SET applied_steps_count = applied_steps_count + 1, finished_at = clock_timestamp() WHERE id = $1',
      [row],
    );
  },
  fail: async (client, row, message) => {
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [row, message]);
  },
  afterFailure: ({ id }, nothingKept) =>
    nothingKept
      ? `Prisma's table holds it as failed. When the cause is gone: prisma migrate resolve --rolled-back ${id}, and apply again.`
      : `Prisma's table holds it as failed. Finish it or undo it by hand, then tell Prisma: prisma migrate resolve --applied ${id} (or --rolled-back).`,
};

/**
 * Plain SQL has no tool and so no table: Lockkeeper keeps its own, `lockkeeper.migrations` (docs/apply.md). A failed run
 * that left nothing behind may be repeated; one that did blocks the next until a person deletes its row.
 */
function ownTable(history: History): HistoryTable {
  return {
    lockKey: LOCKKEEPER_LOCK,
    ensure: async (client) => {
      const { rows } = await client.query<{ present: boolean }>(
        "SELECT pg_catalog.to_regclass('lockkeeper.migrations') IS NOT NULL AS present",
      );
      if (rows[0]?.present === true) return;
      await client.query(`
        CREATE SCHEMA IF NOT EXISTS lockkeeper;
        CREATE TABLE lockkeeper.migrations (
          run         uuid PRIMARY KEY,
          history     text NOT NULL,
          migration   text NOT NULL,
          digest      text NOT NULL,
          checksum    text NOT NULL,
          started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
          finished_at timestamptz,
          rolled_back boolean NOT NULL DEFAULT false,
          error       text,
          applied_by  text NOT NULL DEFAULT current_user
        );
        CREATE UNIQUE INDEX ON lockkeeper.migrations (history, migration) WHERE finished_at IS NOT NULL;
        COMMENT ON TABLE lockkeeper.migrations IS 'Plain SQL migrations that Lockkeeper applied: one row a run'`);
    },
    start: async (client, migration, digest) => {
      const run = randomUUID();
      await client.query(
        'INSERT INTO lockkeeper.migrations (run, history, migration, digest, checksum) VALUES ($1, $2, $3, $4, $5)',
        [run, history.id, migration.id, digest, createHash('sha256').update(migration.text).digest('hex')],
      );
      return run;
    },
    finish: async (client, row) => {
      await client.query('UPDATE lockkeeper.migrations SET finished_at = clock_timestamp() WHERE run = $1', [row]);
    },
    fail: async (client, row, message, nothingKept) => {
      await client.query('UPDATE lockkeeper.migrations SET error = $2, rolled_back = $3 WHERE run = $1', [
        row,
        message,
        nothingKept,
      ]);
    },
    afterFailure: ({ id }, nothingKept) =>
      nothingKept
        ? 'Nothing is left of it: apply again when the cause is gone.'
        : `Finish it or undo it by hand, then say so: UPDATE lockkeeper.migrations SET finished_at = now() (or rolled_back = true) WHERE migration = '${id.replaceAll("'", "''")}' AND finished_at IS NULL.`,
  };
}
