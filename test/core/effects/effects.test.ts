import { deepStrictEqual, strictEqual } from 'node:assert';
import type { ServerMajor } from '../../../src/core/catalog/catalog.ts';
import { effectsOf, lastStatements } from './support.ts';

/** Tables that most cases start from. The oracle tests compare the same families with real servers. */
const SHOP = `
  CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(50) NOT NULL, email text, at timestamp, price numeric(10,2));
  CREATE TABLE orders (id serial PRIMARY KEY, customer_id bigint REFERENCES customers, total int CHECK (total > 0), note varchar(20));
  CREATE INDEX orders_note_lower ON orders (lower(note));
  CREATE VIEW order_names AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id;
  CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE events_other PARTITION OF events DEFAULT;
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE measures (id int, value positive);
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO measures VALUES (1, 1); RETURN NEW; END $$;
`;

/** `[statement, expected lines, major]`; before `;;` stands a migration that ran earlier. */
type Case = readonly [string, readonly string[], ServerMajor?];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  columns: [
    ['ALTER TABLE orders ADD COLUMN n int', ['orders: ACCESS EXCLUSIVE']],
    ['ALTER TABLE orders ADD COLUMN n timestamptz NOT NULL DEFAULT now()', ['orders: ACCESS EXCLUSIVE']],
    [
      'ALTER TABLE orders ADD COLUMN n uuid DEFAULT gen_random_uuid()',
      ['orders: ACCESS EXCLUSIVE [rewrite, index build]'],
    ],
    [
      'ALTER TABLE orders ADD COLUMN n serial',
      ['new orders_n_seq: ACCESS EXCLUSIVE', 'orders: ACCESS EXCLUSIVE [rewrite, index build]'],
    ],
    ['ALTER TABLE orders ADD COLUMN n positive', ['orders: ACCESS EXCLUSIVE [rewrite, index build]']],
    ['ALTER TABLE orders ADD COLUMN n positive[]', ['orders: ACCESS EXCLUSIVE']],
    [
      'ALTER TABLE orders ADD COLUMN n int GENERATED ALWAYS AS (total) STORED',
      ['orders: ACCESS EXCLUSIVE [rewrite, index build]'],
    ],
    ['ALTER TABLE orders ADD COLUMN n int GENERATED ALWAYS AS (total) VIRTUAL', ['orders: ACCESS EXCLUSIVE'], 18],
    ['ALTER TABLE orders ADD COLUMN n int REFERENCES orders', ['orders: ACCESS EXCLUSIVE']],
    [
      'ALTER TABLE orders ADD COLUMN n bigint DEFAULT 1 REFERENCES customers',
      ['customers: SHARE ROW EXCLUSIVE [scan]', 'orders: ACCESS EXCLUSIVE [scan]'],
    ],
    ['ALTER TABLE orders ADD COLUMN n int DEFAULT no_such_function()', ['orders: ACCESS EXCLUSIVE [unknown]']],
    [
      'ALTER TABLE customers DROP COLUMN name CASCADE',
      ['customers: ACCESS EXCLUSIVE', 'order_names: ACCESS EXCLUSIVE'],
    ],
    ['ALTER TABLE orders ALTER COLUMN note SET NOT NULL', ['orders: ACCESS EXCLUSIVE [scan]']],
    ['ALTER TABLE customers ALTER COLUMN name SET NOT NULL', ['customers: ACCESS EXCLUSIVE']],
    [
      'ALTER TABLE orders ADD CONSTRAINT p CHECK (note IS NOT NULL AND total > 1);; ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
      ['orders: ACCESS EXCLUSIVE'],
    ],
    [
      'ALTER TABLE orders ADD CONSTRAINT p CHECK (note IS NOT NULL) NOT VALID;; ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
      ['orders: ACCESS EXCLUSIVE [scan]'],
    ],
    ['ALTER TABLE orders ALTER COLUMN note SET STATISTICS 100', ['orders: SHARE UPDATE EXCLUSIVE']],
  ],
  types: [
    ['ALTER TABLE orders ALTER COLUMN note TYPE varchar(40)', ['orders: ACCESS EXCLUSIVE [index build]']],
    ['ALTER TABLE orders ALTER COLUMN note TYPE varchar(10)', ['orders: ACCESS EXCLUSIVE [rewrite, index build]']],
    ['ALTER TABLE orders ALTER COLUMN total TYPE int', ['orders: ACCESS EXCLUSIVE [scan]']],
    ['ALTER TABLE customers ALTER COLUMN price TYPE numeric(12,2)', ['customers: ACCESS EXCLUSIVE']],
    [
      'ALTER TABLE customers ALTER COLUMN price TYPE numeric(12,3)',
      ['customers: ACCESS EXCLUSIVE [rewrite, index build]'],
    ],
    ['ALTER TABLE customers ALTER COLUMN at TYPE timestamptz', ['customers: ACCESS EXCLUSIVE [unknown]']],
    ["SET TimeZone = 'UTC';; ALTER TABLE customers ALTER COLUMN email TYPE varchar", ['customers: ACCESS EXCLUSIVE']],
    ['ALTER TABLE measures ALTER COLUMN value TYPE int', ['measures: ACCESS EXCLUSIVE']],
    ['ALTER TABLE measures ALTER COLUMN id TYPE positive', ['measures: ACCESS EXCLUSIVE [rewrite]']],
    ['ALTER TABLE measures ALTER COLUMN id TYPE int USING id::int', ['measures: ACCESS EXCLUSIVE']],
    ['ALTER TABLE measures ALTER COLUMN id TYPE int USING id + 1', ['measures: ACCESS EXCLUSIVE [rewrite]']],
  ],
  constraints: [
    [
      'ALTER TABLE measures ADD FOREIGN KEY (id) REFERENCES orders',
      ['measures: SHARE ROW EXCLUSIVE [scan]', 'orders: SHARE ROW EXCLUSIVE [scan]'],
    ],
    [
      'ALTER TABLE measures ADD FOREIGN KEY (id) REFERENCES orders NOT VALID',
      ['measures: SHARE ROW EXCLUSIVE', 'orders: SHARE ROW EXCLUSIVE'],
    ],
    [
      'ALTER TABLE measures ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES orders NOT VALID;; ALTER TABLE measures VALIDATE CONSTRAINT f',
      ['measures: SHARE UPDATE EXCLUSIVE [scan]', 'orders: ROW SHARE [scan]'],
    ],
    ['ALTER TABLE measures ADD CHECK (id > 0)', ['measures: ACCESS EXCLUSIVE [scan]']],
    ['ALTER TABLE measures ADD CHECK (id > 0) NOT VALID', ['measures: ACCESS EXCLUSIVE']],
    ['ALTER TABLE measures ADD PRIMARY KEY (id)', ['measures: ACCESS EXCLUSIVE [scan, index build]']],
    [
      'CREATE UNIQUE INDEX u ON measures (id);; ALTER TABLE measures ADD CONSTRAINT u UNIQUE USING INDEX u',
      ['measures: ACCESS EXCLUSIVE'],
    ],
    [
      'ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey',
      ['customers: ACCESS EXCLUSIVE', 'orders: ACCESS EXCLUSIVE'],
    ],
    ['ALTER DOMAIN positive ADD CHECK (VALUE < 100)', ['measures: SHARE [scan]']],
    ['ALTER TABLE measures ADD CONSTRAINT n NOT NULL id NOT VALID', ['measures: ACCESS EXCLUSIVE'], 18],
  ],
  tables: [
    [
      'CREATE TABLE refunds (order_id int REFERENCES orders)',
      ['new refunds: ACCESS EXCLUSIVE', 'orders: SHARE ROW EXCLUSIVE'],
    ],
    ['CREATE TABLE IF NOT EXISTS orders (id int)', []],
    [
      'DROP TABLE orders CASCADE',
      [
        'customers: ACCESS EXCLUSIVE',
        'order_names: ACCESS EXCLUSIVE',
        'orders: ACCESS EXCLUSIVE',
        'orders_id_seq: ACCESS EXCLUSIVE',
      ],
    ],
    [
      'CREATE TABLE n (id serial, x int); CREATE TABLE n2 () INHERITS (n);; ALTER TABLE n DROP COLUMN id RESTRICT',
      ['n2: ACCESS EXCLUSIVE', 'n: ACCESS EXCLUSIVE', 'n_id_seq: ACCESS EXCLUSIVE'],
    ],
    ['TRUNCATE customers CASCADE', ['customers: ACCESS EXCLUSIVE', 'orders: ACCESS EXCLUSIVE']],
    ['GRANT SELECT ON orders TO PUBLIC', [], 17],
    ['GRANT SELECT ON orders TO PUBLIC', ['orders: ACCESS SHARE'], 18],
    ['LOCK TABLE order_names IN SHARE MODE', ['customers: SHARE', 'order_names: SHARE', 'orders: SHARE']],
  ],
  partitions: [
    [
      'CREATE INDEX ON events (id)',
      ['events: SHARE', 'events_2024: SHARE [index build]', 'events_other: SHARE [index build]'],
    ],
    ['CREATE INDEX ON ONLY events (id)', ['events: SHARE']],
    [
      "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
      ['events: ACCESS EXCLUSIVE', 'events_other: ACCESS EXCLUSIVE [scan]', 'new events_2025: ACCESS EXCLUSIVE'],
    ],
    [
      "CREATE TABLE e (id int NOT NULL, at date NOT NULL);; ALTER TABLE events ATTACH PARTITION e FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
      ['e: ACCESS EXCLUSIVE [scan]', 'events: SHARE UPDATE EXCLUSIVE', 'events_other: ACCESS EXCLUSIVE [scan]'],
    ],
    [
      `CREATE TABLE e (id int NOT NULL, at date NOT NULL, CHECK (at >= '2025-01-01' AND at < '2026-01-01'));
       ALTER TABLE events_other ADD CHECK (at >= '2026-01-01');;
       ALTER TABLE events ATTACH PARTITION e FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`,
      ['e: ACCESS EXCLUSIVE', 'events: SHARE UPDATE EXCLUSIVE', 'events_other: ACCESS EXCLUSIVE'],
    ],
    ["SELECT * FROM events WHERE at = '2024-05-05'", ['events: ACCESS SHARE', 'events_2024: ACCESS SHARE [scan]']],
    ["INSERT INTO events VALUES (1, '2030-01-01')", ['events: ROW EXCLUSIVE', 'events_other: ROW EXCLUSIVE [rows]']],
  ],
  indexes: [
    ['CREATE INDEX CONCURRENTLY i ON orders (total)', ['orders: SHARE UPDATE EXCLUSIVE [index build]']],
    ['CREATE INDEX IF NOT EXISTS orders_note_lower ON orders (note)', ['orders: SHARE']],
    ['DROP INDEX orders_note_lower', ['orders: ACCESS EXCLUSIVE']],
    ['ALTER INDEX orders_note_lower RENAME TO x', ['orders: SHARE UPDATE EXCLUSIVE']],
    ['REINDEX TABLE orders', ['orders: ACCESS EXCLUSIVE [index build]']],
  ],
  rows: [
    [
      'INSERT INTO orders (customer_id, total) VALUES (1, 2)',
      ['customers: ROW SHARE', 'orders: ROW EXCLUSIVE [rows]', 'orders_id_seq: ROW EXCLUSIVE'],
    ],
    ['INSERT INTO orders (id, total) VALUES (1, 2)', ['orders: ROW EXCLUSIVE [rows]']],
    ['DELETE FROM customers WHERE id = 1', ['customers: ROW EXCLUSIVE [rows]', 'orders: ROW SHARE [scan]']],
    ['UPDATE customers SET name = 1', ['customers: ROW EXCLUSIVE [rows]']],
    [
      'SELECT * FROM order_names FOR UPDATE',
      ['customers: ROW SHARE [scan]', 'order_names: ROW SHARE', 'orders: ROW SHARE [scan]'],
    ],
    ['WITH orders AS (SELECT 1) SELECT * FROM orders', []],
    [
      'CREATE TRIGGER t AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION stamp();; UPDATE customers SET email = 1',
      ['customers: ROW EXCLUSIVE [rows]', 'measures: ROW EXCLUSIVE [rows]'],
    ],
    [
      "DO $$ BEGIN IF true THEN EXECUTE format('ALTER TABLE %I ADD COLUMN n int', 'measures'); END IF; END $$",
      ['measures: ACCESS EXCLUSIVE'],
    ],
  ],
};

