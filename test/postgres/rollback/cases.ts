/** One migration to be undone on a server. */
export interface RollbackCase {
  readonly name: string;
  /** The schema before. */
  readonly before: string;
  readonly up: string;
  /** Default: `restored`. */
  readonly expect?: 'restored' | 'columnOrder' | 'different' | 'declined';
  /** First major that can run it. */
  readonly from?: number;
  /** What must stand in the script. */
  readonly says?: RegExp;
}

const ORDERS = `
  CREATE TYPE status AS ENUM ('open', 'paid');
  CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL);
  CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer bigint NOT NULL CONSTRAINT orders_customer_fk REFERENCES customers (id) ON DELETE CASCADE,
    status status NOT NULL DEFAULT 'open',
    total numeric(10, 2) NOT NULL DEFAULT 0 CONSTRAINT orders_total_check CHECK (total >= 0),
    placed timestamptz NOT NULL DEFAULT now(),
    note text,
    tags text[] DEFAULT '{}'
  );
  CREATE INDEX orders_customer_idx ON orders (customer, placed DESC);
  CREATE UNIQUE INDEX orders_note_key ON orders (lower(note)) INCLUDE (total) WHERE note IS NOT NULL;
  COMMENT ON TABLE orders IS 'what customers ordered';
  COMMENT ON COLUMN orders.note IS 'it''s free text';
`;

const VIEWS = `${ORDERS}
  CREATE VIEW open_orders AS SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.status = 'open';
  CREATE VIEW open_totals AS SELECT name, sum(total) AS total FROM open_orders GROUP BY name;
  COMMENT ON VIEW open_totals IS 'by customer';
  GRANT SELECT ON open_totals TO PUBLIC;
`;

const FUNCTIONS = `${ORDERS}
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.placed := now(); RETURN NEW; END $$;
  CREATE TRIGGER orders_touch BEFORE UPDATE OF note, total ON orders FOR EACH ROW WHEN (OLD.note IS DISTINCT FROM NEW.note) EXECUTE FUNCTION touch();
  CREATE FUNCTION price(amount numeric, times integer DEFAULT 1) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT amount * times';
`;

const PARTITIONS = `
  CREATE TABLE events (id bigint, at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE events_rest PARTITION OF events DEFAULT;
  CREATE INDEX events_at_idx ON events (at);
`;

