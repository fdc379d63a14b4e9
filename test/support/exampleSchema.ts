/**
 * The shop that the rules' examples migrate: an earlier migration of the same history, so that its tables existed
 * before. Printed at the top of docs/rules/README.md.
 */
export const EXAMPLE_SCHEMA = `CREATE TABLE customers (
  id bigint PRIMARY KEY,
  email text NOT NULL,
  name varchar(80),
  country text
);
CREATE DOMAIN positive_amount AS numeric CHECK (VALUE > 0);
CREATE TYPE order_status AS ENUM ('open', 'paid');
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint,
  number integer,
  status order_status,
  total numeric(10, 2),
  fee positive_amount,
  note text,
  placed_at timestamptz
);
CREATE INDEX orders_placed_at_idx ON orders (placed_at);
CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id bigint, at date NOT NULL);
CREATE MATERIALIZED VIEW sales AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE UNIQUE INDEX sales_customer_idx ON sales (customer_id);
`;
