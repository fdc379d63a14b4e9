import { group, since } from './case.ts';

/** One of everything that others lean on: what each DROP … CASCADE takes from which table. */
const SETUP = `
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE address AS (street text, town text);
CREATE TYPE span AS RANGE (subtype = integer);
CREATE DOMAIN money_amount AS numeric CHECK (VALUE >= 0);
CREATE DOMAIN kind AS integer;
CREATE DOMAIN narrow_kind AS kind CHECK (VALUE < 10);
CREATE COLLATION app.plain (locale = 'C');
CREATE SEQUENCE app.ids;
CREATE VIEW by_collate AS SELECT 'a'::text COLLATE app.plain AS a;
CREATE FUNCTION app.one() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION app.visible(integer) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
`;

const TABLES = `
CREATE TABLE by_type (id integer PRIMARY KEY, m mood, a address, s span, moods mood[]);
CREATE INDEX by_type_m ON by_type (m);
CREATE TABLE typed OF address;
CREATE TABLE by_domain (id integer PRIMARY KEY, price money_amount, k narrow_kind);
CREATE TABLE by_key (k kind NOT NULL, body text) PARTITION BY LIST (k);
CREATE TABLE by_key_1 PARTITION OF by_key FOR VALUES IN (1);
CREATE TABLE by_collation (id integer PRIMARY KEY, name text COLLATE app.plain, other text);
CREATE INDEX by_collation_other ON by_collation (other COLLATE app.plain);
CREATE TABLE by_sequence (id integer DEFAULT nextval('app.ids'), other integer);
CREATE TABLE by_default (id integer DEFAULT app.one(), other integer);
CREATE TABLE by_check (id integer, CONSTRAINT c CHECK (app.twice(id) > 0));
CREATE TABLE by_generated (id integer, g integer GENERATED ALWAYS AS (app.twice(id)) STORED);
CREATE TABLE by_index (id integer);
CREATE INDEX by_index_twice ON by_index (app.twice(id));
CREATE INDEX by_index_part ON by_index (id) WHERE app.twice(id) > 3;
CREATE TABLE by_policy (id integer);
CREATE POLICY p ON by_policy USING (app.visible(id));
CREATE TABLE by_trigger (id integer) PARTITION BY LIST (id);
CREATE TABLE by_trigger_1 PARTITION OF by_trigger FOR VALUES IN (1);
CREATE TRIGGER t BEFORE INSERT ON by_trigger FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE VIEW by_view AS SELECT id, app.twice(id) AS t FROM by_index;
CREATE VIEW by_view_2 AS SELECT t FROM by_view;
CREATE MATERIALIZED VIEW by_view_3 AS SELECT t FROM by_view_2;
CREATE TABLE app.inside (id integer PRIMARY KEY, name text UNIQUE);
CREATE TABLE refers (id integer REFERENCES app.inside, name text REFERENCES app.inside (name));
CREATE TABLE by_rowtype (id integer, r app.inside);
CREATE TABLE by_rule (id integer);
CREATE RULE r AS ON INSERT TO by_rule DO ALSO INSERT INTO app.inside VALUES (new.id);
CREATE VIEW over_inside AS SELECT * FROM app.inside;
CREATE UNIQUE INDEX inside_name_2 ON app.inside (name, id);
CREATE TABLE heir () INHERITS (app.inside);
CREATE STATISTICS st ON id, other FROM by_default;
CREATE PUBLICATION pub FOR TABLE refers, by_rule;
INSERT INTO app.inside VALUES (1, 'a');
INSERT INTO refers VALUES (1, 'a');
`;

