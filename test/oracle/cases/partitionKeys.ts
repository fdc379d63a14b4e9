import { group, since } from './case.ts';

/** Partitioned tables whose partitions bring keys and indexes of their own, foreign keys between partitioned tables, sub-partitions. */
const SETUP = `
CREATE TABLE places (id integer PRIMARY KEY);
INSERT INTO places SELECT n FROM generate_series(1, 20) AS n;
CREATE TABLE trips (id integer NOT NULL, place integer REFERENCES places) PARTITION BY LIST (id);
CREATE TABLE trips_1 PARTITION OF trips FOR VALUES IN (1);
INSERT INTO trips VALUES (1, 1);
CREATE TABLE trips_2 (id integer NOT NULL, place integer REFERENCES places);
INSERT INTO trips_2 VALUES (2, 1);
CREATE TABLE trips_3 (id integer NOT NULL, place integer REFERENCES places ON DELETE CASCADE);
INSERT INTO trips_3 VALUES (3, 1);
CREATE TABLE trips_4 (id integer NOT NULL, place integer);
ALTER TABLE trips_4 ADD FOREIGN KEY (place) REFERENCES places NOT VALID;
INSERT INTO trips_4 VALUES (4, 1);
CREATE TABLE trips_5 (id integer NOT NULL, place integer) PARTITION BY RANGE (place);
CREATE TABLE trips_5_1 PARTITION OF trips_5 FOR VALUES FROM (1) TO (10);
INSERT INTO trips_5 VALUES (5, 1);
CREATE TABLE trips_6 PARTITION OF trips FOR VALUES IN (6) PARTITION BY RANGE (place);
CREATE TABLE trips_6_1 PARTITION OF trips_6 FOR VALUES FROM (1) TO (10);
INSERT INTO trips VALUES (6, 1);
CREATE TABLE trips_6_2 (id integer NOT NULL, place integer);
INSERT INTO trips_6_2 VALUES (6, 11);
CREATE TABLE plain (id integer NOT NULL, note text) PARTITION BY LIST (id);
CREATE TABLE plain_1 PARTITION OF plain FOR VALUES IN (1);
CREATE TABLE plain_2 PARTITION OF plain FOR VALUES IN (2);
INSERT INTO plain VALUES (1, 'a'), (2, 'b');
CREATE TABLE named (id integer, note text COLLATE "C") PARTITION BY RANGE (note);
CREATE TABLE named_1 PARTITION OF named FOR VALUES FROM ('a') TO ('m');
CREATE TABLE named_2 PARTITION OF named FOR VALUES FROM ('m') TO ('z');
INSERT INTO named VALUES (1, 'a'), (2, 'n');
`;

