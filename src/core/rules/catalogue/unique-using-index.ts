import { quoteIdentifier } from '../../sql/quote.ts';
import { partitionedUniqueFixes } from '../fixes/partitionedUnique.ts';
import { usingIndexFixes } from '../fixes/usingIndex.ts';
import { blockingMatches, reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import type { Fix } from '../rule.ts';
import { newConstraintName, newKeyColumns, partitionedKey } from '../newConstraint.ts';
import { relationName } from '../wording.ts';

export const uniqueUsingIndex = defineRule({
  id: 'unique-using-index',
  operations: ['add unique'],
  meta: {
    title: 'Make UNIQUE constraints from an index built concurrently',
    severity: 'error',
    cause: 'blocks',
    why: 'The constraint builds its index while reads as well as writes of the table wait, and fails if two rows are alike.',
    instead: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX, which is brief.',
    more: `Look for duplicates first: the concurrent build fails over them too, and leaves an INVALID index, which enforces uniqueness of new rows all the same.
Drop it with DROP INDEX CONCURRENTLY, mend the rows, build again:

\`\`\`sql
SELECT number, count(*) FROM orders GROUP BY number HAVING count(*) > 1;
\`\`\``,
    references: [
      'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
    ],
    alsoKnownAs: {
      squawk: 'disallowed-unique-constraint',
      eugene: 'E7',
      strong_migrations: 'add_unique_constraint',
      atlas: 'PG105',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number);',
      'ALTER TABLE orders ADD COLUMN reference text UNIQUE;',
    ],
    good: [
      'CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;',
    ],
  },
  check(context) {
    const key = partitionedKey(context.statement, 'unique');
    const building = key === null ? [] : blockingMatches(context);
    if (key !== null && building.length > 0) {
      const { what, instead, name, effect } = key;
      const fixes = (): readonly Fix[] => partitionedUniqueFixes(context, name, effect.relation.id);
      context.report({ what, instead, fixes, claims: building.map(({ cause }) => cause) });
      return;
    }
    reportHazards(context, ({ first }) => {
      const object = newConstraintName(context.statement, first, 'unique');
      if (object === undefined) return {};
      const table = relationName(first.effect.relation);
      const constraint = quoteIdentifier(object);
      const columns = newKeyColumns(context.statement, first, object);
      const { id, kind } = first.effect.relation;
      return {
        fixes: () => (kind === 'table' ? usingIndexFixes(context, object, id) : []),
        instead: `CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${table} (${columns});  -- outside a transaction
ALTER TABLE ${table} ADD CONSTRAINT ${constraint} UNIQUE USING INDEX ${constraint};`,
      };
    });
  },
});
