import type { UserFunction } from '../catalog/catalog.ts';
import { commandTag } from '../sql/commandTag.ts';
import type { Parser } from '../sql/parser.ts';
import { innerStatements } from '../sql/plpgsql.ts';
import type { InnerStatements } from '../sql/plpgsql.ts';
import type { Statement } from '../sql/statement.ts';
import type { OpaquePart } from './effect.ts';

/** The statements in a function's or DO block's body, in order, and what in it could not be read. */
export interface Body {
  readonly statements: readonly Statement[];
  readonly opaque: readonly OpaquePart[];
}

const EMPTY: Body = { statements: [], opaque: [] };

/** DO $$ … $$: opaque parts are at their own place in the file. */
export function bodyOfDo(statement: Statement, parser: Parser): Body {
  const inner = statement.tree === null ? null : innerStatements(statement.tree, statement.text, parser);
  if (inner === null) return EMPTY;
  return {
    statements: statementsOf(inner, statement),
    opaque: inner.opaque.map(({ reason, offset, line }) => ({
      reason,
      offset: statement.start + offset,
      line: statement.startLine + line - 1,
    })),
  };
}

const bodies = new WeakMap<UserFunction, InnerStatements | null>();

/**
 * A function of the user's own, when it is called. Its opaque parts are told at the place of the call. What an
 * extension's function does is the extension's affair.
 */
export function bodyOfFunction(called: UserFunction, name: string, statement: Statement, parser: Parser): Body {
  if (called.extension !== null || called.definition === null) return EMPTY;
  if (called.language === 'c' || called.language === 'internal' || called.kind === 'aggregate') return EMPTY;
  let inner = bodies.get(called);
  if (inner === undefined) {
    const parsed = parser.parse(called.definition);
    const tree = parsed.ok ? parsed.statements[0]?.tree : undefined;
    inner = tree === undefined ? null : innerStatements(tree, called.definition, parser);
    bodies.set(called, inner);
  }
  if (inner === null) return EMPTY;
  const place = { offset: statement.start, line: statement.startLine };
  return {
    statements: statementsOf(inner, statement),
    opaque: inner.opaque.map(({ reason }) => ({ ...place, reason: `${name}: ${reason}` })),
  };
}

function statementsOf(inner: InnerStatements, outer: Statement): Statement[] {
  return inner.statements.flatMap(({ tree, text }) =>
    tree === null
      ? []
      : [{ ...outer, tree, text, kind: commandTag(tree), error: null, notAnalysed: null, comments: [] }],
  );
}
