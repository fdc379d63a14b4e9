import { nameParts, nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const domainWithCheck = defineRule({
  id: 'domain-with-check',
  statements: ['CreateDomainStmt'],
  meta: {
    title: 'Prefer a CHECK of the column to one of a domain',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'To change it later every table that uses the domain is read at once, and a column of it is added only by writing the table anew.',
    instead: 'A column of the base type with a CHECK of its own.',
    references: ['https://www.postgresql.org/docs/current/sql-alterdomain.html'],
    alsoKnownAs: { squawk: 'ban-create-domain-with-constraint', pgfence: 'ban-create-domain-with-constraint' },
  },
  examples: {
    bad: ['CREATE DOMAIN percentage AS numeric CHECK (VALUE BETWEEN 0 AND 100);'],
    good: ['CREATE DOMAIN percentage AS numeric;'],
  },
  check({ statement: { statement }, report }) {
    const domain = nodeAs(statement.tree, 'CreateDomainStmt');
    const isChecked = (domain?.constraints ?? []).some(
      (node) => nodeAs(node, 'Constraint')?.contype === 'CONSTR_CHECK',
    );
    if (isChecked) report({ what: `The domain ${quoteIdentifier(nameParts(domain?.domainname).name)} has a CHECK.` });
  },
});
