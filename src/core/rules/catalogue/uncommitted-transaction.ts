import { closesTransaction, opensTransaction } from '../../sql/commandTag.ts';
import type { Statement } from '../../sql/statement.ts';
import { nodeAs } from '../../sql/tree.ts';
import { defineMigrationRule } from '../rule.ts';

export const uncommittedTransaction = defineMigrationRule({
  id: 'uncommitted-transaction',
  wants: ({ statement }) => nodeAs(statement.tree, 'TransactionStmt') !== undefined,
  alsoReads: ({ statement }) => opensTransaction(statement.kind) || mayEnd(statement),
  meta: {
    title: 'Commit the transaction that the script opens',
    severity: 'error',
    cause: 'hygiene',
    why: 'A session that ends with an open transaction rolls it back: the file runs without an error, and nothing of it is there afterwards.',
    instead: 'Close it with COMMIT at the end of the file.',
    references: ['https://www.postgresql.org/docs/current/sql-begin.html'],
    alsoKnownAs: { squawk: 'ban-uncommitted-transaction', pgfence: 'unclosed-transaction' },
  },
  examples: {
    bad: ['BEGIN;\nALTER TABLE orders ADD COLUMN remark text;'],
    good: [
      'BEGIN;\nALTER TABLE orders ADD COLUMN remark text;\nCOMMIT;',
      { mode: 'explicit', sql: 'BEGIN;\nALTER TABLE orders ADD COLUMN remark text;' },
    ],
  },
  check({ migration, report }) {
    if (migration.migration.transactionMode === 'explicit') return;
    let opened: (typeof migration.statements)[number] | null = null;
    for (const statement of migration.statements) {
      if (opensTransaction(statement.statement.kind)) opened ??= statement;
      else if (mayEnd(statement.statement)) opened = null;
    }
    if (opened)
      report(opened, { what: `The transaction that ${opened.statement.kind} opens is never committed in this file.` });
  },
});

/** What does not parse may be the COMMIT. */
function mayEnd({ kind, error }: Statement): boolean {
  return error !== null || closesTransaction(kind);
}
