import { strict as assert } from 'node:assert';
import pg from 'pg';
import { lintHistory } from '../../src/core/lint.ts';
import { withClient, withScratchDatabase } from '../../src/node/connection.ts';
import { analyzeFiles } from '../support/lint.ts';
import { sharedServer } from '../support/server.ts';

const SETUP = `CREATE TYPE status AS ENUM ('open', 'paid');
CREATE TABLE orders (id int PRIMARY KEY, status status, note text);`;
const ADD = "ALTER TYPE status ADD VALUE 'back'";
const USES = [
  "UPDATE orders SET status = 'back'",
  "UPDATE orders SET note = 'back'",
  "UPDATE orders SET note = 'x' WHERE status <> 'back'",
  "INSERT INTO orders (id, status) VALUES (1, 'open'), (2, 'back')",
  "INSERT INTO orders (id, note, status) VALUES (1, 'back', 'open')",
  "DELETE FROM orders o WHERE o.status IN ('open', 'back')",
  "DELETE FROM orders WHERE note = 'back' AND status = 'open'",
  "ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'back'",
  "ALTER TABLE orders ADD COLUMN earlier status DEFAULT 'back'",
  "ALTER TABLE orders ADD COLUMN earlier text DEFAULT 'back'",
  "ALTER TABLE orders ADD CHECK (status <> 'back')",
  "ALTER TABLE orders ADD CHECK (note <> 'back')",
  "CREATE INDEX ON orders (id) WHERE status = 'back'",
  "CREATE TABLE refunds (id int, status status DEFAULT 'back')",
  "CREATE VIEW returned AS SELECT id FROM orders WHERE status = 'back'",
  "SELECT 'back'::status",
  "SELECT 'back'::text",
];

describe('a value of an enum in the transaction that adds it', () => {
  it('is refused just where the rule tells', async function () {
    this.timeout(60_000);
    const { url } = await sharedServer();
    await withScratchDatabase(url, (scratch) =>
      withClient(scratch, {}, async (client) => {
        await client.query(SETUP);
        for (const use of USES) {
          let refused = false;
          await client.query('BEGIN');
          await client.query(ADD);
          try {
            await client.query(use);
          } catch (error) {
            if (!(error instanceof pg.DatabaseError)) throw error;
            refused = error.code === '55P04';
          }
          await client.query('ROLLBACK');
          assert.equal(isTold(`${ADD};\n${use};`), refused, use);
        }
      }),
    );
  });
});

function isTold(text: string): boolean {
  const analysis = analyzeFiles([
    { path: '1.sql', text: SETUP },
    { path: '2.sql', text, mode: 'explicit' },
  ]);
  const { files } = lintHistory(analysis, { speaks: ({ path }) => path === '2.sql', config: {} });
  return files.some(({ findings }) => findings.some(({ rule }) => rule === 'enum-value-in-transaction'));
}