export const PARTITION_KEYS = [
  group('partitions with keys', SETUP, [
    'ALTER TABLE trips ATTACH PARTITION trips_2 FOR VALUES IN (2)',
    'ALTER TABLE trips ATTACH PARTITION trips_3 FOR VALUES IN (3)',
    'ALTER TABLE trips ATTACH PARTITION trips_4 FOR VALUES IN (4)',
    'ALTER TABLE trips ATTACH PARTITION trips_5 FOR VALUES IN (5)',
    'ALTER TABLE trips_6 ATTACH PARTITION trips_6_2 FOR VALUES FROM (10) TO (20)',
    'ALTER TABLE trips DETACH PARTITION trips_1',
    'ALTER TABLE trips DETACH PARTITION trips_6',
    'ALTER TABLE trips_6 DETACH PARTITION trips_6_1',
    'CREATE TABLE trips_7 PARTITION OF trips FOR VALUES IN (7)',
    'CREATE TABLE trips_6_3 PARTITION OF trips_6 FOR VALUES FROM (30) TO (40)',
    'DROP TABLE trips_6',
    'DROP TABLE trips_6_1',
    'DROP TABLE trips',
    'TRUNCATE places CASCADE',
    {
      sql: 'TRUNCATE places CASCADE',
      first: 'CREATE TABLE visits (place integer REFERENCES places); CREATE TABLE old_visits () INHERITS (visits)',
    },
    'ALTER TABLE trips DROP CONSTRAINT IF EXISTS nowhere',
    'ALTER TABLE ONLY trips DROP CONSTRAINT IF EXISTS nowhere CASCADE',
    { sql: 'ALTER TABLE ONLY plain DROP CONSTRAINT plain_pkey', first: 'ALTER TABLE ONLY plain ADD PRIMARY KEY (id)' },
    { sql: 'ALTER TABLE trips DROP CONSTRAINT k', first: 'ALTER TABLE trips ADD CONSTRAINT k CHECK (id > 0)' },
    { sql: 'ALTER TABLE ONLY plain DROP COLUMN IF EXISTS nothing' },
    { sql: 'ALTER TABLE plain DROP COLUMN IF EXISTS nothing' },
    { sql: 'ALTER TABLE plain ADD COLUMN IF NOT EXISTS note text' },
    { sql: 'DELETE FROM places WHERE id = 20', unseen: 1 },
    { sql: 'UPDATE places SET id = 21 WHERE id = 20', unseen: 1 },
    'INSERT INTO trips VALUES (1, 2)',
    { sql: 'INSERT INTO trips_6 VALUES (6, 2)', unseen: 1 },
    'ALTER TABLE plain ADD PRIMARY KEY (id)',
    'ALTER TABLE plain ADD UNIQUE (id) DEFERRABLE',
    { sql: 'ALTER TABLE plain ADD PRIMARY KEY (id)', first: 'ALTER TABLE plain_1 ADD PRIMARY KEY (id)' },
    { sql: 'ALTER TABLE plain ADD UNIQUE (id)', first: 'ALTER TABLE plain_1 ADD UNIQUE (id)' },
    { sql: 'ALTER TABLE plain ADD UNIQUE (id)', first: 'CREATE UNIQUE INDEX ON plain_1 (id)' },
    {
      sql: 'ALTER TABLE ONLY plain ADD PRIMARY KEY (id)',
      first: 'ALTER TABLE plain_1 ADD PRIMARY KEY (id); ALTER TABLE plain_2 ADD PRIMARY KEY (id)',
    },
    { sql: 'ALTER TABLE ONLY plain ADD UNIQUE (id)' },
    {
      sql: 'ALTER INDEX plain_pkey ATTACH PARTITION plain_1_pkey',
      first: 'ALTER TABLE plain_1 ADD PRIMARY KEY (id); ALTER TABLE ONLY plain ADD PRIMARY KEY (id)',
    },
    { sql: 'CREATE INDEX ON plain (note)', first: 'CREATE INDEX ON plain_1 (note)' },
    { sql: 'CREATE INDEX ON plain (lower(note))', first: 'CREATE INDEX ON plain_1 (lower(note))' },
    { sql: 'CREATE INDEX ON plain (note) WHERE id > 0', first: 'CREATE INDEX ON plain_1 (note)' },
    {
      sql: 'CREATE INDEX i ON plain ((note || id))',
      first: 'CREATE INDEX ON ONLY plain ((note || id)); CREATE INDEX ON plain_1 ((note || id))',
    },
    {
      sql: 'ALTER INDEX plain_expr_idx ATTACH PARTITION plain_1_expr_idx',
      first: 'CREATE INDEX ON ONLY plain ((note || id)); CREATE INDEX ON plain_1 ((note || id))',
    },
    {
      sql: 'ALTER TABLE plain ATTACH PARTITION plain_3 FOR VALUES IN (3)',
      first:
        "ALTER TABLE plain ADD PRIMARY KEY (id); CREATE TABLE plain_3 (id integer PRIMARY KEY, note text); INSERT INTO plain_3 VALUES (3, 'c')",
    },
    {
      sql: 'ALTER TABLE plain ATTACH PARTITION plain_3 FOR VALUES IN (3)',
      first:
        "ALTER TABLE plain ADD PRIMARY KEY (id); CREATE TABLE plain_3 (id integer NOT NULL, note text); INSERT INTO plain_3 VALUES (3, 'c')",
    },
    { sql: 'ALTER TABLE plain DROP CONSTRAINT plain_pkey', first: 'ALTER TABLE plain ADD PRIMARY KEY (id)' },
    { sql: 'ALTER TABLE plain ALTER COLUMN id DROP NOT NULL' },
    { sql: 'ALTER TABLE plain ALTER COLUMN note SET NOT NULL' },
    'ALTER TABLE plain ALTER COLUMN id SET NOT NULL',
    'ALTER TABLE ONLY plain ALTER COLUMN id SET NOT NULL',
    'ALTER TABLE plain ALTER COLUMN id SET NOT NULL, ALTER COLUMN note SET NOT NULL',
    {
      sql: 'ALTER TABLE parents ALTER COLUMN id SET NOT NULL',
      first: 'CREATE TABLE parents (id integer NOT NULL); CREATE TABLE kids () INHERITS (parents)',
    },
    {
      sql: 'ALTER TABLE parents ALTER COLUMN id SET NOT NULL',
      first: 'CREATE TABLE parents (id integer PRIMARY KEY); CREATE TABLE kids () INHERITS (parents)',
    },
    {
      sql: 'ALTER TABLE parents ALTER COLUMN id SET NOT NULL',
      first: 'CREATE TABLE parents (id integer); CREATE TABLE kids (id integer NOT NULL) INHERITS (parents)',
    },
    {
      sql: 'ALTER TABLE parents ALTER COLUMN id SET NOT NULL',
      first:
        'CREATE TABLE parents (id integer); INSERT INTO parents VALUES (1); CREATE TABLE kids () INHERITS (parents); INSERT INTO kids VALUES (1); ALTER TABLE parents ADD NOT NULL id NOT VALID',
      since: 18,
    },
    {
      sql: 'ALTER TABLE ONLY plain ALTER COLUMN note SET NOT NULL',
      until: 17,
      first: 'ALTER TABLE plain_1 ALTER COLUMN note SET NOT NULL; ALTER TABLE plain_2 ALTER COLUMN note SET NOT NULL',
    },
    'SELECT * FROM plain WHERE id = 1::numeric',
    { sql: 'SELECT * FROM plain WHERE id = 1::bigint', unseen: 1 },
    "SELECT * FROM plain WHERE id = '1'::integer",
    'SELECT * FROM plain WHERE id IN (1, 1)',
    { sql: "SELECT * FROM named WHERE note = 'b'", unseen: 1 },
    "UPDATE plain SET note = 'z' WHERE id = 2",
    { sql: "DELETE FROM named WHERE note > 'p'", unseen: 1 },
    {
      sql: 'ALTER TABLE plain ENABLE TRIGGER t',
      first:
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t AFTER INSERT ON plain FOR EACH STATEMENT EXECUTE FUNCTION nothing()",
    },
    {
      sql: 'ALTER TABLE plain ENABLE ALWAYS TRIGGER t',
      first:
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t AFTER INSERT ON plain FOR EACH STATEMENT EXECUTE FUNCTION nothing()",
    },
    {
      sql: 'ALTER TABLE plain DISABLE TRIGGER t',
      first:
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION nothing()",
    },
    'ALTER TABLE plain DISABLE TRIGGER ALL',
    'ALTER TABLE plain ENABLE TRIGGER USER',
    'ALTER TABLE trips DISABLE TRIGGER ALL',
    {
      sql: 'ALTER TABLE ONLY plain DISABLE TRIGGER t',
      first:
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION nothing()",
    },
    ...since(15, 'CREATE UNIQUE INDEX ON plain (id) NULLS NOT DISTINCT'),
    {
      sql: 'ALTER TABLE trips ADD FOREIGN KEY (id) REFERENCES places',
      first: 'ALTER TABLE trips_1 ADD FOREIGN KEY (id) REFERENCES places',
    },
    {
      sql: 'ALTER TABLE trips ADD FOREIGN KEY (id) REFERENCES places',
      first: 'ALTER TABLE trips_6 ADD FOREIGN KEY (id) REFERENCES places',
    },
  ]),
  group(
    'partitioned tables that refer to themselves',
    `CREATE TABLE nodes (id bigint NOT NULL PRIMARY KEY, parent bigint REFERENCES nodes) PARTITION BY RANGE (id);
CREATE TABLE nodes_1 PARTITION OF nodes FOR VALUES FROM (0) TO (10);
CREATE TABLE nodes_2 PARTITION OF nodes FOR VALUES FROM (10) TO (20);
INSERT INTO nodes VALUES (1, NULL), (2, 1), (11, NULL);
CREATE TABLE nodes_3 (id bigint NOT NULL PRIMARY KEY, parent bigint);
INSERT INTO nodes_3 VALUES (21, 1);`,
    [
      'ALTER TABLE nodes DETACH PARTITION nodes_2',
      'ALTER TABLE nodes ATTACH PARTITION nodes_3 FOR VALUES FROM (20) TO (30)',
      {
        sql: 'ALTER TABLE nodes ATTACH PARTITION nodes_2 FOR VALUES FROM (10) TO (20)',
        first: 'ALTER TABLE nodes DETACH PARTITION nodes_2',
      },
      'CREATE TABLE nodes_4 PARTITION OF nodes FOR VALUES FROM (40) TO (50)',
      'DELETE FROM nodes WHERE id = 2',
      'UPDATE nodes SET parent = 1 WHERE id = 11',
      'ALTER TABLE nodes DROP CONSTRAINT nodes_parent_fkey',
      'DROP TABLE nodes',
      'TRUNCATE nodes',
    ],
  ),
  group(
    'inheritance',
    `CREATE TABLE base (id integer, note text);
CREATE TABLE middle (extra integer) INHERITS (base);
CREATE TABLE leaf (more integer) INHERITS (middle);
CREATE TABLE other (note text) INHERITS (base);
CREATE TABLE both_of () INHERITS (middle, other);
INSERT INTO leaf VALUES (1, 'a', 2, 3);
INSERT INTO other VALUES (1, 'a');`,
    [
      'ALTER TABLE base ADD COLUMN extra integer',
      'ALTER TABLE base ADD COLUMN extra integer DEFAULT (random() * 3)::integer',
      'ALTER TABLE base ADD COLUMN fresh integer',
      'ALTER TABLE base DROP COLUMN note',
      'ALTER TABLE ONLY base DROP COLUMN note',
      'ALTER TABLE base ALTER COLUMN note SET NOT NULL',
      'ALTER TABLE ONLY base ALTER COLUMN id SET DEFAULT 3',
      'ALTER TABLE base ALTER COLUMN id TYPE bigint',
      'ALTER TABLE base ADD CONSTRAINT c CHECK (id > 0) NO INHERIT',
      {
        sql: 'ALTER TABLE base VALIDATE CONSTRAINT c',
        first: 'ALTER TABLE base ADD CONSTRAINT c CHECK (id > 0) NO INHERIT NOT VALID',
      },
      {
        sql: 'ALTER TABLE base VALIDATE CONSTRAINT c',
        first: 'ALTER TABLE base ADD CONSTRAINT c CHECK (id > 0) NOT VALID',
      },
      'ALTER TABLE base RENAME COLUMN note TO text',
      'ALTER TABLE leaf NO INHERIT middle',
      'DROP TABLE middle CASCADE',
      'TRUNCATE base',
      'TRUNCATE ONLY base',
      'CREATE TABLE late (LIKE base INCLUDING ALL) INHERITS (base)',
      'ALTER TABLE base ADD PRIMARY KEY (id)',
      { sql: 'ALTER TABLE ONLY base ADD PRIMARY KEY (id)', until: 17 },
      'CREATE INDEX ON base (id)',
      'UPDATE base SET id = 4',
      'SELECT * FROM ONLY base',
    ],
  ),
];
