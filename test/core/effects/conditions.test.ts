import { deepStrictEqual, match, strictEqual } from 'node:assert';
import { effectsOf, lastStatements } from './support.ts';

/** The oracle compares some forty conditions with real servers (`test/oracle/cases/blocks.ts`); here is what only the replay can show. */
const SCHEMA = 'CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE c2 (id int);';
const block = (condition: string): string =>
  `DO $$ BEGIN IF ${condition} THEN ALTER TABLE a ADD COLUMN n int; ELSE ALTER TABLE b ADD COLUMN n int; END IF; END $$`;
const A = ['a: ACCESS EXCLUSIVE'];
const B = ['b: ACCESS EXCLUSIVE'];
const BOTH = [...A, ...B];

describe('conditions about the schema', () => {
  it('are decided by the replayed catalog', () => {
    deepStrictEqual(effectsOf([SCHEMA, block("EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'a')")]), A);
    deepStrictEqual(effectsOf([SCHEMA, block("EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'z')")]), B);
  });

  it('keep both branches where only a server knows: rows, roles, settings, system objects', () => {
    for (const condition of [
      "(SELECT setting FROM pg_settings WHERE name = 'jit') = 'on'",
      "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'app')",
      "current_setting('app.flag') = 'on'",
      "EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'gen_random_uuid')",
      "EXISTS (SELECT 1 FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'z')",
    ])
      deepStrictEqual(effectsOf([SCHEMA, block(condition)]), BOTH, condition);
  });

  it('keep both branches for what an extension, a type or PostgreSQL itself may bring', () => {
    const exists = (query: string): string => `EXISTS (SELECT 1 FROM ${query})`;
    const cases: readonly (readonly [extension: string, condition: string])[] = [
      ['pg_stat_statements', exists("pg_views WHERE viewname = 'pg_stat_statements'")],
      ['pg_stat_statements', exists("pg_views WHERE schemaname = 'public' AND viewname = 'pg_stat_statements'")],
      ['pg_stat_statements', exists("information_schema.views WHERE table_name = 'pg_stat_statements'")],
      ['postgis', exists("pg_tables WHERE tablename = 'spatial_ref_sys'")],
      ['postgis', exists("pg_tables WHERE tablename IN ('z', 'spatial_ref_sys')")],
      ['postgis', exists("information_schema.columns WHERE table_name = 'spatial_ref_sys' AND column_name = 'srid'")],
      [
        'postgis',
        exists(
          "pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = 'spatial_ref_sys' AND a.attname = 'srid'",
        ),
      ],
      ['postgis', exists("pg_class c JOIN pg_attribute a ON c.oid = a.attrelid WHERE a.attname = 'srid'")],
      ['postgis', exists("pg_constraint WHERE conname = 'spatial_ref_sys_pkey'")],
      ['pg_cron', exists("pg_namespace WHERE nspname = 'partman'")],
      ['timescaledb', exists("pg_namespace WHERE nspname = '_timescaledb_other'")],
      ['timescaledb', exists("information_schema.schemata WHERE schema_name = '_timescaledb_other'")],
      ['plpgsql', exists("pg_tables WHERE tablename = 'pg_class'")],
      ['plpgsql', exists("pg_views WHERE viewname = 'pg_roles'")],
      ['plpgsql', exists("pg_views WHERE viewname LIKE 'p%_roles'")],
      ['plpgsql', exists("pg_class WHERE relname LIKE '%z'")],
      ['postgis', exists("pg_tables WHERE tablename LIKE 'spatial%'")],
      ['plpgsql', exists("information_schema.columns WHERE table_name = 'pg_class'")],
      ['plpgsql', exists("pg_attribute WHERE attname = 'relname'")],
      ['plpgsql', exists("pg_namespace WHERE nspname = 'pg_toast'")],
      ['plpgsql', exists("pg_type WHERE typname = '_mood'")],
      ['plpgsql', exists("pg_type WHERE typname = '_int4'")],
      ['plpgsql', exists("pg_type WHERE typname = '_a'")],
      ['plpgsql', "to_regtype('_mood') IS NOT NULL"],
      ['plpgsql', "to_regtype('nchar') IS NOT NULL"],
    ];
    for (const [extension, condition] of cases) {
      const made = extension === 'plpgsql' ? '' : `CREATE EXTENSION ${extension};`;
      deepStrictEqual(
        effectsOf([`${SCHEMA} ${made} CREATE TYPE mood AS ENUM ('x');`, block(condition)]),
        BOTH,
        condition,
      );
    }
  });

  it('are decided where nothing but the history can have made it', () => {
    const made = `${SCHEMA} CREATE EXTENSION postgis; CREATE EXTENSION "uuid-ossp"; CREATE SCHEMA app; CREATE TABLE app.x (id int);`;
    for (const condition of [
      "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'z')",
      "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'app' AND table_name = 'x' AND column_name = 'z')",
      "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'z')",
      "EXISTS (SELECT 1 FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid WHERE c.relname = 'c2' AND t.attname = 'z')",
      "EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = 'a'::regclass AND conname = 'z')",
      "EXISTS (SELECT 1 FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relname = 'a' AND k.conname = 'z')",
      "EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'z')",
      "to_regtype('a') IS NULL",
    ])
      deepStrictEqual(effectsOf([made, block(condition)]), B, condition);
    for (const condition of [
      "EXISTS (SELECT 1 FROM pg_tables WHERE tablename IN ('y', 'z'))",
      "EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'z%')",
      "EXISTS (SELECT 1 FROM pg_views WHERE viewname = 'z')",
      "EXISTS (SELECT 1 FROM pg_constraint WHERE conname LIKE 'orders_%_fk')",
    ])
      deepStrictEqual(effectsOf([SCHEMA, block(condition)]), B, condition);
    deepStrictEqual(effectsOf([made, block("EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'app')")]), A);
  });

  it('compare texts with patterns as the server does', () => {
    const named = (test: string): string =>
      block(`EXISTS (SELECT 1 FROM pg_class WHERE relname = 'c2' AND relname ${test})`);
    for (const test of ["LIKE 'c%'", "LIKE 'c\\2'", "NOT LIKE 'c\\_'", "ILIKE 'C_'", "NOT ILIKE 'D%'"])
      deepStrictEqual(effectsOf([SCHEMA, named(test)]), A, test);
    for (const test of ["LIKE 'C%'", "NOT LIKE 'c%'", "NOT ILIKE 'C%'"])
      deepStrictEqual(effectsOf([SCHEMA, named(test)]), B, test);
    for (const test of ["LIKE 'c\\'", "ILIKE 'Ç%'", "LIKE 'c#2' ESCAPE '#'"])
      deepStrictEqual(effectsOf([SCHEMA, named(test)]), BOTH, test);
  });

  it('do not take a missing baseline for an absent table', () => {
    const exists = block("EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'z')");
    deepStrictEqual(effectsOf([`${SCHEMA} ALTER TABLE elsewhere ADD COLUMN x int;`, exists]), BOTH);
    deepStrictEqual(
      effectsOf([`${SCHEMA} ALTER TABLE elsewhere ADD COLUMN x int;`, block("to_regclass('a') IS NOT NULL")]),
      A,
    );
  });

  it('are asked once, where they stand: what the branch makes does not close it', () => {
    const sql =
      "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'c') THEN CREATE TABLE c (id int); ALTER TABLE a ADD COLUMN n int; END IF; IF to_regclass('c') IS NULL THEN DROP TABLE b; END IF; END $$";
    deepStrictEqual(effectsOf([SCHEMA, sql]), [...A, 'new c: ACCESS EXCLUSIVE']);
  });

  it('leave what is opaque in a branch that does not run', () => {
    const sql = (table: string): string =>
      `DO $$ BEGIN IF to_regclass('${table}') IS NOT NULL THEN EXECUTE (SELECT 'DROP ' || current_user); END IF; END $$`;
    strictEqual(lastStatements([SCHEMA, sql('z')])[0]?.effects.opaque.length, 0);
    strictEqual(lastStatements([SCHEMA, sql('a')])[0]?.effects.opaque.length, 1);
  });

  it('end the block with a RETURN that is certain', () => {
    const sql = (condition: string): string =>
      `DO $$ BEGIN IF ${condition} THEN RETURN; END IF; ALTER TABLE a ADD COLUMN n int; END $$`;
    deepStrictEqual(effectsOf([SCHEMA, sql("to_regclass('b') IS NOT NULL")]), []);
    deepStrictEqual(effectsOf([SCHEMA, sql("to_regclass('z') IS NOT NULL")]), A);
    deepStrictEqual(effectsOf([SCHEMA, sql('EXISTS (SELECT 1 FROM b)')]), [...A, 'b: ACCESS SHARE [scan]']);
  });
});

