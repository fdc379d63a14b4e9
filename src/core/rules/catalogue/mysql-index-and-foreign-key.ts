import { blockingMatches } from '../hazard.ts';
import { defineRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const mysqlIndexAndForeignKey = defineRule({
  id: 'mysql-index-and-foreign-key',
  dialect: 'mysql',
  operations: ['create index', 'add unique', 'add primary key', 'add foreign key'],
  meta: {
    title: 'MySQL: add indexes and foreign keys while writes go on',
    severity: 'error',
    cause: 'blocks',
    why: 'A foreign key is checked by copying the table while writes wait; an index is built in place, but its replicas stand still for the time of the build.',
    instead:
      'Write ALGORITHM=INPLACE, LOCK=NONE, so that MySQL refuses rather than stops writes; on a large table use gh-ost or pt-online-schema-change.',
    references: ['https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        dialect: 'mysql',
        sql: 'ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);',
      },
      { dialect: 'mysql', sql: 'CREATE INDEX orders_customer_idx ON orders (customer_id);' },
    ],
    good: [{ dialect: 'mysql', sql: 'CREATE TABLE refunds (id BIGINT);\nCREATE INDEX refunds_id ON refunds (id);' }],
  },
  check({ matches, claimed, report }) {
    const blocking = blockingMatches({ matches, claimed });
    for (const match of matches) {
      const { effect, cause } = match;
      if (cause.work.length === 0) continue;
      report({
        what: `${cause.what} on ${relationName(effect.relation)}: ${cause.why}`,
        ...(blocking.includes(match) ? {} : { cause: 'hygiene', severity: 'information' }),
        claims: [cause],
      });
    }
  },
});
