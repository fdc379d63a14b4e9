import type { Comment, ScriptPart } from './statement.ts';
import {
  dollarTag,
  endOfLine,
  isFirstOnLine,
  isIdentifierPart,
  isIdentifierStart,
  isSpace,
  skipBlockComment,
  skipDollarQuoted,
  skipEscaped,
  skipLineComment,
  skipPlaceholder,
  skipQuoted,
} from './lexical.ts';

/**
 * A stretch of a script that holds at most one statement, with the white space and comments before it and what
 * belongs to it after (COPY data, a comment on the same line). The pieces of a script follow each other without a gap,
 * and each depends only on the text between `start` and `seen`: that is what lets an edit re-read only what it changed.
 */
export interface Piece {
  readonly start: number;
  /** Where the next piece starts. */
  readonly end: number;
  /** How far the text was looked at to find this out. */
  readonly seen: number;
  readonly statement: StatementRange | null;
  /** In the order of the text. */
  readonly other: readonly ScriptPart[];
}

export interface StatementRange {
  /** The first token. */
  readonly start: number;
  /** Just after the last token, or before the closing `;`. */
  readonly textEnd: number;
  /** Just after the closing `;`, or the same as `textEnd`. */
  readonly end: number;
  readonly comments: readonly Comment[];
  /** The first template placeholder, as written. */
  readonly placeholder: string | null;
  /** The first thing that looks like a psql variable (`:name`, `:'name'`): decides only if the text does not parse. */
  readonly psqlVariable: string | null;
  readonly unterminated: 'string' | 'identifier' | 'dollar quote' | 'comment' | null;
  /** Where the unterminated quote or comment begins; 0 without one. */
  readonly openedAt: number;
}

/** Quotes and comments of a piece, for finding a place to go on after an error. */
export interface QuotedRange {
  readonly start: number;
  readonly end: number;
  readonly kind: 'string' | 'identifier' | 'dollar quote' | 'comment';
}

/**
 * The next piece of a script, cut as psql and PostgreSQL's lexer cut: `;` ends a statement, but not inside quotes,
 * comments, the body of BEGIN ATOMIC … END and the parentheses of CREATE RULE.
 *
 * @param from where the piece starts; between statements
 * @param limit the end of the script
 * @param quoted filled with all quotes and comments, if given
 */
