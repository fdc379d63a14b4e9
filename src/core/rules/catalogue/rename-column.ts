import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const renameColumn = defineRule({
  id: 'rename-column',
  operations: ['rename column'],
  meta: {
    title: 'Do not rename a column that running code uses',
    severity: 'warning',
    cause: 'breaks code',
    why: 'The rename itself is brief, but the application version that is running now asks for the old name and gets errors until the last instance of it is gone.',
    instead:
      'Add a column with the new name, copy every write with a trigger, fill the old rows in batches, move the application over, then drop the old column.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html'],
    alsoKnownAs: { squawk: 'renaming-column', strong_migrations: 'rename_column', atlas: 'BC102' },
  },
  examples: {
    bad: ['ALTER TABLE orders RENAME COLUMN note TO remark;'],
    good: [
      'CREATE TABLE refunds (note text);\nALTER TABLE refunds RENAME COLUMN note TO remark;',
      'ALTER TABLE orders ADD COLUMN remark text;',
    ],
  },
  check({ matches, report }) {
    const [match] = matches;
    if (!match) return;
    const { effect, cause } = match;
    const column = cause.object === undefined ? 'the column' : quoteIdentifier(cause.object);
    report({
      what: `${cause.what}: queries that name ${column} of ${relationName(effect.relation)} fail from now on.`,
      claims: [cause],
    });
  },
});
