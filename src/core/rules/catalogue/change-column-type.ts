import { isBlocking, isGrowing, hazardsOf } from '../hazard.ts';
import { lockStrength } from '../../effects/effect.ts';
import { defineRule } from '../rule.ts';
import { relationName, waiters } from '../wording.ts';

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
  check({ matches, report }) {
    const blocking = matches.filter(({ effect, cause }) => isBlocking(effect) && isGrowing(cause));
    const change = blocking.find(({ cause }) => cause.operation === 'alter column type') ?? blocking[0];
    if (change) {
      const [hazard] = hazardsOf(blocking.filter(({ cause }) => cause.what === change.cause.what));
      report({ what: hazard?.what ?? change.cause.what, claims: blocking.map(({ cause }) => cause) });
      return;
    }
    for (const { effect, cause } of matches) {
      if (!cause.work.includes('unknown') || lockStrength(effect.lock) < lockStrength('SHARE')) continue;
      const table = relationName(effect.relation);
      report({
        what: `${cause.what} may write ${table} anew under ${effect.lock}: ${cause.why}`,
        why: `If it does, ${waiters(effect.lock)} wait until it is done.`,
        severity: 'warning',
        claims: [cause],
      });
      return;
    }
  },
});