describe('indexes that the history never made', () => {
  it('leave a concurrent DROP known: it stops nobody', () => {
    for (const sql of ['DROP INDEX CONCURRENTLY lost_idx', 'DROP INDEX CONCURRENTLY IF EXISTS lost_idx'])
      deepStrictEqual(
        lastStatements([`ALTER TABLE elsewhere ADD COLUMN n int; ${sql}`]).at(-1)?.effects.opaque,
        [],
        sql,
      );
    strictEqual(lastStatements(['REINDEX INDEX CONCURRENTLY lost_idx'])[0]?.effects.opaque.length, 1);
  });

  it('make DROP and REINDEX opaque, unless they were dropped before', () => {
    match(lastStatements(['DROP INDEX lost_idx'])[0]?.effects.opaque[0]?.reason ?? '', /no migration makes this index/);
    match(
      lastStatements(['REINDEX INDEX lost_idx'])[0]?.effects.opaque[0]?.reason ?? '',
      /no migration makes this index/,
    );
    deepStrictEqual(lastStatements(['DROP INDEX IF EXISTS lost_idx'])[0]?.effects.opaque, []);
    const gone = 'CREATE TABLE t (id int); CREATE INDEX i ON t (id); DROP INDEX i; DROP INDEX i';
    deepStrictEqual(lastStatements([gone]).at(-1)?.effects.opaque, []);
  });
});

