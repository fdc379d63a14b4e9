import type { DoStmt } from '@pgsql/types';
import type { UserFunction } from '../catalog/catalog.ts';
import { commandTag } from '../sql/commandTag.ts';
import type { Parser } from '../sql/parser.ts';
import type { Statement } from '../sql/statement.ts';
import { definitionElement, stringValue } from '../sql/tree.ts';
import type { OpaquePart } from './effect.ts';

/** The statements in a function's or DO block's body, in order, and what in it could not be read. */
export interface Body {
  readonly statements: readonly Statement[];
  readonly opaque: readonly OpaquePart[];
}

const EMPTY: Body = { statements: [], opaque: [] };

/** DO $$ … $$. */
export function bodyOfDo(block: DoStmt, statement: Statement, parser: Parser): Body {
  const language = stringValue(definitionElement(block.args, 'language')?.arg) ?? 'plpgsql';
  const source = stringValue(definitionElement(block.args, 'as')?.arg) ?? '';
  return bodyIn(language.toLowerCase(), source, 'the DO block', statement, parser);
}

/** A function of the user's own, when it is called. What an extension's or C function does is its own affair. */
export function bodyOfFunction(called: UserFunction, name: string, statement: Statement, parser: Parser): Body {
  if (called.extension !== null || called.language === 'c' || called.language === 'internal') return EMPTY;
  if (called.body === null) return EMPTY;
  return bodyIn(called.language, called.body, name, statement, parser);
}

function bodyIn(language: string, source: string, name: string, outer: Statement, parser: Parser): Body {
  const place = { offset: outer.start, line: outer.startLine };
  if (language === 'sql') {
    const parsed = parser.parse(source);
    if (!parsed.ok) return { statements: [], opaque: [{ ...place, reason: `the body of ${name} can’t be parsed: ${parsed.message}` }] };
    return {
      statements: parsed.statements.map(({ tree }) => ({ ...outer, tree, kind: commandTag(tree), notAnalysed: null })),
      opaque: [],
    };
  }
  return { statements: [], opaque: [{ ...place, reason: `the body of ${name} is written in ${language}, which is not read` }] };
}
