import type { ServerMajor } from '../../src/core/catalog/catalog.ts';
import type { ToolId } from '../../src/core/tools/tool.ts';

/** A migration with a finding that has a safe form; fixed under every tool, and run on a real server. */
export interface MatrixCase {
  readonly name: string;
  readonly rule: string;
  /** Where a tool has a finding of its own for it; null: none, since it copes. */
  readonly ruleUnder?: Readonly<Partial<Record<ToolId, string | null>>>;
  /** The migration, without a tool's own marks. */
  readonly sql: string;
  /** An earlier migration, after the example schema. */
  readonly earlier?: string;
  /** Rows that the tables hold besides, for the server. */
  readonly rows?: string;
  /** 16 unless told. */
  readonly major?: ServerMajor;
  /** Tools under which there is no safe place, and why. */
  readonly without?: Readonly<Partial<Record<ToolId, string>>>;
  /** Statement by statement there is nothing to report. */
  readonly onlyInTransaction?: boolean;
  /** Run before the last of the new files: what a person does between the deploys. */
  readonly between?: string;
  /** The unsafe form fails where there are rows: compared on empty tables, and run with rows. */
  readonly unsafeFails?: boolean;
  /** A query whose rows have to be the same as after the unsafe form. */
  readonly same?: string;
  /** A query that has to say true. */
  readonly holds?: string;
  /** Properties of the catalog that may differ, and why. */
  readonly mayDiffer?: { readonly object: RegExp; readonly why: string };
}

const SUPABASE_DO = {
  supabase: 'sends a file and its own insert as one transaction, in which a block can not commit',
} as const;

