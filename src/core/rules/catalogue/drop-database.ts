import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineRule } from '../rule.ts';

export const dropDatabase = defineRule({
  id: 'drop-database',
  statements: ['DropdbStmt'],
  meta: {
    title: 'Do not drop a database in a migration',
    severity: 'error',
    cause: 'loses data',
    why: 'Everything in it is gone for good, and no rollback brings it back.',
    instead: 'Take it out of the migrations: dropping a database is an operation of its own, after a last dump.',
    references: ['https://www.postgresql.org/docs/current/sql-dropdatabase.html'],
    alsoKnownAs: { squawk: 'ban-drop-database', pgfence: 'drop-database' },
  },
  examples: {
    bad: ['DROP DATABASE shop;'],
    good: ['DROP TABLE IF EXISTS never_made;'],
  },
  check({ statement, report }) {
    const name = nodeAs(statement.statement.tree, 'DropdbStmt')?.dbname ?? '';
    report({ what: `DROP DATABASE takes ${quoteIdentifier(name)} away, with all that is in it.` });
  },
});
