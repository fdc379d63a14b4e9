import { serialColumnFixes } from '../fixes/addColumn.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const addColumnSerial = defineRule({
  id: 'add-column-serial',
  operations: ['add column serial', 'add column identity'],
  meta: {
    title: 'Do not add a serial or identity column to a table with rows',
    severity: 'error',
    cause: 'blocks',
    why: 'Each row gets a number of its own, so PostgreSQL writes the whole table and its indexes anew, and reads wait as well as writes. serial and GENERATED … AS IDENTITY are alike in this.',
    instead:
      'Add a plain nullable column, create a sequence and make nextval() its default, fill the old rows in batches, then add what makes it unique through an index built concurrently.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
    alsoKnownAs: {
      eugene: 'E11',
      strong_migrations: 'add_column_auto_incrementing',
      squawk: 'adding-field-with-default',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD COLUMN sequence_number bigserial;',
      'ALTER TABLE orders ADD COLUMN sequence_number bigint GENERATED ALWAYS AS IDENTITY;',
    ],
    good: [
      "ALTER TABLE orders ADD COLUMN sequence_number bigint;\nCREATE SEQUENCE orders_sequence_number_seq OWNED BY orders.sequence_number;\nALTER TABLE orders ALTER COLUMN sequence_number SET DEFAULT nextval('orders_sequence_number_seq');",
      'CREATE TABLE refunds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);',
    ],
  },
  check(context) {
    reportHazards(context, ({ first: { effect, cause } }) => ({
      fixes: () => (cause.object === undefined ? [] : serialColumnFixes(context, cause.object, effect.relation.id)),
    }));
  },
});
