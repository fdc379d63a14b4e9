import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const dropColumn = defineRule({
  id: 'drop-column',
  operations: ['drop column'],
  meta: {
    title: 'Drop a column only when no running code knows it',
    severity: 'warning',
    cause: 'loses data',
    why: 'The drop itself is brief, but the values are gone for good, and an application version that still names the column (an ORM does, in every query) gets errors.',
    instead:
      'First deploy a version that neither reads nor writes the column, then drop it in a later migration; keep a copy of the values if they may be wanted.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DROP-COLUMN'],
    alsoKnownAs: { squawk: 'ban-drop-column', strong_migrations: 'remove_column', atlas: 'DS103' },
  },
  examples: {
    bad: ['ALTER TABLE orders DROP COLUMN note;'],
    good: ['CREATE TABLE refunds (id bigint, note text);\nALTER TABLE refunds DROP COLUMN note;'],
  },
  check({ matches, migration, report }) {
    const dropped = matches.filter(({ effect, cause }) => {
      if (effect.relation.id === null || cause.object === undefined) return true;
      const relation = migration.before.relations.get(effect.relation.id);
      // A column that the same migration added holds nothing that anyone knows of.
      return !relation || !('columns' in relation) || relation.columns.some(({ name }) => name === cause.object);
    });
    const columns = new Set<string>();
    for (const { effect, cause } of dropped) {
      const column = cause.object ?? cause.what;
      if (columns.has(column)) continue;
      columns.add(column);
      report({
        what: `DROP COLUMN ${quoteIdentifier(column)} takes the column's values in ${relationName(effect.relation)} away, and queries that name it fail from now on.`,
        claims: [cause],
      });
    }
  },
});
