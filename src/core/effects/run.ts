import type { Catalog } from '../catalog/catalog.ts';
import { applyStatement } from '../catalog/replay.ts';
import { bodyOfDo, bodyOfFunction } from './bodies.ts';
import type { BodyPart } from './bodies.ts';
import { conditionHolds } from './catalogConditions.ts';
import type { StatementEffects } from './effect.ts';
import { directEffects } from './effects.ts';
import type { StatementInput } from './effects.ts';
import type { CalledFunction, EffectRecorder } from './recorder.ts';
import type { Parser } from '../sql/parser.ts';
import type { Condition, Guard } from '../sql/plpgsql.ts';

/** A statement that has run: what it did, and the catalog after it. */
export interface RanStatement {
  readonly after: Catalog;
  readonly effects: StatementEffects;
}

/** Functions call functions; deeper than this nobody follows, nor more statements for one that the file shows. */
const DEEPEST = 8;
const MOST_STATEMENTS = 2000;

/**
 * Applies one statement to the catalog and works out its effects, those of a DO block's statements and of the user's
 * own functions that it calls included. An IF about the schema is decided by the replayed catalog; the branches of any
 * other are all counted, and a loop's body once.
 */
export function runStatement(input: Omit<StatementInput, 'after'>): RanStatement {
  try {
    return run(input, { calling: [], budget: { left: MOST_STATEMENTS } });
  } catch (error) {
    // Nobody foresaw this body: say so, and go on with the statement itself.
    const { statement, before } = input;
    const after = statement.tree === null ? before : applyStatement(before, statement, input);
    const recorder = directEffects({ ...input, after });
    recorder.opaqueHere(
      `Lockkeeper failed on what it runs: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
    return { after, effects: recorder.finish() };
  }
}

interface Depth {
  /** Ids of the functions that are being run. */
  readonly calling: readonly number[];
  readonly budget: { left: number };
}

function run(input: Omit<StatementInput, 'after'>, depth: Depth): RanStatement {
  const { statement, before } = input;
  const tree = statement.tree;
  const isDo = tree !== null && 'DoStmt' in tree;
  let after =
    isDo || tree === null ? before : applyStatement(before, statement, { inTransaction: input.inTransaction });
  const recorder = directEffects({ ...input, after });
  if (isDo) {
    const body = bodyOfDo(statement, input.parser);
    after = runBody(recorder, body, { input, catalog: after, ...depth });
  }
  for (const each of recorder.called) after = runCalled(recorder, each, { input, catalog: after, ...depth });
  return { after, effects: recorder.finish() };
}

interface Running extends Depth {
  readonly input: Omit<StatementInput, 'after'>;
  readonly catalog: Catalog;
}

function runCalled(recorder: EffectRecorder, call: CalledFunction, running: Running): Catalog {
  const { called, trigger } = call;
  if (running.calling.includes(called.id)) return running.catalog;
  const { statement } = running.input;
  const place = { offset: statement.start, line: statement.startLine };
  const name = trigger === null ? `function ${called.name}` : `function ${called.name} of ${trigger}`;
  if (running.calling.length >= DEEPEST) {
    recorder.opaque({ ...place, reason: `${name} is called too deep inside other functions to be followed` });
    return running.catalog;
  }
  const body = bodyOfFunction(call, name, statement, running.input.parser);
  return runBody(recorder, body, { ...running, calling: [...running.calling, called.id] });
}

function runBody(recorder: EffectRecorder, body: readonly BodyPart[], running: Running): Catalog {
  let { catalog } = running;
  let dynamic = false;
  const decided = new Map<Condition, boolean | null>();
  for (const { statement: inner, opaque, guards } of body) {
    const runs = guards.length === 0 ? true : allHold(guards, decided, catalog, running.input.parser);
    if (runs === false) continue;
    if (opaque !== null) {
      recorder.opaque(opaque);
      dynamic = true;
      continue;
    }
    if (inner === null) {
      if (runs === true) break;
      continue;
    }
    if (running.budget.left-- <= 0) {
      const { start, startLine } = running.input.statement;
      recorder.opaque({ offset: start, line: startLine, reason: 'it runs too many statements to follow them all' });
      break;
    }
    const ran = run({ ...running.input, statement: inner, before: catalog }, running);
    recorder.absorb(ran.effects);
    catalog = ran.after;
  }
  return dynamic ? withDynamicSql(catalog) : catalog;
}

/** Whether the IFs around a statement let it run; null: only the server knows. Each is asked once, when it is come to. */
function allHold(
  guards: readonly Guard[],
  decided: Map<Condition, boolean | null>,
  catalog: Catalog,
  parser: Parser,
): boolean | null {
  let all: boolean | null = true;
  for (const { condition, holds } of guards) {
    let found = decided.get(condition);
    if (found === undefined) {
      found = conditionHolds(condition, catalog, parser);
      decided.set(condition, found);
    }
    if (found === !holds) return false;
    if (found === null) all = null;
  }
  return all;
}

/** The catalog may lack what dynamic SQL made: said once. */
function withDynamicSql(catalog: Catalog): Catalog {
  if (catalog.gaps.some(({ kind }) => kind === 'dynamic SQL')) return catalog;
  return { ...catalog, gaps: [...catalog.gaps, { kind: 'dynamic SQL', what: 'what dynamic SQL makes' }] };
}
