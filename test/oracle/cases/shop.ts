/** A small schema with rows in it, with one of most things. Most groups start from it. */
export const SHOP = `
CREATE SCHEMA app;
CREATE SCHEMA archive;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE address AS (street text, town text);
CREATE DOMAIN plain_number AS integer;
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN required_text AS text NOT NULL;
CREATE DOMAIN code AS varchar(10) DEFAULT 'none';
CREATE FUNCTION volatile_number() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION stable_number() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION immutable_number() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SEQUENCE numbers;
CREATE TABLE customers (
  id bigint PRIMARY KEY,
  email varchar(100) NOT NULL,
  name text,
  born date,
  score integer,
  small smallint,
  amount numeric(10, 2),
  created timestamp DEFAULT '2024-01-01 00:00:00',
  seen timestamptz,
  feeling mood DEFAULT 'ok',
  kind code,
  plus positive,
  data jsonb,
  tags text[],
  letters char(10),
  bits varbit(8),
  price real,
  day_time time(3),
  span interval(3),
  address inet,
  uid uuid
);
CREATE UNIQUE INDEX customers_email_key ON customers (email);
CREATE INDEX customers_lower_idx ON customers (lower(email));
CREATE INDEX customers_name_idx ON customers (name) WHERE score > 0;
CREATE INDEX customers_created_idx ON customers (created);
CREATE INDEX customers_seen_idx ON customers (seen);
CREATE INDEX customers_amount_idx ON customers (amount);
ALTER TABLE customers ADD CONSTRAINT customers_score_check CHECK (score >= 0);
ALTER TABLE customers ADD CONSTRAINT customers_name_given CHECK (name IS NOT NULL);
INSERT INTO customers (id, email, name, born, score, small, amount, seen, plus, data, tags, letters, bits, price, day_time, span, address, uid)
  SELECT n, 'c' || n || '@example.org', 'name ' || n, '2000-01-01', n, n, n, '2024-01-01 00:00+00', n, '{}', '{a}', 'abc', B'101', n, '10:00', '1 day', '10.0.0.1', '00000000-0000-0000-0000-000000000001'
    FROM generate_series(1, 30) AS n;
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer_id bigint CONSTRAINT orders_customer_fk REFERENCES customers ON DELETE CASCADE,
  parent_id integer CONSTRAINT orders_parent_fk REFERENCES orders,
  number integer,
  state varchar(20) DEFAULT 'new',
  total numeric(10, 2) NOT NULL DEFAULT 0,
  placed timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
INSERT INTO orders (customer_id, number) SELECT n, n FROM generate_series(1, 20) AS n;
CREATE TABLE items (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id integer NOT NULL,
  quantity integer DEFAULT 1,
  price numeric DEFAULT 1,
  total numeric GENERATED ALWAYS AS (quantity * price) STORED
);
INSERT INTO items (order_id) SELECT n FROM generate_series(1, 20) AS n;
ALTER TABLE items ADD CONSTRAINT items_order_fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
ALTER TABLE items ADD CONSTRAINT items_quantity_check CHECK (quantity > 0) NOT VALID;
CREATE TABLE notes (body text, mood mood, made timestamptz DEFAULT now());
INSERT INTO notes SELECT 'n' || n, 'ok' FROM generate_series(1, 10) AS n;
CREATE TABLE empty_ones (id integer);
CREATE UNLOGGED TABLE scratch (id integer PRIMARY KEY, body text);
INSERT INTO scratch SELECT n, 'x' FROM generate_series(1, 10) AS n;
CREATE TABLE app.audit (id integer, what text);
CREATE VIEW customer_names AS SELECT id, name FROM customers;
CREATE VIEW order_names AS SELECT o.id, c.name FROM orders o JOIN customer_names c ON c.id = o.customer_id;
CREATE MATERIALIZED VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE UNIQUE INDEX order_totals_key ON order_totals (customer_id);
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY notes_all ON notes USING (true);
CREATE RULE notes_quiet AS ON DELETE TO notes DO INSTEAD NOTHING;
CREATE STATISTICS orders_statistics ON customer_id, number FROM orders;
`;

/** Range, list and hash partitions, sub-partitions, a default partition, partitioned indexes; and tables fit for attaching. */
export const EVENTS = `
CREATE TABLE accounts (id integer PRIMARY KEY, name text);
INSERT INTO accounts SELECT n, 'a' FROM generate_series(1, 10) AS n;
CREATE TABLE events (
  id bigint NOT NULL,
  account_id integer CONSTRAINT events_account_fk REFERENCES accounts,
  at date NOT NULL,
  body text,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_other PARTITION OF events DEFAULT;
CREATE INDEX events_body_idx ON events (body);
INSERT INTO events SELECT n, 1 + n % 10, '2023-06-01'::date + n * 20, 'b' FROM generate_series(1, 40) AS n;
CREATE TABLE events_2027 (id bigint NOT NULL, account_id integer, at date NOT NULL, body text);
INSERT INTO events_2027 SELECT n, 1, '2027-03-01', 'b' FROM generate_series(1, 10) AS n;
CREATE TABLE events_2028 (
  id bigint NOT NULL, account_id integer, at date NOT NULL, body text,
  PRIMARY KEY (id, at),
  CONSTRAINT events_2028_bound CHECK (at >= '2028-01-01' AND at < '2029-01-01')
);
INSERT INTO events_2028 SELECT n, 1, '2028-03-01', 'b' FROM generate_series(1, 10) AS n;
CREATE TABLE regions (id integer, region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE regions_eu PARTITION OF regions FOR VALUES IN ('de', 'fr');
CREATE TABLE regions_us PARTITION OF regions FOR VALUES IN ('us') PARTITION BY HASH (id);
CREATE TABLE regions_us_0 PARTITION OF regions_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE regions_us_1 PARTITION OF regions_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO regions SELECT n, (ARRAY['de', 'fr', 'us'])[1 + n % 3] FROM generate_series(1, 30) AS n;
CREATE TABLE event_notes (event_id bigint, event_at date, body text);
INSERT INTO event_notes SELECT id, at, 'n' FROM events;
`;

/** Table inheritance. */
export const FAMILY = `
CREATE TABLE people (id integer PRIMARY KEY, name text);
CREATE TABLE staff (salary integer) INHERITS (people);
CREATE TABLE managers (level integer) INHERITS (staff);
CREATE TABLE robots (id integer NOT NULL, name text, model text);
INSERT INTO people SELECT n, 'p' FROM generate_series(1, 10) AS n;
INSERT INTO staff SELECT n, 's', 1 FROM generate_series(11, 20) AS n;
INSERT INTO managers SELECT n, 'm', 1, 1 FROM generate_series(21, 30) AS n;
INSERT INTO robots SELECT n, 'r', 'm' FROM generate_series(31, 40) AS n;
`;
