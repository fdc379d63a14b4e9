import { quoteIdentifier } from '../../sql/quote.ts';
import { notValidFixes, notValidSql } from '../fixes/notValid.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { newConstraintName } from '../newConstraint.ts';
import { relationName } from '../wording.ts';

export const checkNotValid = defineRule({
  id: 'check-not-valid',
  operations: ['add check'],
  meta: {
    title: 'Add CHECK constraints NOT VALID, then validate',
    severity: 'warning',
    cause: 'blocks',
    why: 'Reads and writes wait until every row has been checked, and the time grows with the table. One row that breaks it, and it fails.',
    instead:
      'Add the constraint NOT VALID, which is brief, and VALIDATE CONSTRAINT in a later transaction, which lets reads and writes go on.',
    references: [
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
    ],
    alsoKnownAs: {
      squawk: 'constraint-missing-not-valid',
      eugene: 'E1',
      strong_migrations: 'add_check_constraint',
      atlas: 'PG305',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0);',
      "ALTER TABLE orders ADD COLUMN channel text CHECK (channel IN ('web', 'shop'));",
    ],
    good: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
      {
        earlier: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        sql: 'ALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      },
    ],
  },
  check(context) {
    reportHazards(context, ({ first }) => {
      const object = newConstraintName(context.statement, first, 'check');
      if (object === undefined) return {};
      const table = relationName(first.effect.relation);
      const constraint = quoteIdentifier(object);
      return {
        fixes: () => notValidFixes(context, object),
        instead:
          notValidSql(context.statement, object) ??
          `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} CHECK (…) NOT VALID;
-- in a later transaction:
ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};`,
      };
    });
  },
});
