import type { Node } from '@pgsql/types';
import type { Parser, PlpgsqlOutcome } from './parser.ts';
import type { RoutineBody } from './routineBody.ts';
import { nextPiece } from './split.ts';
import { nodeAs } from './tree.ts';

/** One statement of a text of SQL. */
export interface SqlPiece {
  readonly text: string;
  /** Null where it does not parse, as `message` says. */
  readonly tree: Node | null;
  readonly message: string | null;
  /** UTF-16 offset into the text that was cut. */
  readonly start: number;
}

export interface Place {
  readonly offset: number;
  readonly line: number;
}

/** The texts in one body are few; what EXECUTE puts together may be many. */
const MOST_TEXTS = 500;

/**
 * A routine's body, with all that can be read of it whatever its variables hold: each text is cut and parsed once, however
 * often the routine is called with other arguments.
 */
export class RoutineText {
  readonly body: RoutineBody;
  readonly #text: string;
  readonly #parser: Parser;
  readonly #pieces = new Map<string, readonly SqlPiece[]>();
  readonly #selects = new Map<string, Node | null>();
  readonly #lines: readonly number[];
  readonly #bodyLines: readonly number[];
  #plpgsql: PlpgsqlOutcome | null = null;

  /** @param text the statement's text that the body stands in */
  constructor(text: string, body: RoutineBody, parser: Parser) {
    this.body = body;
    this.#text = text;
    this.#parser = parser;
    this.#lines = lineStarts(text);
    this.#bodyLines = lineStarts(body.text);
  }

  plpgsql(): PlpgsqlOutcome {
    return (this.#plpgsql ??= this.#parser.parsePlpgsql(this.#text));
  }

  /** The statements of a text of SQL. */
  pieces(sql: string): readonly SqlPiece[] {
    return remembered(this.#pieces, sql, () => this.#cut(sql));
  }

  /** An expression as the tree of `SELECT` of it; null where it does not parse. */
  select(expression: string): Node | null {
    return remembered(this.#selects, expression, () => {
      const outcome = this.#parser.parse(`SELECT ${expression}`);
      return outcome.ok ? (outcome.statements[0]?.tree ?? null) : null;
    });
  }

  /** The expression's own tree; undefined where it does not parse, or is several. */
  expression(text: string): Node | undefined {
    const [target, ...more] = nodeAs(this.select(text), 'SelectStmt')?.targetList ?? [];
    return more.length > 0 ? undefined : nodeAs(target, 'ResTarget')?.val;
  }

  /** Where a line of the body lies in the text, and on it the query, if it stands there as it is. */
  place(line: number, query: string): Place {
    const { text, verbatim } = this.body;
    const start = this.#bodyLines[Math.min(Math.max(line, 1), this.#bodyLines.length) - 1] ?? 0;
    const head = query.trim().slice(0, 40);
    const found = verbatim && head !== '' ? text.indexOf(head, start) : -1;
    if (found >= 0) return this.placeIn(found);
    let indented = start;
    while (indented < text.length && INDENT.has(text.charCodeAt(indented))) indented++;
    return this.placeIn(indented);
  }

  /** The place of an offset into the body. */
  placeIn(inBody: number): Place {
    const offset = Math.min(this.body.offset + inBody, this.#text.length);
    return { offset, line: lineAt(this.#lines, offset) };
  }

  #cut(sql: string): readonly SqlPiece[] {
    const pieces: SqlPiece[] = [];
    for (let position = 0; position < sql.length;) {
      const piece = nextPiece(sql, position, sql.length);
      position = piece.end;
      if (!piece.statement) continue;
      const { start, textEnd } = piece.statement;
      const text = sql.slice(start, textEnd);
      const outcome = this.#parser.parse(text);
      const tree = outcome.ok ? (outcome.statements[0]?.tree ?? null) : null;
      pieces.push({ text, tree, message: outcome.ok ? null : outcome.message, start });
    }
    return pieces;
  }
}

/** Blanks, tabs and carriage returns. */
const INDENT: ReadonlySet<number> = new Set([32, 9, 13]);

function remembered<T>(known: Map<string, T>, text: string, read: () => T): T {
  let found = known.get(text);
  if (found === undefined) {
    found = read();
    if (known.size < MOST_TEXTS) known.set(text, found);
  }
  return found;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line, from 1, that an offset lies in. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
