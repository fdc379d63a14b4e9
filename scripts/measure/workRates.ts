/**
 * Measures how many rows a second PostgreSQL gets through, by kind of work, on this machine: the basis of the estimates
 * in findings (src/core/rules/estimate.ts). A durable embedded server, warm cache, nobody else on it.
 *
 *     node --import tsx scripts/measure/workRates.ts [--rows 1000000]
 */
import { parseArgs } from 'node:util';
import { withClient } from '../../src/node/connection.ts';
import { withEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { serverCache } from '../../test/support/server.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);

const SETUP = `
  DROP TABLE IF EXISTS orders, customers;
  CREATE TABLE customers (id bigint PRIMARY KEY);
  INSERT INTO customers SELECT generate_series(1, 10000);
  CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, number integer, note text, placed_at timestamptz);
  INSERT INTO orders SELECT n, 1 + n % 10000, n, repeat(md5(n::text), 2), now() - n * interval '1 second' FROM generate_series(1, ${rows}) n;
  CREATE INDEX ON orders (placed_at);
  ANALYZE orders;
  CHECKPOINT;`;

const WORK: readonly (readonly [string, string])[] = [
  ['scan', 'ALTER TABLE orders ALTER COLUMN number SET NOT NULL'],
  ['scan', 'ALTER TABLE orders ADD CHECK (number > 0)'],
  ['scan (foreign key)', 'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers'],
  ['index build', 'CREATE INDEX ON orders (customer_id)'],
  ['index build', 'CREATE INDEX ON orders (note)'],
  ['rewrite', 'ALTER TABLE orders ALTER COLUMN number TYPE bigint'],
  ['rewrite', 'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()'],
  ['rows', "UPDATE orders SET note = ''"],
];

await withEmbeddedServer({ major: 18, cacheDirectory: serverCache, mayFetch: () => true, durable: true }, (server) =>
  withClient(server.url, {}, async (client) => {
    for (const [kind, sql] of WORK) {
      await client.query(SETUP);
      const start = performance.now();
      await client.query(sql);
      const seconds = (performance.now() - start) / 1000;
      console.log(`${kind.padEnd(20)} ${(rows / seconds / 1e6).toFixed(2).padStart(6)} million rows a second   ${sql}`);
    }
  }),
);
