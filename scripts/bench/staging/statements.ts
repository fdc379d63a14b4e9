/** What is measured: EXECUTION.md's table first, then further kinds of work that take more than a second on 5 million rows. */

/** As EXECUTION.md had it: 5 million rows, about 750 MB with its indexes. */
export const SCHEMA = `
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer_id bigint,
  amount int,
  status text,
  note text,
  payload text,
  created timestamptz
);
CREATE INDEX orders_created ON orders (created);
`;

/** To try the bench itself: 0.1 measures on a tenth of the rows, of which the goals say nothing. */
export const SCALE = Number(process.env['LOCKKEEPER_BENCH_SCALE'] ?? 1);

export const ROWS = { 'public.orders': 5_000_000 * SCALE, 'public.customers': 500_000 * SCALE } as const;

export interface BenchStatement {
  readonly name: string;
  readonly sql: string;
  /** In EXECUTION.md's table. */
  readonly table: boolean;
}

const listed = (name: string, sql: string): BenchStatement => ({ name, sql, table: true });
const further = (name: string, sql: string): BenchStatement => ({ name, sql, table: false });

export const STATEMENTS: readonly BenchStatement[] = [
  listed('ADD COLUMN int NOT NULL DEFAULT 7', 'ALTER TABLE orders ADD COLUMN priority int NOT NULL DEFAULT 7'),
  listed('SET NOT NULL', 'ALTER TABLE orders ALTER COLUMN amount SET NOT NULL'),
  listed('CHECK NOT VALID', 'ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID'),
  listed('VALIDATE (CHECK)', 'ALTER TABLE orders VALIDATE CONSTRAINT note_there'),
  listed('SET NOT NULL after a validated CHECK', 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL'),
  listed(
    'ADD COLUMN uuid DEFAULT gen_random_uuid()',
    'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()',
  ),
  listed('ALTER TYPE int → bigint', 'ALTER TABLE orders ALTER COLUMN amount TYPE bigint'),
  further('VACUUM FULL', 'VACUUM (FULL) orders'),
  listed(
    'ADD FOREIGN KEY',
    'ALTER TABLE orders ADD CONSTRAINT customer_1 FOREIGN KEY (customer_id) REFERENCES customers',
  ),
  listed(
    'FOREIGN KEY NOT VALID',
    'ALTER TABLE orders ADD CONSTRAINT customer_2 FOREIGN KEY (customer_id) REFERENCES customers NOT VALID',
  ),
  listed('VALIDATE (FOREIGN KEY)', 'ALTER TABLE orders VALIDATE CONSTRAINT customer_2'),
  further('CHECK with a regular expression', "ALTER TABLE orders ADD CONSTRAINT note_plain CHECK (note !~ '(x+y)+z')"),
  listed('CREATE INDEX', 'CREATE INDEX orders_amount ON orders (amount)'),
  listed('CREATE INDEX CONCURRENTLY', 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)'),
  further('UNIQUE of two columns', 'ALTER TABLE orders ADD CONSTRAINT orders_unique UNIQUE (customer_id, id)'),
  further('CREATE INDEX on text', 'CREATE INDEX orders_note ON orders (note)'),
  further(
    'CREATE INDEX on an expression, partial',
    'CREATE INDEX orders_lower ON orders (lower(status), amount) WHERE id % 2 = 0',
  ),
  further('REINDEX INDEX', 'REINDEX INDEX orders_note'),
  further('CREATE TABLE AS', 'CREATE TABLE orders_copy AS SELECT * FROM orders'),
  further(
    'MATERIALIZED VIEW',
    'CREATE MATERIALIZED VIEW totals AS SELECT customer_id, count(*) AS orders, sum(amount) AS amount FROM orders GROUP BY customer_id',
  ),
  further('UPDATE of a tenth', "UPDATE orders SET status = 'closed' WHERE id % 10 = 0"),
];
