import type { Comment, ScriptPart } from './statement.ts';
import { endOfLine, isIdentifierPart, isIdentifierStart, isSpace, skipLineComment } from './lexical.ts';

/** A statement of a MySQL script, by UTF-16 offsets. */
export interface MysqlPiece {
  readonly start: number;
  /** Before the delimiter. */
  readonly textEnd: number;
  /** Just after the delimiter. */
  readonly end: number;
  readonly comments: readonly Comment[];
}

/**
 * Cuts a MySQL or MariaDB script as the mysql client does: backslash escapes in strings, back-quoted names, `#` comments,
 * `-- ` comments only before white space, block comments that do not nest (but those that begin with an exclamation mark
 * are executed, so they are part of the statement), and DELIMITER.
 * https://dev.mysql.com/doc/refman/8.4/en/comments.html, https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html
 */
export function splitMysql(text: string, from: number, limit: number): { pieces: MysqlPiece[]; other: ScriptPart[] } {
  const pieces: MysqlPiece[] = [];
  const other: ScriptPart[] = [];
  let delimiter = ';';
  let comments: Comment[] = [];
  let start = -1;
  let last = from;
  let position = from;
  const finish = (end: number): void => {
    pieces.push({ start, textEnd: end === last ? last : end - delimiter.length, end, comments });
    comments = [];
    start = -1;
  };
  while (position < limit) {
    const code = text.charCodeAt(position);
    if (isSpace(code) || (code === 0xfeff && position === 0)) {
      position++;
      continue;
    }
    const comment = commentEnd(text, position, limit);
    if (comment !== null) {
      comments.push({ start: position, end: comment, text: text.slice(position, comment) });
      position = comment;
      continue;
    }
    if (start < 0 && /^delimiter[ \t]+\S/i.test(text.slice(position, position + 40))) {
      const lineEnd = endOfLine(text, position, limit);
      delimiter = text.slice(position, lineEnd).split(/\s+/)[1] ?? ';';
      other.push({ kind: 'psql meta-command', start: position, end: lineEnd });
      position = lineEnd;
      continue;
    }
    if (text.startsWith(delimiter, position)) {
      const end = position + delimiter.length;
      if (start < 0) other.push({ kind: 'empty statement', start: position, end });
      else finish(end);
      last = position = end;
      continue;
    }
    if (start < 0) start = position;
    position = tokenEnd(text, position, { limit, delimiter });
    last = position;
  }
  if (start >= 0) finish(last);
  return { pieces, other };
}

function commentEnd(text: string, position: number, limit: number): number | null {
  const code = text.charCodeAt(position);
  const next = text.charCodeAt(position + 1);
  const dashes = code === 45 && next === 45 && (position + 2 >= limit || isSpace(text.charCodeAt(position + 2)));
  if (code === 35 || dashes) return skipLineComment(text, position, limit);
  if (code !== 47 || next !== 42 || text[position + 2] === '!') return null;
  const close = text.indexOf('*/', position + 2);
  return close < 0 || close + 2 > limit ? limit : close + 2;
}

function tokenEnd(text: string, position: number, { limit, delimiter }: { limit: number; delimiter: string }): number {
  const quote = text[position] ?? '';
  if (quote === "'" || quote === '"' || quote === '`') {
    for (let at = position + 1; at < limit; at++) {
      if (text[at] === '\\' && quote !== '`') at++;
      else if (text[at] === quote) {
        if (text[at + 1] !== quote) return at + 1;
        at++;
      }
    }
    return limit;
  }
  if (!isIdentifierStart(text.charCodeAt(position))) return position + 1;
  let end = position + 1;
  while (end < limit && isIdentifierPart(text.charCodeAt(end)) && !text.startsWith(delimiter, end)) end++;
  return end;
}
