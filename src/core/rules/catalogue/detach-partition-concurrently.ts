import { nodeAs } from '../../sql/tree.ts';
import { detachFixes } from '../fixes/partitions.ts';
import { defineRule } from '../rule.ts';
import { listed, relationName } from '../wording.ts';

export const detachPartitionConcurrently = defineRule({
  id: 'detach-partition-concurrently',
  operations: ['detach partition'],
  meta: {
    title: 'Detach partitions concurrently',
    severity: 'information',
    cause: 'hygiene',
    why: 'The detach itself is brief, but its ACCESS EXCLUSIVE lock has to wait for every running query on the partitioned table, and whatever comes after it queues behind it, reads too.',
    instead:
      'ALTER TABLE … DETACH PARTITION … CONCURRENTLY, outside a transaction (not possible while there is a default partition).',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DETACH-PARTITION'],
    alsoKnownAs: { squawk: 'require-concurrent-partition-detach', pgfence: 'detach-partition' },
  },
  examples: {
    bad: ['ALTER TABLE events DETACH PARTITION events_2024;'],
    good: ['ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;'],
  },
  check(context) {
    const { matches, statement, report } = context;
    // DROP TABLE of a partition detaches it as well, and has no other form.
    if (nodeAs(statement.statement.tree, 'AlterTableStmt') === undefined) return;
    const strong = matches.filter(({ cause }) => cause.lock === 'ACCESS EXCLUSIVE');
    if (strong.length === 0) return;
    report({
      what: `DETACH PARTITION takes ACCESS EXCLUSIVE on ${listed(strong.map(({ effect }) => relationName(effect.relation)))}.`,
      claims: matches.map(({ cause }) => cause),
      fixes: () => detachFixes(context),
    });
  },
});
