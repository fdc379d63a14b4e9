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
    more: `There is no fix, since the column would be of another type. A recipe:

\`\`\`sql
-- 1. The base type, and the domain's rule for new rows. Brief.
ALTER TABLE orders ADD COLUMN discount numeric;
ALTER TABLE orders ADD CONSTRAINT orders_discount_check CHECK (discount > 0) NOT VALID;
\`\`\`

\`\`\`sql
-- 2. In a later transaction: reads and writes go on.
ALTER TABLE orders VALIDATE CONSTRAINT orders_discount_check;
\`\`\``,
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
