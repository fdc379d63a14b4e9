import { strict as assert } from 'node:assert';
import pg from 'pg';
import { lintHistory } from '../../src/core/lint.ts';
import { withClient, withScratchDatabase } from '../../src/node/connection.ts';
import { analyzeFiles } from '../support/lint.ts';
import { sharedServer } from '../support/server.ts';

const SETUP = `CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE orders (
  id int PRIMARY KEY,
  customer_id int CONSTRAINT fk REFERENCES customers DEFERRABLE INITIALLY DEFERRED,
  note text
);
CREATE TABLE refunds (id int PRIMARY KEY, order_id int REFERENCES orders);
INSERT INTO customers VALUES (1), (2), (3);
INSERT INTO orders VALUES (1, 1);`;

const CHANGES = [
  'UPDATE orders SET customer_id = 2',
  "UPDATE orders SET note = 'x'",
  'INSERT INTO orders VALUES (2, 1)',
  'DELETE FROM orders',
  'DELETE FROM customers WHERE id = 3',
  "UPDATE customers SET name = 'x'",
];
const SCHEMA = [
  'ALTER TABLE orders ADD COLUMN remark text',
  'ALTER TABLE orders ALTER COLUMN note SET DEFAULT 1',
  'ALTER TABLE orders RENAME COLUMN note TO remark',
  'ALTER TABLE customers ADD COLUMN remark text',
  'ALTER TABLE refunds ADD FOREIGN KEY (id) REFERENCES orders NOT VALID',
  'CREATE INDEX ON orders (note)',
  'CREATE INDEX ON customers (name)',
  'TRUNCATE orders CASCADE',
  'DROP TABLE orders CASCADE',
];

describe('deferred checks that are still to come', () => {
  it('make the server refuse just those statements that the rule tells', async function () {
    this.timeout(60_000);
    const { url } = await sharedServer();
    await withScratchDatabase(url, (scratch) =>
      withClient(scratch, {}, async (client) => {
        await client.query(SETUP);
        for (const change of CHANGES) {
          for (const schema of SCHEMA) {
            let refused = false;
            await client.query('BEGIN');
            await client.query(change);
            try {
              await client.query(schema);
            } catch (error) {
              if (!(error instanceof pg.DatabaseError)) throw error;
              refused = error.code === '55006';
            }
            await client.query('ROLLBACK');
            assert.equal(isTold(`${change};\n${schema};`), refused, `${change}; ${schema}`);
          }
        }
      }),
    );
  });
});

function isTold(sql: string): boolean {
  const analysis = analyzeFiles([
    { path: '1.sql', text: SETUP },
    { path: '2.sql', text: sql, mode: 'explicit' },
  ]);
  const { files } = lintHistory(analysis, { speaks: ({ path }) => path === '2.sql', config: {} });
  return files.some(({ findings }) => findings.some(({ rule }) => rule === 'pending-trigger-events'));
}
