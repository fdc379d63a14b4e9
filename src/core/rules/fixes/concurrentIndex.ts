import type { StatementAnalysis } from '../../analyze.ts';
import { nodeAs } from '../../sql/tree.ts';
import type { Fix, StatementContext, TextEdit } from '../rule.ts';
import { isAtLeast } from '../../tools/version.ts';
import { SUPABASE_RUNS_ALONE, followingMigration } from './followingMigration.ts';
import { tokensOf } from './tokens.ts';

/**
 * CREATE INDEX made CONCURRENTLY: in its place where the tool runs the statement outside a transaction, else moved into a
 * migration of its own that the tool runs so. None where a later statement of the file needs the index.
 */
export function concurrentIndexFixes(context: StatementContext): readonly Fix[] {
  const { statement, migration, history } = context;
  const index = nodeAs(statement.statement.tree, 'IndexStmt');
  const keyword = tokensOf(statement.statement.text).find(({ text, kind }) => kind === 'word' && text === 'index');
  if (!index || !keyword) return [];
  const { start, text } = statement.statement;
  const word = /[a-z]/.test(text.slice(keyword.start, keyword.end)) ? ' concurrently' : ' CONCURRENTLY';
  const insertion: TextEdit = { start: start + keyword.end, end: start + keyword.end, newText: word };
  const optOut = statement.transaction.id === null ? [] : optOutEdits(context);
  if (optOut) return [{ title: 'Create the index concurrently', edits: [...optOut, insertion] }];
  if (statement.transaction.openedBy === 'script' || isNeededLater(context, index.idxname)) return [];
  const taken = statementWithComments(context);
  const place = insertion.start - taken.start;
  const body = migration.migration.text.slice(taken.start, taken.end);
  const moved = `${body.slice(0, place)}${word}${body.slice(place)}`.trimEnd();
  const file = followingMigration(history, migration.migration, {
    name: index.idxname ?? `index_${index.relation?.relname ?? 'table'}`,
    sql: `${moved.endsWith(';') ? moved : `${moved};`}\n`,
    withoutTransaction: true,
  });
  if (!file) return [];
  const removal: TextEdit = { ...taken, newText: '' };
  return [{ title: `Create the index concurrently in ${file.path}`, edits: [removal], newFiles: [file] }];
}

/** What makes the tool run a file of this one statement without a transaction; null where nothing in the file does. */
function optOutEdits({ migration, history }: StatementContext): readonly TextEdit[] | null {
  if (migration.statements.length !== 1) return null;
  switch (history.tool) {
    case 'flyway':
      return [];
    case 'supabase':
      return isAtLeast(history.toolVersion, SUPABASE_RUNS_ALONE) ? [] : null;
    case 'dbmate': {
      const directive = /^--\s*migrate:up[^\n\r]*?(?=[ \t]*(?:\r?\n|$))/m.exec(migration.migration.text);
      if (!directive) return null;
      const end = directive.index + directive[0].length;
      return [{ start: end, end, newText: ' transaction:false' }];
    }
    default:
      return null;
  }
}

/** Longer statements are not repeated in a message. */
const LONGEST_SHOWN = 400;

/** The statement with CONCURRENTLY, to show in a message; null where it is too long for that. */
export function concurrentIndexSql({ statement }: StatementAnalysis): string | null {
  const keyword = tokensOf(statement.text).find(({ text, kind }) => kind === 'word' && text === 'index');
  if (!keyword || statement.text.length > LONGEST_SHOWN) return null;
  return `${statement.text.slice(0, keyword.end)} CONCURRENTLY${statement.text.slice(keyword.end).trimEnd()};`;
}

/** A later statement of the file names the index, or may do so unseen: then it can't come after the file. */
function isNeededLater({ statement, migration }: StatementContext, name: string | undefined): boolean {
  return migration.statements.some(
    (later) =>
      later.statement.index > statement.statement.index &&
      (later.effects.opaque.length > 0 ||
        name === undefined ||
        tokensOf(later.statement.text).some(
          ({ kind, text }) => (kind === 'word' || kind === 'quoted identifier') && text === name,
        )),
  );
}

/** The statement, the comments on the lines right above it, and the line break behind it. */
function statementWithComments({ statement, migration }: StatementContext): { start: number; end: number } {
  const { text } = migration.migration;
  let { start } = statement.statement;
  for (const comment of statement.statement.comments.toReversed()) {
    if (migration.script.other.some((part) => part.start <= comment.start && comment.start < part.end)) break;
    if (comment.end > start || !/^[ \t]*\r?\n?[ \t]*$/.test(text.slice(comment.end, start))) continue;
    // A comment behind other SQL on its line belongs to that.
    if (!/(^|\n)[ \t]*$/.test(text.slice(0, comment.start))) break;
    start = comment.start;
  }
  const rest = /^[ \t]*\r?\n/.exec(text.slice(statement.statement.end));
  return { start, end: statement.statement.end + (rest?.[0].length ?? 0) };
}
