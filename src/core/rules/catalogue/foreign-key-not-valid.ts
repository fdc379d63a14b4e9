import { quoteIdentifier } from '../../sql/quote.ts';
import { notValidFixes, notValidSql } from '../fixes/notValid.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { newConstraintName } from '../newConstraint.ts';
import { relationName } from '../wording.ts';

export const foreignKeyNotValid = defineRule({
  id: 'foreign-key-not-valid',
  operations: ['add foreign key'],
  meta: {
    title: 'Add foreign keys NOT VALID, then validate',
    severity: 'error',
    cause: 'blocks',
    why: 'Every row is looked up in the other table, and until that is done inserts, updates and deletes on both tables wait. One row without its counterpart, and it fails.',
    instead:
      'Add the constraint NOT VALID, which is brief, and VALIDATE CONSTRAINT in a later transaction, which lets writes go on.',
    more: `NOT VALID still checks every new and changed row; only the rows that are there already are left for VALIDATE CONSTRAINT, which takes
SHARE UPDATE EXCLUSIVE on this table and ROW SHARE on the other. On a *partitioned* referencing table NOT VALID needs PostgreSQL 18.`,
    references: [
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
    ],
    alsoKnownAs: {
      squawk: ['adding-foreign-key-constraint', 'constraint-missing-not-valid'],
      strong_migrations: 'add_foreign_key',
      migrationpilot: 'MP005',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);',
      'ALTER TABLE orders ADD COLUMN referrer_id bigint DEFAULT 1 REFERENCES customers (id);',
    ],
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;',
      'ALTER TABLE orders ADD COLUMN referrer_id bigint REFERENCES customers (id);',
      'CREATE TABLE refunds (id bigint, order_id bigint REFERENCES orders (id));',
    ],
  },
  check(context) {
    reportHazards(context, ({ first }) => {
      const object = newConstraintName(context.statement, first, 'foreign key');
      if (object === undefined) return {};
      const table = relationName(first.effect.relation);
      const constraint = quoteIdentifier(object);
      // NOT VALID on a partitioned table came with PostgreSQL 18.
      const canWait =
        context.settings.major >= 18 ||
        !context.matches.some(({ effect }) => effect.relation.kind === 'partitioned table');
      return {
        fixes: () => (canWait ? notValidFixes(context, object) : []),
        instead:
          notValidSql(context.statement, object) ??
          `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} FOREIGN KEY … NOT VALID;
-- in a later transaction:
ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};`,
      };
    });
  },
});
