import { quoteIdentifier } from '../../sql/quote.ts';
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
    why: 'Reads and writes wait until the table or its indexes are written anew, and the time grows with the table.',
    instead:
      'Add a new column, let a trigger copy every write into it, fill the old rows in batches, move the application over, then drop the old column.',
    more: `Not every change rewrites: varchar(n) to text or to a longer varchar, a larger precision of numeric, cidr to inet, varbit without a
limit and other binary-coercible changes only touch the catalog. timestamp to timestamptz rewrites unless the session's TimeZone is UTC.`,
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
        what: `${subject(change)} holds ${effect.lock} on ${relationName(effect.relation)} while ${work}: ${uncapitalized(cause.why)}`,
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
