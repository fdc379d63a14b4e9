import { quoteIdentifier } from '../../sql/quote.ts';
import { batchRecipe } from '../batchRecipe.ts';
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
    more: `A recipe, for \`orders.note\` to be called \`remark\`:

\`\`\`sql
-- 1. The new column, and a trigger that keeps both in step, whichever of them a version of the application writes. Brief.
ALTER TABLE orders ADD COLUMN remark text;
CREATE FUNCTION orders_note_remark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.remark := coalesce(NEW.remark, NEW.note);
    NEW.note := coalesce(NEW.note, NEW.remark);
  ELSIF NEW.note IS DISTINCT FROM OLD.note THEN
    NEW.remark := NEW.note;
  ELSIF NEW.remark IS DISTINCT FROM OLD.remark THEN
    NEW.note := NEW.remark;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_note_remark BEFORE INSERT OR UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_note_remark();
\`\`\`

\`\`\`sql
-- 2. In a file of its own: the old rows, each batch committed.
${batchRecipe('remark = note', 'remark IS DISTINCT FROM note')}
\`\`\`

Then deploy the version of the application that uses \`remark\` alone. When no older one runs any more:

\`\`\`sql
-- 3. Brief.
DROP TRIGGER orders_note_remark ON orders;
DROP FUNCTION orders_note_remark();
ALTER TABLE orders DROP COLUMN note;
\`\`\``,
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
