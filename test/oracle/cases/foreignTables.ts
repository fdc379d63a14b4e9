import { group, since } from './case.ts';

/** Foreign tables: definitions only, since a wrapper without a handler can't be read. */
export const FOREIGN_TABLES = [
  group(
    'foreign tables',
    `CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER far FOREIGN DATA WRAPPER wrapper;
CREATE SERVER further FOREIGN DATA WRAPPER wrapper;
CREATE USER MAPPING FOR CURRENT_USER SERVER far;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE near (id integer PRIMARY KEY);
CREATE FOREIGN TABLE there (id integer NOT NULL, name text) SERVER far OPTIONS (a 'b');
CREATE VIEW over_there AS SELECT id FROM there;
CREATE TABLE parted (id integer, name text) PARTITION BY LIST (id);
CREATE FOREIGN TABLE parted_1 PARTITION OF parted FOR VALUES IN (1) SERVER far;
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
CREATE TABLE base (id integer);
CREATE FOREIGN TABLE heir () INHERITS (base) SERVER further;`,
    [
      'CREATE FOREIGN TABLE more (id integer) SERVER far',
      'CREATE FOREIGN TABLE IF NOT EXISTS there (id integer) SERVER far',
      'CREATE FOREIGN TABLE parted_3 PARTITION OF parted FOR VALUES IN (3) SERVER far',
      'CREATE FOREIGN TABLE heir_2 () INHERITS (base) SERVER far',
      'CREATE TABLE copied (LIKE there INCLUDING ALL)',
      'ALTER FOREIGN TABLE there ADD COLUMN n integer',
      'ALTER FOREIGN TABLE there ADD COLUMN n integer NOT NULL DEFAULT 3',
      'ALTER FOREIGN TABLE there ADD COLUMN n double precision DEFAULT random()',
      'ALTER FOREIGN TABLE there DROP COLUMN name',
      'ALTER FOREIGN TABLE there DROP COLUMN id CASCADE',
      'ALTER FOREIGN TABLE there ALTER COLUMN name TYPE varchar(10)',
      'ALTER FOREIGN TABLE there ALTER COLUMN name SET NOT NULL',
      'ALTER FOREIGN TABLE there ALTER COLUMN id DROP NOT NULL',
      "ALTER FOREIGN TABLE there ALTER COLUMN name SET DEFAULT 'x'",
      'ALTER FOREIGN TABLE there ALTER COLUMN name SET STATISTICS 5',
      "ALTER FOREIGN TABLE there ALTER COLUMN name OPTIONS (ADD x 'y')",
      "ALTER FOREIGN TABLE there OPTIONS (SET a 'c')",
      'ALTER FOREIGN TABLE there ADD CHECK (id > 0)',
      'ALTER FOREIGN TABLE there RENAME TO elsewhere',
      'ALTER FOREIGN TABLE there RENAME COLUMN name TO n',
      'ALTER FOREIGN TABLE there OWNER TO pg_monitor',
      'ALTER FOREIGN TABLE there DISABLE TRIGGER ALL',
      { sql: 'ALTER FOREIGN TABLE there SET SCHEMA app', first: 'CREATE SCHEMA app' },
      'ALTER TABLE there ADD COLUMN n integer',
      'ALTER TABLE base ADD COLUMN n integer',
      'ALTER TABLE base ADD COLUMN n double precision DEFAULT random()',
      'ALTER TABLE base ADD CHECK (id > 0)',
      'ALTER TABLE base ALTER COLUMN id SET NOT NULL',
      'ALTER TABLE parted ADD COLUMN n integer',
      'ALTER TABLE parted ALTER COLUMN name TYPE varchar',
      'ALTER TABLE parted DETACH PARTITION parted_1',
      {
        sql: 'ALTER TABLE parted ATTACH PARTITION there_3 FOR VALUES IN (3)',
        first: 'CREATE FOREIGN TABLE there_3 (id integer, name text) SERVER far',
      },
      'CREATE INDEX ON parted (id)',
      'CREATE TRIGGER t BEFORE INSERT ON there FOR EACH ROW EXECUTE FUNCTION touch()',
      "COMMENT ON FOREIGN TABLE there IS 'x'",
      "COMMENT ON COLUMN there.name IS 'x'",
      'GRANT SELECT ON there TO PUBLIC',
      'CREATE VIEW v AS SELECT * FROM there',
      'CREATE STATISTICS s ON id, name FROM there',
      'DROP FOREIGN TABLE there CASCADE',
      'DROP FOREIGN TABLE parted_1',
      'DROP FOREIGN TABLE IF EXISTS nowhere',
      'DROP SERVER far CASCADE',
      'DROP SERVER further CASCADE',
      'DROP SERVER IF EXISTS nowhere CASCADE',
      'DROP FOREIGN DATA WRAPPER wrapper CASCADE',
      'DROP USER MAPPING FOR CURRENT_USER SERVER far',
      'DROP TABLE parted',
      'DROP TABLE base CASCADE',
      "ALTER SERVER far OPTIONS (ADD host 'x')",
      'ALTER SERVER far RENAME TO near_by',
      "ALTER FOREIGN DATA WRAPPER wrapper OPTIONS (ADD a 'b')",
      'LOCK TABLE over_there IN SHARE MODE',
      ...since(18, 'ALTER FOREIGN TABLE there ADD CONSTRAINT nn NOT NULL name'),
    ],
  ),
];
