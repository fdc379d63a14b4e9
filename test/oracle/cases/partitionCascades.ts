import { group, since } from './case.ts';

/** Partitioned tables on both sides of foreign keys, two levels deep, and what deletes, drops and truncates reach through them. */
const SETUP = `
CREATE TABLE firms (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id);
CREATE TABLE firms_1 PARTITION OF firms FOR VALUES FROM (0) TO (100);
CREATE TABLE firms_2 PARTITION OF firms FOR VALUES FROM (100) TO (200);
CREATE TABLE jobs (id integer, firm integer CONSTRAINT jobs_firm_fk REFERENCES firms ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE jobs_1 PARTITION OF jobs FOR VALUES FROM (0) TO (100);
CREATE TABLE jobs_2 PARTITION OF jobs FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
CREATE TABLE jobs_2_1 PARTITION OF jobs_2 FOR VALUES FROM (100) TO (150);
CREATE TABLE steps (id integer PRIMARY KEY, job integer CONSTRAINT steps_job_fk REFERENCES jobs ON DELETE SET NULL);
CREATE TABLE notes (id integer, firm integer CONSTRAINT notes_firm_fk REFERENCES firms DEFERRABLE INITIALLY DEFERRED);
INSERT INTO firms VALUES (1, 'a'), (2, 'b'), (101, 'c');
INSERT INTO jobs VALUES (1, 1), (101, 2), (2, 101);
INSERT INTO steps VALUES (1, 1), (2, 101);
CREATE TABLE jobs_3 (id integer PRIMARY KEY, firm integer);
INSERT INTO jobs_3 VALUES (201, 1);
CREATE TABLE firms_3 (id integer PRIMARY KEY, name text);
INSERT INTO firms_3 VALUES (201, 'd');
CREATE TABLE plain (id integer, firm integer);
INSERT INTO plain VALUES (1, 1);
`;

