import { strict as assert } from 'node:assert';
import type { Client } from 'pg';
import type { FilledTable } from '../../../src/core/report/stagingRun.ts';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import type { ColumnStatistics, Statistics } from '../../../src/core/statistics/statistics.ts';
import { STATISTICS_QUERY } from '../../../src/core/statistics/statisticsQuery.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { fillTables } from '../../../src/node/staging/fill/fillTables.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

const SCHEMA = `
  CREATE TYPE state AS ENUM ('draft', 'open', 'paid', 'void');
  CREATE DOMAIN cents AS int CHECK (VALUE >= 0);
  CREATE TABLE countries (code char(2) PRIMARY KEY, name text NOT NULL);
  CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ref uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    email text NOT NULL UNIQUE, country char(2) NOT NULL REFERENCES countries, nickname varchar(40), joined timestamptz NOT NULL DEFAULT now());
  CREATE TABLE orders (
    id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, customer_ref uuid REFERENCES customers (ref),
    state state NOT NULL, replaces bigint REFERENCES orders, total cents NOT NULL, price numeric(12,2), tags text[], extra jsonb, note text, body bytea,
    placed timestamp NOT NULL, paid_on date, gift boolean NOT NULL DEFAULT false, double_total int GENERATED ALWAYS AS (total * 2) STORED,
    CHECK (price >= 0));
  CREATE INDEX orders_customer_idx ON orders (customer_id);
  CREATE INDEX orders_note_idx ON orders (lower(note)) WHERE note IS NOT NULL;
  CREATE TABLE lines (order_id bigint REFERENCES orders, position int, sku text NOT NULL, PRIMARY KEY (order_id, position));
  CREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
  CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');`;

/** Rows as an application might have made them: skewed, with NULLs, of many widths, some in order and some not. */
const ROWS = `
  SELECT setseed(0.42);
  INSERT INTO countries SELECT chr(65 + i / 26) || chr(65 + i % 26), 'Country ' || i FROM generate_series(0, 99) i;
  INSERT INTO customers (email, country, nickname, joined)
    SELECT 'p' || (random() * 1e9)::int || i || '@example.org', chr(65 + i % 100 / 26) || chr(65 + i % 100 % 26),
           CASE WHEN random() < 0.3 THEN 'nick' || (random() * 50)::int END, timestamptz '2020-01-01' + i * interval '1 hour'
      FROM generate_series(1, 5000) i;
  INSERT INTO orders (replaces, customer_id, customer_ref, state, total, price, tags, extra, note, body, placed, paid_on, gift)
    SELECT CASE WHEN random() < 0.1 THEN 1 + (random() * (i - 1))::int END, 1 + (random() * random() * 4999)::int, NULL, (ARRAY['draft', 'open', 'paid', 'paid', 'paid']::state[])[1 + floor(random() * 5)::int],
           (random() * 100000)::int, CASE WHEN random() < 0.9 THEN round((random() * 5000)::numeric, 2) END,
           ARRAY['t' || (random() * 20)::int, 'fixed'], jsonb_build_object('a', i, 'b', repeat('x', (random() * 60)::int)),
           CASE WHEN random() < 0.25 THEN repeat(md5(i::text), 1 + (random() * 5)::int) END, decode(repeat(md5(i::text), 3), 'hex'),
           timestamp '2024-01-01' + (i + random() * 40000) * interval '1 minute',
           CASE WHEN random() < 0.6 THEN date '2024-01-01' + (random() * 364)::int END, random() < 0.5
      FROM generate_series(1, 60000) i;
  INSERT INTO lines SELECT o, p, 'sku-' || (random() * 900)::int FROM generate_series(1, 20000) o, generate_series(1, 3) p ORDER BY random();
  INSERT INTO events SELECT i, timestamptz '2026-01-01 00:00:00' + (CASE WHEN i <= 15000 THEN random() * 31 WHEN i <= 17000 THEN 31 + random() * 28 ELSE 59 + random() * 31 END) * interval '1 day', 'kind' || i % 7
    FROM generate_series(1, 20000) i;
  ANALYZE;`;