describe('effects', () => {
  for (const [family, cases] of Object.entries(CASES)) {
    describe(family, () => {
      for (const [sql, expected, major = 16] of cases) {
        it(`${sql.replace(/\s+/g, ' ')} (${String(major)})`, () => {
          deepStrictEqual(effectsOf([SHOP, ...sql.split(';;')], { major }), [...expected]);
        });
      }
    });
  }

  it('timestamp to timestamptz depends on the time zone', () => {
    const change = 'ALTER TABLE customers ALTER COLUMN at TYPE timestamptz';
    deepStrictEqual(effectsOf([SHOP, change], { timeZone: 'UTC' }), ['customers: ACCESS EXCLUSIVE']);
    const elsewhere = effectsOf([SHOP, change], { timeZone: 'Europe/Berlin' });
    deepStrictEqual(elsewhere, ['customers: ACCESS EXCLUSIVE [rewrite, index build]']);
    const index = `${SHOP} CREATE INDEX ON customers (at);`;
    deepStrictEqual(effectsOf([index, change], { timeZone: 'UTC' }), ['customers: ACCESS EXCLUSIVE [index build]']);
  });

  it('a table that the history never made is judged as one with rows, and named once', () => {
    const sql = 'ALTER TABLE nowhere ADD COLUMN a int DEFAULT random(), ALTER COLUMN b SET NOT NULL';
    deepStrictEqual(effectsOf([sql]), ['nowhere: ACCESS EXCLUSIVE [rewrite, unknown]']);
    deepStrictEqual(lastStatements([sql])[0]?.effects.unknownRelations, ['nowhere']);
  });

  it('system catalogs and temporary tables are left out', () => {
    deepStrictEqual(effectsOf([SHOP, 'SELECT * FROM pg_class, information_schema.tables']), []);
    deepStrictEqual(effectsOf([SHOP, 'CREATE TEMP TABLE t AS SELECT * FROM orders']), ['orders: ACCESS SHARE [scan]']);
  });

  it('says what it cannot follow, at its place', () => {
    const [statement] = lastStatements(['DO $$\nDECLARE t text := current_user;\nBEGIN\n  EXECUTE t;\nEND $$']);
    strictEqual(statement?.effects.opaque.length, 1);
    strictEqual(statement.effects.opaque[0]?.line, 4);
  });

  it('follows a function with the arguments of the call', () => {
    const made = `CREATE FUNCTION add_to(t text, who text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN EXECUTE 'ALTER TABLE ' || quote_ident(t) || ' ADD COLUMN n int'; EXECUTE 'GRANT ALL ON ' || t || ' TO ' || quote_ident(lower(who) || now()); END $$`;
    const call = "SELECT add_to(name, 'x') FROM unnest(array['orders', 'measures']) name";
    deepStrictEqual(effectsOf([`${SHOP} ${made}`, call]), ['measures: ACCESS EXCLUSIVE', 'orders: ACCESS EXCLUSIVE']);
    deepStrictEqual(lastStatements([`${SHOP} ${made}`, call])[0]?.effects.opaque, []);
  });

  it('statements that cannot run in a transaction block', () => {
    const outside = [
      'VACUUM',
      'CREATE INDEX CONCURRENTLY i ON t (a)',
      'DROP INDEX CONCURRENTLY i',
      'CREATE DATABASE d',
    ];
    for (const sql of outside) strictEqual(lastStatements([sql])[0]?.effects.transactional, false, sql);
    for (const sql of ['ANALYZE', 'CREATE INDEX ON t (a)', 'BEGIN']) {
      strictEqual(lastStatements([sql])[0]?.effects.transactional, true, sql);
    }
  });
});
