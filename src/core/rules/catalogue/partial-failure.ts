import { defineMigrationRule } from '../rule.ts';

export const partialFailure = defineMigrationRule({
  id: 'partial-failure',
  oncePerHistory: true,
  meta: {
    title: 'Let a file of several statements be undone as a whole',
    severity: 'information',
    cause: 'hygiene',
    off: true,
    why: 'Each statement is committed by itself here: one that fails leaves those before it done, and the file can not simply be run again. Said once in a history.',
    instead:
      'Run the file in a transaction (psql --single-transaction, BEGIN … COMMIT), or set "transactionMode" of the history in lockkeeper.jsonc if it is run in one already.',
    references: ['https://www.postgresql.org/docs/current/app-psql.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: ['ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE customers ADD COLUMN remark text;'],
    good: [
      'ALTER TABLE orders ADD COLUMN remark text;',
      {
        mode: 'explicit',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE customers ADD COLUMN remark text;',
      },
      'ALTER TABLE orders ADD COLUMN remark text;\nCREATE INDEX CONCURRENTLY remark_idx ON orders (remark);',
    ],
  },
  check({ migration, history, report }) {
    if (history.tool !== 'plain' || migration.migration.transactionMode !== 'autocommit') return;
    // A file that holds what refuses a transaction has no other way.
    if (migration.statements.some(({ effects, transaction }) => !effects.transactional || transaction.id !== null))
      return;
    const changing = migration.statements.filter(({ before, after }) => before !== after);
    const second = changing[1];
    if (second)
      report(second, { what: `If ${second.statement.kind} fails, what stands before it in the file stays done.` });
  },
});
