import { volatileDefaultFixes } from '../fixes/addColumn.ts';
import type { StatementAnalysis } from '../../analyze.ts';
import type { Column } from '../../catalog/catalog.ts';
import { columnNamed, tableById, typeText } from '../../catalog/lookup.ts';
import type { Effect } from '../../effects/effect.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { columnDefaultText } from '../fixes/columnDefault.ts';
import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const addColumnVolatileDefault = defineRule({
  id: 'add-column-volatile-default',
  operations: ['add column volatile default'],
  meta: {
    title: 'Do not add a column with a volatile default',
    severity: 'error',
    cause: 'blocks',
    why: 'A volatile default has another value for each row, so PostgreSQL writes the whole table and its indexes anew, and reads wait as well as writes.',
    instead: 'Add the column without a default, set the default for new rows, and fill the old rows in batches.',
    more: `Constant and stable defaults (\`DEFAULT 0\`, \`DEFAULT now()\`) are kept in the catalog since PostgreSQL 11 and cost nothing: only volatile
functions such as gen_random_uuid(), random() or clock_timestamp() rewrite.`,
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
    alsoKnownAs: { squawk: 'adding-field-with-default', strong_migrations: 'add_column_default', atlas: 'PG302' },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();'],
    good: [
      'ALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false;',
      'ALTER TABLE orders ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();',
      'ALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();',
    ],
  },
  check(context) {
    reportHazards(context, ({ first: { effect, cause } }) => {
      if (cause.object === undefined) return {};
      const table = relationName(effect.relation);
      const column = quoteIdentifier(cause.object);
      const added = columnAfter(context.statement, effect, cause.object);
      const { object } = cause;
      return {
        fixes: () => volatileDefaultFixes(context, object, effect.relation.id),
        instead: `ALTER TABLE ${table} ADD COLUMN ${column} ${added ? typeText(added.type) : '…'};
ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT ${columnDefaultText(context.statement.statement, cause.object) ?? '…'};  -- for new rows
-- then, committed batch by batch: UPDATE ${table} SET ${column} = DEFAULT WHERE ${column} IS NULL AND …`,
      };
    });
  },
});

function columnAfter({ after }: StatementAnalysis, { relation }: Effect, name: string): Column | undefined {
  const table = relation.id === null ? undefined : tableById(after, relation.id);
  return table && columnNamed(table, name);
}
