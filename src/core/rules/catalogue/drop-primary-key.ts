import type { StatementAnalysis } from '../../analyze.ts';
import type { TableRelation } from '../../catalog/catalog.ts';
import { primaryKeyOf, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const dropPrimaryKey = defineMigrationRule({
  id: 'drop-primary-key',
  wants: (statement) => losingKey(statement).length > 0,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Do not leave a table without its primary key',
    severity: 'warning',
    cause: 'breaks code',
    why: 'Logical replication and change data capture refuse UPDATE and DELETE on a published table without a replica identity, ORMs address rows by the key, and nothing keeps duplicates out meanwhile.',
    instead:
      'Build the new key first (CREATE UNIQUE INDEX CONCURRENTLY), then drop the old constraint and add the new one USING INDEX in one ALTER TABLE.',
    references: [
      'https://www.postgresql.org/docs/current/logical-replication-publication.html#LOGICAL-REPLICATION-PUBLICATION-REPLICA-IDENTITY',
    ],
    alsoKnownAs: { 'diesel-guard': 'drop-primary-key', migrationpilot: 'MP055' },
  },
  examples: {
    bad: ['ALTER TABLE orders DROP CONSTRAINT orders_pkey;'],
    good: [
      'ALTER TABLE orders DROP CONSTRAINT orders_pkey;\nALTER TABLE orders ADD PRIMARY KEY (id, number);',
      {
        earlier: 'CREATE UNIQUE INDEX orders_key ON orders (id);',
        sql: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_key;',
      },
    ],
  },
  check({ migration, wanted, report }) {
    const told = new Set<number>();
    for (const statement of wanted) {
      for (const table of losingKey(statement)) {
        const end = tableById(migration.after, table.id);
        // A key that the same migration adds takes its place.
        if (!end || primaryKeyOf(end) || told.has(table.id)) continue;
        told.add(table.id);
        const name = quoteIdentifier(primaryKeyOf(table)?.name ?? '');
        report(statement, { what: `${relationName(table)} has no primary key after ${name} is dropped.` });
      }
    }
  },
});

/** Tables that existed before and whose primary key the statement takes away, as they are before it. */
function losingKey({ effects, before, after }: StatementAnalysis): readonly TableRelation[] {
  return effects.effects.flatMap(({ relation, newRelation, causes }) => {
    const { id } = relation;
    if (newRelation || id === null || !causes.some(({ operation }) => operation === 'drop constraint')) return [];
    const table = tableById(before, id);
    const then = tableById(after, id);
    return table && then && primaryKeyOf(table) && !primaryKeyOf(then) ? [table] : [];
  });
}
