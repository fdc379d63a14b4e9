import { nodeAs } from '../../sql/tree.ts';
import { opensTransaction } from '../../sql/commandTag.ts';
import { runnerName } from '../../tools/runnerName.ts';
import { defineMigrationRule } from '../rule.ts';

export const transactionInScript = defineMigrationRule({
  id: 'transaction-in-script',
  wants: ({ statement }) => nodeAs(statement.tree, 'TransactionStmt') !== undefined,
  alsoReads: ({ statement: { kind } }) => opensTransaction(kind) || ENDS.has(kind),
  meta: {
    title: 'Leave transactions to the tool that opens them',
    severity: 'warning',
    cause: 'hygiene',
    why: "BEGIN inside a transaction does nothing but warn; COMMIT ends the tool's own, so what follows is no longer undone when it fails, and the tool may note the migration as done in another transaction.",
    instead: 'Leave BEGIN and COMMIT out; or tell the tool to run the file without a transaction.',
    references: ['https://www.postgresql.org/docs/current/sql-begin.html'],
    alsoKnownAs: {
      squawk: 'transaction-nesting',
      'postgres-language-server': 'transactionNesting',
      migrationpilot: 'MP053',
      bytebase: 'STATEMENT_DISALLOW_COMMIT',
    },
  },
  examples: {
    bad: [
      { mode: 'explicit', sql: 'BEGIN;\nALTER TABLE orders ADD COLUMN remark text;\nCOMMIT;' },
      'BEGIN;\nBEGIN;\nCOMMIT;',
    ],
    good: [
      'BEGIN;\nALTER TABLE orders ADD COLUMN remark text;\nCOMMIT;',
      { mode: 'implicit', sql: 'BEGIN;\nALTER TABLE orders ADD COLUMN remark text;\nCOMMIT;' },
    ],
  },
  check({ migration, history, report }) {
    let open = false;
    for (const statement of migration.statements) {
      const { kind } = statement.statement;
      const begins = opensTransaction(kind);
      const ends = ENDS.has(kind);
      if (!begins && !ends) continue;
      const byTool = migration.migration.transactionMode === 'explicit';
      if (byTool || (begins && open)) {
        const runner = runnerName(history) ?? 'The tool';
        report(statement, {
          what: !byTool
            ? `${kind} stands in a transaction that is open already.`
            : begins
              ? `${runner} runs the file in a transaction: ${kind} does nothing here.`
              : `${runner} runs the file in a transaction: ${kind} ends that one.`,
        });
        return;
      }
      open = begins;
    }
  },
});

const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'END', 'ROLLBACK']);
