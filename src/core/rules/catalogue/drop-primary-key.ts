import { tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const dropPrimaryKey = defineRule({
  id: 'drop-primary-key',
  operations: ['drop constraint'],
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
      {
        earlier: 'CREATE UNIQUE INDEX orders_key ON orders (id);',
        sql: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_key;',
      },
    ],
  },
  check({ statement, matches, report }) {
    for (const { effect, cause } of matches) {
      const { id } = effect.relation;
      if (id === null) continue;
      const key = tableById(statement.before, id)?.constraints.find(({ kind }) => kind === 'primary key');
      const after = tableById(statement.after, id);
      if (!key || key.name !== cause.object || !after || after.constraints.some(({ kind }) => kind === 'primary key'))
        continue;
      report({
        what: `${relationName(effect.relation)} has no primary key after ${quoteIdentifier(key.name)} is dropped.`,
      });
    }
  },
});
