import { nodeAs } from '../../sql/tree.ts';
import { quoteLiteral } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const enumValueOrder = defineRule({
  id: 'enum-value-order',
  statements: ['AlterEnumStmt'],
  meta: {
    title: 'Say where a new enum value stands',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'Values of an enum sort in the order in which they stand; a new one comes last unless it is told, and can not be moved.',
    instead: "ALTER TYPE … ADD VALUE '…' AFTER '…'.",
    references: ['https://www.postgresql.org/docs/current/sql-altertype.html'],
    alsoKnownAs: { squawk: 'require-enum-value-ordering', pgfence: 'alter-enum-no-ordering' },
  },
  examples: {
    bad: ["ALTER TYPE order_status ADD VALUE 'refunded';"],
    good: ["ALTER TYPE order_status ADD VALUE 'refunded' AFTER 'paid';"],
  },
  check({ statement: { statement }, report }) {
    const alter = nodeAs(statement.tree, 'AlterEnumStmt');
    if (!alter || alter.oldVal !== undefined || alter.newValNeighbor !== undefined) return;
    report({ what: `${quoteLiteral(alter.newVal ?? '')} comes last, without that being said.` });
  },
});
