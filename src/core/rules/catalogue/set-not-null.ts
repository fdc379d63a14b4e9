import { quoteIdentifier } from '../../sql/quote.ts';
import { proofName } from '../fixes/notNullProof.ts';
import { setNotNullFixes } from '../fixes/setNotNull.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const setNotNull = defineRule({
  id: 'set-not-null',
  operations: ['set not null', 'add not null'],
  meta: {
    title: 'Prove NOT NULL before you set it',
    severity: 'warning',
    cause: 'blocks',
    why: 'Reads and writes wait until every row has been looked at, and the time grows with the table. One NULL among them, and it fails.',
    instead: 'Let a CHECK prove it first: add it NOT VALID, validate it, then SET NOT NULL, which is brief then.',
    more: `SET NOT NULL does not scan if a valid CHECK proves that the column holds no NULL (PostgreSQL 12 and later). VALIDATE CONSTRAINT reads the table too,
but reads and writes go on meanwhile. Keep VALIDATE out of the transaction that adds the CHECK: its ACCESS EXCLUSIVE lock would be held through the scan.
The CHECK rejects NULLs from its first moment on: the deployed application must write the column already.`,
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL'],
    alsoKnownAs: {
      squawk: 'adding-not-nullable-field',
      eugene: 'E2',
      strong_migrations: 'change_column_null',
      atlas: 'PG303',
    },
  },
  examples: {
    bad: ['ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;'],
    good: [
      'ALTER TABLE customers ALTER COLUMN email SET NOT NULL;',
      {
        earlier: 'ALTER TABLE orders ADD CONSTRAINT customer_known CHECK (customer_id IS NOT NULL);',
        sql: 'ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT customer_known;',
      },
    ],
  },
  check(context) {
    reportHazards(context, ({ first: { effect, cause } }) => {
      const { object } = cause;
      if (object === undefined) return {};
      const table = relationName(effect.relation);
      const column = quoteIdentifier(object);
      const constraint = quoteIdentifier(proofName(object));
      return {
        fixes: () =>
          setNotNullFixes(context, { column: object, table: effect.relation.id, major: context.settings.major }),
        instead: `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} CHECK (${column} IS NOT NULL) NOT VALID;
-- in a later transaction:
ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};
ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL;
ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
      };
    });
  },
});
