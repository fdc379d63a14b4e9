import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const duplicateAssignment = defineRule({
  id: 'duplicate-assignment',
  statements: ['UpdateStmt'],
  meta: {
    title: 'Assign a column once in an UPDATE',
    severity: 'error',
    cause: 'hygiene',
    why: 'PostgreSQL refuses it (42601, multiple assignments to same column), so the migration stops.',
    instead: 'Keep one of the assignments.',
    references: ['https://www.postgresql.org/docs/current/sql-update.html'],
    alsoKnownAs: { squawk: 'ban-duplicate-column-assignments' },
  },
  examples: {
    bad: ["UPDATE orders SET note = '', note = 'x' WHERE id = 1;"],
    good: ["UPDATE orders SET note = '', number = 1 WHERE id = 1;"],
  },
  check({ statement: { statement }, report }) {
    const seen = new Set<string>();
    for (const target of nodeAs(statement.tree, 'UpdateStmt')?.targetList ?? []) {
      const { name, indirection } = nodeAs(target, 'ResTarget') ?? {};
      // Parts of one array or composite value may be assigned one by one.
      if (name === undefined || indirection) continue;
      if (seen.has(name)) report({ what: `UPDATE assigns ${quoteIdentifier(name)} twice.` });
      seen.add(name);
    }
  },
});
