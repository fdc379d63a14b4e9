import { group, since, type CaseSpecification } from './case.ts';
import { EVENTS } from './shop.ts';

export const PARTITIONS = [
  group(
    'partitions',
    EVENTS,
    [
      "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY RANGE (at)",
      "CREATE TABLE regions_asia PARTITION OF regions FOR VALUES IN ('jp')",
      'CREATE TABLE regions_rest PARTITION OF regions DEFAULT',
      "CREATE TABLE IF NOT EXISTS events_2024 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
      "ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
      {
        sql: "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
        first: 'DROP TABLE events_other',
      },
      {
        sql: "ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
        first: 'DROP TABLE events_other',
      },
      {
        sql: "ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
        first: "ALTER TABLE events_other ADD CHECK (NOT (at >= '2028-01-01' AND at < '2029-01-01'))",
      },
      {
        sql: "ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
        first: 'ALTER TABLE events_2028 DROP CONSTRAINT events_2028_bound',
      },
      {
        sql: "ALTER TABLE regions ATTACH PARTITION regions_jp FOR VALUES IN ('jp')",
        first: "CREATE TABLE regions_jp (id integer, region text NOT NULL); INSERT INTO regions_jp VALUES (1, 'jp')",
      },
      {
        sql: "ALTER TABLE regions ATTACH PARTITION regions_jp FOR VALUES IN ('jp')",
        first:
          "CREATE TABLE regions_jp (id integer, region text NOT NULL CHECK (region = 'jp')); INSERT INTO regions_jp VALUES (1, 'jp')",
      },
      {
        sql: "ALTER TABLE regions ATTACH PARTITION regions_jp FOR VALUES IN ('jp')",
        first:
          "ALTER TABLE regions ALTER COLUMN region DROP NOT NULL; CREATE TABLE regions_jp (id integer, region text CHECK (region IS NOT NULL AND region = 'jp')); INSERT INTO regions_jp VALUES (1, 'jp')",
      },
      {
        sql: 'ALTER TABLE regions ATTACH PARTITION regions_rest DEFAULT',
        first:
          "CREATE TABLE regions_rest (id integer, region text NOT NULL); INSERT INTO regions_rest VALUES (1, 'jp')",
      },
      'ALTER TABLE events DETACH PARTITION events_2023',
      'ALTER TABLE events DETACH PARTITION events_other',
      'ALTER TABLE regions DETACH PARTITION regions_us',
      { sql: 'ALTER TABLE regions DETACH PARTITION regions_eu CONCURRENTLY' },
      'ALTER TABLE events ADD COLUMN note text',
      'ALTER TABLE events ADD COLUMN note uuid DEFAULT gen_random_uuid()',
      'ALTER TABLE events DROP COLUMN body',
      'ALTER TABLE events ALTER COLUMN body SET NOT NULL',
      'ALTER TABLE events ALTER COLUMN body TYPE varchar(100)',
      'ALTER TABLE events ALTER COLUMN body TYPE varchar',
      'ALTER TABLE events ALTER COLUMN account_id TYPE bigint',
      "ALTER TABLE events ALTER COLUMN body SET DEFAULT 'x'",
      'ALTER TABLE events ADD CONSTRAINT c CHECK (id > 0)',
      'ALTER TABLE events ADD CONSTRAINT c CHECK (id > 0) NOT VALID',
      'ALTER TABLE events ADD UNIQUE (body, at)',
      'ALTER TABLE events DROP CONSTRAINT events_pkey',
      'ALTER TABLE events DROP CONSTRAINT events_account_fk',
      'ALTER TABLE events ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts',
      ...since(18, 'ALTER TABLE events ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts NOT VALID'),
      'ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events',
      'ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events NOT VALID',
      {
        sql: 'ALTER TABLE event_notes DROP CONSTRAINT fk',
        first: 'ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events',
      },
      {
        sql: 'ALTER TABLE event_notes VALIDATE CONSTRAINT fk',
        first: 'ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events NOT VALID',
      },
      // With no row that refers to it, the planner does not even look at the partition.
      {
        not: 'work' as const,
        sql: 'ALTER TABLE events DETACH PARTITION events_2023',
        first:
          'TRUNCATE event_notes; ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events',
      },
      {
        sql: 'DROP TABLE events CASCADE',
        first: 'ALTER TABLE event_notes ADD CONSTRAINT fk FOREIGN KEY (event_id, event_at) REFERENCES events',
      },
      { sql: 'DROP TABLE events_2023', first: '' },
      { sql: 'DROP TABLE accounts CASCADE', first: '' },
      'CREATE INDEX ON events (account_id)',
      'CREATE INDEX ON ONLY events (account_id)',
      'CREATE INDEX ON events_2023 (account_id)',
      'CREATE INDEX ON regions (id)',
      {
        sql: 'ALTER INDEX parent_idx ATTACH PARTITION child_idx',
        first:
          'CREATE INDEX parent_idx ON ONLY events (account_id); CREATE INDEX child_idx ON events_2023 (account_id)',
      },
      { sql: 'CREATE INDEX ON events (account_id)', first: 'CREATE INDEX child_idx ON events_2023 (account_id)' },
      'DROP INDEX events_body_idx',
      'ALTER INDEX events_body_idx RENAME TO b',
      'REINDEX INDEX events_2023_body_idx',
      'REINDEX TABLE events_2023',
      'ALTER TABLE events RENAME TO happenings',
      'ALTER TABLE events RENAME COLUMN body TO content',
      'ALTER TABLE events_2023 RENAME TO e',
      'ALTER TABLE events SET SCHEMA pg_temp'.replace('pg_temp', 'public'),
      'ALTER TABLE events ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE events OWNER TO CURRENT_USER',
      'ALTER TABLE events REPLICA IDENTITY FULL',
      'ALTER TABLE events ALTER COLUMN body SET STATISTICS 10',
      'DROP TABLE events',
      'DROP TABLE events_other',
      'DROP TABLE regions',
      'TRUNCATE events',
      'TRUNCATE events_2023',
      'TRUNCATE ONLY events_2023',
      'LOCK TABLE events',
      'VACUUM events',
      'ANALYZE events',
      'ANALYZE events_2023',
      'SELECT * FROM events',
      "INSERT INTO events VALUES (1000, 1, '2023-05-05', 'x')",
      "INSERT INTO events_2023 VALUES (1000, 1, '2023-05-05', 'x')",
      'UPDATE events SET body = body',
      'DELETE FROM events',
      'DELETE FROM events_2023',
      'CREATE TRIGGER t AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION suppress()',
      'CREATE POLICY p ON events USING (true)',
      'GRANT SELECT ON events TO PUBLIC',
      "COMMENT ON TABLE events IS 'x'",
      'CREATE TABLE copied (LIKE events INCLUDING ALL)',
      'CREATE PUBLICATION p FOR TABLE events',
      'CREATE STATISTICS s ON id, at FROM events',
    ].map((each): CaseSpecification =>
      each === 'CREATE TRIGGER t AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION suppress()'
        ? {
            sql: each,
            first: "CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
          }
        : each,
    ),
  ),
];
