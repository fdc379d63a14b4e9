import type { TextRange } from '../tools/tool.ts';
import { commandTag } from './commandTag.ts';
import { parseMysqlScript } from './mysql.ts';
import type { ParseOutcome, Parser } from './parser.ts';
import { recoveryPoint } from './recovery.ts';
import type { Piece, StatementRange } from './split.ts';
import { nextPiece } from './split.ts';
import type { Dialect, Script, ScriptPart, Statement, StatementError } from './statement.ts';
import { tokenTag } from './tokenTag.ts';

export interface ParseOptions {
  readonly parser: Parser;
  readonly dialect: Dialect;
  /** The part of the text to read; all of it unless given. */
  readonly range?: TextRange | undefined;
  /** What an earlier version of the text gave: statements that the edit did not touch are taken over, with their trees. */
  readonly previous?: Script | undefined;
  /** Stop parsing (not cutting) after so many characters of SQL, so that a huge file does not hold up an editor. */
  readonly parseAtMost?: number | undefined;
}

/** A statement longer than this (in characters) is not parsed. */
export const LARGEST_STATEMENT = 256 * 1024;

/** Cuts a script into statements and parses each. See the two dialects' own functions. */
export function parseScript(text: string, options: ParseOptions): Script {
  if (options.dialect === 'postgresql') return parsePostgresqlScript(text, options);
  return parseMysqlScript(text, options.parser.mysql, options.range ?? { start: 0, end: text.length });
}

/**
 * Cuts a PostgreSQL script into statements and parses each by itself, so that a half-typed one costs one finding and
 * not the file. Total: any text gives a script.
 *
 * With `previous`, statements before the edit are the same objects as there, and those behind it are copies with
 * shifted positions that share tree and text.
 */
export function parsePostgresqlScript(text: string, options: ParseOptions): Script {
  const range = options.range ?? { start: 0, end: text.length };
  const reused = reusePrevious(text, range, options.previous);
  const parsed: ParsedPiece[] = reused.before;
  const state: ParseState = {
    text,
    parser: options.parser,
    isEdit: options.previous !== undefined,
    left: options.parseAtMost ?? Infinity,
    recoveries: MOST_RECOVERIES,
  };
  let position = parsed.at(-1)?.end ?? range.start;
  let line = reused.line;
  let counted = reused.counted;
  let tail: ParsedPiece[] | null = null;
  while (position < range.end) {
    tail = reused.behind(position);
    if (tail) break;
    const piece = nextPiece(text, position, range.end);
    const cut = parsePiece(state, options.previous ? detachedPiece(piece) : piece);
    if (cut.statement !== null) {
      line += newlines(text, counted, cut.statement.start);
      counted = cut.statement.start;
      cut.statement.startLine = line;
    }
    parsed.push(cut);
    position = cut.end;
  }
  if (tail) for (const each of tail) parsed.push(each);
  return assemble(text, range, parsed, reused.changed);
}

const MOST_RECOVERIES = 200;

interface ParseState {
  readonly text: string;
  readonly parser: Parser;
  /** One text of many: what is kept of it has to be copied out of it. */
  readonly isEdit: boolean;
  left: number;
  recoveries: number;
}

type Draft = { -readonly [Field in keyof Statement]: Statement[Field] };

/**
 * A piece and what came of it; `Statement.index` is set when all pieces are known. Flat and small: with every keystroke
 * each piece behind it is made anew.
 */
interface ParsedPiece extends Pick<Piece, 'start' | 'end' | 'seen' | 'other'> {
  readonly statement: Draft | null;
}

function parsedPiece({ start, end, seen, other }: Piece, statement: Draft | null): ParsedPiece {
  return { start, end, seen, other, statement };
}

/** The pieces that a script was made of, for taking them over after an edit. */
const piecesOf = new WeakMap<Script, { readonly range: TextRange; readonly pieces: readonly ParsedPiece[] }>();

/** @param changed where something may be that no earlier version of the text had looked at */
function assemble(text: string, range: TextRange, pieces: readonly ParsedPiece[], changed: TextRange): Script {
  const statements: Statement[] = [];
  const other: ScriptPart[] = [];
  for (const { statement, other: parts } of pieces) {
    if (statement !== null) {
      // Objects that an earlier script holds too are only written to if nothing changes for it.
      if (statement.index !== statements.length) statement.index = statements.length;
      statements.push(statement);
    }
    if (parts.length > 0) other.push(...parts);
  }
  const script: Script = { dialect: 'postgresql', text, statements, other, problems: problemsOf(text, changed) };
  piecesOf.set(script, { range, pieces });
  return script;
}

