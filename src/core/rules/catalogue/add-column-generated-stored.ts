import { batchRecipe } from '../batchRecipe.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const addColumnGeneratedStored = defineRule({
  id: 'add-column-generated-stored',
  operations: ['add column generated stored', 'set expression'],
  meta: {
    title: 'Do not add a stored generated column to a table with rows',
    severity: 'error',
    cause: 'blocks',
    why: 'The value of every row is computed and stored at once: PostgreSQL writes the whole table and its indexes anew, and reads wait as well as writes.',
    instead:
      'Add a plain column, keep it up to date with a trigger, and fill the old rows in batches. From PostgreSQL 18 on, GENERATED ALWAYS AS (…) VIRTUAL stores nothing and is brief.',
    more: `There is no fix, since the column would not be a generated one. A recipe for one that a trigger keeps up to date:

\`\`\`sql
-- 1. A plain column, and a trigger that fills it from now on. Brief.
ALTER TABLE orders ADD COLUMN total_cents bigint;
CREATE FUNCTION orders_total_cents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.total_cents := NEW.total * 100;
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_total_cents BEFORE INSERT OR UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_total_cents();
\`\`\`

\`\`\`sql
-- 2. In a file of its own: the old rows, each batch committed.
${batchRecipe('total_cents = total * 100', 'total_cents IS DISTINCT FROM total * 100')}
\`\`\``,
    references: ['https://www.postgresql.org/docs/current/ddl-generated-columns.html'],
    alsoKnownAs: {
      eugene: 'E11',
      strong_migrations: 'add_column_generated_stored',
      squawk: 'adding-field-with-default',
    },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN total_cents bigint GENERATED ALWAYS AS (total * 100) STORED;'],
    good: ['ALTER TABLE orders ADD COLUMN total_cents bigint;'],
  },
  check(context) {
    reportHazards(context);
  },
});
