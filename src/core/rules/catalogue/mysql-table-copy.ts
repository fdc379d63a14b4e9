import { blockingMatches } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const mysqlTableCopy = defineRule({
  id: 'mysql-table-copy',
  dialect: 'mysql',
  meta: {
    title: 'MySQL: do not copy a whole table in a migration',
    severity: 'error',
    cause: 'blocks',
    why: 'While MySQL copies a table (ALGORITHM=COPY) every write to it waits, and the time grows with the table; replicas do the same afterwards.',
    instead:
      'Change the table with gh-ost or pt-online-schema-change; or add a new column, fill it in batches, and move the application over. Writing ALGORITHM=INPLACE, LOCK=NONE makes MySQL refuse rather than copy.',
    references: ['https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      { dialect: 'mysql', sql: 'ALTER TABLE orders MODIFY number BIGINT NOT NULL;' },
      { dialect: 'mysql', sql: 'ALTER TABLE orders ADD COLUMN sequence BIGINT AUTO_INCREMENT UNIQUE;' },
    ],
    good: [
      { dialect: 'mysql', sql: 'ALTER TABLE orders ADD COLUMN remark TEXT;' },
      { dialect: 'mysql', sql: 'CREATE TABLE refunds (id BIGINT);\nALTER TABLE refunds MODIFY id INT;' },
    ],
  },
  check({ matches, claimed, report }) {
    for (const { effect, cause } of blockingMatches({ matches, claimed })) {
      if (!cause.work.includes('rewrite') || cause.operation === 'add foreign key') continue;
      report({ what: `${cause.what} on ${relationName(effect.relation)}: ${cause.why}`, claims: [cause] });
    }
  },
});
