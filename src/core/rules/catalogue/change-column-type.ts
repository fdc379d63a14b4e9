import { quoteIdentifier } from '../../sql/quote.ts';
import { batchRecipe } from '../batchRecipe.ts';
import { blockingMatches, reportHazards, sizedWork } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import type { Match } from '../rule.ts';
import { relationName, uncapitalized, workPhrase } from '../wording.ts';

export const changeColumnType = defineRule({
  id: 'change-column-type',
  operations: ['alter column type', 'rebuild index', 'recheck constraint'],
  meta: {
    title: 'Do not change the type of a column of a table with rows',
    severity: 'error',
    cause: 'blocks',
    why: 'Reads and writes wait until the table or its indexes are written anew, and the time grows with the table. One value that does not fit the new type, and it fails.',
    instead:
      'Add a new column, let a trigger copy every write into it, fill the old rows in batches, move the application over, then drop the old column.',
    more: `Not every change rewrites: varchar(n) to text or to a longer varchar, a larger precision of numeric, cidr to inet, varbit without a
limit and other binary-coercible changes only touch the catalog. timestamp to timestamptz rewrites unless the session's TimeZone is UTC.

For the others there is no fix, since the application takes part in it. A recipe, for \`orders.number\` to become a bigint:

\`\`\`sql
-- 1. A new column, and a trigger that copies every write into it. Brief.
ALTER TABLE orders ADD COLUMN number_new bigint;
CREATE FUNCTION orders_number_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.number_new := NEW.number;
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_number_copy BEFORE INSERT OR UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_number_copy();
\`\`\`

\`\`\`sql
-- 2. In a file of its own: the old rows, each batch committed.
${batchRecipe('number_new = number', 'number_new IS DISTINCT FROM number')}
\`\`\`

\`\`\`sql
-- 3. What hangs on the old column, once more: indexes concurrently, constraints NOT VALID and then validated.
CREATE INDEX CONCURRENTLY orders_number_new_idx ON orders (number_new);
\`\`\`

\`\`\`sql
-- 4. The names change places, in one brief transaction. Prepared statements of running sessions have to be prepared again.
BEGIN;
DROP TRIGGER orders_number_copy ON orders;
DROP FUNCTION orders_number_copy();
ALTER TABLE orders RENAME COLUMN number TO number_old;
ALTER TABLE orders RENAME COLUMN number_new TO number;
ALTER TABLE orders ALTER COLUMN number_old DROP NOT NULL;
COMMIT;
\`\`\`

\`\`\`sql
-- 5. When nobody looks for the old one any more.
ALTER TABLE orders DROP COLUMN number_old;
\`\`\``,
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
    alsoKnownAs: { squawk: 'changing-column-type', eugene: 'E5', strong_migrations: 'change_column', atlas: 'PG301' },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ALTER COLUMN number TYPE bigint;',
      'ALTER TABLE customers ALTER COLUMN name TYPE varchar(40);',
    ],
    good: [
      'ALTER TABLE customers ALTER COLUMN name TYPE text;',
      'ALTER TABLE customers ALTER COLUMN name TYPE varchar(200);',
      'ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);',
    ],
  },
  check(context) {
    const { matches, claimed, report } = context;
    const blocking = blockingMatches({ matches, claimed });
    const change = blocking.find(({ cause }) => cause.operation === 'alter column type') ?? blocking[0];
    if (change) {
      const { effect, cause } = change;
      const work = workPhrase(sizedWork(blocking.map((match) => match.cause)));
      report({
        what: `${subject(change)} holds ${effect.lock} on ${relationName(effect.relation)} while ${work} (${uncapitalized(cause.why).replace(/\.$/, '')}).`,
        claims: blocking.map((match) => match.cause),
      });
      return;
    }
    reportHazards(context, ({ first }) => ({ subject: subject(first) }));
  },
});

function subject({ cause }: Match): string {
  return cause.operation === 'alter column type' && cause.object !== undefined
    ? `A new type for ${quoteIdentifier(cause.object)}`
    : cause.what;
}
