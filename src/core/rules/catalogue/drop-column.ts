import type { Catalog, Column } from '../../catalog/catalog.ts';
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
    bad: [
      'ALTER TABLE orders DROP COLUMN note;',
      'ALTER TABLE orders RENAME COLUMN note TO remark;\nALTER TABLE orders DROP COLUMN remark;',
    ],
    good: ['CREATE TABLE refunds (id bigint, note text);\nALTER TABLE refunds DROP COLUMN note;'],
  },
  check({ matches, statement, migration, report }) {
    const dropped = matches.filter(({ effect, cause }) => {
      const { id } = effect.relation;
      if (id === null || cause.object === undefined) return true;
      const columns = columnsOf(migration.before, id);
      if (columns === null) return true;
      // A column that the same migration added holds nothing that anyone knows of; one that it renamed is told by its number.
      const number = columnsOf(statement.before, id)?.find(({ name }) => name === cause.object)?.number;
      return columns.some((column) => column.name === cause.object || column.number === number);
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

function columnsOf(catalog: Catalog, id: number): readonly Column[] | null {
  const relation = catalog.relations.get(id);
  return relation && 'columns' in relation ? relation.columns : null;
}