describe('made-up rows have the shape of production’s', function () {
  this.timeout(120_000);
  let original: Statistics;
  let copy: Statistics;
  let filled: readonly FilledTable[];
  let sequences: readonly string[];

  before(async () => {
    original = await inDatabase(async (client) => {
      await client.query(ROWS);
      return statistics(client);
    });
    await inDatabase(async (client) => {
      const { rows } = await client.query<{ oid: string }>(
        "SELECT oid::int8 AS oid FROM pg_class WHERE relname IN ('orders', 'lines', 'events') ORDER BY relname",
      );
      filled = await fillTables(client, {
        parser,
        touched: rows.map(({ oid }) => Number(oid)),
        rows: (table) => original.relations.get(table)?.rows ?? 0,
        statistics: original,
      });
      await client.query('ANALYZE');
      copy = await statistics(client);
      const next = await client.query<{ next: string }>(
        "SELECT nextval('orders_id_seq') AS next UNION ALL SELECT nextval(pg_get_serial_sequence('customers', 'id'))",
      );
      sequences = next.rows.map((row) => row.next);
      const { rows: invalid } = await client.query('SELECT FROM pg_index WHERE NOT indisvalid OR NOT indisready');
      assert.equal(invalid.length, 0);
    });
  });

  it('as many rows, also in the tables that are referred to, and nothing short', () => {
    assert.deepEqual(filled.map(({ table, rows, shortfall }) => `${table} ${rows}${shortfall ?? ''}`).sort(), [
      'public.countries 100',
      'public.customers 5000',
      'public.events 20000',
      'public.lines 60000',
      'public.orders 60000',
    ]);
    assert.deepEqual(sequences, ['60001', '5001']);
  });

  it('as many in each partition', () => {
    for (const [name, rows] of [
      ['events_1', 15_000],
      ['events_2', 2_000],
      ['events_3', 3_000],
    ] as const)
      within(copy.relations.get(`public.${name}`)?.rows ?? 0, rows, 0.02, name);
  });

  it('as large, with their indexes', () => {
    for (const name of ['public.orders', 'public.lines', 'public.customers']) {
      const [was, is] = [original.relations.get(name), copy.relations.get(name)];
      within(is?.bytes ?? 0, was?.bytes ?? 0, 0.15, `${name}: bytes`);
      within(is?.indexBytes ?? 0, was?.indexBytes ?? 0, 0.3, `${name}: bytes of indexes`);
    }
  });

  it('null fraction, distinct values, width and correlation of every column', () => {
    const differences: string[] = [];
    for (const name of ['countries', 'customers', 'orders', 'lines', 'events']) {
      const [was, is] = [original.relations.get(`public.${name}`), copy.relations.get(`public.${name}`)];
      for (const [column, shape] of Object.entries(was?.columns ?? {})) {
        const found = is?.columns[column];
        if (found === undefined) differences.push(`${name}.${column} is not there`);
        else differences.push(...compared(shape, found, was?.rows ?? 1).map((what) => `${name}.${column}: ${what}`));
      }
    }
    assert.deepEqual(differences, []);
  });
});

/** What is not near: NULLs by 0.02, distinct values by a fifth, widths by a fifth or two bytes, correlation by 0.15. */
function compared(was: ColumnStatistics, is: ColumnStatistics, rows: number): string[] {
  const distinct = ({ distinct: found }: ColumnStatistics): number => (found < 0 ? -found * rows : found);
  const far = (a: number, b: number, relative: number, absolute: number): boolean =>
    Math.abs(a - b) > Math.max(absolute, Math.abs(a) * relative);
  const found: string[] = [];
  if (far(was.nullFraction, is.nullFraction, 0, 0.02)) found.push(`nulls ${was.nullFraction} -> ${is.nullFraction}`);
  if (was.nullFraction < 1 && far(distinct(was), distinct(is), 0.2, 1))
    found.push(`distinct ${was.distinct} -> ${is.distinct}`);
  if (far(was.width, is.width, 0.2, 2)) found.push(`width ${was.width} -> ${is.width}`);
  if (
    was.correlation !== null &&
    is.correlation !== null &&
    distinct(was) > 10 &&
    far(was.correlation, is.correlation, 0, 0.15)
  )
    found.push(`correlation ${was.correlation} -> ${is.correlation}`);
  return found;
}

function within(is: number, was: number, share: number, what: string): void {
  assert.ok(Math.abs(is - was) <= was * share, `${what}: ${was} -> ${is}`);
}

async function statistics(client: Client): Promise<Statistics> {
  const { rows } = await client.query<{ statistics: string }>(STATISTICS_QUERY);
  return parseStatistics(rows[0]?.statistics ?? '').statistics!;
}

async function inDatabase<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const server = await sharedServer();
  return withScratchDatabase(server.url, (url) =>
    withClient(url, {}, async (client) => {
      await client.query(SCHEMA);
      return work(client);
    }),
  );
}
