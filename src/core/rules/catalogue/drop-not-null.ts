import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const dropNotNull = defineRule({
  id: 'drop-not-null',
  operations: ['drop not null'],
  meta: {
    title: 'Drop NOT NULL only when readers expect NULL',
    severity: 'information',
    cause: 'breaks code',
    why: 'The statement is brief, but code that was written for a value meets NULL from now on, in replicas and reports too; and going back needs every row to be looked at.',
    instead: 'Deploy code that can read NULL first.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL'],
    alsoKnownAs: { squawk: 'ban-drop-not-null', pgfence: 'drop-not-null', migrationpilot: 'MP029' },
  },
  examples: {
    bad: ['ALTER TABLE customers ALTER COLUMN email DROP NOT NULL;'],
    good: [
      'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
      'CREATE TABLE refunds (id int NOT NULL);\nALTER TABLE refunds ALTER COLUMN id DROP NOT NULL;',
    ],
  },
  check({ statement, matches, report }) {
    for (const { effect, cause } of matches) {
      const { relation } = effect;
      const table = relation.id === null ? undefined : statement.before.relations.get(relation.id);
      const column = table && 'columns' in table ? table.columns.find(({ name }) => name === cause.object) : undefined;
      // What may be NULL already changes nothing.
      if (cause.object === undefined || (column && !column.notNull)) continue;
      report({ what: `${relationName(relation)}.${quoteIdentifier(cause.object)} may be NULL from now on.` });
    }
  },
});
