import {
  dollarTag,
  isIdentifierPart,
  isIdentifierStart,
  isSpace,
  skipBlockComment,
  skipDollarQuoted,
  skipEscaped,
  skipLineComment,
  skipQuoted,
} from '../../sql/lexical.ts';

/** One token of a statement that PostgreSQL has parsed; offsets into the text given. */
export interface Token {
  readonly kind: 'word' | 'quoted identifier' | 'string' | 'other';
  /** A word in lower case, an identifier without its quotes, anything else as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Brackets, square ones too, that are open around the token; those themselves stand outside. */
  readonly depth: number;
}

/** The tokens of one statement's text, white space and comments left out. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let position = 0;
  while (position < text.length) {
    const end = skipBlank(text, position);
    if (end > position) {
      position = end;
      continue;
    }
    const token = tokenAt(text, position, depth);
    if (token.text === ')' || token.text === ']') depth--;
    tokens.push({ ...token, depth });
    if (token.text === '(' || token.text === '[') depth++;
    position = token.end;
  }
  return tokens;
}

function skipBlank(text: string, start: number): number {
  if (isSpace(text.charCodeAt(start)) || text.charCodeAt(start) === 0xfeff) return start + 1;
  if (text.startsWith('--', start)) return skipLineComment(text, start, text.length);
  if (text.startsWith('/*', start)) return closed(skipBlockComment(text, start, text.length), text);
  return start;
}

function tokenAt(text: string, start: number, depth: number): Token {
  const code = text.charCodeAt(start);
  if (code === 34) {
    const end = closed(skipQuoted(text, start, text.length), text);
    return { kind: 'quoted identifier', text: text.slice(start + 1, end - 1).replaceAll('""', '"'), start, end, depth };
  }
  if (code === 39) return stringToken(text, start, closed(skipQuoted(text, start, text.length), text), depth);
  const tag = code === 36 ? dollarTag(text, start) : '';
  if (tag !== '') return stringToken(text, start, closed(skipDollarQuoted(text, start, tag, text.length), text), depth);
  if (!isIdentifierStart(code)) return { kind: 'other', text: text.charAt(start), start, end: start + 1, depth };
  let end = start + 1;
  while (end < text.length && isIdentifierPart(text.charCodeAt(end))) end++;
  const word = text.slice(start, end).toLowerCase();
  if (text.charCodeAt(end) === 39 && (word === 'e' || word === 'b' || word === 'x' || word === 'n')) {
    const skip = word === 'e' ? skipEscaped : skipQuoted;
    return stringToken(text, start, closed(skip(text, end, text.length), text), depth);
  }
  return { kind: 'word', text: word, start, end, depth };
}

function stringToken(text: string, start: number, end: number, depth: number): Token {
  return { kind: 'string', text: text.slice(start, end), start, end, depth };
}

/** What is not closed reaches to the end; it does not occur in a statement that parsed. */
function closed(end: number, text: string): number {
  return end < 0 ? text.length : end;
}

/** A statement's text with its closing `;`; what stands behind its last token stays before that, unless a comment would swallow it. */
export function closedStatement(text: string): string {
  const end = tokensOf(text).at(-1)?.end ?? text.length;
  return `${text.slice(end).trim() === '' ? text : text.slice(0, end)};`;
}

/** SQL that something follows on the same line: after a line comment that has to be the next one. */
export function openLine(sql: string): string {
  return sql.includes('--') ? `${sql}\n` : sql;
}
