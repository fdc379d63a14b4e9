import { reportHazards } from '../hazard.ts';
import { defineRule } from '../rule.ts';

export const domainConstraint = defineRule({
  id: 'domain-constraint',
  operations: ['alter domain add constraint', 'alter domain set not null', 'alter domain validate constraint'],
  meta: {
    title: 'Add domain constraints NOT VALID, then validate',
    severity: 'warning',
    cause: 'blocks',
    why: 'PostgreSQL reads every table that has a column of the domain, and writes to them wait meanwhile.',
    instead:
      'A CHECK on the column itself can be added NOT VALID and validated while writes go on; a domain constraint that is NOT VALID is brief, but its VALIDATE CONSTRAINT stops writes.',
    references: ['https://www.postgresql.org/docs/current/sql-alterdomain.html'],
    alsoKnownAs: { squawk: 'ban-alter-domain-with-add-constraint', pgfence: 'ban-alter-domain-with-add-constraint' },
  },
  examples: {
    bad: ['ALTER DOMAIN positive_amount ADD CONSTRAINT not_huge CHECK (VALUE < 1000000);'],
    good: [
      'ALTER DOMAIN positive_amount ADD CONSTRAINT not_huge CHECK (VALUE < 1000000) NOT VALID;',
      'CREATE DOMAIN percentage AS numeric;\nALTER DOMAIN percentage ADD CONSTRAINT bounds CHECK (VALUE BETWEEN 0 AND 100);',
    ],
  },
  check(context) {
    reportHazards(context);
  },
});
