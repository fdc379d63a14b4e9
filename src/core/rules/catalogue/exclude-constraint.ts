import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const excludeConstraint = defineRule({
  id: 'exclude-constraint',
  operations: ['add exclude'],
  meta: {
    title: 'Do not add an EXCLUDE constraint to a table with rows',
    severity: 'error',
    cause: 'blocks',
    why: 'The constraint builds its index while reads as well as writes of the table wait. There is no NOT VALID and no USING INDEX for EXCLUDE.',
    instead:
      'Make a new table with the constraint, copy the rows in batches while a trigger keeps it up to date, and swap the two by renaming.',
    references: ['https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE'],
    alsoKnownAs: { eugene: 'E8', strong_migrations: 'add_exclusion_constraint' },
  },
  examples: {
    bad: [
      {
        earlier: 'CREATE TABLE bookings (during tstzrange);',
        sql: 'ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);',
      },
    ],
    good: ['CREATE TABLE bookings (during tstzrange, EXCLUDE USING gist (during WITH &&));'],
  },
  check(context) {
    reportHazards(context);
  },
});
