import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import type { Statistics } from '../../../src/core/statistics/statistics.ts';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import { STATISTICS_QUERY } from '../../../src/core/statistics/statisticsQuery.ts';
import { databaseUrl, withClient } from '../../../src/node/connection.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { fillTables } from '../../../src/node/staging/fill/fillTables.ts';
import { parser } from '../../../test/support/parser.ts';
import { serverCache } from '../../../test/support/server.ts';
import { quantile, type Figure } from '../measure.ts';
import { benchProgress } from '../progress.ts';
import { SCALE } from './statements.ts';

const ORDERS = 1_000_000 * SCALE;
const CUSTOMERS = ORDERS / 10;
const ROUNDS = 3;

const TABLES = `
  CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
  CREATE TABLE orders (
    id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, state text NOT NULL, total numeric(12,2) NOT NULL,
    note text, placed timestamptz NOT NULL, extra jsonb, CHECK (state IN ('open', 'paid', 'void')));
  CREATE INDEX orders_customer_idx ON orders (customer_id);
  CREATE INDEX orders_placed_idx ON orders (placed);`;

const HEAPS = TABLES.replaceAll(/ PRIMARY KEY| UNIQUE| REFERENCES customers|CREATE INDEX.*;/g, '');

const NOTE = 'n'.repeat(59);

/** As plain as rows of that width can be: no shape, constants wherever they will do. */
const CUSTOMER_ROWS = `INSERT INTO customers SELECT i, 'p' || i || '@example.org' FROM generate_series(1, ${CUSTOMERS}) i`;
const ORDER_ROWS = `
  INSERT INTO orders (customer_id, state, total, note, placed, extra)
  SELECT 1 + (i * 7919::int8) % ${CUSTOMERS}, 'paid', i * 0.01, CASE WHEN i % 4 > 0 THEN '${NOTE}' END,
         timestamptz '2020-01-01 00:00:00+00' + i * interval '1 minute', '{"id": 1, "text": "abcdefghijklmnopqrst"}'
    FROM generate_series(1, ${ORDERS}) i`;

/**
 * The generator's whole time (indexes, checks of foreign keys and ANALYZE included) against a bare INSERT … SELECT of as
 * many and as wide rows, with ANALYZE, in turns: both into the same tables with their indexes and keys, and both into the
 * same without them, where only the making of the rows is left.
 */
export async function generator(): Promise<readonly Figure[]> {
  const server = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache, durable: true });
  const progress = benchProgress();
  try {
    const statistics = await inDatabase(server.url, async (client) => {
      await client.query(TABLES);
      await client.query(CUSTOMER_ROWS);
      await client.query(ORDER_ROWS);
      await client.query('ANALYZE');
      const { rows } = await client.query<{ statistics: string }>(STATISTICS_QUERY);
      return parseStatistics(rows[0]?.statistics ?? '').statistics;
    });
    const figures: Figure[] = [];
    for (const [what, tables] of [
      ['tables with indexes and keys', TABLES],
      ['the same without them', HEAPS],
    ] as const) {
      const [generated, bare]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        progress.show(`Made-up rows into ${what}`, `round ${String(round + 1)} of ${String(ROUNDS)}`);
        generated.push(await inDatabase(server.url, (client) => fill(client, tables, statistics)));
        bare.push(await inDatabase(server.url, (client) => insert(client, tables)));
      }
      progress.clear();
      const [ours, theirs] = [quantile(generated, 0.5), quantile(bare, 0.5)];
      figures.push({
        what: `made-up rows against INSERT … SELECT, both into ${what}`,
        measured: `${(ours / theirs).toFixed(2)} × (${seconds(ours)} : ${seconds(theirs)}, ${String(ORDERS / 1e6)} M rows)`,
        goal: 'at most 1.5 ×',
        reached: ours / theirs <= 1.5,
      });
    }
    return figures;
  } finally {
    await server.stop();
  }
}

async function fill(client: Client, tables: string, statistics: Statistics | null): Promise<number> {
  await client.query(tables);
  const { rows } = await client.query<{ oid: string }>(
    "SELECT c.oid::int8 AS oid FROM pg_class c WHERE c.oid IN ('customers'::regclass, 'orders'::regclass)",
  );
  return timed(client, async () => {
    const filled = await fillTables(client, {
      parser,
      touched: rows.map(({ oid }) => Number(oid)),
      rows: (table) => (table === 'public.orders' ? ORDERS : CUSTOMERS),
      statistics,
    });
    const short = filled.find(({ shortfall }) => shortfall !== null);
    if (short) throw new Error(`${short.table}: ${short.shortfall ?? ''}`);
  });
}

async function insert(client: Client, tables: string): Promise<number> {
  await client.query(tables);
  return timed(client, async () => {
    await client.query(CUSTOMER_ROWS);
    await client.query(ORDER_ROWS);
    await client.query('ANALYZE customers, orders');
  });
}

/** From an empty WAL to after a CHECKPOINT: whoever writes later pays for it otherwise. */
async function timed(client: Client, work: () => Promise<void>): Promise<number> {
  await client.query('CHECKPOINT');
  const began = performance.now();
  await work();
  await client.query('CHECKPOINT');
  return performance.now() - began;
}

async function inDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  await withClient(url, {}, (client) => client.query('CREATE DATABASE generated TEMPLATE template0'));
  try {
    return await withClient(databaseUrl(url, 'generated'), {}, work);
  } finally {
    await withClient(url, {}, (client) => client.query('DROP DATABASE generated WITH (FORCE)'));
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
