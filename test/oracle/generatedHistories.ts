import fc from 'fast-check';
import { compareScripts, type HistoryTallies } from './histories.ts';
import type { OracleSession } from './session.ts';

/**
 * Made-up histories: many statements over few names, so that they meet: renamed, dropped and made again, referred to by
 * keys, views, triggers, partitions, domains. What the server refuses is left out by it, and has to be seen through by the
 * catalog's replay.
 */
const table = fc.constantFrom('a', 'b', 'c', 'app.d', 'parted', 'parted_1', 'parted_2', 'child');
const plainTable = fc.constantFrom('a', 'b', 'c', 'app.d');
const column = fc.constantFrom('id', 'x', 'y', 'z', 'ref');
const type = fc.constantFrom(
  'integer',
  'bigint',
  'text',
  'varchar(10)',
  'varchar(20)',
  'numeric(8,2)',
  'numeric',
  'timestamptz',
  'timestamp',
  'mood',
  'positive',
  'code',
  'jsonb',
  'integer[]',
);
const name = fc.constantFrom('n1', 'n2', 'n3');
const view = fc.constantFrom('v1', 'v2', 'app.v3');
const cascade = fc.constantFrom('', ' CASCADE', ' RESTRICT');
const maybe = (text: string): fc.Arbitrary<string> => fc.constantFrom('', text);

type Part = string | fc.Arbitrary<string>;
/** A template whose holes are drawn anew each time. */
function sql(strings: TemplateStringsArray, ...parts: readonly Part[]): fc.Arbitrary<string> {
  const holes = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc
    .tuple(...holes)
    .map((drawn) => strings.reduce((text, piece, index) => text + (drawn[index - 1] ?? '') + piece));
}

