import { strict as assert } from 'node:assert';
import { RULES } from '../../../src/core/rules/registry.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

const ROWS =
  "INSERT INTO orders (id, number, total, note) SELECT n, n, n / 7.0, 'n' || n FROM generate_series(1, 6000) n;";

/** What holds when a recipe of a rule's page has been followed to its end. */
const RECIPES: Readonly<Record<string, string>> = {
  'change-column-type':
    "SELECT pg_typeof(number)::text = 'bigint' AND bool_and(number = id) AS holds FROM orders GROUP BY pg_typeof(number)",
  'add-column-generated-stored': 'SELECT bool_and(total_cents = round(total * 100)) AS holds FROM orders',
  'rename-column': "SELECT bool_and(remark = 'n' || id) AS holds FROM orders",
  'add-column-constrained-domain':
    "SELECT bool_and(convalidated) AS holds FROM pg_constraint WHERE conname = 'orders_discount_check'",
};

describe('a recipe, followed on a real server', function () {
  this.timeout(60_000);

  for (const [id, check] of Object.entries(RECIPES)) {
    it(`does what it says: ${id}`, async () => {
      const more = RULES.find((rule) => rule.id === id)?.meta.more ?? '';
      const sql = [...more.matchAll(/```sql\n([^]*?)```/g)].map((match) => match[1]).join('\n');
      const { statements } = parseScript(sql, { parser, dialect: 'postgresql' });
      assert.ok(statements.length > 2);
      const { url } = await sharedServer();
      await withScratchDatabase(url, (scratch) =>
        withClient(scratch, {}, async (client) => {
          await client.query(EXAMPLE_SCHEMA + ROWS);
          for (const { text } of statements) await client.query(text);
          const { rows } = await client.query<{ holds: boolean }>(check);
          assert.deepEqual(rows, [{ holds: true }]);
        }),
      );
    });
  }
});
