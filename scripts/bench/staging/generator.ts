import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import { STATISTICS_QUERY } from '../../../src/core/statistics/statisticsQuery.ts';
import { databaseUrl, withClient } from '../../../src/node/connection.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { fillTables } from '../../../src/node/staging/fill/fillTables.ts';
import { parser } from '../../../test/support/parser.ts';
import { serverCache } from '../../../test/support/server.ts';
import { quantile, type Figure } from '../measure.ts';

const ORDERS = 1_000_000;
const CUSTOMERS = 100_000;
const ROUNDS = 3;

const TABLES = `
  CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
  CREATE TABLE orders (
    id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, state text NOT NULL, total numeric(12,2) NOT NULL,
    note text, placed timestamptz NOT NULL, extra jsonb, CHECK (state IN ('open', 'paid', 'void')));
  CREATE INDEX orders_customer_idx ON orders (customer_id);
  CREATE INDEX orders_placed_idx ON orders (placed);`;

const NOTE = 'n'.repeat(59);

/** As plain as rows of that width can be: no shape, constants wherever they will do. */
const CUSTOMER_ROWS = `INSERT INTO customers SELECT i, 'p' || i || '@example.org' FROM generate_series(1, ${CUSTOMERS}) i`;
const ORDER_ROWS = `
  INSERT INTO orders (customer_id, state, total, note, placed, extra)
  SELECT 1 + (i * 7919::int8) % ${CUSTOMERS}, 'paid', i * 0.01, CASE WHEN i % 4 > 0 THEN '${NOTE}' END,
         timestamptz '2020-01-01 00:00:00+00' + i * interval '1 minute', '{"id": 1, "text": "abcdefghijklmnopqrst"}'
    FROM generate_series(1, ${ORDERS}) i`;

/** The generator's whole time for a table (indexes, checks of foreign keys and ANALYZE included) against a bare INSERT … SELECT and ANALYZE. */
export async function generator(): Promise<readonly Figure[]> {
  const server = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache, durable: true });
  try {
    const times: { generated: number[]; bare: number[]; unindexed: number[] } = {
      generated: [],
      bare: [],
      unindexed: [],
    };
    const statistics = await inDatabase(server.url, async (client) => {
      await client.query(TABLES);
      await client.query(CUSTOMER_ROWS);
      await client.query(ORDER_ROWS);
      await client.query('ANALYZE');
      const { rows } = await client.query<{ statistics: string }>(STATISTICS_QUERY);
      return parseStatistics(rows[0]?.statistics ?? '').statistics;
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      times.generated.push(
        await inDatabase(server.url, async (client) => {
          await client.query(TABLES);
          const { rows } = await client.query<{ oid: string }>("SELECT 'orders'::regclass::oid::int8 AS oid");
          return timed(client, async () => {
            const filled = await fillTables(client, {
              parser,
              touched: [Number(rows[0]?.oid)],
              rows: () => ORDERS,
              statistics,
            });
            const short = filled.find(({ shortfall }) => shortfall !== null);
            if (short) throw new Error(`${short.table}: ${short.shortfall ?? ''}`);
          });
        }),
      );
      times.bare.push(await inDatabase(server.url, (client) => bare(client, TABLES)));
      const heapOnly = TABLES.replaceAll(/ PRIMARY KEY| UNIQUE| REFERENCES customers|CREATE INDEX.*;/g, '');
      times.unindexed.push(await inDatabase(server.url, (client) => bare(client, heapOnly)));
    }
    const [generated, plain, unindexed] = [times.generated, times.bare, times.unindexed].map((all) =>
      quantile(all, 0.5),
    );
    const ratio = (generated ?? Number.NaN) / (plain ?? Number.NaN);
    return [
      {
        what: `made-up rows, ${ORDERS / 1e6} M with indexes, against bare INSERT … SELECT`,
        measured: `${ratio.toFixed(2)} × (${seconds(generated)} : ${seconds(plain)}; no indexes: ${seconds(unindexed)})`,
        goal: 'at most 1.5 ×',
        reached: ratio <= 1.5,
      },
    ];
  } finally {
    await server.stop();
  }
}

async function bare(client: Client, tables: string): Promise<number> {
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

function seconds(milliseconds: number | undefined): string {
  return `${((milliseconds ?? Number.NaN) / 1000).toFixed(1)} s`;
}
