import { group } from './case.ts';
import { SHOP } from './shop.ts';

/** Conditions about the schema, some that hold and some that don't: the replayed catalog has to know which. */
const CONDITIONS = [
  "EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood')",
  "NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'temper')",
  "EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'mood' AND n.nspname = 'public')",
  "EXISTS (SELECT FROM pg_type WHERE typname = 'mood' AND typtype = 'e')",
  "EXISTS (SELECT 1 FROM pg_enum WHERE enumlabel = 'happy' AND enumtypid = 'mood'::regtype)",
  "EXISTS (SELECT 1 FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typname = 'mood' AND e.enumlabel = 'angry')",
  "EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_customer_fk')",
  "NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'orders_state_check')",
  "EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'p')",
  "EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = 'public.notes'::regclass AND contype = 'p')",
  "EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid WHERE r.relname = 'items' AND c.contype = 'f' AND NOT c.convalidated)",
  "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'total')",
  "NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'orders' AND column_name = 'note')",
  "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'total' AND is_nullable = 'YES')",
  "(SELECT data_type FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'state') = 'character varying'",
  "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'app' AND table_name = 'audit')",
  "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'archive' AND table_name = 'audit')",
  "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = 'notes')",
  "EXISTS (SELECT 1 FROM pg_indexes WHERE indexname = 'orders_customer_idx')",
  "EXISTS (SELECT 1 FROM pg_indexes WHERE tablename = 'orders' AND indexname = 'orders_number_idx')",
  "EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'orders_customer_idx' AND n.nspname = 'public')",
  "EXISTS (SELECT 1 FROM pg_class WHERE relname = 'customer_names' AND relkind = 'v')",
  "EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'orders_touch')",
  "EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'orders_touch' AND tgrelid = 'notes'::regclass)",
  "EXISTS (SELECT 1 FROM pg_policies WHERE tablename = 'notes' AND policyname = 'notes_all')",
  "EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'touch')",
  "EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'app')",
  "NOT EXISTS (SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'reports')",
  "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'number' AND NOT attisdropped)",
  "EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE table_name = 'orders' AND constraint_type = 'PRIMARY KEY')",
  "EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE constraint_name = 'notes_pkey' AND table_name = 'notes')",
  "EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citext')",
  "to_regclass('public.orders') IS NOT NULL",
  "to_regclass('refunds') IS NULL",
  "to_regtype('mood') IS NOT NULL",
  "to_regtype('temper') IS NULL",
  "NOT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'temper' AND n.nspname = 'public')",
  "EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid WHERE c.conname = 'nothing')",
  "NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'nothing' AND relkind = 'S')",
  "EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'nothing')",
  "EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_name = 'touch')",
  "NOT EXISTS (SELECT 1 FROM pg_type WHERE typname IN ('temper', 'mood'))",
  "(SELECT count(*) FROM information_schema.columns WHERE table_name = 'notes') = 3",
  "(SELECT count(*) FROM pg_constraint WHERE conname LIKE 'orders_%_fk') > 2",
  "EXISTS (SELECT 1 FROM pg_tables WHERE tablename IN ('refunds', 'orders')) AND NOT EXISTS (SELECT 1 FROM pg_views WHERE viewname = 'nothing')",
  "current_setting('server_version_num')::int >= 160000",
  "EXISTS (SELECT 1 FROM information_schema.triggers WHERE event_object_table = 'orders' AND trigger_name = 'orders_touch')",
];

