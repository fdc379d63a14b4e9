import { group } from './case.ts';
import { EVENTS, FAMILY } from './shop.ts';

const KINDS = 'CREATE TABLE kinds (id integer PRIMARY KEY); INSERT INTO kinds SELECT generate_series(1, 100)';
const OWN_KEY = `${KINDS}; ALTER TABLE events_2024 ADD FOREIGN KEY (account_id) REFERENCES kinds`;
const trigger = (on: string, each = 'ROW'): string =>
  `CREATE TABLE kinds (id integer); CREATE FUNCTION k() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO kinds VALUES (1); RETURN NEW; END'; CREATE TRIGGER t ${on} FOR EACH ${each} EXECUTE FUNCTION k()`;

/** Rows of partitions and inheritance children that are changed through the table above: what these have of their own. */
export const CHILD_ROW_CASES = [
  group('rows of partitions', EVENTS, [
    "UPDATE events SET at = '2025-02-02' WHERE id = 3",
    "UPDATE events SET at = '2025-02-02', account_id = NULL WHERE id = 3",
    { sql: "INSERT INTO events VALUES (1000, 1, '2024-05-05', 'x')", first: OWN_KEY },
    { sql: "INSERT INTO events SELECT 1000, 1, '2024-05-05', 'x'", first: OWN_KEY, unseen: 2 },
    { sql: 'UPDATE events SET account_id = 3', first: OWN_KEY },
    { sql: "UPDATE events SET body = 'x'", first: OWN_KEY },
    { sql: "UPDATE events SET at = '2024-05-05' WHERE id = 3", first: OWN_KEY },
    {
      sql: "INSERT INTO events VALUES (1000, 1, '2024-05-05', 'x')",
      first: trigger('AFTER INSERT ON events_2024'),
    },
    {
      sql: "INSERT INTO events VALUES (1000, 1, '2024-05-05', 'x')",
      first: trigger('AFTER INSERT ON events_2024', 'STATEMENT'),
    },
    { sql: "UPDATE events SET body = 'x'", first: trigger('AFTER UPDATE OF body ON events_2024') },
    { sql: "UPDATE events SET body = 'x'", first: trigger('AFTER UPDATE OF account_id ON events_2024') },
    { sql: 'DELETE FROM events', first: trigger('AFTER DELETE ON events_2024') },
    { sql: "UPDATE events SET at = '2025-02-02' WHERE id = 3", first: trigger('AFTER INSERT ON events_other') },
    {
      sql: "INSERT INTO events VALUES (1000, 1, '2024-05-05', 'x')",
      first:
        "CREATE TABLE kinds (id integer); CREATE FUNCTION k(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) >= 0 FROM kinds); END'; ALTER TABLE events_2024 ADD CHECK (k(account_id))",
    },
    {
      sql: "INSERT INTO events (id, at) VALUES (1000, '2024-05-05')",
      first: "CREATE SEQUENCE sq; ALTER TABLE events_2024 ALTER COLUMN account_id SET DEFAULT nextval('sq')",
    },
    {
      sql: "UPDATE events SET at = '2025-02-02' WHERE id = 3",
      since: 15,
      first:
        'ALTER TABLE event_notes ADD CONSTRAINT f FOREIGN KEY (event_id, event_at) REFERENCES events ON UPDATE CASCADE',
    },
    {
      sql: 'DELETE FROM events_2024',
      first:
        'ALTER TABLE event_notes ADD CONSTRAINT f FOREIGN KEY (event_id, event_at) REFERENCES events ON DELETE CASCADE',
    },
  ]),
  group('rows of inheritance children', FAMILY, [
    { sql: "UPDATE people SET name = 'x'", first: trigger('AFTER UPDATE OF name ON staff') },
    { sql: "UPDATE ONLY people SET name = 'x'", first: trigger('AFTER UPDATE OF name ON staff') },
    { sql: "UPDATE people SET name = 'x'", first: trigger('AFTER UPDATE ON staff', 'STATEMENT') },
    { sql: 'DELETE FROM people', first: trigger('AFTER UPDATE OR DELETE ON staff') },
    { sql: 'DELETE FROM ONLY people', first: trigger('AFTER UPDATE OR DELETE ON staff') },
    { sql: "INSERT INTO people VALUES (100, 'x')", first: trigger('AFTER INSERT ON staff') },
    {
      sql: 'UPDATE people SET id = id + 1 WHERE id = 20',
      first: `${KINDS}; ALTER TABLE staff ADD FOREIGN KEY (id) REFERENCES kinds`,
    },
    {
      sql: 'DELETE FROM people',
      first:
        'CREATE TABLE kinds (id integer); ALTER TABLE staff ADD PRIMARY KEY (id); ALTER TABLE kinds ADD FOREIGN KEY (id) REFERENCES staff ON DELETE CASCADE; INSERT INTO kinds VALUES (12)',
    },
  ]),
];
