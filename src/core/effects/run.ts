import type { Catalog } from '../catalog/catalog.ts';
import { resolveRelation } from '../catalog/lookup.ts';
import { applyStatement } from '../catalog/replay.ts';
import { bodyOfDo, bodyOfFunction } from './bodies.ts';
import type { BodyPart } from './bodies.ts';
import { conditionHolds } from './catalogConditions.ts';
import type { OpaquePart, StatementEffects } from './effect.ts';
import { directEffects } from './effects.ts';
import type { StatementInput } from './effects.ts';
import type { CalledFunction, EffectRecorder } from './recorder.ts';
import { recall, remembering } from './rememberedCalls.ts';
import type { CallAnswer } from './rememberedCalls.ts';
import type { Statement } from '../sql/statement.ts';
import { rangeVariables } from '../sql/tree.ts';
import type { Condition, Guard } from '../sql/innerStatement.ts';

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
export function runStatement(input: StatementInput): RanStatement {
  try {
    return run(input, null);
  } catch (error) {
    // Nobody foresaw this body: say so, and go on with the statement itself.
    const { statement, before } = input;
    const after = statement.tree === null ? before : applyStatement(before, statement, input);
    const recorder = directEffects(input, after);
    recorder.opaqueHere(
      `Lockkeeper failed on what it runs: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
    return { after, effects: recorder.finish() };
  }
}

interface Depth {
  /** Ids of the functions that are being run. */
  readonly calling: readonly number[];
  readonly tally: Tally;
}

/** Of one statement of the file, over all that it calls. */
interface Tally {
  /** Statements that may still be run. */
  left: number;
  deepest: number;
  /** Ids of the functions called so far. */
  calls: number[];
}

/**
 * @param depth null for a statement of the file itself
 * @param performs PERFORM or CALL of a body
 */
function run(input: StatementInput, depth: Depth | null, performs = false): RanStatement {
  const { statement, before } = input;
  const tree = statement.tree;
  const isDo = tree !== null && 'DoStmt' in tree;
  let after =
    isDo || tree === null ? before : applyStatement(before, statement, { inTransaction: input.inTransaction });
  const recorder = directEffects(input, after);
  const unknown = recorder.unknownCall;
  // What functions further down call mostly computes a value, unless nobody wants one.
  if (unknown !== null && (performs || depth === null || depth.calling.length === 0))
    recorder.opaqueHere(`function ${unknown}, which neither PostgreSQL nor this history has`);
  if (isDo || recorder.called.length > 0) {
    const { calling, tally } = depth ?? { calling: [], tally: { left: MOST_STATEMENTS, deepest: 0, calls: [] } };
    if (isDo) {
      const body = bodyOfDo(statement, input.parser);
      after = absorb(recorder, runBody(body, { input, catalog: after, calling, tally }));
    }
    for (const each of recorder.called) after = runCalled(recorder, each, { input, catalog: after, calling, tally });
  }
  return { after, effects: recorder.finish() };
}

interface Running extends Depth {
  readonly input: StatementInput;
  readonly catalog: Catalog;
}

function runCalled(recorder: EffectRecorder, call: CalledFunction, running: Running): Catalog {
  const { called, trigger } = call;
  const { input, tally, catalog } = running;
  if (running.calling.includes(called.id)) {
    tally.calls.push(called.id);
    return catalog;
  }
  const { statement } = input;
  const name = trigger === null ? `function ${called.name}` : `function ${called.name} of ${trigger}`;
  if (running.calling.length >= DEEPEST) {
    recorder.opaqueHere(`${name} is called too deep inside other functions to be followed`);
    return catalog;
  }
  const known = recall(call, catalog, input);
  if (known !== undefined && fits(known, running)) {
    count(tally, { ...known, deepest: running.calling.length + known.height });
    for (const effects of known.effects) recorder.absorb(effects);
    return catalog;
  }
  const body = bodyOfFunction(call, name, statement, input.parser);
  const ran = remembering(call, catalog, input, (given) =>
    runFunction(called.id, body, { ...running, catalog: given }),
  );
  count(tally, ran);
  return absorb(recorder, ran);
}

/** Whether a call may go as deep and run as many statements here as it did, and is not cut short by calling what called it. */
function fits({ statements, height, calls }: CallAnswer, { calling, tally }: Running): boolean {
  return tally.left >= statements && calling.length + height <= DEEPEST && !calls.some((id) => calling.includes(id));
}

interface Counted extends Pick<CallAnswer, 'statements' | 'calls'> {
  readonly deepest: number;
}

function count(tally: Tally, { statements, calls, deepest }: Counted): void {
  tally.left -= statements;
  tally.deepest = Math.max(tally.deepest, deepest);
  tally.calls.push(...calls);
}

/** Runs a function's body, and says what may be remembered of it: nothing that changes the catalog or tells its place. */
function runFunction(
  id: number,
  body: readonly BodyPart[],
  running: Running,
): RanBody & Counted & { readonly answer: CallAnswer | null } {
  const { calling, catalog } = running;
  const tally: Tally = { left: running.tally.left, deepest: calling.length + 1, calls: [id] };
  const ran = runBody(body, { ...running, calling: [...calling, id], tally });
  const { deepest, calls } = tally;
  const statements = running.tally.left - tally.left;
  const effects = ran.done.flatMap((each) => ('effects' in each && each.opaque.length === 0 ? [each] : []));
  const readsOnly =
    ran.after === catalog && effects.length === ran.done.length && !calls.some((called) => calling.includes(called));
  const answer = readsOnly ? { effects, calls, height: deepest - calling.length, statements } : null;
  return { ...ran, statements, calls, deepest, answer };
}

/** What a body did: its statements, and what in it could not be followed, in order. */
interface RanBody {
  readonly done: readonly (StatementEffects | OpaquePart)[];
  readonly after: Catalog;
}

function runBody(body: readonly BodyPart[], running: Running): RanBody {
  const { input, tally } = running;
  const done: (StatementEffects | OpaquePart)[] = [];
  let after = running.catalog;
  let dynamic = false;
  const decided = new Map<Condition, boolean | null>();
  for (const { statement, opaque, guards, loose, performs, unknownValue } of body) {
    const runs = guards.length === 0 ? true : allHold(guards, decided, after);
    if (runs === false) continue;
    if (opaque !== null) {
      done.push(opaque);
      dynamic = true;
      continue;
    }
    if (statement === null) {
      if (runs === true) break;
      continue;
    }
    if (tally.left-- <= 0) {
      const { start, startLine } = input.statement;
      done.push({ offset: start, line: startLine, reason: 'it runs too many statements to follow them all' });
      break;
    }
    const ran = run({ ...input, statement, before: after }, running, performs);
    const counted = runs === null || loose ? conditional(ran.effects) : ran.effects;
    // IF NOT EXISTS … THEN CREATE is the usual way to make what is not there.
    const undecided = runs === null && ran.after !== after && !statement.kind.startsWith('CREATE ');
    const effects = undecided ? { ...counted, undecided: true as const } : counted;
    const unknown = unknownValue !== null && ran.after !== after;
    done.push(
      unknown
        ? {
            ...effects,
            unknownValues: [
              ...effects.unknownValues,
              { ...unknownValue, relations: relationsNamed(statement, ran.after) },
            ],
          }
        : effects,
    );
    after = ran.after;
  }
  return { done, after: dynamic ? withDynamicSql(after) : after };
}

/** The relations that a statement is about; null if it is about something else. */
function relationsNamed({ tree }: Statement, catalog: Catalog): readonly number[] | null {
  const ids: number[] = [];
  for (const { schemaname, relname } of tree === null ? [] : rangeVariables(tree)) {
    const relation = resolveRelation(catalog, schemaname, relname ?? '');
    if (relation === undefined) return null;
    ids.push(relation.id);
  }
  return ids.length === 0 ? null : ids;
}

/** The effects of a statement that may not run at all. */
function conditional(ran: StatementEffects): StatementEffects {
  if (ran.effects.length === 0) return ran;
  const effects = ran.effects.map((effect) => ({
    ...effect,
    causes: effect.causes.map((cause) => (cause.conditional ? cause : { ...cause, conditional: true as const })),
  }));
  return { ...ran, effects };
}

function absorb(recorder: EffectRecorder, { done, after }: RanBody): Catalog {
  for (const each of done) {
    if ('effects' in each) recorder.absorb(each);
    else recorder.opaque(each);
  }
  return after;
}

/** Whether the IFs around a statement let it run; null: only the server knows. Each is asked once, when it is come to. */
function allHold(guards: readonly Guard[], decided: Map<Condition, boolean | null>, catalog: Catalog): boolean | null {
  let all: boolean | null = true;
  for (const { condition, holds } of guards) {
    let found = decided.get(condition);
    if (found === undefined) {
      found = conditionHolds(condition, catalog);
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