export const madeUpStatement: fc.Arbitrary<string> = fc.oneof(
  sql`CREATE TABLE ${maybe('IF NOT EXISTS ')}${plainTable} (id ${fc.constantFrom('serial', 'integer', 'bigint GENERATED ALWAYS AS IDENTITY', 'bigint')} PRIMARY KEY, x ${type}, y ${type} ${maybe('NOT NULL')}, ref integer ${fc.constantFrom('', 'REFERENCES a', 'REFERENCES b ON DELETE CASCADE', 'REFERENCES c (id)')})`,
  sql`CREATE TABLE ${plainTable} (LIKE ${plainTable} ${fc.constantFrom('INCLUDING ALL', 'INCLUDING DEFAULTS', 'INCLUDING INDEXES', '')})`,
  sql`CREATE TABLE child (z integer) INHERITS (${plainTable})`,
  sql`CREATE TABLE parted (id integer NOT NULL, x ${type}, y integer ${fc.constantFrom('', 'REFERENCES a', 'REFERENCES b')}) PARTITION BY ${fc.constantFrom('RANGE (id)', 'LIST (id)')}`,
  sql`CREATE TABLE parted_1 PARTITION OF parted FOR VALUES ${fc.constantFrom('FROM (1) TO (10)', 'IN (1, 2)')}`,
  sql`CREATE TABLE parted_2 PARTITION OF parted ${fc.constantFrom('DEFAULT', 'FOR VALUES FROM (10) TO (20)', 'FOR VALUES IN (3)')}`,
  sql`ALTER TABLE parted ${fc.constantFrom('ATTACH', 'DETACH')} PARTITION ${fc.constantFrom('parted_1', 'parted_2', 'a')}`,
  sql`ALTER TABLE parted ATTACH PARTITION ${fc.constantFrom('parted_1', 'parted_2', 'c')} ${fc.constantFrom('DEFAULT', 'FOR VALUES FROM (1) TO (10)', 'FOR VALUES IN (1)')}`,
  sql`ALTER TABLE ${table} ADD COLUMN ${maybe('IF NOT EXISTS ')}${column} ${type}`,
  sql`ALTER TABLE ${table} ADD COLUMN ${column} integer ${fc.constantFrom('NOT NULL DEFAULT 1', 'DEFAULT random()', 'UNIQUE', 'REFERENCES a', 'DEFAULT f()', "DEFAULT nextval('s')", 'GENERATED ALWAYS AS (1) STORED', 'CHECK (true)')}`,
  sql`ALTER TABLE ${table} DROP COLUMN ${maybe('IF EXISTS ')}${column}${cascade}`,
  sql`ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type}`,
  sql`ALTER TABLE ${table} ALTER COLUMN ${column} ${fc.constantFrom('SET NOT NULL', 'DROP NOT NULL', 'SET DEFAULT NULL', 'DROP DEFAULT', 'DROP IDENTITY IF EXISTS', 'SET STATISTICS 10')}`,
  sql`ALTER TABLE ${table} RENAME COLUMN ${column} TO ${column}`,
  sql`ALTER TABLE ${maybe('IF EXISTS ')}${plainTable} RENAME TO ${fc.constantFrom('a', 'b', 'c', 'd')}`,
  sql`ALTER TABLE ${plainTable} SET SCHEMA ${fc.constantFrom('app', 'public')}`,
  sql`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${fc.constantFrom('CHECK (id > 0)', 'CHECK (x IS NOT NULL)', 'CHECK (y IS NOT NULL) NOT VALID', 'UNIQUE (id)', 'UNIQUE (id, x)', 'PRIMARY KEY (id)')}`,
  sql`ALTER TABLE ${table} ADD CONSTRAINT ${name} FOREIGN KEY (${column}) REFERENCES ${table} ${fc.constantFrom('', '(id)', 'NOT VALID', 'ON DELETE CASCADE')}`,
  sql`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`,
  sql`ALTER TABLE ${table} DROP CONSTRAINT ${maybe('IF EXISTS ')}${name}${cascade}`,
  sql`ALTER TABLE ${table} DROP CONSTRAINT ${fc.constantFrom('a_pkey', 'b_pkey', 'a_ref_fkey', 'b_ref_fkey', 'c_ref_fkey')}${cascade}`,
  sql`ALTER TABLE ${table} ${fc.constantFrom('ENABLE ROW LEVEL SECURITY', 'DISABLE TRIGGER ALL', 'SET (fillfactor = 70)', 'REPLICA IDENTITY FULL', 'SET UNLOGGED', 'SET LOGGED', 'OWNER TO CURRENT_USER')}`,
  sql`ALTER TABLE child ${fc.constantFrom('NO INHERIT', 'INHERIT')} ${plainTable}`,
  sql`CREATE ${maybe('UNIQUE ')}INDEX ${maybe('IF NOT EXISTS ')}${fc.constantFrom('i1', 'i2', 'i3')} ON ${maybe('ONLY ')}${table} (${column}${fc.constantFrom('', ', id', ' DESC')}) ${maybe('WHERE id > 3')}`,
  sql`CREATE INDEX ON ${table} (${fc.constantFrom('x', 'y', '(x IS NULL)', 'lower(x::text)')})`,
  sql`DROP INDEX ${maybe('IF EXISTS ')}${fc.constantFrom('i1', 'i2', 'i3', 'a_x_idx', 'parted_x_idx', 'app.i1')}${cascade}`,
  sql`ALTER INDEX ${fc.constantFrom('i1', 'i2')} RENAME TO ${fc.constantFrom('i2', 'i3')}`,
  sql`REINDEX ${fc.constantFrom('TABLE a', 'TABLE b', 'INDEX i1', 'TABLE child')}`,
  sql`CREATE ${maybe('OR REPLACE ')}VIEW ${view} AS SELECT ${fc.constantFrom('*', 'id', 'id, x', 'x AS id')} FROM ${fc.oneof(table, view)}`,
  sql`CREATE MATERIALIZED VIEW m AS SELECT id, count(*) AS n FROM ${fc.oneof(table, view)} GROUP BY id ${maybe('WITH NO DATA')}`,
  sql`${fc.constantFrom('REFRESH MATERIALIZED VIEW m', 'CREATE UNIQUE INDEX ON m (id)', 'DROP MATERIALIZED VIEW m', 'ALTER MATERIALIZED VIEW m RENAME TO m2', 'DROP MATERIALIZED VIEW IF EXISTS m2')}`,
  sql`DROP VIEW ${maybe('IF EXISTS ')}${view}${cascade}`,
  sql`ALTER VIEW ${view} RENAME TO ${fc.constantFrom('v1', 'v2', 'v3')}`,
  sql`DROP TABLE ${maybe('IF EXISTS ')}${table}${cascade}`,
  sql`DROP TABLE ${plainTable}, ${plainTable}${cascade}`,
  sql`TRUNCATE ${table}${cascade}`,
  sql`${fc.constantFrom('CREATE SEQUENCE s', 'DROP SEQUENCE s CASCADE', 'ALTER SEQUENCE s OWNED BY a.id', 'ALTER SEQUENCE s OWNED BY NONE', "SELECT setval('s', 5)", 'ALTER SEQUENCE s RENAME TO s2', 'ALTER SEQUENCE IF EXISTS s2 RENAME TO s', "ALTER TABLE a ALTER COLUMN x SET DEFAULT nextval('s')")}`,
  sql`${fc.constantFrom("ALTER TYPE mood ADD VALUE 'x'", 'DROP TYPE mood CASCADE', "CREATE TYPE mood AS ENUM ('sad')", 'ALTER TYPE mood RENAME TO feeling', 'ALTER TYPE feeling RENAME TO mood', 'ALTER DOMAIN positive ADD CHECK (VALUE < 100)', 'ALTER DOMAIN positive SET NOT NULL', 'ALTER DOMAIN positive DROP NOT NULL', 'DROP DOMAIN code CASCADE', 'CREATE DOMAIN code AS varchar(10)')}`,
  sql`CREATE TRIGGER ${name} ${fc.constantFrom('BEFORE INSERT', 'AFTER UPDATE', 'AFTER DELETE')} ON ${table} FOR EACH ROW EXECUTE FUNCTION t()`,
  sql`DROP TRIGGER ${maybe('IF EXISTS ')}${name} ON ${table}`,
  sql`CREATE POLICY ${name} ON ${table} USING (${fc.constantFrom('true', 'id > 0', 'id IN (SELECT id FROM a)')})`,
  sql`DROP POLICY ${maybe('IF EXISTS ')}${name} ON ${table}`,
  sql`CREATE RULE ${name} AS ON DELETE TO ${table} DO ${fc.constantFrom('INSTEAD NOTHING', 'ALSO DELETE FROM b')}`,
  sql`DROP FUNCTION ${fc.constantFrom('f()', 't()')}${cascade}`,
  sql`CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql ${fc.constantFrom('VOLATILE', 'STABLE', 'IMMUTABLE')} AS 'SELECT 1'`,
  sql`CREATE OR REPLACE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
  sql`CREATE STATISTICS ${maybe('IF NOT EXISTS ')}st ON id, x FROM ${table}`,
  sql`${fc.constantFrom('DROP STATISTICS st', 'ALTER STATISTICS st SET STATISTICS 5')}`,
  sql`COMMENT ON ${fc.oneof(sql`TABLE ${table}`, sql`COLUMN ${table}.${column}`, sql`VIEW ${view}`, fc.constant('INDEX i1'))} IS 'x'`,
  sql`GRANT SELECT ON ${fc.oneof(table, view)} TO PUBLIC`,
  sql`INSERT INTO ${table} (id) VALUES (${fc.constantFrom('1', '2', '12')})`,
  sql`UPDATE ${table} SET ${column} = ${fc.constantFrom('NULL', 'DEFAULT', 'id')}`,
  sql`DELETE FROM ${table} ${maybe('WHERE id = 1')}`,
  sql`SELECT count(*) FROM ${fc.oneof(table, view)}`,
  sql`${fc.constantFrom('SET search_path = app, public', 'SET search_path = public', 'RESET search_path')}`,
  sql`${fc.constantFrom('ALTER SCHEMA app RENAME TO app2', 'ALTER SCHEMA app2 RENAME TO app', 'DROP SCHEMA app CASCADE', 'CREATE SCHEMA IF NOT EXISTS app')}`,
  sql`CREATE PUBLICATION p FOR TABLE ${plainTable}`,
  sql`${fc.constantFrom('DROP PUBLICATION p', 'ALTER PUBLICATION p ADD TABLE b', 'ALTER PUBLICATION p SET TABLE c')}`,
  sql`CREATE TABLE ${plainTable} AS SELECT * FROM ${fc.oneof(table, view)}`,
  sql`ALTER TABLE ${table} DROP COLUMN IF EXISTS ${column}, ADD COLUMN ${column} ${type}, ALTER COLUMN ${column} DROP NOT NULL`,
  sql`ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type} USING NULL, ALTER COLUMN ${column} SET DEFAULT NULL`,
  sql`ALTER TABLE ${table} ALTER COLUMN ${column} ${fc.constantFrom('ADD GENERATED ALWAYS AS IDENTITY', 'DROP EXPRESSION IF EXISTS', 'SET STORAGE EXTERNAL', 'SET (n_distinct = 5)')}`,
  sql`ALTER TABLE ONLY ${table} ${fc.constantFrom('ADD CHECK (id > 1)', 'ADD CHECK (id > 2) NO INHERIT', 'ALTER COLUMN id SET NOT NULL', 'ADD COLUMN w integer', 'DROP COLUMN y', 'DROP CONSTRAINT IF EXISTS n1')}`,
  sql`ALTER TABLE ${table} ${fc.constantFrom('ADD CONSTRAINT n1 EXCLUDE USING btree (id WITH =)', 'ADD CONSTRAINT n2 UNIQUE (id) DEFERRABLE', 'ADD CONSTRAINT n3 UNIQUE USING INDEX i1', 'ADD PRIMARY KEY USING INDEX i2', 'ALTER CONSTRAINT n1 DEFERRABLE', 'RENAME CONSTRAINT n1 TO n2', 'CLUSTER ON i1', 'REPLICA IDENTITY USING INDEX i1', 'FORCE ROW LEVEL SECURITY', 'ENABLE TRIGGER n1', 'ENABLE ALWAYS RULE n1')}`,
  sql`CREATE TABLE parted (id integer PRIMARY KEY, x ${type}, ref integer REFERENCES ${plainTable}) PARTITION BY ${fc.constantFrom('RANGE (id)', 'LIST (id)', 'HASH (id)')}`,
  sql`CREATE TABLE parted_1 PARTITION OF parted ${fc.constantFrom('FOR VALUES FROM (20) TO (30)', 'FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'DEFAULT')} PARTITION BY LIST (id)`,
  sql`CREATE TABLE ${fc.constantFrom('parted_2', 'child')} PARTITION OF parted_1 ${fc.constantFrom('DEFAULT', 'FOR VALUES IN (21, 22)')}`,
  sql`CREATE TABLE ${fc.constantFrom('parted_1', 'parted_2')} (id integer ${fc.constantFrom('NOT NULL', 'PRIMARY KEY', 'CHECK (id >= 10 AND id < 20)')}, x ${type}, y integer)`,
  sql`CREATE TABLE ${plainTable} (id integer ${fc.constantFrom('', 'PRIMARY KEY')}, z integer) INHERITS (${fc.constantFrom('a', 'b', 'a, b', 'child')})`,
  sql`CREATE ${maybe('UNIQUE ')}INDEX ${fc.constantFrom('i1', 'i2')} ON ${table} USING ${fc.constantFrom('hash (x)', 'btree (id) INCLUDE (x)', 'btree (x text_pattern_ops)', 'brin (id)')}`,
  sql`ALTER INDEX ${fc.constantFrom('i1', 'i2', 'parted_x_idx')} ${fc.constantFrom('ATTACH PARTITION i3', 'SET (fillfactor = 80)', 'ALTER COLUMN 1 SET STATISTICS 5', 'DEPENDS ON EXTENSION plpgsql')}`,
  sql`${fc.constantFrom('CLUSTER a USING i1', 'CLUSTER b', 'ANALYZE a', 'ANALYZE parted', 'ANALYZE child (id)', 'REINDEX TABLE parted_1', 'ALTER TYPE pair ADD ATTRIBUTE z integer CASCADE', 'ALTER TYPE pair ALTER ATTRIBUTE y TYPE bigint CASCADE', 'DROP TYPE pair CASCADE', 'CREATE TYPE pair AS (x integer, y integer)', 'ALTER TABLE a ADD COLUMN p pair', 'CREATE TABLE child OF pair', 'ALTER DOMAIN positive ADD CONSTRAINT small CHECK (VALUE < 1000) NOT VALID', 'ALTER DOMAIN positive VALIDATE CONSTRAINT small', 'ALTER DOMAIN positive DROP CONSTRAINT IF EXISTS small', "ALTER TYPE mood RENAME VALUE 'sad' TO 'low'")}`,
  sql`CREATE TRIGGER ${name} ${fc.constantFrom('BEFORE UPDATE OF x', 'INSTEAD OF INSERT', 'BEFORE TRUNCATE', 'AFTER INSERT OR DELETE')} ON ${fc.oneof(table, view)} ${fc.constantFrom('FOR EACH ROW', 'FOR EACH STATEMENT', 'FOR EACH ROW WHEN (true)')} EXECUTE FUNCTION t()`,
  sql`CREATE OR REPLACE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS ${fc.constantFrom("'BEGIN INSERT INTO b (id) VALUES (7); RETURN NEW; END'", "'BEGIN PERFORM count(*) FROM a; RETURN NULL; END'")}`,
  sql`CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE ${fc.constantFrom("sql STABLE AS 'SELECT count(*)::integer FROM b'", "plpgsql AS 'BEGIN UPDATE a SET y = 1; RETURN 1; END'", 'sql BEGIN ATOMIC SELECT max(id)::integer FROM a; END')}`,
  sql`${fc.constantFrom('SELECT f()', 'UPDATE a SET y = f()', 'INSERT INTO b (id, ref) SELECT id, f() FROM a', 'WITH d AS (DELETE FROM a RETURNING id) INSERT INTO b (id) SELECT id FROM d', 'DELETE FROM a USING b WHERE a.id = b.id', 'UPDATE a SET x = NULL FROM b WHERE b.ref = a.id', 'INSERT INTO a (id) VALUES (1) ON CONFLICT DO NOTHING', 'UPDATE parted SET id = 12 WHERE id = 1', 'DELETE FROM parted WHERE id = 12', 'SELECT * FROM parted WHERE id = 3 FOR UPDATE', 'UPDATE v1 SET id = 4', 'INSERT INTO v1 (id) VALUES (40)', "COPY (SELECT * FROM a) TO '/dev/null'", 'VALUES (1)', 'TABLE a')}`,
  sql`CREATE RULE ${name} AS ON ${fc.constantFrom('INSERT', 'UPDATE')} TO ${fc.oneof(plainTable, view)} DO ${fc.constantFrom('INSTEAD NOTHING', 'ALSO DELETE FROM b', 'INSTEAD DELETE FROM a')}`,
  sql`DROP RULE ${maybe('IF EXISTS ')}${name} ON ${fc.oneof(plainTable, view)}`,
  sql`${fc.constantFrom('ALTER TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER SEQUENCE')} IF EXISTS ${fc.oneof(table, view, fc.constantFrom('m', 's', 'a_id_seq'))} ${fc.constantFrom('SET SCHEMA app', 'OWNER TO CURRENT_USER', 'RENAME TO c')}`,
  sql`ALTER VIEW ${view} ${fc.constantFrom('SET (security_barrier)', 'ALTER COLUMN id SET DEFAULT 5', 'RENAME COLUMN id TO x', 'RESET (security_barrier)')}`,
  sql`${fc.constantFrom('GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC', 'REVOKE ALL ON a, b FROM PUBLIC', 'GRANT SELECT (id) ON a TO PUBLIC', 'GRANT USAGE ON SEQUENCE s TO PUBLIC', 'COMMENT ON CONSTRAINT n1 ON a IS NULL', 'COMMENT ON TRIGGER n1 ON a IS NULL', 'COMMENT ON SEQUENCE s IS NULL', 'COMMENT ON TYPE mood IS NULL', 'TRUNCATE a, b', 'TRUNCATE ONLY a', 'TRUNCATE parted RESTART IDENTITY CASCADE', 'DROP TABLE a, b CASCADE', 'DROP VIEW v1, v2 CASCADE', 'DROP INDEX i1, i2', 'DROP SEQUENCE IF EXISTS a_id_seq, b_id_seq CASCADE')}`,
  sql`LOCK TABLE ${fc.oneof(table, view)} IN ${fc.constantFrom('SHARE', 'ACCESS EXCLUSIVE', 'ROW EXCLUSIVE')} MODE`,
);

export const MADE_UP_PRELUDE = `
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (x integer, y integer);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN code AS varchar(10);
CREATE FUNCTION f() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SEQUENCE s;
CREATE TABLE a (id serial PRIMARY KEY, x varchar(10), y integer, ref integer);
CREATE TABLE b (id serial PRIMARY KEY, x text, y timestamptz, ref integer REFERENCES a);
CREATE VIEW v1 AS SELECT id, x FROM a;
-- Names that are made and gone: who refers to them errs, and misses no baseline.
CREATE TABLE c (); CREATE TABLE d (); CREATE TABLE app.d (); CREATE TABLE app.a (); CREATE TABLE app.b (); CREATE TABLE app.c ();
CREATE TABLE parted (); CREATE TABLE parted_1 (); CREATE TABLE parted_2 (); CREATE TABLE child (); CREATE TABLE m (); CREATE TABLE m2 ();
CREATE TABLE v2 (); CREATE TABLE v3 (); CREATE TABLE app.v1 (); CREATE TABLE app.v2 (); CREATE TABLE app.v3 (); CREATE TABLE s2 ();
CREATE TABLE i1 (); CREATE TABLE i2 (); CREATE TABLE i3 (); CREATE TABLE app.i1 ();
DROP TABLE c, d, app.d, app.a, app.b, app.c, parted, parted_1, parted_2, child, m, m2, v2, v3, app.v1, app.v2, app.v3, s2, i1, i2, i3, app.i1;
INSERT INTO a (x, y) VALUES ('1', 1), ('2', 2);
INSERT INTO b (x, ref) VALUES ('1', 1);
`;

/** A history of three migrations. */
const history = fc.tuple(...[1, 2, 3].map(() => fc.array(madeUpStatement, { minLength: 12, maxLength: 20 })));

/** What came of one made-up history, with its text for those who want to see why. */
export interface MadeUpResult extends HistoryTallies {
  readonly name: string;
  readonly text: string;
}

/** Runs made-up histories and compares both ways: as the files are, and what the server accepted of them. */
export async function compareGeneratedHistories(
  session: OracleSession,
  options: { readonly seed: number; readonly runs: number },
): Promise<MadeUpResult[]> {
  const tallies: MadeUpResult[] = [];
  for (const [index, files] of fc.sample(history, { seed: options.seed, numRuns: options.runs }).entries()) {
    const scripts = [
      { path: '0-prelude.sql', text: MADE_UP_PRELUDE, compared: false },
      ...files.map((statements, number) => ({
        path: `${String(number + 1)}.sql`,
        text: statements.map((each) => `${each};\n`).join(''),
        compared: true,
      })),
    ];
    const compared = await compareScripts(session, `made-up history ${String(index)}`, scripts);
    const text = scripts.map(({ path, text: sqlText }) => `-- ${path}\n${sqlText}`).join('\n');
    tallies.push({ ...compared, name: `made-up-${String(index)}`, text });
  }
  return tallies;
}