/** DO blocks as migrations have them: what runs hangs on the schema. */
export const BLOCK_CASES = [
  group('DO', SHOP, [
    ...CONDITIONS.map(
      (condition) =>
        `DO $$ BEGIN IF ${condition} THEN ALTER TABLE notes ADD COLUMN extra integer; ELSE ALTER TABLE scratch ADD COLUMN extra integer; END IF; END $$`,
    ),
    "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'temper') THEN CREATE TYPE temper AS ENUM ('a'); ALTER TABLE notes ADD COLUMN temper temper; END IF; IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'temper') THEN ALTER TABLE scratch ADD COLUMN n integer; END IF; END $$",
    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'refunds') THEN DROP TABLE notes; ELSIF EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'scratch') THEN ALTER TABLE scratch ADD COLUMN n integer; ELSE DROP TABLE items; END IF; END $$",
    "DO $$ BEGIN IF to_regclass('orders') IS NOT NULL THEN RETURN; END IF; DROP TABLE notes; END $$",
    "DO $$ BEGIN IF to_regclass('refunds') IS NOT NULL THEN RETURN; END IF; ALTER TABLE notes ADD COLUMN n integer; END $$",
    "DO $$ DECLARE name text; BEGIN FOREACH name IN ARRAY ARRAY['orders', 'refunds', 'notes'] LOOP IF to_regclass(name) IS NOT NULL THEN EXECUTE format('ALTER TABLE %I ADD COLUMN extra integer', name); END IF; END LOOP; END $$",
    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'refunds') THEN EXECUTE (SELECT string_agg('DROP TABLE ' || tablename, ';') FROM pg_tables); END IF; END $$",
    {
      sql: "SELECT add_if_missing('notes', 'extra'), add_if_missing('orders', 'total')",
      first:
        "CREATE FUNCTION add_if_missing(relation text, col text) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = relation AND column_name = col) THEN EXECUTE format('ALTER TABLE %I ADD COLUMN %I integer', relation, col); END IF; END $f$",
    },
    // What only a server knows: both branches are said.
    {
      sql: "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 'tables') THEN ALTER TABLE notes ADD COLUMN n integer; ELSE DROP TABLE scratch; END IF; END $$",
      unseen: 1,
    },
    {
      sql: "DO $$ BEGIN IF to_regtype('integer') IS NULL OR EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_name = 'lower') THEN ALTER TABLE notes ADD COLUMN n integer; ELSE DROP TABLE scratch; END IF; END $$",
      unseen: 1,
    },
    'DO $$ BEGIN IF EXISTS (SELECT 1 FROM orders WHERE id < 0) THEN ALTER TABLE notes ADD COLUMN n integer; END IF; ALTER TABLE notes ADD COLUMN n integer; END $$',
  ]),
  group('rules', SHOP, [
    {
      sql: "INSERT INTO customer_names (id, name) VALUES (99, 'n')",
      first:
        'CREATE RULE insert_names AS ON INSERT TO customer_names DO INSTEAD INSERT INTO notes (body) VALUES (new.name)',
    },
    {
      sql: "UPDATE order_names SET name = 'x' WHERE id = 1",
      first:
        'CREATE RULE update_names AS ON UPDATE TO order_names DO INSTEAD UPDATE customers SET name = new.name FROM orders WHERE orders.id = old.id AND customers.id = orders.customer_id',
    },
    {
      sql: 'DELETE FROM order_names WHERE id = 999',
      unseen: 1,
      first: 'CREATE RULE delete_names AS ON DELETE TO order_names DO INSTEAD DELETE FROM orders WHERE id = old.id',
    },
    {
      sql: "INSERT INTO notes (body) VALUES ('a')",
      first: 'CREATE RULE copy_notes AS ON INSERT TO notes DO ALSO INSERT INTO app.audit VALUES (1, new.body)',
    },
    {
      sql: "INSERT INTO notes (body) VALUES ('a')",
      first: 'CREATE RULE instead_of AS ON INSERT TO notes DO INSTEAD INSERT INTO app.audit VALUES (1, new.body)',
    },
    {
      sql: 'UPDATE orders SET number = 3',
      first:
        "CREATE RULE audit_orders AS ON UPDATE TO orders WHERE old.number <> new.number DO ALSO INSERT INTO app.audit VALUES (old.id, 'x')",
    },
    {
      sql: "INSERT INTO notes (body) VALUES ('a')",
      first:
        'CREATE RULE copy_notes AS ON INSERT TO notes DO ALSO INSERT INTO app.audit VALUES (1, new.body); ALTER TABLE notes DISABLE RULE copy_notes',
    },
    'DELETE FROM notes',
  ]),
  group('called functions', SHOP, [
    {
      sql: 'ALTER TABLE orders ADD CHECK (is_known(customer_id))',
      first:
        'CREATE FUNCTION is_known(bigint) RETURNS boolean LANGUAGE sql AS $f$ SELECT count(*) >= 0 FROM customers WHERE id = $1 $f$',
    },
    {
      sql: 'ALTER TABLE orders ADD CHECK (is_known(customer_id)) NOT VALID',
      first:
        'CREATE FUNCTION is_known(bigint) RETURNS boolean LANGUAGE sql AS $f$ SELECT count(*) >= 0 FROM customers WHERE id = $1 $f$',
    },
    {
      sql: 'ALTER TABLE orders VALIDATE CONSTRAINT known',
      first:
        'CREATE FUNCTION is_known(bigint) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN RETURN (SELECT count(*) >= 0 FROM customers WHERE id = $1); END $f$; ALTER TABLE orders ADD CONSTRAINT known CHECK (is_known(customer_id)) NOT VALID',
    },
    {
      sql: 'INSERT INTO orders (customer_id, number) VALUES (1, 2)',
      first:
        'CREATE FUNCTION is_known(integer) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN RETURN (SELECT count(*) >= 0 FROM notes); END $f$; ALTER TABLE orders ADD CONSTRAINT known CHECK (is_known(number))',
    },
    {
      sql: 'ALTER TABLE orders ADD COLUMN newest integer DEFAULT newest()',
      first:
        'CREATE FUNCTION newest() RETURNS integer LANGUAGE plpgsql STABLE AS $f$ BEGIN RETURN (SELECT count(*) FROM notes); END $f$',
    },
    ...[
      ['REINDEX TABLE orders', 'CREATE INDEX ON orders (seen(number))'],
      ['CLUSTER orders USING orders_pkey', 'CREATE INDEX ON orders (number) WHERE seen(number) > 0'],
      ['ALTER TABLE orders ADD COLUMN serial_number bigserial', 'CREATE INDEX ON orders (seen(number))'],
      ['ALTER TABLE orders ADD UNIQUE (number)', 'CREATE INDEX ON orders (seen(number))'],
      ['INSERT INTO orders (customer_id) VALUES (1)', 'CREATE INDEX ON orders (seen(number))'],
      ['UPDATE orders SET number = 3', 'CREATE INDEX ON orders (number) WHERE seen(number) > 0'],
      ['DELETE FROM notes', 'CREATE INDEX ON notes (seen(1))'],
      ['ALTER DOMAIN positive ADD CONSTRAINT seen CHECK (seen(VALUE) >= 0)', 'SELECT 1'],
      [
        'ALTER DOMAIN positive VALIDATE CONSTRAINT seen',
        'ALTER DOMAIN positive ADD CONSTRAINT seen CHECK (seen(VALUE) >= 0) NOT VALID',
      ],
      [
        'INSERT INTO tallies VALUES (1)',
        'CREATE DOMAIN tally AS integer CHECK (seen(VALUE) >= 0); CREATE TABLE tallies (n tally)',
      ],
      [
        "UPDATE notes SET body = 'x'",
        'CREATE TRIGGER seen BEFORE UPDATE ON notes FOR EACH ROW WHEN (seen(1) > 0) EXECUTE FUNCTION touch()',
      ],
    ].map(([sql = '', first = '']) => ({
      sql,
      first: `CREATE TABLE sights (id integer); CREATE FUNCTION seen(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT count(*) FROM public.sights); END'; ${first}`,
    })),
    {
      sql: "CALL add_note(NULL, 'nothing')",
      first:
        'CREATE PROCEDURE add_note(OUT made bigint, wanted text) LANGUAGE plpgsql AS $f$ BEGIN IF to_regclass(wanted) IS NULL THEN DELETE FROM notes; ELSE DROP TABLE scratch; END IF; END $f$',
    },
    {
      sql: 'ALTER TABLE orders ALTER COLUMN number TYPE text USING newest()',
      first:
        'CREATE FUNCTION newest() RETURNS text LANGUAGE plpgsql STABLE AS $f$ BEGIN RETURN (SELECT count(*) FROM notes); END $f$',
    },
    {
      sql: 'CREATE INDEX ON orders (looked_up(number))',
      // From 17 on such functions run with a search path of their own.
      until: 16,
      first:
        'CREATE FUNCTION looked_up(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN (SELECT count(*) FROM notes); END $f$',
    },
  ]),
];
