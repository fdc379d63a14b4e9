import assert from 'node:assert/strict';
import { emptyCatalog } from '../../../src/core/catalog/emptyCatalog.ts';
import {
  columnNamed,
  columnsOfType,
  defaultPartition,
  descendants,
  foreignKeysTo,
  indexesOf,
  ownedSequences,
  resolveRelation,
  resolveUserType,
  typeText,
  viewsOver,
} from '../../../src/core/catalog/lookup.ts';
import { applyStatement, replayStatement } from '../../../src/core/catalog/replay.ts';
import { parser } from '../../support/parser.ts';
import { relationIn, replayed, tableIn } from '../../support/replay.ts';

const treeOf = (sql: string) => {
  const outcome = parser.parse(sql);
  assert.ok(outcome.ok);
  return outcome.statements[0]!;
};

describe('replay', () => {
  it('keeps an id over RENAME and OR REPLACE, and gives a new one to what is made again', () => {
    const made = replayed('CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t;');
    const renamed = replayed('ALTER TABLE t RENAME TO u; CREATE OR REPLACE VIEW v AS SELECT a FROM u;', {
      from: made.catalog,
    });
    assert.equal(relationIn(renamed.catalog, 'u').id, relationIn(made.catalog, 't').id);
    assert.equal(relationIn(renamed.catalog, 'v').id, relationIn(made.catalog, 'v').id);
    const again = replayed('DROP TABLE u CASCADE; CREATE TABLE u (a int);', { from: renamed.catalog });
    assert.notEqual(relationIn(again.catalog, 'u').id, relationIn(renamed.catalog, 'u').id);
    assert.ok(relationIn(again.catalog, 'u').id >= renamed.catalog.nextId);
  });

  it('gives back the same catalog for what changes nothing', () => {
    const { catalog } = replayed('CREATE TABLE t (a int NOT NULL);');
    for (const sql of [
      'INSERT INTO t VALUES (1)',
      'CREATE TABLE IF NOT EXISTS t (b int)',
      'DROP TABLE IF EXISTS nope',
      'SELECT 1',
      'VACUUM t',
    ]) {
      assert.equal(applyStatement(catalog, treeOf(sql)), catalog, sql);
    }
  });

  it('leaves untouched objects the same', () => {
    const { catalog } = replayed('CREATE TABLE a (x int); CREATE TABLE b (x int);');
    const after = applyStatement(catalog, treeOf('ALTER TABLE a ADD COLUMN y int'));
    assert.equal(relationIn(after, 'b'), relationIn(catalog, 'b'));
  });

  it('takes what an extension may have made again for there', () => {
    const dropped = (schema: string, extension: string): string =>
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.t (a int); DROP SCHEMA ${schema} CASCADE; CREATE EXTENSION ${extension}; `;
    const CASES: readonly (readonly [sql: string, codes: readonly string[], gaps: readonly string[]])[] = [
      [`${dropped('cron', 'pg_cron')} GRANT USAGE ON SCHEMA cron TO postgres`, [], []],
      [`${dropped('cron', 'pg_cron')} CREATE TABLE cron.u (a int)`, [], []],
      [`${dropped('cron', 'pg_cron')} ALTER TABLE cron.t ADD COLUMN b int`, [], ['relation cron.t']],
      [`${dropped('net', 'pg_net')} CREATE TABLE net.u (a int)`, [], []],
      [`${dropped('_timescaledb_internal', 'timescaledb')} CREATE TABLE _timescaledb_internal.u (a int)`, [], []],
      [`${dropped('tiger_data', 'postgis_tiger_geocoder')} CREATE TABLE tiger_data.u (a int)`, [], []],
      ['CREATE EXTENSION pg_cron; CREATE TABLE cron.u (a int)', [], []],
      [`${dropped('things', 'nobody_knows')} CREATE TABLE things.u (a int)`, [], ['schema things']],
      [`${dropped('things', 'pg_cron')} CREATE TABLE things.u (a int)`, ['3F000'], []],
      [`${dropped('cron', 'pgcrypto')} CREATE TABLE cron.u (a int)`, ['3F000'], []],
      [`CREATE EXTENSION pg_cron; ${dropped('things', 'citext')} ALTER TABLE things.t ADD COLUMN b int`, ['42P01'], []],
      ['CREATE TABLE t (a int); DROP TABLE t; CREATE EXTENSION citext; ALTER TABLE t ADD COLUMN b int', ['42P01'], []],
    ];
    for (const [sql, codes, gaps] of CASES) {
      const { errors, catalog } = replayed(sql);
      assert.deepEqual(
        errors.map(({ code }) => code),
        codes,
        sql,
      );
      assert.deepEqual(
        catalog.gaps.map(({ what }) => what),
        gaps,
        sql,
      );
    }
  });

  it('leaves the catalog as it was when the server refuses, and says the SQLSTATE', () => {
    const { catalog } = replayed(`
      CREATE TABLE t (a int);
      CREATE SCHEMA s;
      CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    `);
    const cases = [
      ['ALTER FUNCTION f RENAME TO g', '42723'],
      ['ALTER FUNCTION f(int) SET SCHEMA s', '42723'],
      ['CREATE TABLE t (b int)', '42P07'],
      ['ALTER TABLE t ADD COLUMN a int', '42701'],
      ['ALTER TABLE t DROP COLUMN b', '42703'],
      ['ALTER TABLE t ADD COLUMN b int, DROP CONSTRAINT nope', '42704'],
      ['CREATE SCHEMA public', '42P06'],
    ] as const;
    for (const [sql, code] of cases) {
      const outcome = replayStatement(catalog, treeOf(sql));
      assert.equal(outcome.catalog, catalog, sql);
      assert.equal(outcome.error?.code, code, sql);
    }
  });

  it('says once what the history never made, and goes on', () => {
    const { catalog, errors } = replayed(`
      ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int; CREATE INDEX ON orders (a);
      CREATE TABLE lines (id int, "order" int REFERENCES orders (id)); CREATE VIEW v AS SELECT * FROM orders;`);
    assert.deepEqual(errors, []);
    assert.deepEqual(catalog.gaps, [{ kind: 'missing baseline', what: 'relation orders' }]);
    const [key] = tableIn(catalog, 'lines').constraints;
    assert.ok(key?.kind === 'foreign key' && key.referenced === null && key.referencedName === 'orders');
  });

  it('does not call a table that the history dropped a missing baseline', () => {
    const { catalog, errors } = replayed('CREATE TABLE t (a int); DROP TABLE t; ALTER TABLE t ADD COLUMN b int;');
    assert.deepEqual(catalog.gaps, []);
    assert.equal(errors[0]?.code, '42P01');
  });

  it('refuses ALTER VIEW, SEQUENCE … of what is none', () => {
    const { errors } = replayed(`
      CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT 1; CREATE SCHEMA s; CREATE TYPE c AS (a int);
      ALTER VIEW t RENAME TO w; ALTER SEQUENCE v SET SCHEMA s; ALTER MATERIALIZED VIEW v OWNER TO me; ALTER TABLE c RENAME TO d;
      ALTER TABLE t_pkey SET SCHEMA s; ALTER TABLE v RENAME TO w; ALTER INDEX t RENAME TO u; ALTER TYPE c ADD ATTRIBUTE b int;`);
    assert.deepEqual(
      errors.map(({ code, message }) => `${code} ${message}`),
      [
        '42809 "t" is not a view',
        '42809 "v" is not a sequence',
        '42809 "v" is not a materialized view',
        '42809 "c" is a composite type',
        '42809 cannot change schema of index "t_pkey"',
      ],
    );
  });

  it('refuses triggers that a relation cannot have', () => {
    const { errors } = replayed(`
      CREATE TABLE t (id int); CREATE VIEW v AS SELECT 1 AS id; CREATE MATERIALIZED VIEW m AS SELECT 1 AS id;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER a BEFORE INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER b INSTEAD OF INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER c AFTER INSERT ON m FOR EACH STATEMENT EXECUTE FUNCTION f();
      CREATE TRIGGER d BEFORE TRUNCATE ON t FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER e BEFORE TRUNCATE ON v EXECUTE FUNCTION f();
      CREATE TRIGGER g INSTEAD OF INSERT ON v EXECUTE FUNCTION f();
      CREATE TRIGGER h INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER i BEFORE INSERT ON v EXECUTE FUNCTION f();
      CREATE TRIGGER j BEFORE TRUNCATE ON t EXECUTE FUNCTION f();`);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['42809', '42809', '42809', '0A000', '42809', '0A000'],
    );
  });

  it('does not refuse what the server takes', () => {
    const { errors, catalog } = replayed(`
      CREATE SCHEMA s; DROP SCHEMA s; ALTER TABLE IF EXISTS nothing SET SCHEMA s;
      CREATE TYPE pair AS (x text, y text); ALTER TYPE pair ALTER ATTRIBUTE x TYPE integer;
      CREATE TABLE p (a text CONSTRAINT named CHECK (a <> '')); CREATE TABLE c (LIKE p INCLUDING CONSTRAINTS) INHERITS (p);
      CREATE TABLE b () INHERITS (p); CREATE TABLE d () INHERITS (b, p); ALTER TABLE p ALTER COLUMN a TYPE varchar(10);`);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      tableIn(catalog, 'c').constraints.map(({ name, local, inheritCount }) => ({ name, local, inheritCount })),
      [{ name: 'named', local: true, inheritCount: 1 }],
    );
    assert.equal(tableIn(catalog, 'd').columns[0]?.type.name, 'varchar');
  });

  it('refuses a column type that another parent has otherwise', () => {
    const { errors } = replayed(`
      CREATE TABLE p (a text); CREATE TABLE q (a text); CREATE TABLE c () INHERITS (p, q); ALTER TABLE p ALTER COLUMN a TYPE varchar(10);`);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['42P16'],
    );
  });

  it('refuses a schema that the history dropped or renamed', () => {
    const { catalog, errors } = replayed(`
      CREATE SCHEMA app; CREATE TABLE t (a int); DROP SCHEMA app; CREATE TABLE IF NOT EXISTS app.t (a int);
      ALTER TABLE t SET SCHEMA app; CREATE SCHEMA app; ALTER TABLE t SET SCHEMA app; ALTER SCHEMA app RENAME TO app2;
      CREATE VIEW app.v AS SELECT 1;`);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['3F000', '3F000', '3F000'],
    );
    assert.deepEqual(catalog.gaps, []);
    assert.equal(tableIn(catalog, 'app2.t').columns.length, 1);
  });

  it('never throws on a tree that it does not know', () => {
    const catalog = emptyCatalog(18);
    for (const tree of [
      {},
      { CreateStmt: {} },
      { AlterTableStmt: {} },
      { IndexStmt: {} },
      { DropStmt: { objects: [{}] } },
      { GrantStmt: {} },
      { CommentStmt: {} },
      { CreateFunctionStmt: {} },
      { RenameStmt: {} },
      { ViewStmt: {} },
      { SelectStmt: { targetList: [{}] } },
      { NoSuchStmt: {} },
    ]) {
      assert.doesNotThrow(() => applyStatement(catalog, { tree: tree as never }), JSON.stringify(tree));
    }
  });

  it('rewrites names in stored expressions on RENAME', () => {
    const { catalog } = replayed(
      `CREATE TABLE t (a int CHECK (a > 0)); CREATE INDEX ON t ((a + 1)) WHERE a > 5; ALTER TABLE t RENAME a TO b;`,
    );
    const table = tableIn(catalog, 't');
    assert.ok(!JSON.stringify([table.constraints, indexesOf(catalog, table)]).includes('"sval":"a"'));
  });
});

describe('lookups', () => {
  it('find columns of a type through arrays, domains and composite types', () => {
    const { catalog } = replayed(`CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS e; CREATE TYPE c AS (x d);
      CREATE TABLE t1 (a e); CREATE TABLE t2 (a e[]); CREATE TABLE t3 (a d); CREATE TABLE t4 (a c); CREATE TABLE t5 (a int);`);
    const id = resolveUserType(catalog, undefined, 'e')!.id;
    assert.deepEqual(
      columnsOfType(catalog, id)
        .map(({ relation }) => relation.name)
        .sort(),
      ['t1', 't2', 't3', 't4'],
    );
  });

  it('find foreign keys, views over views, partitions and owned sequences', () => {
    const { catalog } = replayed(`CREATE TABLE p (id serial PRIMARY KEY); CREATE TABLE c (p int REFERENCES p);
      CREATE VIEW v1 AS SELECT id FROM p; CREATE VIEW v2 AS SELECT * FROM v1;
      CREATE TABLE m (a int) PARTITION BY RANGE (a); CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (1) TO (2) PARTITION BY LIST (a);
      CREATE TABLE m11 PARTITION OF m1 FOR VALUES IN (1); CREATE TABLE md PARTITION OF m DEFAULT;`);
    const p = tableIn(catalog, 'p');
    assert.deepEqual(
      foreignKeysTo(catalog, p.id).map(({ table }) => table.name),
      ['c'],
    );
    assert.deepEqual(
      viewsOver(catalog, p.id).map(({ name }) => name),
      ['v1', 'v2'],
    );
    assert.deepEqual(
      ownedSequences(catalog, p.id).map(({ name }) => name),
      ['p_id_seq'],
    );
    const m = tableIn(catalog, 'm');
    assert.deepEqual(
      descendants(catalog, m).map(({ name }) => name),
      ['m1', 'm11', 'md'],
    );
    assert.equal(defaultPartition(catalog, m)?.name, 'md');
  });

  it('resolve names through search_path, temporary ones first', () => {
    const { catalog } = replayed(
      `CREATE SCHEMA a; CREATE TABLE t (x int); CREATE TABLE a.t (x int); SET search_path TO a, public;`,
    );
    assert.equal(resolveRelation(catalog, undefined, 't')?.schema, 'a');
    const temporary = replayed('CREATE TEMP TABLE t (x int);', { from: catalog });
    assert.equal(resolveRelation(temporary.catalog, undefined, 't')?.schema, 'pg_temp');
  });

  it('read types as the server keeps them', () => {
    const { catalog } = replayed(
      `CREATE TABLE t (a int, b numeric(5), c varchar(3)[], d timestamp(9), e interval day to second(2), f char);`,
    );
    const types = tableIn(catalog, 't').columns.map((column) => typeText(column.type));
    assert.deepEqual(types, [
      'int4',
      'numeric(5,0)',
      'varchar(3)[]',
      'timestamp(6)',
      'interval day to second(2)',
      'bpchar(1)',
    ]);
    assert.equal(columnNamed(tableIn(catalog, 't'), 'nope'), undefined);
  });
});
