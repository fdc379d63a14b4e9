/** A place in a text as people count: the line from 1, the column in UTF-16 units from 1. */
export interface LinePlace {
  readonly line: number;
  readonly column: number;
  /** The line without its end. */
  readonly text: string;
}

/** Finds the line of an offset. LF, CRLF and CR end a line; a byte-order mark is no column, since no editor shows it. */
export class SourceLines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [text.startsWith('\uFEFF') ? 1 : 0];
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
    this.#starts = starts;
  }

  /** @param offset UTF-16 units from 0, a byte-order mark counted */
  at(offset: number): LinePlace {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const end = this.#starts[low + 1] ?? this.#text.length;
    return {
      line: low + 1,
      column: Math.max(offset - start, 0) + 1,
      text: this.#text.slice(start, end).replace(/[\r\n]+$/, ''),
    };
  }
}
