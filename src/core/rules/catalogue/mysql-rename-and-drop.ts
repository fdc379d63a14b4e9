import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const mysqlRenameAndDrop = defineRule({
  id: 'mysql-rename-and-drop',
  dialect: 'mysql',
  operations: ['rename table', 'rename column', 'drop table', 'drop column', 'truncate'],
  meta: {
    title: 'MySQL: rename and drop only what no running code uses',
    severity: 'warning',
    cause: 'loses data',
    why: 'The application version that is running now gets errors until its last instance is gone; what is dropped is gone for good, since MySQL commits every schema change at once.',
    instead: 'First deploy a version that does not use the old name, then rename or drop in a later migration.',
    references: ['https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      { dialect: 'mysql', sql: 'ALTER TABLE orders DROP COLUMN note;' },
      { dialect: 'mysql', sql: 'RENAME TABLE orders TO purchases;' },
    ],
    good: [{ dialect: 'mysql', sql: 'CREATE TABLE scratch (id BIGINT);\nDROP TABLE scratch;' }],
  },
  check({ matches, report }) {
    for (const { effect, cause } of matches) {
      const renames = cause.operation.startsWith('rename');
      report({
        what: `${cause.what} on ${relationName(effect.relation)}: ${cause.why}`,
        ...(renames ? { cause: 'breaks code' } : {}),
        claims: [cause],
      });
    }
  },
});
