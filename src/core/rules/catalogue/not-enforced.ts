import { tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const notEnforced = defineRule({
  id: 'not-enforced',
  statements: ['AlterTableStmt', 'CreateStmt'],
  meta: {
    title: 'Mean it when a constraint is NOT ENFORCED',
    severity: 'information',
    cause: 'hygiene',
    why: 'No row is checked against it, neither those that are there nor those that come; the planner does not rely on it either, and nothing tells when rows break it.',
    instead:
      'Add it NOT VALID, which checks what is written from now on, and VALIDATE it when the old rows are mended.',
    more: `From PostgreSQL 18 on, for CHECK and FOREIGN KEY. A foreign key can be enforced later by ALTER TABLE … ALTER CONSTRAINT … ENFORCED,
which looks every row up while others wait; a CHECK has to be dropped and added anew. In both cases DROP CONSTRAINT, ADD CONSTRAINT … NOT VALID in
one transaction, and VALIDATE CONSTRAINT in a later one, is brief where others would wait.`,
    references: ['https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-ENFORCED'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT ENFORCED;',
      'CREATE TABLE refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id) NOT ENFORCED);',
    ],
    good: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
    ],
  },
  check({ statement: { before, after, effects }, report }) {
    const tables = new Set(effects.effects.flatMap(({ relation }) => relation.id ?? []));
    for (const id of tables) {
      const table = tableById(after, id);
      for (const { id: own, name, enforced, parent } of table?.constraints ?? []) {
        if (enforced || parent !== null) continue;
        const old = tableById(before, id)?.constraints.find((constraint) => constraint.id === own);
        if (table && old?.enforced !== false)
          report({ what: `${quoteIdentifier(name)} of ${relationName(table)} is not enforced from here on.` });
      }
    }
  },
});
