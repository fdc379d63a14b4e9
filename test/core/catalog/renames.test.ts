import assert from 'node:assert/strict';
import { isView } from '../../../src/core/catalog/lookup.ts';
import { analyzeQuery } from '../../../src/core/catalog/query.ts';
import { deparse } from '../../../src/core/sql/expressionText.ts';
import { relationIn, replayed, tableIn } from '../../support/replay.ts';

const SCHEMA = `
  CREATE SCHEMA app;
  CREATE TYPE status AS ENUM ('new', 'paid');
  CREATE FUNCTION tax(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1';
  CREATE TABLE customers (id serial PRIMARY KEY, name text);
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total numeric CHECK (tax(total) > 0), state status DEFAULT 'new'::status);
  CREATE INDEX ON orders (tax(total)) WHERE orders.total > 5;
  ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON orders USING (EXISTS (SELECT 1 FROM customers c WHERE c.id = customer AND c.name = current_user));
  CREATE VIEW v1 AS SELECT * FROM orders;
  CREATE VIEW v2 AS SELECT o.total, c.name, tax(total) AS t FROM orders o JOIN customers c ON c.id = o.customer WHERE orders_exist();
  CREATE VIEW v3 AS WITH x AS (SELECT customer, sum(total) AS s FROM orders GROUP BY customer) SELECT x.s, name FROM x, customers WHERE customers.id = x.customer AND EXISTS (SELECT 1 FROM orders i WHERE i.customer = customers.id);
  CREATE VIEW v4 AS SELECT total FROM v2 WHERE total > 3;
  CREATE VIEW v5 AS SELECT state::text, 'paid'::status AS p, count(*) FROM orders GROUP BY 1 ORDER BY total;
`.replace(' WHERE orders_exist()', '');

const RENAMES = [
  'ALTER TABLE orders RENAME COLUMN total TO amount',
  'ALTER TABLE customers RENAME COLUMN name TO title',
  'ALTER TABLE orders RENAME COLUMN customer TO customer_id',
  'ALTER TABLE orders RENAME TO purchases',
  'ALTER TABLE orders SET SCHEMA app',
  'ALTER TABLE orders ADD COLUMN later int',
  'ALTER VIEW v2 RENAME TO v2b',
  'ALTER VIEW v2 RENAME COLUMN total TO total2',
  'ALTER FUNCTION tax RENAME TO vat',
  'ALTER TYPE status RENAME TO order_status',
  'ALTER SCHEMA app RENAME TO app2',
];

describe('names in stored queries', () => {
  for (const rename of RENAMES) {
    it(`stay true after ${rename}`, () => {
      const before = replayed(SCHEMA);
      assert.deepEqual(before.errors, []);
      const { catalog, errors } = replayed(`${rename};`, { from: before.catalog });
      assert.deepEqual(errors, []);
      for (const view of catalog.relations.values()) {
        if (!isView(view)) continue;
        const tree = view.query.tree;
        assert.ok(tree !== null);
        const { columns, dependencies, unknown } = analyzeQuery(catalog, tree);
        assert.deepEqual(unknown, [], `${view.name}: ${deparse(tree)}`);
        const names = view.columns.map(({ name }) => name);
        // ALTER VIEW … RENAME COLUMN gives a view's column a name that its query does not know.
        if (!rename.includes('total2'))
          assert.deepEqual(
            columns.map(({ name }) => name),
            names,
            deparse(tree),
          );
        const sorted = (list: readonly (number | string)[]) => [...list].sort();
        assert.deepEqual(sorted(dependencies.columns), sorted(view.dependencies.columns), deparse(tree));
        assert.deepEqual(sorted(dependencies.functions), sorted(view.dependencies.functions), deparse(tree));
        assert.deepEqual(sorted(dependencies.types), sorted(view.dependencies.types), deparse(tree));
      }
    });
  }

  it('follow into checks, indexes, defaults and policies', () => {
    const script =
      'ALTER FUNCTION tax RENAME TO vat; ALTER TYPE status RENAME TO kind; ALTER TABLE customers RENAME name TO title; ALTER SEQUENCE customers_id_seq RENAME TO s2;';
    const { catalog } = replayed(SCHEMA + script);
    const table = tableIn(catalog, 'orders');
    const text = JSON.stringify([
      table.constraints,
      table.policies,
      table.columns,
      relationIn(catalog, 'orders_tax_idx'),
      tableIn(catalog, 'customers').columns,
    ]);
    for (const gone of ['"tax"', '"status"', '"name"}', 'customers_id_seq']) {
      assert.ok(!text.includes(`"sval":${gone.startsWith('"') ? gone : `"public.${gone}"`}`), gone);
    }
  });
});
