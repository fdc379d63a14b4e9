/**
 * The one place that turns PostgreSQL's positions into UTF-16 offsets, which VS Code and JavaScript count in.
 * libpg-query gives bytes of UTF-8 in `stmt_location` and in node locations, and code points in an error's cursor.
 */

/** UTF-16 offset of the character at that UTF-8 byte offset; the text's length if it lies beyond. */
export function utf16FromBytes(text: string, bytes: number): number {
  let seen = 0;
  let offset = 0;
  while (seen < bytes && offset < text.length) {
    const code = text.codePointAt(offset) ?? 0;
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    offset += code < 0x10000 ? 1 : 2;
  }
  return offset;
}

/** UTF-16 offset of the character with that number of code points before it; the text's length if it lies beyond. */
export function utf16FromCodePoints(text: string, codePoints: number): number {
  let offset = 0;
  for (let seen = 0; seen < codePoints && offset < text.length; seen++) {
    offset += (text.codePointAt(offset) ?? 0) < 0x10000 ? 1 : 2;
  }
  return offset;
}