export const DROP_CASCADES = [
  group('DROP … CASCADE', SETUP + TABLES, [
    'DROP TYPE mood CASCADE',
    'DROP TYPE address CASCADE',
    'DROP TYPE span CASCADE',
    'DROP DOMAIN money_amount CASCADE',
    'DROP DOMAIN kind CASCADE',
    'DROP DOMAIN narrow_kind CASCADE',
    'DROP COLLATION app.plain CASCADE',
    'DROP SEQUENCE app.ids CASCADE',
    'DROP FUNCTION app.one() CASCADE',
    'DROP FUNCTION app.twice(integer) CASCADE',
    'DROP FUNCTION app.visible(integer) CASCADE',
    'DROP FUNCTION app.touch() CASCADE',
    'DROP FUNCTION app.one(), app.visible(integer) CASCADE',
    'DROP SCHEMA app CASCADE',
    'DROP TABLE app.inside CASCADE',
    'DROP TABLE by_index CASCADE',
    'DROP TABLE by_trigger CASCADE',
    'DROP TABLE heir',
    'DROP TABLE by_rule',
    'DROP TABLE refers',
    'DROP TABLE by_rowtype',
    'DROP VIEW by_view CASCADE',
    'DROP VIEW by_view_2 CASCADE',
    'DROP VIEW over_inside',
    'DROP MATERIALIZED VIEW by_view_3',
    'DROP INDEX by_index_twice',
    'DROP INDEX by_index_twice, by_type_m',
    'DROP STATISTICS st',
    'DROP PUBLICATION pub',
    'DROP TRIGGER t ON by_trigger',
    'DROP RULE r ON by_rule',
    'DROP POLICY p ON by_policy',
    'ALTER TABLE app.inside DROP CONSTRAINT inside_pkey CASCADE',
    'ALTER TABLE app.inside DROP CONSTRAINT inside_name_key CASCADE',
    'ALTER TABLE app.inside DROP COLUMN name CASCADE',
    'ALTER TABLE app.inside DROP COLUMN id CASCADE',
    'ALTER TABLE ONLY app.inside DROP COLUMN name CASCADE',
    'ALTER TABLE by_index DROP COLUMN id CASCADE',
    'ALTER TABLE by_default DROP COLUMN other',
    'ALTER TABLE by_generated DROP COLUMN id CASCADE',
    'ALTER TABLE by_policy DROP COLUMN id CASCADE',
    'ALTER TABLE by_collation DROP COLUMN name',
    'ALTER TABLE by_type DROP COLUMN a, DROP COLUMN m',
    'ALTER TYPE address DROP ATTRIBUTE town CASCADE',
    'ALTER TYPE address RENAME ATTRIBUTE town TO city CASCADE',
    'ALTER TYPE address ADD ATTRIBUTE zip text CASCADE',
    'ALTER DOMAIN kind ADD CHECK (VALUE > 0)',
    'ALTER DOMAIN narrow_kind SET NOT NULL',
    "ALTER TYPE mood ADD VALUE 'good'",
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
    'ALTER SCHEMA app RENAME TO application',
    'ALTER FUNCTION app.twice(integer) SET SCHEMA public',
    'ALTER FUNCTION app.twice(integer) RENAME TO double',
    'ALTER FUNCTION app.twice(integer) STABLE',
    'ALTER COLLATION app.plain RENAME TO plainer',
    "CREATE OR REPLACE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $1'",
    'INSERT INTO by_key VALUES (1, NULL)',
    'SELECT * FROM by_key WHERE k = 1',
    'INSERT INTO by_rule VALUES (3)',
    'INSERT INTO by_default (other) VALUES (3)',
    'INSERT INTO by_generated VALUES (3)',
    'INSERT INTO by_trigger VALUES (1)',
    'TRUNCATE app.inside CASCADE',
    'CREATE OR REPLACE VIEW by_view_2 AS SELECT t, 1 AS one FROM by_view',
    'REFRESH MATERIALIZED VIEW by_view_3',
    'ALTER TABLE by_view_2 RENAME COLUMN t TO u',
    'ALTER VIEW by_view_2 ALTER COLUMN t SET DEFAULT 3',
    'ALTER VIEW by_view_2 SET (security_barrier = true)',
    ...since(15, 'ALTER VIEW by_view_2 SET (security_invoker = true)'),
    'ALTER VIEW by_view_2 OWNER TO pg_monitor',
    'ALTER VIEW by_view_2 SET SCHEMA app',
    'ALTER MATERIALIZED VIEW by_view_3 SET SCHEMA app',
    'ALTER MATERIALIZED VIEW by_view_3 RENAME COLUMN t TO u',
    'ALTER MATERIALIZED VIEW by_view_3 OWNER TO pg_monitor',
    'ALTER MATERIALIZED VIEW by_view_3 ALTER COLUMN t SET STATISTICS 5',
    'ALTER MATERIALIZED VIEW by_view_3 SET (fillfactor = 70)',
    'ALTER TYPE address OWNER TO pg_monitor',
    'ALTER TYPE address SET SCHEMA app',
    'ALTER TYPE span RENAME TO range_of',
    'ALTER DOMAIN kind SET SCHEMA app',
    'ALTER SEQUENCE app.ids SET SCHEMA public',
    'ALTER SEQUENCE app.ids OWNED BY app.inside.id',
    'ALTER TABLE by_sequence ALTER COLUMN id DROP DEFAULT',
    'ALTER TABLE by_sequence DROP COLUMN id',
    'ALTER TABLE typed NOT OF',
    'ALTER TABLE typed OWNER TO pg_monitor',
    { sql: 'ALTER TABLE untyped OF address', first: 'CREATE TABLE untyped (street text, town text)' },
    'ALTER TABLE by_default SET SCHEMA app',
    {
      sql: 'DROP OPERATOR public.=== (integer, integer) CASCADE',
      first:
        "CREATE FUNCTION same(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'; CREATE OPERATOR public.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = same); ALTER TABLE by_index ADD CHECK (id OPERATOR(public.===) id); CREATE VIEW by_operator AS SELECT id FROM refers WHERE id OPERATOR(public.===) 3",
    },
    {
      sql: 'DROP FUNCTION same(integer, integer) CASCADE',
      first:
        "CREATE FUNCTION same(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'; CREATE OPERATOR public.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = same); ALTER TABLE by_index ADD CHECK (id OPERATOR(public.===) id)",
    },
    {
      sql: 'DROP TEXT SEARCH CONFIGURATION mine CASCADE',
      first:
        "CREATE TEXT SEARCH CONFIGURATION mine (COPY = english); CREATE TABLE searched (body text, v tsvector GENERATED ALWAYS AS (to_tsvector('mine', body)) STORED)",
    },
    {
      sql: 'DROP TEXT SEARCH CONFIGURATION mine CASCADE',
      first:
        "CREATE TEXT SEARCH CONFIGURATION mine (COPY = english); CREATE TABLE searched (body text); CREATE INDEX ON searched USING gin (to_tsvector('mine', body))",
    },
    {
      sql: 'DROP CAST (mood AS integer) CASCADE',
      first:
        "CREATE FUNCTION mood_number(mood) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE CAST (mood AS integer) WITH FUNCTION mood_number(mood); CREATE VIEW cast_view AS SELECT m::integer AS n FROM by_type",
    },
    { sql: 'DROP EXTENSION plpgsql CASCADE' },
    {
      sql: 'DROP AGGREGATE total(integer) CASCADE',
      first:
        'CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = 0); CREATE VIEW totals AS SELECT total(id) FROM by_index',
    },
    {
      sql: 'DROP OPERATOR CLASS app.int_class USING btree CASCADE',
      first:
        'CREATE OPERATOR CLASS app.int_class FOR TYPE integer USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer); CREATE INDEX by_class ON by_index (id app.int_class)',
    },
    {
      sql: 'DROP OPERATOR FAMILY app.int_class USING btree CASCADE',
      first:
        'CREATE OPERATOR CLASS app.int_class FOR TYPE integer USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer); CREATE INDEX by_class ON by_index (id app.int_class)',
    },
  ]),
];
