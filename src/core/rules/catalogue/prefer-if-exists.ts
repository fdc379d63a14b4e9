import { nodeAs } from '../../sql/tree.ts';
import { defineRule } from '../rule.ts';

export const preferIfExists = defineRule({
  id: 'prefer-if-exists',
  statements: ['CreateStmt', 'CreateSeqStmt', 'CreateSchemaStmt', 'DropStmt'],
  meta: {
    title: 'Write statements that may run twice',
    severity: 'information',
    cause: 'preference',
    off: true,
    why: 'A file that is committed statement by statement and fails half-way can be run again only if what is done already does no harm.',
    instead:
      'IF NOT EXISTS, IF EXISTS, CREATE OR REPLACE. For CREATE INDEX CONCURRENTLY drop what is left first: see concurrent-index-if-not-exists.',
    more: 'Off by default: most tools run a file in a transaction, and a statement that finds something else under the same name passes in silence.',
    references: ['https://www.postgresql.org/docs/current/sql-createtable.html'],
    alsoKnownAs: {
      squawk: 'prefer-robust-stmts',
      'postgres-language-server': 'preferRobustStmts',
      migrationpilot: 'MP023',
      'safe-migrate': 'missing-idempotency',
    },
  },
  examples: {
    bad: ['CREATE TABLE refunds (id bigint);', 'DROP TABLE customers;'],
    good: [
      'CREATE TABLE IF NOT EXISTS refunds (id bigint);',
      'DROP TABLE IF EXISTS customers;',
      { mode: 'explicit', sql: 'CREATE TABLE refunds (id bigint);' },
    ],
  },
  check({ statement, report }) {
    // In a transaction nothing is left of a file that failed.
    if (statement.transaction.id !== null) return;
    const { tree, kind } = statement.statement;
    const created = nodeAs(tree, 'CreateStmt') ?? nodeAs(tree, 'CreateSeqStmt') ?? nodeAs(tree, 'CreateSchemaStmt');
    const dropped = nodeAs(tree, 'DropStmt');
    if (created && !created.if_not_exists) report({ what: `${kind} fails if it has run already.` });
    else if (dropped && !dropped.missing_ok) report({ what: `${kind} fails if it has run already.` });
  },
});
