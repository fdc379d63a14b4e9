import { nodeAs } from '../../sql/tree.ts';
import { resolveRelation } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const policyWithoutRowSecurity = defineMigrationRule({
  id: 'policy-without-row-security',
  wants: ({ statement }) => nodeAs(statement.tree, 'CreatePolicyStmt') !== undefined,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Enable row level security where you create a policy',
    severity: 'warning',
    cause: 'hygiene',
    why: 'Until ALTER TABLE … ENABLE ROW LEVEL SECURITY the policy does nothing, and says nothing about it.',
    instead: 'ALTER TABLE … ENABLE ROW LEVEL SECURITY, in the same migration.',
    references: ['https://www.postgresql.org/docs/current/sql-createpolicy.html'],
    alsoKnownAs: { 'postgres-language-server': 'policyExistsRlsDisabled' },
  },
  examples: {
    bad: ['CREATE POLICY own_orders ON orders USING (customer_id = 1);'],
    good: [
      'CREATE POLICY own_orders ON orders USING (customer_id = 1);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted) {
      const policy = nodeAs(statement.statement.tree, 'CreatePolicyStmt');
      const name = policy?.table?.relname;
      if (name === undefined) continue;
      const table = resolveRelation(statement.before, policy?.table?.schemaname, name);
      const end = table && migration.after.relations.get(table.id);
      if (!end || !('rowSecurity' in end) || end.rowSecurity === 'on') continue;
      report(statement, {
        what: `The policy ${quoteIdentifier(policy?.policy_name ?? '')} does nothing: row level security of ${relationName(end)} is off.`,
        instead: `ALTER TABLE ${relationName(end)} ENABLE ROW LEVEL SECURITY;`,
      });
    }
  },
});
