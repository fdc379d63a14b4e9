import type { UserFunction } from '../catalog/catalog.ts';
import { commandTag } from '../sql/commandTag.ts';
import type { Parser } from '../sql/parser.ts';
import { UNKNOWN_NAME } from '../sql/constantText.ts';
import type { Constant, Known } from '../sql/constantText.ts';
import { innerStatements } from '../sql/plpgsql.ts';
import type { InnerStatements, OpaqueInner } from '../sql/plpgsql.ts';
import { rememberingParser } from '../sql/rememberingParser.ts';
import type { Statement } from '../sql/statement.ts';
import type { OpaquePart } from './effect.ts';
import type { CalledFunction } from './recorder.ts';

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
    opaque: opaqueOf(inner).map(({ reason, offset, line }) => ({
      reason,
      offset: statement.start + offset,
      line: statement.startLine + line - 1,
    })),
  };
}

interface ReadFunction {
  /** Reads the body's texts once, however often the function is called with other arguments. */
  readonly parser: Parser;
  /** The body as far as it does not depend on the arguments. */
  readonly inner: InnerStatements | null;
}

const bodies = new WeakMap<UserFunction, ReadFunction>();

/**
 * A function of the user's own, when it is called. Its opaque parts are told at the place of the call. What an
 * extension's function does is the extension's affair.
 */
export function bodyOfFunction(
  { called, values }: CalledFunction,
  name: string,
  statement: Statement,
  parser: Parser,
): Body {
  if (called.extension !== null || called.definition === null) return EMPTY;
  if (called.language === 'c' || called.language === 'internal' || called.kind === 'aggregate') return EMPTY;
  let known = bodies.get(called);
  if (known === undefined) {
    const remembering = rememberingParser(parser);
    known = { parser: remembering, inner: parsedBody(called, remembering, undefined) };
    bodies.set(called, known);
  }
  let { inner } = known;
  // Only texts that are put together depend on the arguments.
  if (inner !== null && inner.opaque.length > 0 && values.some((value) => value !== undefined)) {
    inner = parsedBody(called, known.parser, knownArguments(called, values));
  }
  if (inner === null) return EMPTY;
  const place = { offset: statement.start, line: statement.startLine };
  return {
    statements: statementsOf(inner, statement),
    opaque: opaqueOf(inner).map(({ reason }) => ({ ...place, reason: `${name}: ${reason}` })),
  };
}

/** What can't be read, and statements that name something unknown. */
function opaqueOf(inner: InnerStatements): readonly OpaqueInner[] {
  const unknown = inner.statements.filter(({ tree, placeholder }) => placeholder && namesSomethingUnknown(tree));
  const reason = 'EXECUTE of a text with a name that is known only when it runs';
  return [...inner.opaque, ...unknown.map(({ offset, line }) => ({ reason, offset, line }))];
}

function parsedBody(called: UserFunction, parser: Parser, known: Known | undefined): InnerStatements | null {
  const parsed = parser.parse(called.definition ?? '');
  const tree = parsed.ok ? parsed.statements[0]?.tree : undefined;
  return tree === undefined ? null : innerStatements(tree, called.definition ?? '', parser, known);
}

/** The call's constant arguments by the parameters' names, and as `$1`. */
function knownArguments(called: UserFunction, values: CalledFunction['values']): Known {
  const known = new Map<string, Constant>();
  const inputs = called.arguments.filter(({ mode }) => mode !== 'out' && mode !== 'table');
  inputs.forEach(({ name }, position) => {
    const value = values[position];
    if (value === undefined) return;
    if (name !== null) known.set(name, value);
    known.set(`$${position + 1}`, value);
  });
  return known;
}

/** A name that only the server knows, where a relation, a column or a type is named. Roles and texts may stay unknown. */
function namesSomethingUnknown(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'rolename' || key === 'role' || key === 'A_Const' || key === 'granted_roles') continue;
    if (value === UNKNOWN_NAME || namesSomethingUnknown(value)) return true;
  }
  return false;
}

function statementsOf(inner: InnerStatements, outer: Statement): Statement[] {
  return inner.statements.flatMap(({ tree, text, placeholder }) =>
    tree === null || (placeholder && namesSomethingUnknown(tree))
      ? []
      : [{ ...outer, tree, text, kind: commandTag(tree), error: null, notAnalysed: null, comments: [] }],
  );
}
