import { strict as assert } from 'node:assert';
import { archiveOffers } from '../../../src/core/rollback/archive.ts';
import { synthesizeRollback } from '../../../src/core/rollback/rollback.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { sharedServer } from '../../support/server.ts';
import { analysedFiles } from '../../support/upAndDown.ts';

const BASE = `CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, total numeric(8,2));
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES customers, note text,
  twice bigint GENERATED ALWAYS AS (id * 2) STORED);`;
const ROWS = `INSERT INTO customers VALUES (1, 'Ann', 12.34), (2, 'Bob', NULL), (3, 'Eve', 99999.99);
INSERT INTO orders (customer_id, note) VALUES (1, 'a'), (2, NULL), (NULL, 'it''s');`;

describe('keeping what would be lost, on a real server', function () {
  this.timeout(60_000);
  const cases: readonly { readonly up: string; readonly table: string; readonly kept?: RegExp }[] = [
    { up: 'ALTER TABLE orders DROP COLUMN note;', table: 'orders', kept: /SELECT id, note FROM orders/ },
    { up: 'ALTER TABLE customers DROP COLUMN name, DROP COLUMN total;', table: 'customers' },
    { up: 'DROP TABLE orders;', table: 'orders' },
    { up: 'DROP TABLE customers CASCADE;', table: 'customers' },
    {
      up: 'UPDATE customers SET name = upper(name), total = 0 WHERE id < 3;',
      table: 'customers',
      kept: /WHERE id < 3/,
    },
    { up: 'DELETE FROM orders WHERE note IS NULL;', table: 'orders' },
    { up: 'ALTER TABLE customers ALTER COLUMN total TYPE integer;', table: 'customers' },
  ];
  for (const { up, table, kept } of cases) {
    it(up, async () => {
      const before = analysedFiles(
        [
          { path: '1.sql', text: BASE },
          { path: '2.sql', text: up },
        ],
        { major: 18 },
      );
      const [offer, ...more] = archiveOffers(before.migrations[1]!, { dropAfter: '2026-12-31' });
      assert.ok(offer);
      assert.deepEqual(more, []);
      const text = `${up.slice(0, offer.offset)}${offer.insert}${up.slice(offer.offset)}`;
      assert.match(text, /drop after 2026-12-31/);
      if (kept) assert.match(text, kept);
      const analysis = analysedFiles(
        [
          { path: '1.sql', text: BASE },
          { path: '2.sql', text },
        ],
        { major: 18 },
      );
      const rollback = synthesizeRollback(analysis.migrations[1]!, analysis.history);
      assert.equal(rollback.declined, null);
      assert.doesNotMatch(rollback.text, /are lost\.$/m);
      assert.deepEqual(rollback.grade.data.before, { state: 'kept', lost: [] }, rollback.text);
      const server = await sharedServer();
      await withScratchDatabase(server.url, (url) =>
        withClient(url, {}, async (client) => {
          await client.query(BASE);
          await client.query(ROWS);
          const rows = async (): Promise<unknown> =>
            (await client.query(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY id`)).rows;
          const was = await rows();
          await client.query(text);
          await client.query(rollback.text);
          assert.deepEqual(await rows(), was, rollback.text);
          const left = await client.query("SELECT FROM pg_namespace WHERE nspname = 'lockkeeper_archive'");
          assert.equal(left.rowCount, 0);
          // A sequence that came back goes on behind the rows.
          await client.query('INSERT INTO orders (note) VALUES (NULL)');
        }),
      );
      // What is kept already is not offered again.
      assert.deepEqual(archiveOffers(analysis.migrations[1]!, { dropAfter: '2026-12-31' }), []);
    });
  }
});
