import { batchesByHand, batchFixes } from '../fixes/unbatchedDml.ts';
import { choosesManyRows } from '../boundedRows.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const unbatchedDml = defineRule({
  id: 'unbatched-dml',
  operations: ['update all rows', 'delete all rows', 'update', 'delete'],
  meta: {
    title: 'Change many rows in batches',
    severity: 'warning',
    cause: 'rows',
    why: 'Each changed row stays locked until the transaction ends, so whoever wants to write one of them waits; one long transaction also keeps VACUUM from its work and fills the WAL at once.',
    instead:
      'Change a few thousand rows at a time by key, each batch committed on its own, outside the migration or in one that runs without a transaction.',
    more: `A WHERE that names a whole primary or unique key, or a subquery with LIMIT, is taken as a batch. Any other WHERE is reported as information:
from the text alone nobody can know how many rows it chooses.`,
    references: ['https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS'],
    alsoKnownAs: { pgfence: 'update-in-migration', migrationpilot: 'MP011', gitlab: 'UpdateColumnInBatches' },
  },
  examples: {
    bad: ["UPDATE orders SET note = '';", 'DELETE FROM orders;', "UPDATE orders SET note = '' WHERE note IS NULL;"],
    good: [
      "UPDATE orders SET note = '' WHERE id = 7;",
      "UPDATE orders SET note = '' WHERE id IN (SELECT id FROM orders WHERE note IS NULL LIMIT 1000);",
      'CREATE TABLE scratch (id bigint);\nDELETE FROM scratch;',
    ],
  },
  check(context) {
    const { statement, matches, report } = context;
    const fixes = (): ReturnType<typeof batchFixes> => batchFixes(context);
    const all = matches.find(({ cause }) => cause.operation.endsWith('all rows'));
    const match = all ?? matches[0];
    if (!match) return;
    const verb = match.cause.operation.startsWith('update') ? 'UPDATE changes' : 'DELETE takes away';
    const table = relationName(match.effect.relation);
    if (all) {
      report({
        what: `${verb} every row of ${table} in one statement.`,
        claims: [match.cause],
        fixes,
        ...batchesByHand(context),
      });
    } else if (choosesManyRows(statement)) {
      report({
        what: `${verb} rows of ${table} that no key limits: how many is not known here.`,
        severity: 'information',
        claims: [match.cause],
        fixes,
        ...batchesByHand(context),
      });
    }
  },
});