export const PARTITION_CASCADES = [
  group('keys between partitioned tables', SETUP, [
    'DELETE FROM firms WHERE id = 1',
    'DELETE FROM firms WHERE id = 101',
    'DELETE FROM firms_2 WHERE id = 101',
    'DELETE FROM jobs WHERE id = 1',
    'DELETE FROM jobs_2_1 WHERE id = 101',
    'UPDATE firms SET id = 50 WHERE id = 1',
    "UPDATE firms SET name = 'x' WHERE id = 1",
    { sql: 'UPDATE jobs SET firm = 2 WHERE id = 1', unseen: 1 },
    'UPDATE jobs SET firm = NULL WHERE id = 1',
    'INSERT INTO jobs VALUES (3, 1)',
    'INSERT INTO jobs VALUES (120, 101)',
    { sql: 'INSERT INTO jobs_2_1 VALUES (121, 1)', unseen: 1 },
    'INSERT INTO steps VALUES (3, 2)',
    'INSERT INTO notes VALUES (1, 1)',
    'TRUNCATE firms CASCADE',
    'TRUNCATE jobs CASCADE',
    'TRUNCATE jobs_1 CASCADE',
    'TRUNCATE firms, jobs, steps, notes',
    'DROP TABLE firms CASCADE',
    'DROP TABLE jobs CASCADE',
    'DROP TABLE jobs, steps',
    { sql: 'DROP TABLE jobs_2', first: 'ALTER TABLE steps DROP CONSTRAINT steps_job_fk' },
    { sql: 'DROP TABLE jobs_2_1', first: 'ALTER TABLE steps DROP CONSTRAINT steps_job_fk' },
    'DROP TABLE jobs_2 CASCADE',
    'DROP TABLE jobs_2_1 CASCADE',
    'DROP TABLE firms_2 CASCADE',
    'DROP TABLE firms, jobs, steps, notes',
    'ALTER TABLE jobs DROP CONSTRAINT jobs_firm_fk',
    'ALTER TABLE steps DROP CONSTRAINT steps_job_fk',
    'ALTER TABLE firms DROP CONSTRAINT firms_pkey CASCADE',
    'ALTER TABLE firms DROP COLUMN name',
    'ALTER TABLE jobs DROP COLUMN firm',
    'ALTER TABLE steps DROP COLUMN job',
    'ALTER TABLE jobs ADD CONSTRAINT again FOREIGN KEY (firm) REFERENCES firms',
    'ALTER TABLE plain ADD CONSTRAINT p FOREIGN KEY (firm) REFERENCES firms',
    'ALTER TABLE plain ADD COLUMN f integer REFERENCES firms',
    'ALTER TABLE plain ADD COLUMN f integer DEFAULT 1 REFERENCES firms',
    'ALTER TABLE jobs ADD COLUMN f integer REFERENCES firms',
    'ALTER TABLE jobs ALTER CONSTRAINT jobs_firm_fk DEFERRABLE',
    'ALTER TABLE steps ALTER CONSTRAINT steps_job_fk DEFERRABLE INITIALLY DEFERRED',
    'ALTER TABLE jobs RENAME CONSTRAINT jobs_firm_fk TO j',
    'ALTER TABLE jobs ALTER COLUMN firm TYPE bigint',
    'ALTER TABLE firms ALTER COLUMN name TYPE varchar',
    'ALTER TABLE steps ALTER COLUMN job TYPE bigint',
    'ALTER TABLE jobs ATTACH PARTITION jobs_3 FOR VALUES FROM (200) TO (300)',
    'ALTER TABLE firms ATTACH PARTITION firms_3 FOR VALUES FROM (200) TO (300)',
    // With no row that refers to it, the planner does not even look at the partition.
    { sql: 'ALTER TABLE jobs DETACH PARTITION jobs_1', first: 'DELETE FROM steps', not: 'work' },
    {
      not: 'work',
      sql: 'ALTER TABLE firms DETACH PARTITION firms_2',
      first: 'DELETE FROM firms WHERE id = 101',
    },
    {
      sql: 'ALTER TABLE jobs DETACH PARTITION jobs_2',
      first: 'DELETE FROM jobs WHERE id = 101',
    },
    'CREATE TABLE firms_4 PARTITION OF firms FOR VALUES FROM (300) TO (400)',
    'CREATE TABLE firms_4 PARTITION OF firms FOR VALUES FROM (300) TO (400) PARTITION BY RANGE (id)',
    'CREATE TABLE jobs_4 PARTITION OF jobs FOR VALUES FROM (300) TO (400)',
    'CREATE TABLE jobs_2_2 PARTITION OF jobs_2 FOR VALUES FROM (150) TO (200)',
    'CREATE TABLE tasks (id integer, firm integer REFERENCES firms)',
    'CREATE TABLE tasks (id integer, firm integer REFERENCES firms) PARTITION BY RANGE (id)',
    'CREATE TABLE tasks (LIKE jobs INCLUDING ALL)',
    ...since(
      18,
      'ALTER TABLE jobs ALTER CONSTRAINT jobs_firm_fk NOT ENFORCED',
      'ALTER TABLE steps ALTER CONSTRAINT steps_job_fk NOT ENFORCED',
      'ALTER TABLE jobs ADD CONSTRAINT again FOREIGN KEY (firm) REFERENCES firms NOT VALID',
      'ALTER TABLE jobs ADD CONSTRAINT again FOREIGN KEY (id) REFERENCES firms NOT ENFORCED',
    ),
    {
      sql: 'ALTER TABLE jobs VALIDATE CONSTRAINT again',
      since: 18,
      first: 'ALTER TABLE jobs ADD CONSTRAINT again FOREIGN KEY (firm) REFERENCES firms NOT VALID',
    },
    {
      sql: 'ALTER TABLE jobs ALTER CONSTRAINT again ENFORCED',
      since: 18,
      first:
        'ALTER TABLE jobs ADD CONSTRAINT again FOREIGN KEY (id) REFERENCES firms NOT ENFORCED; DELETE FROM jobs WHERE id > 1',
    },
    {
      sql: 'ALTER TABLE plain VALIDATE CONSTRAINT p',
      first: 'ALTER TABLE plain ADD CONSTRAINT p FOREIGN KEY (firm) REFERENCES firms NOT VALID',
    },
  ]),
  group(
    'partitions of every kind',
    `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE logs (id bigint GENERATED BY DEFAULT AS IDENTITY, at date NOT NULL, body text, level integer DEFAULT 1, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (id);
CREATE TABLE logs_2_1 PARTITION OF logs_2 FOR VALUES FROM (0) TO (1000);
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
CREATE TRIGGER logs_touch BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION touch();
CREATE INDEX logs_body_idx ON logs (body);
INSERT INTO logs (at, body) VALUES ('2024-02-02', 'a'), ('2025-02-02', 'b'), ('2030-01-01', 'c');
CREATE TABLE logs_3 (id bigint NOT NULL, at date NOT NULL, body text, level integer);
INSERT INTO logs_3 VALUES (9, '2026-05-05', 'x', 1);
CREATE VIEW late_logs AS SELECT * FROM logs WHERE at > '2025-01-01';
CREATE STATISTICS logs_statistics ON body, level FROM logs;`,
    [
      'ALTER TABLE logs ADD COLUMN n serial',
      'ALTER TABLE logs ADD COLUMN n integer CHECK (n > 0)',
      'ALTER TABLE logs ADD COLUMN n integer NOT NULL DEFAULT 1',
      'ALTER TABLE logs ADD COLUMN IF NOT EXISTS body text',
      ...since(17, 'ALTER TABLE logs ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY'),
      'ALTER TABLE logs ADD COLUMN n integer GENERATED ALWAYS AS (level * 2) STORED',
      ...since(17, 'ALTER TABLE logs ALTER COLUMN id DROP IDENTITY'),
      ...since(17, 'ALTER TABLE logs ALTER COLUMN id SET GENERATED ALWAYS'),
      'ALTER TABLE logs ALTER COLUMN id RESTART WITH 50',
      'ALTER TABLE logs ALTER COLUMN level DROP DEFAULT',
      'ALTER TABLE ONLY logs ALTER COLUMN level DROP DEFAULT',
      'ALTER TABLE logs ALTER COLUMN body SET STORAGE EXTERNAL',
      'ALTER TABLE logs ALTER COLUMN body SET COMPRESSION pglz',
      'ALTER TABLE ONLY logs ALTER COLUMN body SET STATISTICS 10',
      'ALTER TABLE logs ALTER COLUMN body SET (n_distinct = 5)',
      'ALTER TABLE logs ALTER COLUMN level SET NOT NULL',
      'ALTER TABLE logs RENAME COLUMN body TO text',
      'ALTER TABLE logs RENAME CONSTRAINT logs_pkey TO l',
      { sql: 'ALTER TABLE logs SET SCHEMA app', first: 'CREATE SCHEMA app' },
      'ALTER TABLE logs OWNER TO pg_monitor',
      'ALTER TABLE logs_1 OWNER TO pg_monitor',
      'ALTER TABLE logs SET TABLESPACE pg_default',
      'ALTER TABLE logs_1 SET (fillfactor = 70)',
      'ALTER TABLE logs_1 ALTER COLUMN body SET NOT NULL',
      'ALTER TABLE logs_1 ADD CONSTRAINT c CHECK (level > 0)',
      'ALTER TABLE logs_1 ADD UNIQUE (body)',
      'ALTER TABLE logs_1 SET UNLOGGED',
      'ALTER TABLE logs REPLICA IDENTITY USING INDEX logs_pkey',
      'ALTER TABLE logs_1 REPLICA IDENTITY USING INDEX logs_1_pkey',
      'ALTER TABLE logs_1 CLUSTER ON logs_1_body_idx',
      'ALTER TABLE logs FORCE ROW LEVEL SECURITY',
      'ALTER TABLE logs DISABLE TRIGGER logs_touch',
      'ALTER TABLE logs_1 DISABLE TRIGGER logs_touch',
      'ALTER TRIGGER logs_touch ON logs RENAME TO l',
      'DROP TRIGGER logs_touch ON logs',
      'CREATE OR REPLACE TRIGGER logs_touch BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION touch()',
      'CREATE TRIGGER s AFTER INSERT ON logs FOR EACH STATEMENT EXECUTE FUNCTION touch()',
      'CREATE CONSTRAINT TRIGGER s AFTER INSERT ON logs FOR EACH ROW EXECUTE FUNCTION touch()',
      'CREATE TRIGGER s AFTER INSERT ON logs_1 FOR EACH ROW EXECUTE FUNCTION touch()',
      "CREATE TABLE logs_4 PARTITION OF logs FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
      "CREATE TABLE logs_4 PARTITION OF logs (body NOT NULL, CHECK (level > 0)) FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
      'CREATE TABLE logs_2_2 PARTITION OF logs_2 FOR VALUES FROM (1000) TO (2000)',
      'CREATE TABLE logs_2_rest PARTITION OF logs_2 DEFAULT',
      "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      {
        sql: "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        first: 'CREATE UNIQUE INDEX ON logs_3 (id, at); CREATE INDEX ON logs_3 (body); DROP TABLE logs_rest',
      },
      {
        sql: "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        first: "ALTER TABLE logs_rest ADD CHECK (at >= '2030-01-01')",
      },
      'ALTER TABLE logs_2 DETACH PARTITION logs_2_1',
      'ALTER TABLE logs DETACH PARTITION logs_2',
      'DROP TABLE logs_2',
      'DROP TABLE logs_2_1',
      'DROP TABLE logs_rest',
      'DROP TABLE logs CASCADE',
      'DROP VIEW late_logs',
      'DROP INDEX logs_body_idx',
      'DROP STATISTICS logs_statistics',
      'REINDEX TABLE logs_1',
      'TRUNCATE logs RESTART IDENTITY',
      'TRUNCATE logs_2',
      'LOCK TABLE late_logs IN SHARE MODE',
      'LOCK TABLE logs_2 IN EXCLUSIVE MODE',
      'LOCK TABLE ONLY logs IN EXCLUSIVE MODE',
      'ANALYZE logs_2',
      ...since(15, 'CLUSTER logs USING logs_body_idx'),
      ...since(18, 'ANALYZE ONLY logs', 'VACUUM ONLY logs'),
      'VACUUM logs_2',
      'REINDEX TABLE logs',
      'REINDEX INDEX logs_body_idx',
      'REINDEX TABLE CONCURRENTLY logs_1',
      'ALTER TABLE logs_2 DETACH PARTITION logs_2_1 CONCURRENTLY',
      'COMMENT ON INDEX logs_body_idx IS NULL',
      "INSERT INTO logs (at, body) VALUES ('2024-03-03', 'x')",
      "INSERT INTO logs (at, body) VALUES ('2025-03-03', 'x')",
      "INSERT INTO logs (at, body) VALUES ('2040-03-03', 'x')",
      "COPY (SELECT * FROM logs) TO '/dev/null'",
      { sql: "COPY logs FROM '/dev/null'", unseen: 4 },
      "UPDATE logs SET body = 'x' WHERE at = '2024-02-02'",
      "UPDATE logs SET at = '2025-02-02' WHERE at = '2024-02-02'",
      { sql: "UPDATE logs SET at = at + 365 WHERE at = '2024-02-02'", unseen: 1 },
      { sql: "UPDATE logs_1 SET body = 'x'", unseen: 1 },
      "DELETE FROM logs WHERE at = '2024-02-02'",
      { sql: 'SELECT * FROM late_logs', unseen: 1 },
      "SELECT relid FROM pg_partition_tree('logs'::regclass)",
      'SELECT * FROM logs FOR UPDATE',
      'CREATE TABLE copied AS SELECT * FROM logs',
      'CREATE TABLE copied (LIKE logs INCLUDING ALL)',
      { sql: 'CREATE MATERIALIZED VIEW m AS SELECT * FROM late_logs', unseen: 1 },
      'ALTER INDEX logs_1_body_idx SET (fillfactor = 70)',
      'ALTER TABLE logs ADD CONSTRAINT u UNIQUE (at, id, body)',
      'ALTER TABLE logs DROP CONSTRAINT logs_pkey',
      ...since(17, 'ALTER TABLE logs ADD CONSTRAINT e EXCLUDE USING btree (at WITH =, id WITH =)'),
    ],
  ),
];
