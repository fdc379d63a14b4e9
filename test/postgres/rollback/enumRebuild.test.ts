import { strict as assert } from 'node:assert';
import { synthesizeRollback } from '../../../src/core/rollback/rollback.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { compareSnapshots, schemaSnapshot } from '../../../src/node/rollbackTest/schemaSnapshot.ts';
import { sharedServer } from '../../support/server.ts';
import { analysedFiles } from '../../support/upAndDown.ts';

const BASE = `CREATE TYPE state AS ENUM ('open', 'paid');
COMMENT ON TYPE state IS 'of an order';
CREATE TABLE orders (id int PRIMARY KEY, state state NOT NULL DEFAULT 'open', was state[] NOT NULL DEFAULT '{}');
CREATE INDEX orders_state ON orders (state);`;
const UP = `ALTER TYPE state ADD VALUE 'lost' AFTER 'open';`;

describe('an enum that is made anew', function () {
  this.timeout(60_000);

  it('has its values of before, and keeps rows, defaults and indexes', async () => {
    const analysis = analysedFiles(
      [
        { path: '1.sql', text: BASE },
        { path: '2.sql', text: UP },
      ],
      { major: 18 },
    );
    const migration = analysis.migrations[1]!;
    assert.equal(synthesizeRollback(migration, analysis.history).grade.schema.state, 'different');
    const { text, grade } = synthesizeRollback(migration, analysis.history, { rebuildEnums: true });
    assert.equal(grade.schema.state, 'restored', text);
    const server = await sharedServer();
    await withScratchDatabase(server.url, (url) =>
      withClient(url, {}, async (client) => {
        await client.query(BASE);
        await client.query("INSERT INTO orders VALUES (1, 'paid', '{open,paid}'), (2, DEFAULT, DEFAULT)");
        const before = await schemaSnapshot(client);
        const rows = async (): Promise<unknown> =>
          (await client.query('SELECT to_jsonb(o) FROM orders o ORDER BY id')).rows;
        const was = await rows();
        await client.query(UP);
        await client.query(text);
        assert.deepEqual(compareSnapshots(before, await schemaSnapshot(client)), [], text);
        assert.deepEqual(await rows(), was);
      }),
    );
  });

  it('stays where something hangs on it, and says what', () => {
    const base = `${BASE}\nCREATE VIEW open_orders AS SELECT id FROM orders WHERE state = 'open';`;
    const analysis = analysedFiles(
      [
        { path: '1.sql', text: base },
        { path: '2.sql', text: UP },
      ],
      { major: 18 },
    );
    const { grade } = synthesizeRollback(analysis.migrations[1]!, analysis.history, { rebuildEnums: true });
    assert.match(grade.schema.reasons.join(), /could not be made anew: a view, CHECK/);
  });
});