/** What concerns the whole file. Invalid UTF-8 is seen where files are read; here it shows as U+FFFD, which may be meant. */
function problemsOf(text: string, { start, end }: TextRange): StatementError[] {
  const nul = text.slice(start, end).indexOf('\0');
  const message =
    'The file holds a NUL byte, which PostgreSQL refuses: what follows it in the same statement is not read.';
  return nul < 0 ? [] : [{ message, offset: start + nul }];
}

function parsePiece(state: ParseState, piece: Piece): ParsedPiece {
  const range = piece.statement;
  if (!range) return parsedPiece(piece, null);
  const { text } = state;
  const part = text.slice(range.start, range.textEnd);
  const sql = state.isEdit ? detached(part) : part;
  const draft = draftOf(range, sql);
  const refused = notAnalysed(state, range, sql);
  if (refused !== null) {
    draft.notAnalysed = refused;
    draft.kind = tokenTag(sql);
    return parsedPiece(piece, draft);
  }
  state.left -= sql.length;
  const outcome =
    range.unterminated !== null && sql.length > LONG_OPEN ? openQuote(range, sql) : state.parser.parse(sql);
  if (outcome.ok) {
    const [only, ...more] = outcome.statements;
    if (!only) return parsedPiece(piece, null);
    if (more.length === 0) {
      draft.tree = only.tree;
      draft.kind = commandTag(only.tree);
      return parsedPiece(piece, draft);
    }
    draft.notAnalysed = `${String(outcome.statements.length)} statements that could not be told apart`;
    draft.kind = tokenTag(sql);
    return parsedPiece(piece, draft);
  }
  draft.kind = tokenTag(sql);
  if (outcome.fatal) {
    draft.notAnalysed = 'too deeply nested';
    return parsedPiece(piece, draft);
  }
  if (range.psqlVariable !== null) {
    draft.notAnalysed = `psql variable ${range.psqlVariable}`;
    return parsedPiece(piece, draft);
  }
  const placeholder = placeholderAt(sql, outcome.offset);
  if (placeholder !== null) {
    draft.notAnalysed = `template placeholder ${placeholder}`;
    return parsedPiece(piece, draft);
  }
  draft.error = { message: outcome.message, offset: range.start + outcome.offset };
  return recovered(state, piece, draft);
}

/** What may be SQL too, but is none where the parser stumbles over it: `@schema@`, `@{schema}`, `{schema}`, `#{…}`, `%(name)s`, `<% … %>`, `$(name)`. */
const PLACEHOLDERS = /@\{\w+\}|@\w+@|\{\w+\}|#\{[^}\n]{1,200}\}|%\(\w+\)s|<%[^%\n]*%>|\$\(\w+\)/g;

function placeholderAt(sql: string, offset: number): string | null {
  for (const match of sql.matchAll(PLACEHOLDERS))
    if (match.index <= offset && offset <= match.index + match[0].length) return match[0];
  return null;
}

/** Text behind a quote that is never closed is not worth parsing: PostgreSQL would refuse it at the quote. */
const LONG_OPEN = 4096;

function openQuote({ unterminated, start, openedAt }: StatementRange, sql: string): ParseOutcome {
  return {
    ok: false,
    fatal: false,
    message: `unterminated ${unterminated ?? 'quote'}`,
    offset: Math.min(openedAt - start, sql.length),
  };
}

function draftOf(range: StatementRange, text: string): Draft {
  return {
    index: -1,
    start: range.start,
    end: range.end,
    startLine: 0,
    text,
    kind: '',
    tree: null,
    error: null,
    notAnalysed: null,
    comments: range.comments,
  };
}

function notAnalysed(state: ParseState, range: StatementRange, sql: string): string | null {
  if (sql.length > LARGEST_STATEMENT) return 'too large';
  if (range.placeholder !== null) return `template placeholder ${range.placeholder}`;
  if (sql.includes('\0')) return 'NUL byte';
  if (sql.length > state.left) return 'file too large';
  return null;
}

/** Ends a statement that does not parse where the next one seems to begin. */
function recovered(state: ParseState, piece: Piece, draft: Draft): ParsedPiece {
  const { text } = state;
  const next = state.recoveries > 0 && draft.error ? recoveryPoint(text, piece, draft.error.offset) : null;
  if (next === null || !draft.error) return parsedPiece(piece, draft);
  state.recoveries--;
  // What the text before `next` is by itself: its own error says more than the one that the join of two statements gives.
  const cut = nextPiece(text, piece.start, next);
  const alone = state.isEdit ? detachedPiece(cut) : cut;
  if (!alone.statement) return parsedPiece(piece, draft);
  const part = text.slice(alone.statement.start, alone.statement.textEnd);
  const sql = state.isEdit ? detached(part) : part;
  const outcome = state.parser.parse(sql);
  draft.text = sql;
  draft.end = alone.statement.end;
  draft.comments = alone.statement.comments;
  if (outcome.ok) {
    const word = /^[A-Za-z]+(?:\s+[A-Za-z]+)?/.exec(text.slice(next, next + 60))?.[0] ?? '';
    draft.error = { message: `a ";" is missing before "${word.replace(/\s+/g, ' ')}"`, offset: draft.end };
  } else if (!outcome.fatal) {
    draft.error = { message: outcome.message, offset: draft.start + outcome.offset };
  }
  return parsedPiece({ ...alone, end: next, seen: piece.seen + 60 }, draft);
}