export const CASES: readonly RollbackCase[] = [
  // Tables
  {
    name: 'CREATE TABLE',
    before: ORDERS,
    up: 'CREATE TABLE invoices (id serial PRIMARY KEY, orders bigint REFERENCES orders (id), UNIQUE (orders)); CREATE INDEX ON invoices (orders);',
  },
  {
    name: 'CREATE TABLEs that refer to each other',
    before: '',
    up: 'CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD CONSTRAINT a_b_fk FOREIGN KEY (b) REFERENCES b (id);',
  },
  { name: 'DROP TABLE', before: FUNCTIONS, up: 'DROP TABLE orders;', says: /rows of orders/ },
  { name: 'DROP TABLE … CASCADE takes foreign keys and views', before: VIEWS, up: 'DROP TABLE customers CASCADE;' },
  {
    name: 'DROP TABLE with policies, rules and row security',
    before: `${ORDERS} ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ALTER TABLE orders FORCE ROW LEVEL SECURITY; CREATE POLICY mine ON orders AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (customer = 1) WITH CHECK (total > 0); CREATE RULE keep AS ON DELETE TO orders DO INSTEAD NOTHING;`,
    up: 'DROP TABLE orders;',
  },
  {
    name: 'DROP TABLE with settings',
    before: `CREATE TABLE t (a int, b text STORAGE EXTERNAL, c int) WITH (fillfactor = 70); ALTER TABLE t ALTER a SET STATISTICS 500; ALTER TABLE t ALTER c SET (n_distinct = 5); ALTER TABLE t REPLICA IDENTITY FULL; CREATE UNIQUE INDEX t_a ON t (a); ALTER TABLE t CLUSTER ON t_a;`,
    up: 'DROP TABLE t;',
    from: 16,
  },
  { name: 'DROP of several TABLEs', before: ORDERS, up: 'DROP TABLE orders, customers;' },
  { name: 'RENAME TABLE', before: VIEWS, up: 'ALTER TABLE orders RENAME TO purchases;' },
  {
    name: 'SET SCHEMA',
    before: ORDERS,
    up: 'CREATE SCHEMA shop; ALTER TABLE orders SET SCHEMA shop; ALTER TYPE status SET SCHEMA shop;',
  },
  {
    name: 'a table replaced by another of its name',
    before: ORDERS,
    up: 'CREATE TABLE orders_new (id bigint PRIMARY KEY, what text); DROP TABLE orders; ALTER TABLE orders_new RENAME TO orders;',
  },
  {
    name: 'a table made and dropped again',
    before: ORDERS,
    up: 'CREATE TABLE helper AS SELECT id FROM orders; UPDATE orders SET note = NULL FROM helper h WHERE h.id = orders.id; DROP TABLE helper;',
    says: /UPDATE/,
  },
  {
    name: 'CREATE TABLE AS',
    before: ORDERS,
    up: 'CREATE TABLE copy AS SELECT * FROM orders; ALTER TABLE copy ADD PRIMARY KEY (id);',
  },
  { name: 'UNLOGGED and back', before: ORDERS, up: 'ALTER TABLE orders SET UNLOGGED;' },
  {
    name: 'storage parameters',
    before: ORDERS,
    up: 'ALTER TABLE orders SET (fillfactor = 70, autovacuum_enabled = false); ALTER INDEX orders_customer_idx SET (fillfactor = 50);',
  },
  {
    name: 'storage parameters reset',
    before: `${ORDERS} ALTER TABLE orders SET (fillfactor = 70);`,
    up: 'ALTER TABLE orders RESET (fillfactor);',
  },
  {
    name: 'REPLICA IDENTITY and CLUSTER ON',
    before: ORDERS,
    up: 'ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_pkey; ALTER TABLE orders CLUSTER ON orders_customer_idx;',
  },

  // Columns
  {
    name: 'ADD COLUMN',
    before: ORDERS,
    up: "ALTER TABLE orders ADD COLUMN paid_at timestamptz, ADD COLUMN kind text NOT NULL DEFAULT 'x'; CREATE INDEX orders_kind ON orders (kind);",
    says: /values written to orders\.kind/,
  },
  {
    name: 'ADD COLUMN IF NOT EXISTS that is there',
    before: ORDERS,
    up: 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note varchar(10);',
  },
  {
    name: 'ADD COLUMN with REFERENCES and UNIQUE',
    before: ORDERS,
    up: 'ALTER TABLE orders ADD COLUMN parent bigint UNIQUE REFERENCES orders (id);',
  },
  {
    name: 'ADD COLUMN, filled, then NOT NULL',
    before: ORDERS,
    up: "ALTER TABLE orders ADD COLUMN kind text; UPDATE orders SET kind = 'x'; ALTER TABLE orders ALTER COLUMN kind SET NOT NULL; ALTER TABLE orders ADD CONSTRAINT kind_check CHECK (kind <> '');",
  },
  {
    name: 'ADD COLUMN serial and identity',
    before: ORDERS,
    up: 'ALTER TABLE orders ADD COLUMN a serial; ALTER TABLE orders ADD COLUMN b int GENERATED BY DEFAULT AS IDENTITY;',
  },
  { name: 'DROP COLUMN, the last one', before: ORDERS, up: 'ALTER TABLE orders DROP COLUMN tags;' },
  {
    name: 'DROP COLUMN in the middle',
    before: ORDERS,
    up: 'ALTER TABLE orders DROP COLUMN note;',
    expect: 'columnOrder',
    says: /values of orders\.note/,
  },
  {
    name: 'DROP COLUMN … CASCADE takes views',
    before: VIEWS,
    up: 'ALTER TABLE orders DROP COLUMN total CASCADE;',
    expect: 'columnOrder',
  },
  {
    name: 'DROP COLUMN that is NOT NULL, with a foreign key',
    before: ORDERS,
    up: 'ALTER TABLE orders DROP COLUMN customer;',
    expect: 'columnOrder',
  },
  {
    name: 'DROP COLUMN serial',
    before: ORDERS,
    up: 'ALTER TABLE customers DROP COLUMN id CASCADE;',
    expect: 'columnOrder',
  },
  {
    name: 'DROP COLUMN identity with options',
    before:
      'CREATE TABLE t (a int, id bigint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME t_ids START WITH 100 INCREMENT BY 5));',
    up: 'ALTER TABLE t DROP COLUMN id;',
  },
  {
    name: 'DROP COLUMN generated',
    before: 'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);',
    up: 'ALTER TABLE t DROP COLUMN b;',
  },
  {
    name: 'DROP COLUMN with collation, storage, grants',
    before: `CREATE TABLE t (a int, b text COLLATE "C"); ALTER TABLE t ALTER b SET STORAGE MAIN; COMMENT ON COLUMN t.b IS 'b'; GRANT SELECT (b) ON t TO PUBLIC;`,
    up: 'ALTER TABLE t DROP COLUMN b;',
  },
  { name: 'RENAME COLUMN', before: VIEWS, up: 'ALTER TABLE orders RENAME COLUMN total TO amount;' },
  {
    name: 'RENAME COLUMN, then more on it',
    before: ORDERS,
    up: "ALTER TABLE orders RENAME COLUMN note TO remark; ALTER TABLE orders ALTER COLUMN remark SET DEFAULT ''; ALTER TABLE orders RENAME TO purchases; CREATE INDEX ON purchases (remark);",
  },
  {
    name: 'SET and DROP DEFAULT',
    before: ORDERS,
    up: "ALTER TABLE orders ALTER COLUMN total DROP DEFAULT, ALTER COLUMN note SET DEFAULT 'none', ALTER COLUMN placed SET DEFAULT clock_timestamp();",
  },
  {
    name: 'SET and DROP NOT NULL',
    before: ORDERS,
    up: 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL, ALTER COLUMN total DROP NOT NULL;',
    says: /holds NULL/,
  },
  {
    name: 'type, wider',
    before: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(10)); CREATE INDEX ON t (v);',
    up: 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN v TYPE text;',
    says: /can't hold/,
  },
  {
    name: 'type through USING',
    before: "CREATE TABLE t (a text DEFAULT '1', b int, c timestamp, d text, e boolean, f jsonb);",
    up: 'ALTER TABLE t ALTER a DROP DEFAULT, ALTER a TYPE int USING a::int, ALTER a SET DEFAULT 1; ALTER TABLE t ALTER b TYPE text, ALTER c TYPE timestamptz, ALTER d TYPE jsonb USING d::jsonb, ALTER e TYPE int USING e::int, ALTER f TYPE text;',
  },
  {
    name: 'type to array and back',
    before: 'CREATE TABLE t (a text, b int[]);',
    up: 'ALTER TABLE t ALTER a TYPE text[] USING ARRAY[a]; ALTER TABLE t ALTER b TYPE int USING b[1];',
  },
  {
    name: 'type under a view that is made again',
    before: VIEWS,
    up: "DROP VIEW open_totals; DROP VIEW open_orders; ALTER TABLE orders ALTER COLUMN total TYPE numeric(20, 4); CREATE VIEW open_orders AS SELECT o.id, o.total FROM orders o WHERE o.status = 'open';",
  },
  {
    name: 'identity added, changed and dropped',
    before: 'CREATE TABLE t (a int NOT NULL, b int GENERATED ALWAYS AS IDENTITY, c int GENERATED ALWAYS AS IDENTITY);',
    up: 'ALTER TABLE t ALTER a ADD GENERATED BY DEFAULT AS IDENTITY; ALTER TABLE t ALTER b SET GENERATED BY DEFAULT; ALTER TABLE t ALTER c DROP IDENTITY;',
  },
  {
    name: 'generated expression dropped',
    before: 'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED);',
    up: 'ALTER TABLE t ALTER b DROP EXPRESSION;',
    expect: 'different',
    says: /stays an ordinary column/,
  },
  {
    name: 'column settings',
    before: ORDERS,
    up: 'ALTER TABLE orders ALTER note SET STORAGE EXTERNAL; ALTER TABLE orders ALTER note SET STATISTICS 100; ALTER TABLE orders ALTER total SET (n_distinct = 10); ALTER TABLE orders ALTER note SET COMPRESSION pglz;',
  },
  {
    name: 'a column exchanged for another of its name',
    before: ORDERS,
    up: 'ALTER TABLE orders ADD COLUMN note_new varchar(20); UPDATE orders SET note_new = note; ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders RENAME COLUMN note_new TO note;',
    expect: 'columnOrder',
  },

  // Constraints
  {
    name: 'ADD constraints',
    before: ORDERS,
    up: "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note) DEFERRABLE INITIALLY DEFERRED, ADD CONSTRAINT c CHECK (note <> '') NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c; ALTER TABLE orders ADD CONSTRAINT x EXCLUDE USING btree (note WITH =);",
  },
  {
    name: 'DROP constraints',
    before: `${ORDERS} ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note) DEFERRABLE INITIALLY DEFERRED; ALTER TABLE orders ADD CONSTRAINT x EXCLUDE USING gist (tstzrange(placed, placed, '[]') WITH &&) WHERE (note IS NOT NULL); ALTER TABLE orders ADD CONSTRAINT nv CHECK (total < 1000) NOT VALID; COMMENT ON CONSTRAINT nv ON orders IS 'later';`,
    up: 'ALTER TABLE orders DROP CONSTRAINT u, DROP CONSTRAINT x, DROP CONSTRAINT nv, DROP CONSTRAINT orders_total_check, DROP CONSTRAINT orders_customer_fk;',
  },
  {
    name: 'DROP of a primary key with what refers to it',
    before: ORDERS,
    up: 'ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE;',
  },
  {
    name: 'another primary key',
    before: ORDERS,
    up: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey; ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id, customer);',
  },
  {
    name: 'primary key of nullable columns',
    before: 'CREATE TABLE t (a int, b int);',
    up: 'ALTER TABLE t ADD PRIMARY KEY (a, b);',
  },
  {
    name: 'primary key USING INDEX',
    before: 'CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX t_a_idx ON t (a);',
    up: 'ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX t_a_idx;',
  },
  {
    name: 'VALIDATE CONSTRAINT',
    before: `${ORDERS} ALTER TABLE orders ADD CONSTRAINT nv CHECK (total < 1000) NOT VALID;`,
    up: 'ALTER TABLE orders VALIDATE CONSTRAINT nv;',
  },
  {
    name: 'RENAME CONSTRAINT',
    before: ORDERS,
    up: 'ALTER TABLE orders RENAME CONSTRAINT orders_total_check TO positive; ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO orders_key;',
  },
  {
    name: 'ALTER CONSTRAINT',
    before: ORDERS,
    up: 'ALTER TABLE orders ALTER CONSTRAINT orders_customer_fk DEFERRABLE INITIALLY DEFERRED;',
  },
  {
    name: 'foreign key with everything',
    before:
      'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (x int, y int, CONSTRAINT fk FOREIGN KEY (x, y) REFERENCES p MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE);',
    up: 'ALTER TABLE c DROP CONSTRAINT fk;',
  },
  {
    name: 'foreign key exchanged',
    before: ORDERS,
    up: 'ALTER TABLE orders DROP CONSTRAINT orders_customer_fk; ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE RESTRICT NOT VALID;',
  },

  // Indexes
  {
    name: 'CREATE and DROP INDEX',
    before: ORDERS,
    up: 'CREATE INDEX orders_total ON orders USING hash (total); DROP INDEX orders_note_key; DROP INDEX orders_customer_idx;',
  },
  { name: 'RENAME INDEX', before: ORDERS, up: 'ALTER INDEX orders_note_key RENAME TO orders_by_note;' },
  {
    name: 'an index exchanged for another of its name',
    before: ORDERS,
    up: 'DROP INDEX orders_customer_idx; CREATE INDEX orders_customer_idx ON orders (customer);',
  },
  {
    name: 'DROP INDEX with collation, operator class and nulls',
    before: `CREATE TABLE t (a text, b int); CREATE INDEX i ON t (a COLLATE "C" text_pattern_ops DESC NULLS LAST, (b + 1) NULLS FIRST) WITH (fillfactor = 80) WHERE b > 0; COMMENT ON INDEX i IS 'i';`,
    up: 'DROP INDEX i;',
  },
  {
    name: 'DROP INDEX NULLS NOT DISTINCT',
    before: 'CREATE TABLE t (a text); CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT;',
    up: 'DROP INDEX i;',
    from: 15,
  },

  // Views
  {
    name: 'CREATE VIEW',
    before: ORDERS,
    up: 'CREATE VIEW v AS SELECT id FROM orders; CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM v; CREATE UNIQUE INDEX ON m (n);',
  },
  { name: 'DROP VIEW … CASCADE', before: VIEWS, up: 'DROP VIEW open_orders CASCADE;' },
  {
    name: 'CREATE OR REPLACE VIEW, same columns',
    before: VIEWS,
    up: "CREATE OR REPLACE VIEW open_orders AS SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.status <> 'paid';",
  },
  {
    name: 'CREATE OR REPLACE VIEW, one column more, with a view over it',
    before: VIEWS,
    up: "CREATE OR REPLACE VIEW open_orders AS SELECT o.id, o.total, c.name, o.note FROM orders o JOIN customers c ON c.id = o.customer WHERE o.status = 'open';",
  },
  {
    name: 'DROP VIEW with a *',
    before: 'CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT * FROM t; ALTER TABLE t ADD COLUMN c int;',
    up: 'DROP VIEW v;',
  },
  {
    name: 'DROP VIEW after a rename below it',
    before:
      'CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, t.b AS other FROM t WHERE t.a > 0; ALTER TABLE t RENAME COLUMN a TO x; ALTER TABLE t RENAME TO u;',
    up: 'DROP VIEW v;',
  },
  {
    name: 'DROP MATERIALIZED VIEW',
    before: `${ORDERS} CREATE MATERIALIZED VIEW m AS SELECT customer, count(*) AS n FROM orders GROUP BY customer; CREATE UNIQUE INDEX m_customer ON m (customer); COMMENT ON MATERIALIZED VIEW m IS 'm';`,
    up: 'DROP MATERIALIZED VIEW m;',
  },
  {
    name: 'view options',
    before:
      'CREATE TABLE t (a int); CREATE VIEW v WITH (security_barrier) AS SELECT a FROM t WHERE a > 0 WITH LOCAL CHECK OPTION;',
    up: 'DROP VIEW v;',
  },

  // Types
  {
    name: 'CREATE TYPE and its use',
    before: ORDERS,
    up: "CREATE TYPE size AS ENUM ('s', 'm'); ALTER TABLE orders ADD COLUMN size size NOT NULL DEFAULT 's'; CREATE DOMAIN email AS text CHECK (value LIKE '%@%'); CREATE TYPE pair AS (a int, b text); CREATE TYPE span AS RANGE (SUBTYPE = float8); CREATE TABLE q (e email, p pair, s span);",
  },
  {
    name: 'a type made after the table that uses it',
    before: '',
    up: "CREATE TABLE t (a int); CREATE TYPE size AS ENUM ('s', 'm'); ALTER TABLE t ADD COLUMN size size;",
  },
  {
    name: 'DROP TYPE',
    before: `${ORDERS} CREATE TYPE unused AS ENUM ('it''s', 'b'); COMMENT ON TYPE unused IS 'x'; CREATE DOMAIN d AS int DEFAULT 3 NOT NULL CONSTRAINT pos CHECK (value > 0); CREATE TYPE pair AS (a int, b text COLLATE "C");`,
    up: 'DROP TYPE unused; DROP DOMAIN d; DROP TYPE pair;',
  },
  { name: 'DROP TYPE … CASCADE takes columns', before: ORDERS, up: 'DROP TYPE status CASCADE;', expect: 'columnOrder' },
  {
    name: 'ALTER TYPE … ADD VALUE stays',
    before: ORDERS,
    up: "ALTER TYPE status ADD VALUE 'sent' AFTER 'open';",
    expect: 'different',
    says: /'sent' stays a value of the enum status/,
  },
  { name: 'ALTER TYPE … RENAME VALUE', before: ORDERS, up: "ALTER TYPE status RENAME VALUE 'open' TO 'new';" },
  { name: 'RENAME TYPE', before: ORDERS, up: 'ALTER TYPE status RENAME TO order_status;' },
  {
    name: "Prisma's way to take a value from an enum",
    before: ORDERS,
    up: `CREATE TYPE status_new AS ENUM ('open'); ALTER TABLE orders ALTER COLUMN status DROP DEFAULT; ALTER TABLE orders ALTER COLUMN status TYPE status_new USING (status::text::status_new); ALTER TYPE status RENAME TO status_old; ALTER TYPE status_new RENAME TO status; DROP TYPE status_old; ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'open';`,
  },
  {
    name: 'ALTER DOMAIN',
    before: 'CREATE DOMAIN d AS int CONSTRAINT pos CHECK (value > 0); CREATE TABLE t (a d);',
    up: 'ALTER DOMAIN d SET DEFAULT 5; ALTER DOMAIN d SET NOT NULL; ALTER DOMAIN d DROP CONSTRAINT pos; ALTER DOMAIN d ADD CONSTRAINT big CHECK (value > 100) NOT VALID;',
  },
  {
    name: 'ALTER TYPE of a composite type',
    before: 'CREATE TYPE pair AS (a int, b text);',
    up: 'ALTER TYPE pair ADD ATTRIBUTE c int, ALTER ATTRIBUTE a TYPE bigint; ALTER TYPE pair RENAME ATTRIBUTE b TO bb;',
  },

  // Functions and triggers
  {
    name: 'CREATE FUNCTION and TRIGGER',
    before: ORDERS,
    up: 'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();',
  },
  {
    name: 'a trigger function made after its new table',
    before: '',
    up: 'CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();',
  },
  { name: 'DROP FUNCTION … CASCADE takes triggers', before: FUNCTIONS, up: 'DROP FUNCTION touch CASCADE;' },
  {
    name: 'DROP FUNCTION with default, comment and rights',
    before: `${FUNCTIONS} COMMENT ON FUNCTION price IS 'p'; REVOKE EXECUTE ON FUNCTION price FROM PUBLIC;`,
    up: 'DROP FUNCTION price(numeric, integer);',
  },
  {
    name: 'CREATE OR REPLACE FUNCTION',
    before: FUNCTIONS,
    up: `CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN NULL; END $$;`,
  },
  {
    name: 'ALTER FUNCTION',
    before: FUNCTIONS,
    up: 'ALTER FUNCTION price STRICT STABLE; ALTER FUNCTION touch() SET search_path = public, pg_temp; ALTER FUNCTION price RENAME TO cost;',
  },
  {
    name: 'overloads',
    before: FUNCTIONS,
    up: 'CREATE FUNCTION price(amount integer) RETURNS integer LANGUAGE sql AS $$ SELECT amount $$;',
  },
  {
    name: 'procedure and aggregate',
    before: '',
    up: "CREATE PROCEDURE p(x int) LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');",
  },
  {
    name: 'DROP PROCEDURE and AGGREGATE',
    before:
      "CREATE PROCEDURE p(x int) LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');",
    up: 'DROP PROCEDURE p; DROP AGGREGATE total(int);',
  },
  {
    name: 'DROP TRIGGER',
    before: `${FUNCTIONS} ALTER TABLE orders DISABLE TRIGGER orders_touch; COMMENT ON TRIGGER orders_touch ON orders IS 't';`,
    up: 'DROP TRIGGER orders_touch ON orders;',
  },
  {
    name: 'triggers enabled, disabled, renamed',
    before: FUNCTIONS,
    up: 'ALTER TABLE orders DISABLE TRIGGER orders_touch; ALTER TRIGGER orders_touch ON orders RENAME TO touch;',
  },
  {
    name: 'CREATE OR REPLACE TRIGGER',
    before: FUNCTIONS,
    up: 'CREATE OR REPLACE TRIGGER orders_touch AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();',
  },
  {
    name: 'a default that calls a function',
    before: ORDERS,
    up: "CREATE FUNCTION next_note() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$; ALTER TABLE orders ALTER note SET DEFAULT next_note();",
  },
  {
    name: 'rules',
    before: `${ORDERS} CREATE RULE r AS ON UPDATE TO customers DO ALSO DELETE FROM orders WHERE orders.customer = OLD.id;`,
    up: 'CREATE RULE n AS ON DELETE TO orders DO INSTEAD NOTHING; DROP RULE r ON customers;',
  },

  // Security
  {
    name: 'row security and policies',
    before: ORDERS,
    up: 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON orders FOR SELECT USING (total > 0);',
  },
  {
    name: 'policies dropped and changed',
    before: `${ORDERS} ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders FOR SELECT USING (total > 0); CREATE POLICY q ON orders WITH CHECK (note IS NOT NULL); COMMENT ON POLICY p ON orders IS 'p';`,
    up: 'DROP POLICY p ON orders; ALTER POLICY q ON orders USING (true) WITH CHECK (note IS NULL); ALTER TABLE orders DISABLE ROW LEVEL SECURITY;',
  },
  {
    name: 'RENAME POLICY',
    before: `${ORDERS} CREATE POLICY p ON orders FOR SELECT USING (total > 0);`,
    up: 'ALTER POLICY p ON orders RENAME TO q;',
  },
  {
    name: 'GRANT and REVOKE',
    before: `${ORDERS} GRANT SELECT, INSERT ON orders TO PUBLIC;`,
    up: 'GRANT UPDATE ON orders TO PUBLIC; REVOKE INSERT ON orders FROM PUBLIC; GRANT SELECT ON customers TO PUBLIC; GRANT UPDATE (note) ON orders TO PUBLIC; GRANT USAGE ON SEQUENCE customers_id_seq TO PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE USAGE ON TYPE status FROM PUBLIC;',
  },
  {
    name: 'ALTER DEFAULT PRIVILEGES',
    before: ORDERS,
    up: 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC; CREATE TABLE t (a int);',
  },
  {
    name: 'a dropped table under default privileges',
    before: `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC; ${ORDERS}`,
    up: 'DROP TABLE orders;',
  },
  {
    name: 'comments',
    before: ORDERS,
    up: "COMMENT ON TABLE orders IS NULL; COMMENT ON COLUMN orders.note IS 'other'; COMMENT ON INDEX orders_note_key IS 'i'; COMMENT ON TYPE status IS 's'; COMMENT ON CONSTRAINT orders_total_check ON orders IS 'c'; COMMENT ON SCHEMA public IS 'p';",
  },

  // Sequences
  {
    name: 'CREATE, ALTER and DROP SEQUENCE',
    before:
      'CREATE SEQUENCE a START 5 INCREMENT 2 MAXVALUE 99 CYCLE CACHE 3; CREATE SEQUENCE b AS smallint; CREATE TABLE t (id int);',
    up: "DROP SEQUENCE a; ALTER SEQUENCE b AS bigint INCREMENT BY 10; CREATE SEQUENCE c OWNED BY t.id; ALTER TABLE t ALTER id SET DEFAULT nextval('c');",
  },
  {
    name: 'OWNED BY',
    before: 'CREATE SEQUENCE a; CREATE TABLE t (id int, other int); CREATE SEQUENCE b OWNED BY t.other;',
    up: 'ALTER SEQUENCE a OWNED BY t.id; ALTER SEQUENCE b OWNED BY NONE;',
  },
  {
    name: 'as pg_dump writes serial',
    before: '',
    up: "CREATE TABLE public.t (id integer NOT NULL); CREATE SEQUENCE public.t_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1; ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id; ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass); ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);",
  },
  {
    name: 'a table with a renamed serial',
    before:
      'CREATE TABLE t (id serial PRIMARY KEY); ALTER SEQUENCE t_id_seq RENAME TO numbers; ALTER TABLE t RENAME TO u;',
    up: 'DROP TABLE u;',
  },
  {
    name: 'RENAME SEQUENCE',
    before: 'CREATE TABLE t (id serial PRIMARY KEY);',
    up: 'ALTER SEQUENCE t_id_seq RENAME TO numbers;',
  },

  // Partitions and inheritance
  {
    name: 'CREATE partition',
    before: PARTITIONS,
    up: "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE INDEX events_what ON events (what);",
  },
  { name: 'DROP partition', before: PARTITIONS, up: 'DROP TABLE events_2025;' },
  { name: 'DROP partitioned table', before: PARTITIONS, up: 'DROP TABLE events;' },
  { name: 'DETACH', before: PARTITIONS, up: 'ALTER TABLE events DETACH PARTITION events_2025;' },
  {
    name: 'ATTACH',
    before: `${PARTITIONS} CREATE TABLE events_2026 (id bigint, at date NOT NULL, what text);`,
    up: "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
  },
  {
    name: 'columns and constraints of a partitioned table',
    before: PARTITIONS,
    up: 'ALTER TABLE events ADD COLUMN kind int NOT NULL DEFAULT 1; ALTER TABLE events DROP COLUMN what; ALTER TABLE events ADD CHECK (id > 0); ALTER TABLE events ADD UNIQUE (id, at);',
  },
  {
    name: 'inheritance',
    before: 'CREATE TABLE a (x int); CREATE TABLE b (y int) INHERITS (a); CREATE TABLE c (x int);',
    up: 'ALTER TABLE c INHERIT a;',
  },
  {
    name: 'NO INHERIT leaves columns that the child owns',
    before: 'CREATE TABLE a (x int); CREATE TABLE b (y int) INHERITS (a);',
    up: 'ALTER TABLE b NO INHERIT a;',
    expect: 'different',
    says: /columns that b only inherited count as its own/,
  },
  {
    name: 'DROP of an inheritance child',
    before: 'CREATE TABLE a (x int NOT NULL); CREATE TABLE b (y int) INHERITS (a);',
    up: 'DROP TABLE b;',
  },

  // Schemas, extensions, others
  {
    name: 'CREATE SCHEMA',
    before: '',
    up: 'CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t; CREATE TABLE s.u (a int);',
  },
  {
    name: 'DROP SCHEMA … CASCADE',
    before:
      "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (a s.e, id serial PRIMARY KEY); CREATE TABLE u (t int REFERENCES s.t (id)); CREATE VIEW s.v AS SELECT a FROM s.t; CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    up: 'DROP SCHEMA s CASCADE;',
  },
  { name: 'RENAME SCHEMA', before: 'CREATE SCHEMA s; CREATE TABLE s.t (a int);', up: 'ALTER SCHEMA s RENAME TO r;' },
  {
    name: 'extended statistics',
    before: 'CREATE TABLE t (a int, b int); CREATE STATISTICS s ON a, b FROM t;',
    up: 'DROP STATISTICS s; CREATE STATISTICS r (ndistinct) ON a, b FROM t;',
  },
  {
    name: 'publication',
    before: 'CREATE TABLE t (a int); CREATE PUBLICATION old FOR TABLE t;',
    up: 'CREATE PUBLICATION p FOR TABLE t; DROP PUBLICATION old;',
  },
  {
    name: 'names that need quotes',
    before: 'CREATE TABLE "Order" ("Id" int PRIMARY KEY, "user" text, "a b" int);',
    up: 'CREATE TABLE "Item ""x""" ("Order" int REFERENCES "Order" ("Id")); ALTER TABLE "Order" DROP COLUMN "a b", ALTER "user" SET NOT NULL; CREATE INDEX "Order_user" ON "Order" ("user");',
  },

  {
    name: 'what one DO block exchanges for others of their names',
    before: `CREATE SEQUENCE s; CREATE TYPE e AS ENUM ('a'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int);`,
    up: `DO $$ BEGIN DROP SEQUENCE s; CREATE SEQUENCE s START 5; DROP TYPE e; CREATE TYPE e AS ENUM ('b'); DROP FUNCTION f(); CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'; DROP TABLE t; CREATE TABLE t (b int); END $$;`,
  },
  {
    name: 'a function whose row type was renamed before it is dropped',
    before: `CREATE TABLE jobs (id int); CREATE FUNCTION pending() RETURNS SETOF jobs LANGUAGE sql AS 'SELECT * FROM jobs';`,
    up: `ALTER TABLE jobs RENAME TO old_jobs; DROP FUNCTION pending; CREATE FUNCTION pending() RETURNS SETOF old_jobs LANGUAGE sql AS 'SELECT * FROM old_jobs';`,
  },
  {
    name: 'a table changed and then dropped',
    before: 'CREATE TABLE t (a int); CREATE TABLE u (id int PRIMARY KEY);',
    up: 'ALTER TABLE t ADD COLUMN b int REFERENCES u (id), ADD CHECK (a > 0); CREATE INDEX ON t (b); ALTER TABLE t RENAME TO v; DROP TABLE v;',
  },
  {
    name: 'an operator and a cast',
    before: '',
    up: `CREATE FUNCTION like_any(anynonarray, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::text LIKE $2'; CREATE OPERATOR ~~ (LEFTARG = anynonarray, RIGHTARG = text, PROCEDURE = like_any); CREATE TYPE pair AS (a int, b int); CREATE FUNCTION as_int(pair) RETURNS int LANGUAGE sql AS 'SELECT ($1).a'; CREATE CAST (pair AS int) WITH FUNCTION as_int(pair);`,
  },

  {
    name: 'DROP FUNCTION that ALTER FUNCTION had changed',
    before:
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; ALTER FUNCTION f(int) STABLE STRICT SECURITY DEFINER; ALTER FUNCTION f(int) SET search_path = ''; ALTER FUNCTION f(int) SET work_mem = '4MB';",
    up: 'DROP FUNCTION f(int);',
  },
  {
    name: 'CREATE OR REPLACE of a function that ALTER FUNCTION had changed',
    before:
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() SET search_path = public, pg_temp;",
    up: "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
  },
  {
    name: 'tables of a publication',
    before:
      'CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE TABLE v (a int); CREATE PUBLICATION p; ALTER PUBLICATION p ADD TABLE t, u;',
    up: 'ALTER PUBLICATION p ADD TABLE v; ALTER PUBLICATION p DROP TABLE t; DROP TABLE u; CREATE TABLE w (a int); ALTER PUBLICATION p ADD TABLE w;',
  },
  {
    name: 'a publication, renamed and altered',
    before: 'CREATE TABLE t (a int); CREATE PUBLICATION p FOR TABLE t;',
    up: "ALTER PUBLICATION p SET (publish = 'insert'); ALTER PUBLICATION p RENAME TO q; ALTER TABLE t RENAME TO u;",
  },
  {
    name: 'statistics with a target',
    before: 'CREATE TABLE t (a int, b int); CREATE STATISTICS s ON a, b FROM t; ALTER STATISTICS s SET STATISTICS 7;',
    up: 'ALTER STATISTICS s SET STATISTICS 9; ALTER TABLE t RENAME TO u; DROP TABLE u;',
  },
  {
    name: 'text search',
    before:
      'CREATE TEXT SEARCH CONFIGURATION c (COPY = english); ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH simple;',
    up: 'DROP TEXT SEARCH CONFIGURATION c; CREATE TEXT SEARCH CONFIGURATION d (COPY = simple); ALTER TEXT SEARCH CONFIGURATION d DROP MAPPING FOR word;',
  },
  {
    name: 'an event trigger, disabled and renamed',
    before:
      "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER t ON sql_drop EXECUTE FUNCTION e();",
    up: 'ALTER EVENT TRIGGER t DISABLE; ALTER EVENT TRIGGER t RENAME TO u;',
  },

  {
    name: 'a value of an enum that nothing uses any more',
    before: "CREATE TYPE e AS ENUM ('a', 'c'); COMMENT ON TYPE e IS 'e'; CREATE TABLE t (e e); DROP TABLE t;",
    up: "ALTER TYPE e ADD VALUE 'b' BEFORE 'c';",
    says: /nothing uses it/,
  },
  {
    name: 'another column takes the place of a key',
    before: 'CREATE TABLE b (id serial NOT NULL, x int);',
    up: 'ALTER TABLE b ADD COLUMN temp int8; ALTER TABLE b DROP COLUMN id; ALTER TABLE b RENAME COLUMN temp TO id; ALTER TABLE b ADD CONSTRAINT b_pkey PRIMARY KEY (id);',
    expect: 'columnOrder',
  },
  {
    name: 'REVOKE on a table whose columns have rights',
    before: 'CREATE TABLE t (a int, b int); GRANT SELECT (a) ON t TO pg_monitor; CREATE VIEW v AS SELECT a FROM t;',
    up: 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO pg_monitor;',
  },
  {
    name: 'a trigger on the column of its WHEN',
    before:
      "CREATE TABLE t (a int, b int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.b > 3) EXECUTE FUNCTION f();",
    up: 'ALTER TABLE t DROP COLUMN b CASCADE;',
  },
  {
    name: 'statistics and collations, renamed and moved',
    before:
      'CREATE SCHEMA s; SET search_path = s, public; CREATE COLLATION c FROM "C"; RESET search_path; CREATE TABLE t (a int, b int); CREATE STATISTICS ON a, b FROM t; ALTER TABLE t RENAME a TO z;',
    up: 'DROP STATISTICS t_a_b_stat; DROP COLLATION s.c; ALTER SCHEMA s RENAME TO r; CREATE STATISTICS st ON z, b FROM t; DROP STATISTICS st;',
    from: 16,
  },
  {
    name: 'DROP SERVER … CASCADE',
    before: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s; CREATE FOREIGN TABLE f (a int NOT NULL, b text) SERVER s; CREATE VIEW v AS SELECT a FROM f; COMMENT ON FOREIGN TABLE f IS 'far away';`,
    up: 'DROP SERVER s CASCADE;',
  },
  {
    name: 'DROP FOREIGN DATA WRAPPER … CASCADE',
    before: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f (a int) SERVER s;`,
    up: 'DROP FOREIGN DATA WRAPPER w CASCADE;',
  },
  {
    name: 'DROP SCHEMA … CASCADE with default rights',
    before:
      'CREATE SCHEMA s; ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor; CREATE TABLE s.t (a int); CREATE TABLE s.u (a int); REVOKE ALL ON s.u FROM pg_monitor;',
    up: 'DROP SCHEMA s CASCADE;',
  },
  {
    name: 'a publication of a table with children',
    before:
      'CREATE TABLE a (x int); CREATE TABLE b () INHERITS (a); CREATE PUBLICATION p; CREATE PUBLICATION q FOR TABLE ONLY a;',
    up: 'ALTER PUBLICATION p ADD TABLE a; DROP PUBLICATION q;',
  },
  {
    name: 'a view over one that gets a column',
    before: 'CREATE TABLE a (x int, y int); CREATE VIEW v AS SELECT x FROM a;',
    up: 'CREATE VIEW w AS SELECT x FROM v; CREATE OR REPLACE VIEW v AS SELECT x, y FROM a; ALTER VIEW w RENAME TO z;',
  },
  {
    name: 'a publication dropped after its table',
    before:
      "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE PUBLICATION p FOR TABLE t WITH (publish = 'insert'); CREATE PUBLICATION q FOR ALL TABLES;",
    up: 'DROP TABLE t; DROP PUBLICATION p; DROP PUBLICATION q;',
  },
  {
    name: 'a function made, moved, and gone with its schema',
    before: '',
    up: "CREATE SCHEMA s; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE e AS ENUM ('a'); ALTER FUNCTION f() SET SCHEMA s; ALTER TYPE e SET SCHEMA s; DROP SCHEMA s CASCADE;",
  },
  // What can't be undone
  {
    name: 'dynamic SQL',
    before: ORDERS,
    up: "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN ' || coalesce((SELECT name FROM customers LIMIT 1), 'x') || ' int'; END $$;",
    expect: 'declined',
    says: /cannot be undone: line 1/,
  },
  {
    name: 'what the catalog does not hold',
    before: 'CREATE TEXT SEARCH CONFIGURATION c (COPY = english);',
    up: 'ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH simple;',
    expect: 'declined',
    says: /what the text search configuration c was before/,
  },
  {
    name: 'the cost of a function',
    before: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    up: 'ALTER FUNCTION f() COST 5;',
    expect: 'declined',
  },
  {
    name: 'system catalogs changed by hand',
    before: ORDERS,
    up: "UPDATE pg_attribute SET attstattarget = 5 WHERE attrelid = 'orders'::regclass AND attname = 'note';",
    expect: 'declined',
  },
  {
    name: 'DDL under a condition that rows decide',
    before: ORDERS,
    up: "DO $$ BEGIN IF EXISTS (SELECT FROM customers WHERE name = 'x') THEN ALTER TABLE orders DROP COLUMN note; END IF; END $$;",
    expect: 'declined',
    says: /a condition that only the server can decide/,
  },
  {
    name: 'a list that becomes a value without a cast from its elements',
    before: 'CREATE TABLE t (id integer, note text, placed timestamptz);',
    up: 'ALTER TABLE t ALTER COLUMN note TYPE integer[] USING NULL, ALTER COLUMN placed TYPE integer[] USING NULL;',
  },
  {
    name: 'a constraint that is added and renamed before its table is dropped',
    before: 'CREATE TABLE bare (id integer, note text);',
    up: "ALTER TABLE bare ADD CONSTRAINT one CHECK (note <> '');\nALTER TABLE bare RENAME CONSTRAINT one TO two;\nDROP TABLE bare;",
  },
  {
    name: 'a child whose own column is NOT NULL by its parent alone',
    before: 'CREATE TABLE parent (id integer NOT NULL);\nCREATE TABLE child (id integer, more text) INHERITS (parent);',
    up: 'DROP TABLE child;',
  },
  {
    name: 'attributes of a type that a table is made of',
    before: 'CREATE TYPE pair AS (x integer, y integer);',
    up: 'CREATE TABLE pairs OF pair;\nALTER TYPE pair ALTER ATTRIBUTE y TYPE bigint CASCADE, ADD ATTRIBUTE z text CASCADE;\nALTER TYPE pair RENAME ATTRIBUTE x TO w CASCADE;',
  },
  {
    name: 'rows only',
    before: ORDERS,
    up: "DELETE FROM orders WHERE total = 0; INSERT INTO customers (name) VALUES ('x');",
    says: /rows of orders that line 1 \(DELETE\) removed/,
  },
];
