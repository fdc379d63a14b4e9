import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const addColumnConstrainedDomain = defineRule({
  id: 'add-column-constrained-domain',
  operations: ['add column constrained domain'],
  meta: {
    title: 'Do not add a column whose domain has constraints',
    severity: 'error',
    cause: 'blocks',
    why: 'PostgreSQL checks the domain for every row, and does so by writing the whole table and its indexes anew, even without a default; reads wait as well as writes.',
    instead:
      "Add the column with the domain's base type and give it the same CHECK with NOT VALID, then VALIDATE CONSTRAINT.",
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
    alsoKnownAs: {},
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN discount positive_amount;'],
    good: [
      'ALTER TABLE orders ADD COLUMN discount numeric;\nALTER TABLE orders ADD CONSTRAINT orders_discount_check CHECK (discount > 0) NOT VALID;',
    ],
  },
  check(context) {
    reportHazards(context);
  },
});
