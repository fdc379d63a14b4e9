import type { Catalog, ForeignKeyConstraint, TableRelation } from '../../catalog/catalog.ts';
import { columnNames, indexesOf, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { listed, relationName } from '../wording.ts';
import { defineHistoryRule } from '../rule.ts';

export const foreignKeyWithoutIndex = defineHistoryRule({
  id: 'foreign-key-without-index',
  meta: {
    title: 'Give the columns of a foreign key an index',
    severity: 'information',
    cause: 'hygiene',
    why: 'PostgreSQL makes none by itself: each DELETE of a referenced row, and each change of its key, reads the whole referencing table, and cascades one by one.',
    instead:
      'CREATE INDEX CONCURRENTLY on the columns, in this migration or a later one; before the foreign key if the table is large.',
    more: 'Looked for at the end of the history, so that the index may stand in a later file. An index counts that begins with the columns, in any order, and has no WHERE.',
    references: ['https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK'],
    alsoKnownAs: {
      eugene: 'E15',
      pgfence: 'fk-missing-index',
      migrationpilot: 'MP016',
      'postgres-language-server': 'unindexedForeignKeys',
    },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;',
      'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));',
    ],
    good: [
      'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));\nCREATE INDEX ON refunds (order_id);',
      {
        sql: 'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));',
        later: 'CREATE INDEX ON refunds (order_id, id);',
      },
    ],
  },
  check({ analysis, speaking, report }) {
    const end = analysis.migrations.at(-1)?.after;
    if (!end) return;
    for (const migration of speaking) {
      for (const statement of migration.statements) {
        const { after, before, effects } = statement;
        if (after === before || !/references|foreign/i.test(statement.statement.text)) continue;
        const seen = new Set(effects.effects.map(({ relation }) => relation.id));
        for (let id = before.nextId; id < after.nextId; id++) seen.add(id);
        for (const id of seen) {
          if (id === null) continue;
          const old = new Set(tableById(before, id)?.constraints.map((constraint) => constraint.id));
          const table = tableById(end, id);
          const made = tableById(after, id)?.constraints.filter((constraint) => !old.has(constraint.id)) ?? [];
          for (const constraint of made) {
            if (constraint.kind !== 'foreign key' || constraint.parent !== null || !table) continue;
            if (!table.constraints.some((each) => each.id === constraint.id) || isIndexed(end, table, constraint))
              continue;
            const columns = columnNames(table, constraint.columns).map(quoteIdentifier);
            report(migration, statement, {
              what: `The foreign key ${quoteIdentifier(constraint.name)} has no index on ${relationName(table)} (${columns.join(', ')}): ${listed([constraint.referencedName])} can only delete by reading all of it.`,
              instead: `CREATE INDEX CONCURRENTLY ON ${relationName(table)} (${columns.join(', ')});`,
            });
          }
        }
      }
    }
  },
});

function isIndexed(catalog: Catalog, table: TableRelation, { columns }: ForeignKeyConstraint): boolean {
  return indexesOf(catalog, table).some(({ keys, predicate }) => {
    const first = new Set(keys.slice(0, columns.length).map(({ column }) => column));
    return predicate === null && columns.every((column) => first.has(column));
  });
}
