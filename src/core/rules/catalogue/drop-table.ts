import { defineRule } from '../rule.ts';
import { listed, relationName } from '../wording.ts';

export const dropTable = defineRule({
  id: 'drop-table',
  operations: ['drop table', 'drop schema', 'drop owned', 'drop extension'],
  meta: {
    title: 'Drop a table only when no running code knows it',
    severity: 'warning',
    cause: 'loses data',
    why: 'The rows are gone for good, and an application version that still names the table gets errors.',
    instead:
      'Rename the table first and wait a release, so that a missing use shows while there is a way back; keep a dump; then drop it without CASCADE.',
    references: ['https://www.postgresql.org/docs/current/sql-droptable.html'],
    alsoKnownAs: { squawk: 'ban-drop-table', atlas: 'DS102', pgfence: 'drop-table' },
  },
  examples: {
    bad: [
      'DROP TABLE orders;',
      'DROP TABLE IF EXISTS orders CASCADE;',
      { earlier: 'CREATE SCHEMA old;\nCREATE TABLE old.things (id int);', sql: 'DROP SCHEMA old CASCADE;' },
    ],
    good: ['CREATE TABLE scratch (id bigint);\nDROP TABLE scratch;', 'DROP TABLE IF EXISTS never_made;'],
  },
  check({ statement, matches, report }) {
    const tables = matches.filter(
      ({ effect: { relation }, cause }) =>
        (relation.kind === 'table' || relation.kind === 'partitioned table') &&
        // A parent or a referencing table is locked too, but stays.
        (cause.object === relation.name || relation.id === null || !statement.after.relations.has(relation.id)),
    );
    if (tables.length === 0) return;
    const names = listed(tables.map(({ effect }) => relationName(effect.relation)));
    report({
      what: `${statement.statement.kind} takes ${names} away, with all rows.`,
      claims: tables.map(({ cause }) => cause),
    });
  },
});
