import type { Client } from 'pg';
import type { History } from '../../core/tools/tool.ts';

/**
 * How long a tool took to apply each migration, milliseconds by migration id, as its own table says: Prisma's
 * `started_at` and `finished_at`, Flyway's `execution_time`, and Lockkeeper's own. Other tools keep no times: null.
 */
export async function appliedDurations(client: Client, history: History): Promise<ReadonlyMap<string, number> | null> {
  const query = QUERIES[history.tool];
  if (query === undefined) return null;
  const { rows: found } = await client.query<{ present: boolean }>(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS present',
    [query.table],
  );
  if (found[0]?.present !== true) return null;
  const { rows } = await client.query<{ key: string; took: number | null }>(query.sql);
  const known = new Map(history.migrations.map(({ id }) => [query.keyOf(id), id]));
  return new Map(
    rows.flatMap(({ key, took }) => {
      const id = known.get(query.keyOf(key));
      return id === undefined || took === null || took < 0 ? [] : [[id, took] as const];
    }),
  );
}

interface DurationQuery {
  readonly table: string;
  readonly sql: string;
  readonly keyOf: (id: string) => string;
}

const same = (id: string): string => id;
const between = '(1000 * EXTRACT(epoch FROM finished_at - started_at))::float8';

const QUERIES: Partial<Readonly<Record<History['tool'], DurationQuery>>> = {
  // https://github.com/prisma/prisma-engines/blob/main/schema-engine/ARCHITECTURE.md#the-_prisma_migrations-table
  prisma: {
    table: '_prisma_migrations',
    sql: `SELECT migration_name AS key, ${between} AS took FROM _prisma_migrations
           WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    keyOf: same,
  },
  // https://documentation.red-gate.com/fd/flyway-schema-history-table-273973417.html: execution_time is in milliseconds
  flyway: {
    table: 'flyway_schema_history',
    sql: `SELECT 'V' || version AS key, execution_time::float8 AS took FROM flyway_schema_history
           WHERE success AND version IS NOT NULL AND type = 'SQL'`,
    // V1.0 and V01 are the same version as V1.
    keyOf: (id) => id.replace(/(?:\.0+)+$/, '').replaceAll(/(^[VB]|\.)0+(?=\d)/g, '$1'),
  },
  plain: {
    table: 'lockkeeper.migrations',
    sql: `SELECT migration AS key, ${between} AS took FROM lockkeeper.migrations WHERE finished_at IS NOT NULL`,
    keyOf: same,
  },
};
