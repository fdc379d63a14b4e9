import type { UserFunction } from '../catalog/catalog.ts';
import { commandTag } from '../sql/commandTag.ts';
import type { Parser } from '../sql/parser.ts';
import type { Constant, Known } from '../sql/constantText.ts';
import { innerStatements, readRoutine } from '../sql/plpgsql.ts';
import type { Guard, InnerStatements, OpaqueInner } from '../sql/innerStatement.ts';
import type { Statement } from '../sql/statement.ts';
import { namesSomethingUnknown } from '../sql/unknownNames.ts';
import type { OpaquePart } from './effect.ts';
import { givenArguments } from './queryWalker.ts';
import type { CalledFunction } from './recorder.ts';

/** One part of a function's or DO block's body: a statement, something that could not be read, or RETURN (neither). */
export interface BodyPart {
  readonly statement: Statement | null;
  readonly opaque: OpaquePart | null;
  /** What the IFs around it ask. */
  readonly guards: readonly Guard[];
  /** In a loop, CASE or exception handler: may not run, whatever the guards say. */
  readonly loose: boolean;
  /** PERFORM or CALL: run for what it does, nobody wants a value. */
  readonly performs: boolean;
  /** A role or a constant in it is known only when it runs; where. */
  readonly unknownValue: OpaquePart | null;
}

const EMPTY: readonly BodyPart[] = [];

/** DO $$ … $$, in order: opaque parts are at their own place in the file. */
export function bodyOfDo(statement: Statement, parser: Parser): readonly BodyPart[] {
  const inner = statement.tree === null ? null : innerStatements(statement.tree, statement.text, parser);
  if (inner === null) return EMPTY;
  return partsOf(inner, statement, ({ reason, offset, line }) => ({
    reason,
    offset: statement.start + offset,
    line: statement.startLine + line - 1,
  }));
}

interface ReadFunction {
  /** For a call with these arguments. The body's texts are read once, however often it is called. */
  readonly read: (known?: Known) => InnerStatements | null;
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
): readonly BodyPart[] {
  if (called.extension !== null || called.definition === null) return EMPTY;
  if (called.language === 'c' || called.language === 'internal' || called.kind === 'aggregate') return EMPTY;
  let known = bodies.get(called);
  if (known === undefined) {
    const read = readBody(called, parser);
    known = { read, inner: read() };
    bodies.set(called, known);
  }
  let { inner } = known;
  if (inner !== null && dependsOnArguments(inner) && values.some((value) => value !== undefined)) {
    inner = known.read(knownArguments(called, values));
  }
  if (inner === null) return EMPTY;
  const place = { offset: statement.start, line: statement.startLine };
  return partsOf(inner, statement, ({ reason }) => ({ ...place, reason: `${name}: ${reason}` }));
}

/** Texts that are put together do, and conditions about the schema. */
function dependsOnArguments({ opaque, statements }: InnerStatements): boolean {
  if (opaque.length > 0) return true;
  return statements.some(({ guards }) => guards.some(({ condition }) => ABOUT_THE_SCHEMA.test(condition.query)));
}

const ABOUT_THE_SCHEMA = /\bpg_|information_schema|to_reg/i;

function readBody(called: UserFunction, parser: Parser): ReadFunction['read'] {
  const definition = called.definition ?? '';
  const parsed = parser.parse(definition);
  const tree = parsed.ok ? parsed.statements[0]?.tree : undefined;
  return tree === undefined ? () => null : readRoutine(tree, definition, parser);
}

/** The call's constant arguments by the parameters' names, and as `$1`. */
function knownArguments(called: UserFunction, values: CalledFunction['values']): Known {
  const known = new Map<string, Constant>();
  givenArguments(called).forEach(({ name, mode }, position) => {
    const value = values[position];
    // OUT parameters start as NULL, whatever was given.
    if (value === undefined || mode === 'out') return;
    if (name !== null) known.set(name, value);
    known.set(`$${position + 1}`, value);
  });
  return known;
}

const UNKNOWN = 'EXECUTE of a text with a name that is known only when it runs';
const UNKNOWN_VALUE = 'EXECUTE of a text with a value that is known only when it runs';
const NOTHING = { statement: null, opaque: null, loose: false, performs: false, unknownValue: null } as const;

function partsOf(
  inner: InnerStatements,
  outer: Statement,
  place: (opaque: Pick<OpaqueInner, 'reason' | 'offset' | 'line'>) => OpaquePart,
): readonly BodyPart[] {
  const parts: BodyPart[] = [];
  // Behind the last statement there may be some too.
  for (let position = 0; position <= inner.statements.length; position++) {
    for (const opaque of inner.opaque)
      if (opaque.position === position) parts.push({ ...NOTHING, opaque: place(opaque), guards: opaque.guards });
    for (const { position: at, guards } of inner.exits) if (at === position) parts.push({ ...NOTHING, guards });
    const each = inner.statements[position];
    if (each === undefined || each.tree === null) continue;
    const { tree, text, guards, loose, performs, offset, line } = each;
    if (each.placeholder && namesSomethingUnknown(tree)) {
      parts.push({ ...NOTHING, opaque: place({ reason: UNKNOWN, offset, line }), guards, loose });
      continue;
    }
    const statement = { ...outer, tree, text, kind: commandTag(tree), error: null, notAnalysed: null, comments: [] };
    const unknownValue = each.placeholder ? place({ reason: UNKNOWN_VALUE, offset, line }) : null;
    parts.push({ statement, opaque: null, guards, loose, performs, unknownValue });
  }
  return parts;
}