describe('functions that neither PostgreSQL nor the history has', () => {
  const opaque = (sql: string): readonly string[] =>
    lastStatements([SCHEMA, sql])
      .at(-1)!
      .effects.opaque.map(({ reason }) => reason);

  it('are not known where the migration calls them', () => {
    const reason = ['function partman.create_parent, which neither PostgreSQL nor this history has'];
    deepStrictEqual(opaque("SELECT partman.create_parent('public.a', 'at')"), reason);
    deepStrictEqual(opaque("DO $$ BEGIN PERFORM partman.create_parent('public.a', 'at'); END $$"), reason);
    deepStrictEqual(opaque("CALL refresh_continuous_aggregate('a', NULL, NULL)").length, 1);
    deepStrictEqual(opaque("SELECT * FROM crosstab('SELECT * FROM a') AS t (a int, b int)").length, 1);
  });

  it('are not known in statements that run a query, nor where a called function performs them', () => {
    const called = (body: string): string =>
      `CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$ DECLARE v int; BEGIN ${body} RETURN 1; END $$; SELECT g()`;
    const cases: readonly (readonly [sql: string, opaque: number])[] = [
      ["INSERT INTO a SELECT create_hypertable('b', 'at')", 1],
      ["INSERT INTO a VALUES (1), (create_hypertable('b', 'at'))", 1],
      ["INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING RETURNING create_hypertable('b', 'at')", 1],
      ["UPDATE a SET id = create_hypertable('b', 'at')", 1],
      ["DELETE FROM a WHERE id = create_hypertable('b', 'at')", 1],
      ["WITH w AS (SELECT create_hypertable('b', 'at')) SELECT * FROM w", 1],
      ["CREATE TABLE z AS SELECT create_hypertable('b', 'at')", 1],
      ["CREATE TABLE z AS SELECT create_hypertable('b', 'at') WITH NO DATA", 0],
      ["SELECT create_hypertable('b', 'at') INTO z", 1],
      ["EXPLAIN ANALYZE SELECT create_hypertable('b', 'at')", 1],
      ["EXPLAIN SELECT create_hypertable('b', 'at')", 0],
      ["CREATE VIEW z AS SELECT create_hypertable('b', 'at')", 0],
      ['CREATE INDEX ON a (my_immutable(id))', 0],
      [called("PERFORM create_hypertable('b', 'at');"), 1],
      [called("CALL refresh_continuous_aggregate('a', NULL, NULL);"), 1],
      [called('v := something_elses(1);'), 0],
      [called("PERFORM pg_notify('a', 'b');"), 0],
      ['INSERT INTO a VALUES (1), (abs(2))', 0],
    ];
    for (const [sql, count] of cases) strictEqual(opaque(sql).length, count, sql);
  });

  it('are known where they only compute or tell something', () => {
    for (const call of [
      'auth.uid()',
      'auth.jwt()',
      'auth.role()',
      "storage.foldername('a/b')",
      "realtime.send('{}', 'e', 't', true)",
      "time_bucket('1 day', now())",
      'l2_distance(id, id)',
      'extensions.vector_dims(id)',
      'extensions.postgis_version()',
      'extensions.postgis_full_version()',
      'postgis_lib_version()',
      'set_limit(0.3)',
      'ST_AsGeoJSON(id)',
      'extensions.st_area(id)',
      'h3_lat_lng_to_cell(id, 3)',
      'id(a)',
    ])
      deepStrictEqual(opaque(`SELECT ${call} FROM a`), [], call);
    for (const call of [
      "AddGeometryColumn('a', 'g', 4326, 'POINT', 2)",
      "topology.ST_CreateTopoGeo('a', 'b')",
      "ST_CreateOverview('a', 'b', 2)",
      'postgis_extensions_upgrade()',
      'other.uid()',
      'nothing_like_it(a)',
      "pgmq.create('a')",
    ])
      deepStrictEqual(opaque(`SELECT ${call} FROM a`).length, 1, call);
  });

  it('are known otherwise', () => {
    deepStrictEqual(opaque("SELECT setval('s', max(id)), pg_catalog.now(), regclass('a') FROM a"), []);
    deepStrictEqual(opaque("SELECT uuid_generate_v4(), cron.schedule('0 * * * *', 'VACUUM')"), []);
    deepStrictEqual(opaque('CREATE TYPE span AS RANGE (subtype = int); SELECT span(1, 2)'), []);
    deepStrictEqual(opaque('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; SELECT f()'), []);
  });
});
