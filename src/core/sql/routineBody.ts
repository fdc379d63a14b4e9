import type { DefElem, Node } from '@pgsql/types';
import { dollarTag, isSpace, skipBlockComment, skipLineComment } from './lexical.ts';
import { utf16FromBytes } from './offsets.ts';
import { definitionElement, listItems, nodeAs, stringValue } from './tree.ts';

/** The body of a DO block or of a function, where it is a string. */
export interface RoutineBody {
  /** In lower case: `plpgsql`, `sql`. */
  readonly language: string;
  /** Its value, quotes undone. */
  readonly text: string;
  /** UTF-16 offset of the body's first character in the statement's text; offsets further in are exact only if `verbatim`. */
  readonly offset: number;
  /** The body stands in the text as it is: dollar quotes, or plain quotes without a quote inside. */
  readonly verbatim: boolean;
}

/**
 * The body of `DO …`, CREATE FUNCTION or CREATE PROCEDURE; null for other statements, for BEGIN ATOMIC and RETURN (which
 * the tree holds) and for C.
 *
 * @param text the statement's text, from which the tree was made
 */
export function routineBody(tree: Node, text: string): RoutineBody | null {
  const block = nodeAs(tree, 'DoStmt');
  const routine = nodeAs(tree, 'CreateFunctionStmt');
  const options = block?.args ?? routine?.options;
  const body = definitionElement(options, 'as');
  if (!body) return null;
  const parts = listItems(body.arg);
  const value = stringValue(parts[0]);
  if (parts.length !== 1 || value === undefined) return null;
  const language = stringValue(definitionElement(options, 'language')?.arg) ?? (block ? 'plpgsql' : 'sql');
  const quote = openingQuote(text, body);
  if (quote === null) return null;
  return { language: language.toLowerCase(), text: value, offset: quote, verbatim: text.startsWith(value, quote) };
}

/** Just after the opening quote of the body. */
function openingQuote(text: string, { location }: DefElem): number | null {
  let position = utf16FromBytes(text, location ?? 0);
  if (/^as\b/i.test(text.slice(position, position + 3))) position += 2;
  while (position < text.length) {
    if (isSpace(text.charCodeAt(position))) position++;
    else if (text.startsWith('--', position)) position = skipLineComment(text, position, text.length);
    else if (text.startsWith('/*', position)) {
      position = skipBlockComment(text, position, text.length);
      if (position < 0) return null;
    } else break;
  }
  if (text[position] === '$') return position + dollarTag(text, position).length;
  const quote = /^(?:[eEnN]|[uU]&)?'/.exec(text.slice(position, position + 3))?.[0];
  return quote === undefined ? null : position + quote.length;
}
