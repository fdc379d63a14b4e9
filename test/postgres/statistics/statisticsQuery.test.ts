import { strict as assert } from 'node:assert';
import type { Client } from 'pg';
import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import type { Statistics } from '../../../src/core/statistics/statistics.ts';
import { STATISTICS_QUERY } from '../../../src/core/statistics/statisticsQuery.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';

const SCHEMA = `
  CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, nickname text);
  CREATE SCHEMA "Odd.Schema";
  CREATE TABLE "Odd.Schema"."Empty ""one""" (id int);
  CREATE TABLE events (id bigint, day date NOT NULL, kind text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (id);
  CREATE TABLE events_2026_0 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE events_2026_1 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE TABLE hollow (id int) PARTITION BY LIST (id);
  INSERT INTO customers SELECT i, 'secret' || i || '@example.org', CASE WHEN i % 4 = 0 THEN 'nick' || i % 10 END
    FROM generate_series(1, 4000) i;
  INSERT INTO events SELECT i, date '2025-07-01' + i % 365, CASE i % 3 WHEN 0 THEN 'secret' ELSE 'other' END FROM generate_series(1, 3000) i;
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM customers;`;

for (const major of [18, 15] as const)
  describe(`the statistics query on PostgreSQL ${major}`, function () {
    this.timeout(60_000);

    it('gives a file that can be read, with sizes and shapes and without a value', () =>
      inDatabase(major, async (client) => {
        await client.query(SCHEMA);
        await client.query('ANALYZE customers; ANALYZE events_2025; ANALYZE events_2026_0; ANALYZE events_2026_1');
        const text = await asked(client);
        assert.doesNotMatch(text, /secret|nick[0-9]/);
        const statistics = read(text);
        assert.match(statistics.serverVersion, new RegExp(`^${major}\\.`));
        assert.match(statistics.database.systemIdentifier ?? '', /^\d+$/);
        assert.equal(statistics.database.settings['block_size'], '8192');
        assert.deepEqual(
          [...statistics.relations].map(([name, { kind, rows, partitionOf }]) => [name, kind, rows, partitionOf]),
          [
            ['"Odd.Schema"."Empty ""one"""', 'table', 0, null],
            ['public.customers', 'table', 4000, null],
            ['public.events', 'partitioned table', 3000, null],
            ['public.events_2025', 'table', 1552, 'public.events'],
            ['public.events_2026', 'partitioned table', 1448, 'public.events'],
            ['public.events_2026_0', 'table', 706, 'public.events'],
            ['public.events_2026_1', 'table', 742, 'public.events'],
            ['public.hollow', 'partitioned table', 0, null],
            ['public.totals', 'materialized view', null, null],
          ],
        );
        const customers = statistics.relations.get('public.customers');
        assert.deepEqual(customers?.columns['id'], { nullFraction: 0, distinct: -1, width: 8, correlation: 1 });
        assert.ok(Math.abs((customers.columns['nickname']?.nullFraction ?? 0) - 0.75) < 0.001);
        assert.ok(customers.bytes > 200_000 && (customers.indexes['customers_pkey'] ?? 0) > 50_000);
        // From the leaves, since nobody analysed the partitioned table itself.
        const events = statistics.relations.get('public.events');
        assert.equal(events?.columns['kind']?.distinct, 2);
        assert.equal(events.columns['id']?.distinct, -1);
        assert.ok((events.indexes['events_pkey'] ?? 0) > 50_000);
        assert.equal(events.bytes, sum(statistics, ['events_2025', 'events_2026_0', 'events_2026_1']));
      }));

    it('takes the partitioned table’s own statistics where it was analysed', () =>
      inDatabase(major, async (client) => {
        await client.query(SCHEMA);
        await client.query('ANALYZE events');
        assert.equal(read(await asked(client)).relations.get('public.events')?.columns['day']?.distinct, -0.121667);
      }));

    it('runs in a read-only transaction, as a role that may see no table and not ask for the system identifier', () =>
      inDatabase(major, async (client) => {
        await client.query(SCHEMA);
        await client.query('ANALYZE customers');
        await client.query('CREATE ROLE onlooker');
        try {
          await client.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
          await client.query('SET ROLE onlooker');
          await client.query('BEGIN READ ONLY');
          const statistics = read(await asked(client));
          await client.query('ROLLBACK; RESET ROLE');
          assert.equal(statistics.database.systemIdentifier, null);
          assert.equal(statistics.relations.get('public.customers')?.rows, 4000);
          assert.deepEqual({ ...statistics.relations.get('public.customers')?.columns }, {});
        } finally {
          await client.query('RESET ROLE; DROP ROLE onlooker');
        }
      }));

    it('counts what was written since the counters began', () =>
      inDatabase(major, async (client) => {
        await client.query('SELECT pg_stat_reset()');
        await client.query(
          'CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 7); DELETE FROM t WHERE id < 3',
        );
        await client.query('UPDATE t SET id = -id');
        await client.query('SELECT pg_stat_force_next_flush()').catch(() => client.query('SELECT pg_sleep(0.6)'));
        const statistics = read(await asked(client));
        assert.ok(statistics.database.statisticsSince);
        assert.deepEqual(statistics.relations.get('public.t')?.writes, { inserted: 7, updated: 5, deleted: 2 });
      }));
  });

async function inDatabase(major: ServerMajor, work: (client: Client) => Promise<void>): Promise<void> {
  const server = await sharedServer(major);
  await withScratchDatabase(server.url, (url) => withClient(url, {}, work));
}

async function asked(client: Client): Promise<string> {
  const { rows } = await client.query<{ statistics: string }>(STATISTICS_QUERY);
  assert.equal(rows.length, 1);
  return rows[0]!.statistics;
}

function read(text: string): Statistics {
  const { statistics, problems } = parseStatistics(text);
  assert.deepEqual(problems, []);
  return statistics!;
}

function sum(statistics: Statistics, tables: readonly string[]): number {
  return tables.reduce((total, table) => total + (statistics.relations.get(`public.${table}`)?.bytes ?? 0), 0);
}