/**
 * A part of a text as a text of its own. JavaScript engines keep the whole text for each part of it (a slice points into
 * it): with every keystroke's statement a whole file would stay in memory.
 */
function detached(part: string): string {
  return ` ${part}`.slice(1);
}

function detachedPiece(piece: Piece): Piece {
  if (!piece.statement || piece.statement.comments.length === 0) return piece;
  const comments = piece.statement.comments.map((each) => ({ ...each, text: detached(each.text) }));
  return { ...piece, statement: { ...piece.statement, comments } };
}

interface Reused {
  /** Pieces before the edit. */
  readonly before: ParsedPiece[];
  /** What is new in the text; all of the range, where the earlier text had problems. */
  readonly changed: TextRange;
  /** The line of `counted`. */
  readonly line: number;
  readonly counted: number;
  /** Pieces behind the edit, shifted, if reading has come to where one of them starts. */
  readonly behind: (position: number) => ParsedPiece[] | null;
}

function reusePrevious(text: string, range: TextRange, previous: Script | undefined): Reused {
  const known = previous && piecesOf.get(previous);
  if (
    !previous ||
    known?.range.start !== range.start ||
    previous.text.length - known.range.end !== text.length - range.end
  ) {
    return { before: [], changed: range, line: 1, counted: 0, behind: () => null };
  }
  const old = previous.text;
  const prefix = commonPrefix(old, text);
  const before: ParsedPiece[] = [];
  for (const each of known.pieces) {
    if (each.seen > prefix || each.end > range.end) break;
    before.push(each);
  }
  const suffix = commonSuffix(old, text, prefix);
  const delta = text.length - old.length;
  const last = before.findLast(({ statement }) => statement !== null)?.statement;
  const unchanged = old.length - suffix;
  const lineDelta = newlines(text, prefix, text.length - suffix) - newlines(old, prefix, old.length - suffix);
  return {
    before,
    changed:
      previous.problems.length > 0
        ? range
        : { start: Math.max(prefix, range.start), end: Math.min(text.length - suffix, range.end) },
    line: last?.startLine ?? 1,
    counted: last?.start ?? 0,
    behind: (position) => {
      if (position - delta < unchanged) return null;
      const index = pieceAt(known.pieces, position - delta);
      if (index === null) return null;
      const pieces = known.pieces.slice(index);
      for (const [place, each] of pieces.entries()) pieces[place] = shifted(each, delta, lineDelta);
      return pieces;
    },
  };
}

/** The index of the piece that starts exactly there. */
function pieceAt(pieces: readonly ParsedPiece[], start: number): number | null {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return pieces[low]?.start === start ? low : null;
}

/** Written out field by field: all that stands behind a keystroke comes through here. */
function shifted({ start, end, seen, other, statement }: ParsedPiece, by: number, lines: number): ParsedPiece {
  return {
    start: start + by,
    end: end + by,
    seen: seen + by,
    other: other.length === 0 ? other : other.map((part) => moved(part, by)),
    statement: statement === null ? null : shiftedStatement(statement, by, lines),
  };
}

function shiftedStatement(statement: Draft, by: number, lines: number): Draft {
  const { index, start, end, startLine, text, kind, tree, error, notAnalysed, comments } = statement;
  return {
    index,
    start: start + by,
    end: end + by,
    startLine: startLine + lines,
    text,
    kind,
    tree,
    error: error && { ...error, offset: error.offset + by },
    notAnalysed,
    comments: comments.length === 0 ? comments : comments.map((comment) => moved(comment, by)),
  };
}

function moved<Part extends { readonly start: number; readonly end: number }>(part: Part, by: number): Part {
  return { ...part, start: part.start + by, end: part.end + by };
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Length of the common beginning, found by halves: comparing long slices is quicker than characters. */
function commonPrefix(a: string, b: string): number {
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (a.slice(low, middle) === b.slice(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function commonSuffix(a: string, b: string, prefix: number): number {
  let low = 0;
  let high = Math.min(a.length, b.length) - prefix;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (a.slice(a.length - middle, a.length - low) === b.slice(b.length - middle, b.length - low)) low = middle;
    else high = middle - 1;
  }
  return low;
}
