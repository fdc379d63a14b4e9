/**
 * PostgreSQL's lexical rules as far as cutting a script needs them, after src/backend/parser/scan.l and psql's
 * src/fe_utils/psqlscan.l. Every `skip…` takes the offset of the first character and gives the offset just after,
 * or -1 if what was opened is not closed before `limit`.
 */

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Letters, underscore, and everything beyond ASCII, as in scan.l's `ident_start`. */
export function isIdentifierStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

export function isIdentifierPart(code: number): boolean {
  return isIdentifierStart(code) || (code >= 48 && code <= 57) || code === 36;
}

/** `'…'` with doubled quotes inside; `"…"` has the same form. */
export function skipQuoted(text: string, start: number, limit: number): number {
  const quote = text[start] ?? "'";
  for (let from = start + 1; ;) {
    const at = text.indexOf(quote, from);
    if (at < 0 || at >= limit) return -1;
    if (text[at + 1] !== quote || at + 1 >= limit) return at + 1;
    from = at + 2;
  }
}

/** The quoted part of `E'…'`, with backslash escapes; continued on the next line as scan.l's `quotecontinue` has it. */
export function skipEscaped(text: string, start: number, limit: number): number {
  let position = start + 1;
  while (position < limit) {
    const code = text.charCodeAt(position);
    if (code === 92) position += 2;
    else if (code !== 39) position++;
    else if (text.charCodeAt(position + 1) === 39) position += 2;
    else {
      const next = continuedQuote(text, position + 1, limit);
      if (next < 0) return position + 1;
      position = next + 1;
    }
  }
  return -1;
}

/** Where the string goes on after white space that holds a line break, or -1. */
function continuedQuote(text: string, start: number, limit: number): number {
  let brokenLine = false;
  for (let position = start; position < limit; position++) {
    const code = text.charCodeAt(position);
    if (code === 10 || code === 13) brokenLine = true;
    else if (code === 39) return brokenLine ? position : -1;
    else if (!isSpace(code)) return -1;
  }
  return -1;
}

/** The opening `$tag$` at `start`, or '' if there is none. */
export function dollarTag(text: string, start: number): string {
  let position = start + 1;
  const first = text.charCodeAt(position);
  if (first === 36) return '$$';
  if (!isIdentifierStart(first)) return '';
  for (; ; position++) {
    const code = text.charCodeAt(position);
    if (code === 36) return text.slice(start, position + 1);
    if (!isIdentifierPart(code)) return '';
  }
}

/** `$tag$ … $tag$`. */
export function skipDollarQuoted(text: string, start: number, tag: string, limit: number): number {
  const close = text.indexOf(tag, start + tag.length);
  return close < 0 || close + tag.length > limit ? -1 : close + tag.length;
}

/** `--` to the end of the line, without the line break. */
export function skipLineComment(text: string, start: number, limit: number): number {
  for (let position = start; position < limit; position++) {
    const code = text.charCodeAt(position);
    if (code === 10 || code === 13) return position;
  }
  return limit;
}

/** A block comment; they nest. */
export function skipBlockComment(text: string, start: number, limit: number): number {
  let depth = 0;
  for (let position = start; position < limit - 1; position++) {
    const code = text.charCodeAt(position);
    if (code === 47 && text.charCodeAt(position + 1) === 42) {
      depth++;
      position++;
    } else if (code === 42 && text.charCodeAt(position + 1) === 47) {
      depth--;
      position++;
      if (depth === 0) return position + 1;
    }
  }
  return -1;
}

/** The end of the line that `start` is in, before its line break. */
export function endOfLine(text: string, start: number, limit: number): number {
  const newline = text.indexOf('\n', start);
  const end = newline < 0 || newline > limit ? limit : newline;
  return end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

/** Only spaces and tabs between `start` and the line's beginning. */
export function isFirstOnLine(text: string, start: number): boolean {
  for (let position = start - 1; position >= 0; position--) {
    const code = text.charCodeAt(position);
    if (code === 10 || code === 13) return true;
    if (code !== 32 && code !== 9 && code !== 0xfeff) return false;
  }
  return true;
}

/** Placeholders of template engines, none of which is PostgreSQL outside quotes: `{{ }}`, `{% %}`, `${ }`. The end of the one at `start`, or -1. */
export function skipPlaceholder(text: string, start: number, limit: number): number {
  const opening = text.slice(start, start + 2);
  const closing = opening === '{{' ? '}}' : opening === '{%' ? '%}' : opening === '${' ? '}' : null;
  if (closing === null) return -1;
  const close = text.indexOf(closing, start + 2);
  return close < 0 || close >= limit || close - start > 1000 ? -1 : close + closing.length;
}
