import type { StatementContext, TextEdit } from '../rule.ts';
import { followingMigration } from './followingMigration.ts';
import type { NewMigration } from './followingMigration.ts';

export interface Later {
  readonly edits: readonly TextEdit[];
  readonly newFiles: readonly NewMigration[];
  /** For the fix's title. */
  readonly where: string;
}

/**
 * Puts statements where they run in a later transaction than the given one: directly after it where the tool commits each
 * statement, after the script's COMMIT, or in a new migration where the tool runs the file in one transaction. Null where
 * there is no such place.
 *
 * @param sql whole statements, each closed by `;`, a line each
 */
export function placeLater(
  { statement, migration, history }: StatementContext,
  sql: string,
  name: string,
): Later | null {
  const { transaction } = statement;
  const { text, transactionMode } = migration.migration;
  if (transaction.openedBy === 'script') {
    const commit = migration.statements.find(
      (later) => later.statement.index > statement.statement.index && /^(COMMIT|END)$/.test(later.statement.kind),
    );
    return commit
      ? { edits: [insertAfter(text, commit.statement.end, sql)], newFiles: [], where: 'after COMMIT' }
      : null;
  }
  if (transactionMode === 'autocommit' && transaction.id === null)
    return { edits: [insertAfter(text, statement.statement.end, sql)], newFiles: [], where: 'after it' };
  const file = followingMigration(history, migration.migration, { name, sql: `${sql}\n`, withoutTransaction: false });
  return file ? { edits: [], newFiles: [file], where: `in ${file.path}` } : null;
}

/** An insertion on a line of its own; closes the statement before it where its `;` is missing. */
function insertAfter(text: string, end: number, sql: string): TextEdit {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const closing = text.charAt(end - 1) === ';' ? '' : ';';
  return { start: end, end, newText: `${closing}${newline}${sql.replaceAll('\n', newline)}` };
}
