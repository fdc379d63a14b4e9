import type { Place } from './protocol.ts';

/**
 * Offsets of a text as the editor's lines and columns. The editor breaks lines at `\r\n`, `\n` and `\r` alone, counts
 * columns in UTF-16 units, and does not show a byte-order mark, so that one is not counted as a column.
 */
export class TextPlaces {
  readonly #text: string;
  readonly #mark: number;
  #starts: readonly number[] | null = null;

  constructor(text: string) {
    this.#text = text;
    this.#mark = text.startsWith('\uFEFF') ? 1 : 0;
  }

  /** The place from one offset to another. */
  place(start: number, end: number): Place {
    const from = this.#position(start);
    const to = this.#position(end);
    return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  }

  /** The offset of an editor position; beyond the text's or the line's end: that end. */
  offset(line: number, column: number): number {
    const starts = this.#lineStarts();
    const start = starts[line];
    if (start === undefined) return this.#text.length;
    const next = starts[line + 1] ?? this.#text.length;
    return Math.min(start + column, next);
  }

  #position(offset: number): { readonly line: number; readonly column: number } {
    const starts = this.#lineStarts();
    const at = Math.min(Math.max(offset, this.#mark), this.#text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: at - (starts[low] ?? 0) };
  }

  #lineStarts(): readonly number[] {
    this.#starts ??= lineStarts(this.#text, this.#mark);
    return this.#starts;
  }
}

function lineStarts(text: string, first: number): readonly number[] {
  const starts = [first];
  let carriage = text.indexOf('\r');
  let feed = text.indexOf('\n');
  while (carriage !== -1 || feed !== -1) {
    const breaksAt = carriage !== -1 && (feed === -1 || carriage < feed) ? carriage : feed;
    const after = breaksAt === carriage && feed === carriage + 1 ? breaksAt + 2 : breaksAt + 1;
    starts.push(after);
    if (carriage !== -1 && carriage < after) carriage = text.indexOf('\r', after);
    if (feed !== -1 && feed < after) feed = text.indexOf('\n', after);
  }
  return starts;
}
