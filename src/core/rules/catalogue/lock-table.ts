import { lockStrength } from '../../effects/effect.ts';
import { relationName, waiters } from '../wording.ts';
import { defineRule } from '../rule.ts';

export const lockTable = defineRule({
  id: 'lock-table',
  operations: ['lock table'],
  meta: {
    title: 'Do not lock a table by hand',
    severity: 'warning',
    cause: 'holds',
    why: 'The lock stays until the transaction ends, through everything that comes after it.',
    instead: 'Leave the locks to the statements themselves; set a lock_timeout if it is needed after all.',
    references: ['https://www.postgresql.org/docs/current/sql-lock.html'],
    alsoKnownAs: { migrationpilot: 'MP047' },
  },
  examples: {
    bad: [{ mode: 'explicit', sql: 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;' }],
    good: [{ mode: 'explicit', sql: 'LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE;' }],
  },
  check({ matches, report }) {
    const [first] = matches.filter(({ cause }) => lockStrength(cause.lock) >= lockStrength('SHARE'));
    if (!first) return;
    report({
      what: `LOCK TABLE holds ${first.cause.lock} on ${relationName(first.effect.relation)} until the transaction ends.`,
      why: `Until then ${waiters(first.cause.lock)} wait, through everything that comes after it.`,
    });
  },
});