export function nextPiece(text: string, from: number, limit: number, quoted?: QuotedRange[]): Piece {
  const comments: Comment[] = [];
  const other: ScriptPart[] = [];
  let position = from;
  let start = -1;
  /** Just after the last token. */
  let last = from;
  let words = 0;
  let shape: 'other' | 'create' | 'routine' | 'rule' | 'copy' = 'other';
  let afterFrom = false;
  let afterBegin = false;
  let copiesData = false;
  let atomicDepth = 0;
  let parentheses = 0;
  let placeholder: string | null = null;
  let psqlVariable: string | null = null;
  let unterminated: StatementRange['unterminated'] = null;
  let openedAt = 0;

  /** Takes the end of a quote or a comment; -1: it runs to the end of the script. */
  const close = (opened: number, end: number, kind: QuotedRange['kind']): void => {
    if (end < 0) {
      unterminated = kind;
      openedAt = opened;
    }
    position = end < 0 ? limit : end;
    quoted?.push({ start: opened, end: position, kind });
    if (kind !== 'comment') last = position;
  };
  const comment = (end: number): void => {
    const opened = position;
    close(opened, end, 'comment');
    comments.push({ start: opened, end: position, text: text.slice(opened, position) });
    if (end < 0) {
      // An open comment swallows the rest: shown as a statement that does not parse, never passed over.
      if (start < 0) start = opened;
      last = position;
    }
    const directive = toolDirective(text, opened, position);
    if (directive) other.push(directive);
  };
  const finish = (textEnd: number, end: number, seen: number): Piece => ({
    start: from,
    end: seen,
    seen,
    statement: { start, textEnd, end, comments, placeholder, psqlVariable, unterminated, openedAt },
    other,
  });

  while (position < limit) {
    const code = text.charCodeAt(position);
    if (isSpace(code) || (code === 0xfeff && position === 0)) {
      position++;
      continue;
    }
    const next = text.charCodeAt(position + 1);
    if (code === 45 && next === 45) {
      comment(skipLineComment(text, position, limit));
      continue;
    }
    if (code === 47 && next === 42) {
      comment(skipBlockComment(text, position, limit));
      continue;
    }
    if (code === 92) {
      const ends = start < 0 || endsByBackslash(text, position);
      if (start < 0) return metaCommand(text, from, position, limit, other);
      if (ends) return { ...finish(last, last, position), seen: position + 16 };
    }
    if (code === 59 && start < 0) {
      other.push({ kind: 'empty statement', start: position, end: position + 1 });
      return { start: from, end: position + 1, seen: position + 1, statement: null, other };
    }
    if (start < 0) start = position;
    if (isIdentifierStart(code)) {
      const opened = position++;
      while (position < limit && isIdentifierPart(text.charCodeAt(position))) position++;
      last = position;
      if (position === opened + 1 && (code === 69 || code === 101) && text.charCodeAt(position) === 39) {
        close(position, skipEscaped(text, position, limit), 'string');
        continue;
      }
      words++;
      if (words <= 4 && (words === 1 || shape === 'create'))
        shape = shapeOf(shape, text.slice(opened, position), words);
      else if (shape === 'routine' || shape === 'copy') {
        const word = text.slice(opened, position).toLowerCase();
        if (shape === 'copy') {
          if (afterFrom && word === 'stdin') copiesData = true;
          afterFrom = word === 'from';
        } else if (afterBegin && word === 'atomic') atomicDepth = 1;
        else if (atomicDepth > 0 && word === 'case') atomicDepth++;
        else if (atomicDepth > 0 && word === 'end') atomicDepth--;
        afterBegin = word === 'begin';
      }
      continue;
    }
    switch (code) {
      case 39:
        close(position, skipQuoted(text, position, limit), 'string');
        continue;
      case 34: {
        const opened = position;
        close(opened, skipQuoted(text, opened, limit), 'identifier');
        placeholder ??= placeholderInside(text, opened, position);
        continue;
      }
      case 36: {
        const tag = dollarTag(text, position);
        if (tag !== '') {
          close(position, skipDollarQuoted(text, position, tag, limit), 'dollar quote');
          continue;
        }
        break;
      }
      case 40:
        parentheses++;
        break;
      case 41:
        parentheses--;
        break;
      case 58:
        if (psqlVariable === null && next !== 58 && next !== 61 && text.charCodeAt(position - 1) !== 58) {
          psqlVariable =
            /^:(?:[A-Za-z_]\w*|'[^'\n]*'|"[^"\n]*")/.exec(text.slice(position, position + 64))?.[0] ?? null;
        }
        break;
      case 59:
        if (atomicDepth > 0 || (shape === 'rule' && parentheses > 0)) break;
        return withTail(text, finish(position, position + 1, position + 1), limit, copiesData, comments);
    }
    if ((code === 123 || code === 36) && (next === 123 || next === 37)) {
      const end = skipPlaceholder(text, position, limit);
      if (end > 0) {
        placeholder ??= text.slice(position, end);
        position = last = end;
        continue;
      }
    }
    position++;
    last = position;
  }
  // Reached the end of the script: anything typed there may belong to this piece.
  if (start < 0) return { start: from, end: limit, seen: Infinity, statement: null, other };
  return { ...finish(last, last, limit), seen: Infinity };
}

/** What may hold a `;` that does not end the statement: told by the first words. */
function shapeOf(shape: string, word: string, count: number): 'other' | 'create' | 'routine' | 'rule' | 'copy' {
  const lower = word.toLowerCase();
  if (count === 1) return lower === 'create' ? 'create' : lower === 'copy' ? 'copy' : 'other';
  if (shape !== 'create') return 'other';
  if (lower === 'or' || lower === 'replace') return 'create';
  if (lower === 'function' || lower === 'procedure') return 'routine';
  return lower === 'rule' ? 'rule' : 'other';
}

