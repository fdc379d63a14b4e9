import type { Piece, QuotedRange, StatementRange } from './split.ts';
import { nextPiece } from './split.ts';

/**
 * Where reading goes on after a statement that does not parse: at the next line that begins like a statement, so that
 * a missing `;` or an open quote costs one finding and not the file. Null: the statement has to be taken as a whole.
 *
 * @param errorOffset where PostgreSQL's grammar stopped, in the script
 */
export function recoveryPoint(text: string, piece: Piece, errorOffset: number): number | null {
  const statement = piece.statement;
  if (!statement) return null;
  const quoted: QuotedRange[] = [];
  nextPiece(text, piece.start, piece.end, quoted);
  const lines = statementLines(text, statement);
  const bare = lines.filter((line) => !inside(quoted, line.start));
  // A `;` is missing: the grammar stopped at the first words of the next statement.
  const stopped = bare.findLast((line) => line.start <= errorOffset);
  if (stopped && !text.slice(stopped.start, errorOffset).includes('\n')) return stopped.start;
  for (const range of quoted) {
    const swallowed = swallowedStatement(text, range, statement, lines);
    if (swallowed !== null) return swallowed;
  }
  return bare.find((line) => line.strong && line.start > errorOffset)?.start ?? null;
}

/** No further than this is searched: it would take longer than a keystroke. */
const SEARCHED = 32 * 1024;

interface StatementLine {
  readonly start: number;
  /** Begins with a word that hardly ever begins a line inside a statement. */
  readonly strong: boolean;
}

const STRONG =
  /(?:CREATE|ALTER|DROP|COMMENT\s+ON|TRUNCATE|REINDEX|VACUUM|REFRESH\s+MATERIALIZED|BEGIN\s*;|COMMIT\s*;|DO\s+\$)\b|DO\s+\$/iy;
const WEAK =
  /(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE|SELECT|WITH|SET|GRANT|REVOKE|VALUES|BEGIN|COMMIT|ROLLBACK|LOCK|COPY|CALL|CLUSTER|ANALYZE|EXPLAIN|MERGE|RESET)\b/iy;

/** Lines inside the statement that begin like one, not further to the right than the statement itself begins. */
function statementLines(text: string, statement: StatementRange): StatementLine[] {
  const lines: StatementLine[] = [];
  const limit = Math.min(statement.textEnd, statement.start + SEARCHED);
  const indent = statement.start - (text.lastIndexOf('\n', statement.start - 1) + 1);
  for (let newline = text.indexOf('\n', statement.start); newline >= 0 && newline < limit;) {
    let start = newline + 1;
    while (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9) start++;
    if (start < statement.textEnd && start - newline - 1 <= indent) {
      STRONG.lastIndex = WEAK.lastIndex = start;
      const strong = STRONG.test(text);
      if (strong || WEAK.test(text)) lines.push({ start, strong });
    }
    newline = text.indexOf('\n', start);
  }
  return lines;
}

function inside(ranges: readonly QuotedRange[], offset: number): boolean {
  return ranges.some((range) => range.start < offset && offset < range.end);
}

/**
 * The first statement inside a quote that was opened by mistake, and ends at the next quote or never. The body of a
 * function or a DO block may hold what looks like a statement: there, only CREATE and ALTER count.
 */
function swallowedStatement(
  text: string,
  range: QuotedRange,
  statement: StatementRange,
  lines: readonly StatementLine[],
): number | null {
  const open = statement.unterminated === range.kind && statement.openedAt === range.start;
  if (range.kind === 'comment' && !open) return null;
  const hasBody = BODY.test(text.slice(statement.start, statement.start + 60));
  if (hasBody && !open && range.kind !== 'dollar quote') return null;
  const found = lines.find(
    (line) =>
      line.strong &&
      line.start > range.start &&
      line.start < range.end &&
      (!hasBody || /^(?:CREATE|ALTER)/i.test(text.slice(line.start, line.start + 6))),
  );
  return found?.start ?? null;
}

const BODY = /^(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)|DO)\b/i;