export const FIX_MATRIX: readonly MatrixCase[] = [
  { name: 'CREATE INDEX', rule: 'require-concurrent-index', sql: 'CREATE INDEX orders_number_idx ON orders (number);' },
  {
    name: 'CREATE INDEX among others',
    rule: 'require-concurrent-index',
    sql: "-- a column\nALTER TABLE orders ADD COLUMN remark text;\n-- CreateIndex\nCREATE UNIQUE INDEX orders_number_idx ON orders (number) WHERE number > 0; -- partial\nCOMMENT ON COLUMN orders.remark IS 'free; text';",
  },
  {
    name: 'CREATE INDEX on a partitioned table',
    rule: 'require-concurrent-index',
    earlier: "CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');",
    sql: '-- by id\nCREATE INDEX ON events (id, at DESC) WHERE id > 0;',
  },
  {
    name: 'CREATE INDEX on a partitioned table whose partitions have partitions, one with the index',
    rule: 'require-concurrent-index',
    earlier:
      "CREATE TABLE visits (site integer, at date NOT NULL, note text) PARTITION BY LIST (site);\nCREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1) PARTITION BY RANGE (at);\nCREATE TABLE visits_1_old PARTITION OF visits_1 FOR VALUES FROM (MINVALUE) TO ('2025-01-01');\nCREATE TABLE \"Visits 1 New\" PARTITION OF visits_1 FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);\nCREATE TABLE visits_rest PARTITION OF visits DEFAULT;\nCREATE INDEX rest_note ON visits_rest (lower(note));",
    rows: "INSERT INTO visits SELECT n % 3, date '2024-06-01' + n, 'x' FROM generate_series(0, 400) n;",
    sql: 'CREATE INDEX visits_note ON visits (lower(note));',
  },
  {
    name: 'ADD UNIQUE on a partitioned table whose partitions have partitions',
    rule: 'unique-using-index',
    earlier:
      "CREATE TABLE visits (site integer, at date NOT NULL, n integer) PARTITION BY LIST (site);\nCREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1) PARTITION BY RANGE (at);\nCREATE TABLE visits_1_old PARTITION OF visits_1 FOR VALUES FROM (MINVALUE) TO ('2025-01-01');\nCREATE TABLE visits_rest PARTITION OF visits DEFAULT;",
    rows: "INSERT INTO visits SELECT n % 3, date '2024-01-01' + n % 300, n FROM generate_series(0, 400) n;",
    sql: 'ALTER TABLE visits ADD UNIQUE (site, at, n);',
  },
  {
    name: 'CREATE INDEX without a name',
    rule: 'require-concurrent-index',
    sql: 'CREATE INDEX ON orders (lower(note), number DESC);\nALTER TABLE orders ADD COLUMN remark text;',
  },
  {
    name: 'CREATE UNIQUE INDEX, and a constraint that is made from it',
    rule: 'require-concurrent-index',
    sql: 'CREATE UNIQUE INDEX orders_number_key ON orders (number);\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;',
  },
  {
    name: 'ADD UNIQUE',
    rule: 'unique-using-index',
    sql: 'ALTER TABLE orders -- since 4.2\n  ADD UNIQUE (number, "customer_id");',
  },
  {
    name: 'ADD UNIQUE among other commands, deferrable, with more columns',
    rule: 'unique-using-index',
    sql: 'ALTER TABLE orders ADD COLUMN remark text,\n  ADD CONSTRAINT "Number" UNIQUE (number) INCLUDE (total) DEFERRABLE INITIALLY DEFERRED, -- why\n  ADD COLUMN other integer;',
  },
  {
    name: 'ADD COLUMN … UNIQUE',
    rule: 'unique-using-index',
    sql: 'ALTER TABLE orders ADD COLUMN reference text CONSTRAINT reference_once UNIQUE, ADD COLUMN "Other" integer;',
  },
  {
    name: 'ADD UNIQUE, and a foreign key that refers to it',
    rule: 'unique-using-index',
    sql: 'ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE (email);\nCREATE TABLE logins (email text REFERENCES customers (email));',
  },
  {
    name: 'ADD PRIMARY KEY',
    rule: 'primary-key-using-index',
    earlier: 'CREATE TABLE visits (id bigint NOT NULL, at timestamptz);',
    rows: 'INSERT INTO visits SELECT n FROM generate_series(1, 100) n;',
    sql: 'ALTER TABLE visits ADD PRIMARY KEY (id);',
  },
  {
    name: 'ADD PRIMARY KEY on columns that may be NULL',
    rule: 'primary-key-using-index',
    earlier: 'CREATE TABLE visits (id bigint, part integer, at timestamptz);',
    rows: 'INSERT INTO visits SELECT n, 1 FROM generate_series(1, 100) n;',
    sql: 'ALTER TABLE visits ADD CONSTRAINT visits_pkey PRIMARY KEY (id, part);',
  },
  {
    name: 'another primary key in place of one',
    rule: 'primary-key-using-index',
    earlier: 'CREATE TABLE visits (id bigint PRIMARY KEY, part integer NOT NULL);',
    rows: 'INSERT INTO visits SELECT n, 1 FROM generate_series(1, 100) n;',
    sql: 'ALTER TABLE visits\n  DROP CONSTRAINT visits_pkey, -- too narrow\n  ADD PRIMARY KEY (id, part);',
  },
  {
    name: 'ADD FOREIGN KEY',
    rule: 'foreign-key-not-valid',
    sql: '-- AddForeignKey\nALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE SET NULL ON UPDATE CASCADE;',
  },
  {
    name: 'ADD FOREIGN KEY without a name, among others',
    rule: 'foreign-key-not-valid',
    sql: 'ALTER TABLE ONLY orders ADD COLUMN remark text, ADD FOREIGN KEY (customer_id) REFERENCES customers (id);\nCOMMENT ON TABLE orders IS $$a;b$$;',
  },
  {
    name: 'ADD COLUMN … REFERENCES with a default',
    rule: 'foreign-key-not-valid',
    sql: 'ALTER TABLE orders ADD COLUMN referrer_id bigint DEFAULT 1 /* us */ REFERENCES customers (id) ON DELETE SET DEFAULT DEFERRABLE;',
  },
  {
    name: 'ADD CHECK',
    rule: 'check-not-valid',
    sql: 'ALTER TABLE orders\n  ADD CONSTRAINT total_positive CHECK (total > 0), -- since 4.2\n  ALTER COLUMN note SET DEFAULT $$a, b$$;',
  },
  {
    name: 'ADD COLUMN … CHECK',
    rule: 'check-not-valid',
    sql: "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web' CHECK (channel IN ('web', 'shop')), ADD COLUMN b int;",
  },
  {
    name: 'SET NOT NULL',
    rule: 'set-not-null',
    sql: 'ALTER TABLE IF EXISTS orders\n  ALTER customer_id SET NOT NULL;',
  },
  {
    name: 'SET NOT NULL for PostgreSQL 18',
    rule: 'set-not-null',
    major: 18,
    sql: 'ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;',
  },
  {
    name: 'a new column, filled, and SET NOT NULL',
    rule: 'set-not-null',
    same: 'SELECT id, channel FROM orders ORDER BY id',
    sql: '-- AlterTable\nALTER TABLE "orders" ADD COLUMN "channel" TEXT;\n-- Backfill\nUPDATE "orders" SET "channel" = coalesce(note, \'web\') WHERE "channel" IS NULL;\n-- Required\nALTER TABLE "orders" ALTER COLUMN "channel" SET NOT NULL;',
  },
  {
    name: 'a new column, filled from one that goes, with a default',
    rule: 'set-not-null',
    same: 'SELECT id, remark FROM orders ORDER BY id',
    sql: "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = coalesce(orders.note, '-');\nALTER TABLE orders ALTER COLUMN remark SET DEFAULT '';\nALTER TABLE orders ALTER COLUMN remark SET NOT NULL;\nALTER TABLE orders DROP COLUMN note;",
  },
  {
    name: 'an old column, filled, and SET NOT NULL',
    rule: 'set-not-null',
    rows: 'UPDATE orders SET customer_id = NULL WHERE id % 7 = 0;',
    same: 'SELECT id, customer_id FROM orders ORDER BY id',
    sql: 'UPDATE orders o SET customer_id = 1 WHERE o.customer_id IS NULL AND o.id > 0 OR false;\nALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;',
  },
  {
    name: 'a volatile default',
    rule: 'add-column-volatile-default',
    holds: 'SELECT count(DISTINCT token) = count(*) AND count(*) > 0 FROM orders',
    sql: 'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid() /* each its own */, ADD COLUMN b integer;',
    without: SUPABASE_DO,
  },
  {
    name: 'a volatile default and NOT NULL',
    rule: 'add-column-volatile-default',
    holds: 'SELECT count(DISTINCT "Token") = count(*) AND count(*) > 0 FROM orders',
    sql: 'ALTER TABLE orders ADD COLUMN "Token" uuid NOT NULL DEFAULT gen_random_uuid();',
    without: SUPABASE_DO,
  },
  {
    name: 'a required column',
    rule: 'add-required-column',
    sql: 'ALTER TABLE "orders" ADD COLUMN "channel" TEXT NOT NULL;',
    between: "UPDATE orders SET channel = 'web';",
    unsafeFails: true,
  },
  {
    name: 'a serial column',
    rule: 'add-column-serial',
    holds:
      'WITH new AS (INSERT INTO orders (id) VALUES (0) RETURNING n) SELECT (SELECT n FROM new) > max(n) AND count(DISTINCT n) = count(*) FROM orders',
    sql: 'ALTER TABLE orders ADD COLUMN n serial;',
    without: SUPABASE_DO,
  },
  {
    name: 'an identity column',
    rule: 'add-column-serial',
    holds:
      'WITH new AS (INSERT INTO orders (id) VALUES (0) RETURNING n) SELECT (SELECT n FROM new) > max(n) AND count(DISTINCT n) = count(*) FROM orders',
    sql: 'ALTER TABLE orders ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY;',
    without: SUPABASE_DO,
  },
  { name: 'DROP INDEX', rule: 'drop-index-concurrently', sql: 'DROP INDEX orders_placed_at_idx;' },
  {
    name: 'DROP INDEX of several, and one of the same name made again',
    rule: 'drop-index-concurrently',
    earlier: 'CREATE INDEX extra ON customers (name);',
    sql: '-- both\nDROP INDEX IF EXISTS orders_placed_at_idx, extra;\nCREATE TABLE extra (id bigint);',
  },
  {
    name: 'CREATE INDEX IF NOT EXISTS',
    rule: 'require-concurrent-index',
    sql: 'CREATE INDEX IF NOT EXISTS orders_number_idx ON orders (number);',
  },
  { name: 'REINDEX', rule: 'require-concurrent-reindex', sql: 'REINDEX TABLE orders;' },
  {
    name: 'REINDEX INDEX',
    rule: 'require-concurrent-reindex',
    sql: 'reindex (verbose) index orders_placed_at_idx;',
    without: { supabase: 'knows what refuses a transaction by its first words' },
  },
  { name: 'REFRESH', rule: 'require-concurrent-refresh', sql: 'REFRESH MATERIALIZED VIEW sales;' },
  {
    name: 'DETACH PARTITION',
    rule: 'detach-partition-concurrently',
    sql: 'ALTER TABLE events DETACH PARTITION events_2024;',
    without: { supabase: 'has no way to leave the transaction out for ALTER TABLE' },
  },
  {
    name: 'ATTACH PARTITION',
    rule: 'attach-partition-scan',
    rows: "INSERT INTO events_2025 SELECT n, date '2025-01-01' + n FROM generate_series(0, 300) n;",
    sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
  },
  {
    name: 'ATTACH PARTITION to a list',
    rule: 'attach-partition-scan',
    earlier:
      'CREATE TABLE parts (kind text NOT NULL, id bigint) PARTITION BY LIST (kind);\nCREATE TABLE parts_a (kind text NOT NULL, id bigint);',
    rows: "INSERT INTO parts_a SELECT 'a', n FROM generate_series(0, 300) n;",
    sql: "ALTER TABLE parts ATTACH PARTITION parts_a FOR VALUES IN ('a', 'b');",
  },
  {
    name: 'UPDATE of all rows',
    rule: 'unbatched-dml',
    same: 'SELECT id, note FROM orders ORDER BY id',
    sql: "UPDATE orders SET note = 'none';",
    without: SUPABASE_DO,
  },
  {
    name: 'UPDATE … FROM, of a table in another schema, with a column that is called as a variable is',
    rule: 'unbatched-dml',
    earlier:
      'CREATE SCHEMA "My App";\nCREATE TABLE "My App"."Größe" ("Id" text PRIMARY KEY, batch_start text, customer bigint);',
    rows: 'INSERT INTO "My App"."Größe" SELECT md5(n::text), \'x\', n % 100 FROM generate_series(1, 6000) n;',
    same: 'SELECT * FROM "My App"."Größe" ORDER BY 1',
    sql: 'UPDATE "My App"."Größe" AS g SET batch_start = c.email FROM customers c WHERE c.id = g.customer;',
    without: SUPABASE_DO,
  },
  {
    name: 'DELETE with a key of two columns, among others',
    rule: 'unbatched-dml',
    earlier:
      'CREATE TABLE lines (order_id bigint, position integer, "Batch_start" text, PRIMARY KEY (order_id, position));',
    rows: "INSERT INTO lines SELECT n / 10, n % 10, 'x' FROM generate_series(0, 20000) n;",
    same: 'SELECT * FROM lines ORDER BY 1, 2',
    sql: 'ALTER TABLE lines ADD COLUMN remark text;\n-- old ones\nDELETE FROM lines USING orders\n  WHERE orders.id = lines.order_id AND "Batch_start" = \'x\' -- none\n  ;\nALTER TABLE lines ADD COLUMN other text;',
    without: SUPABASE_DO,
  },
  {
    name: 'a column and its values in one transaction',
    rule: 'backfill-with-ddl',
    same: 'SELECT id, remark FROM orders ORDER BY id',
    sql: "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = 'x' WHERE remark IS NULL;\nALTER TABLE orders ADD COLUMN other text;",
    onlyInTransaction: true,
    without: SUPABASE_DO,
  },
  {
    name: 'NOT VALID and VALIDATE in one transaction',
    rule: 'lock-held-through-work',
    sql: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;\n-- now\nALTER TABLE orders VALIDATE CONSTRAINT total_positive; -- done',
    onlyInTransaction: true,
  },
  {
    name: 'an enum value that is used at once',
    rule: 'enum-value-in-transaction',
    sql: "ALTER TYPE order_status ADD VALUE 'refunded';\nALTER TABLE orders ALTER COLUMN status SET DEFAULT 'refunded';\nCOMMENT ON TABLE orders IS 'x'",
    onlyInTransaction: true,
  },
  {
    name: 'CONCURRENTLY in a transaction',
    rule: 'not-in-transaction',
    ruleUnder: { flyway: 'flyway-mixed-transactions', supabase: null },
    sql: 'ALTER TABLE orders ADD COLUMN remark text;\nCREATE INDEX CONCURRENTLY a ON orders (remark);\nALTER TABLE orders ADD COLUMN other text;',
    onlyInTransaction: true,
  },
  {
    name: 'what was never validated',
    rule: 'never-validated',
    sql: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
    mayDiffer: { object: /total_positive/, why: 'the finding is that it is not validated' },
  },
];