/** A quoted name with a placeholder in it (`"${schema}"`): the name is not known. */
function placeholderInside(text: string, start: number, end: number): string | null {
  const inside = text.slice(start, end);
  return inside.includes('{') ? (/\{\{.*?\}\}|\$\{.*?\}/.exec(inside)?.[0] ?? null) : null;
}

/** In psql a backslash command that sends the query ends it anywhere; others only where a line begins, so that a half-typed statement costs no more than itself. */
function endsByBackslash(text: string, position: number): boolean {
  return (
    /^\\(?:g(?:x|set|exec|desc)?|crosstabview|watch)\b/.test(text.slice(position, position + 14)) ||
    (isFirstOnLine(text, position) && /^\\[a-z!?.]/i.test(text.slice(position, position + 2)))
  );
}

function metaCommand(text: string, from: number, position: number, limit: number, other: ScriptPart[]): Piece {
  const lineEnd = endOfLine(text, position, limit);
  other.push({ kind: 'psql meta-command', start: position, end: lineEnd });
  let seen = lineEnd;
  if (/^\\copy\b.*\bfrom\s+p?stdin\b/i.test(text.slice(position, lineEnd))) {
    const data = copyData(text, lineEnd, limit);
    if (data) other.push(data);
    seen = data ? data.end : Infinity;
  }
  const end = Number.isFinite(seen) ? seen : lineEnd;
  // The line's end belongs to what was seen: one more character typed there would belong to the command.
  return { start: from, end, seen: Math.max(seen, end + 2), statement: null, other };
}

/** Lines of data up to `\.`, from the line after `position`; null without a `\.` (then it is a COPY that is being typed). */
function copyData(text: string, position: number, limit: number): ScriptPart | null {
  const newline = text.indexOf('\n', position);
  if (newline < 0 || newline >= limit) return null;
  for (let from = newline; ; from++) {
    const at = text.indexOf('\n\\.', from);
    if (at < 0 || at + 3 > limit) return null;
    if (at + 3 === limit || /[\r\n]/.test(text[at + 3] ?? '\n'))
      return { kind: 'copy data', start: newline + 1, end: at + 3 };
    from = at;
  }
}

/** Adds what follows the `;` and belongs to the statement: a comment on its line, and the data of COPY … FROM stdin. */
function withTail(text: string, piece: Piece, limit: number, copiesData: boolean, comments: Comment[]): Piece {
  let end = piece.end;
  let position = end;
  while (position < limit && (text.charCodeAt(position) === 32 || text.charCodeAt(position) === 9)) position++;
  if (text.startsWith('--', position) && position < limit) {
    end = skipLineComment(text, position, limit);
    const directive = toolDirective(text, position, end);
    comments.push({ start: position, end, text: text.slice(position, end) });
    if (directive) return { ...piece, end, seen: end + 1, other: [...piece.other, directive] };
  } else if (position < limit && !isSpace(text.charCodeAt(position))) {
    return { ...piece, seen: position + 2 };
  }
  if (!copiesData) return { ...piece, end, seen: Math.max(end, position) + 2 };
  const data = copyData(text, end, limit);
  if (!data) return { ...piece, end, seen: Infinity };
  return { ...piece, end: data.end, seen: data.end + 1, other: [...piece.other, data] };
}

/** Comments that tell a migration tool something: dbmate's `-- migrate:up`, goose's `-- +goose Up`. */
function toolDirective(text: string, start: number, end: number): ScriptPart | null {
  if (end - start > 200 || text.charCodeAt(start) !== 45) return null;
  return /^--\s*(?:migrate:(?:up|down)\b|\+(?:goose|migrate)\b)/.test(text.slice(start, end))
    ? { kind: 'tool directive', start, end }
    : null;
}
