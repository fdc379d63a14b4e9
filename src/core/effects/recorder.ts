import type { RangeVar } from '@pgsql/types';
import { qualifiedKey } from '../catalog/catalog.ts';
import type { Catalog, Relation, ServerMajor, UserFunction } from '../catalog/catalog.ts';
import { isIndex, resolveRelation } from '../catalog/lookup.ts';
import type { Constant } from '../sql/constantText.ts';
import type { Parser } from '../sql/parser.ts';
import { LOCK_MODES, lockStrength, WORK_KINDS } from './effect.ts';
import type {
  Effect,
  EffectCause,
  LockMode,
  OpaquePart,
  RelationKind,
  RelationReference,
  StatementEffects,
  Work,
  UnknownValue,
} from './effect.ts';
import { lockOf } from './fact.ts';
import type { Fact } from './fact.ts';

/** What one use of a fact adds to it. */
export interface Detail {
  /** What does it, in the user's words: `ADD COLUMN note`. */
  readonly what: string;
  readonly work?: readonly Work[];
  /** In place of the fact's own lock: the lock of the whole statement, for example. */
  readonly lock?: LockMode;
  /** In place of the fact's own sentence. */
  readonly why?: string;
  readonly object?: string;
  readonly failsOnRows?: string;
  /** Let go when the statement ends, not at the end of the transaction. */
  readonly releasedAtEnd?: boolean;
}

/** A function of the user's own that the statement runs. */
export interface CalledFunction {
  readonly called: UserFunction;
  /** `trigger t1 on orders`, or null for a plain call. */
  readonly trigger: string | null;
  /** The call's constant arguments, by position; undefined where only the server knows. */
  readonly values: readonly (Constant | undefined)[];
}

/** Calls of one function with other arguments are looked into one by one, up to so many. */
const MOST_CALLS = 200;

interface Entry {
  readonly relation: RelationReference;
  strength: number;
  work: number;
  held: boolean;
  causes: EffectCause[] | null;
}

/** Collects what one statement does, relation by relation, while the families' functions look at it. */
export class EffectRecorder {
  readonly before: Catalog;
  readonly after: Catalog;
  readonly major: ServerMajor;
  /** TimeZone of the session that applies; null: not known. */
  readonly timeZone: string | null;
  /** For the bodies of SQL functions. */
  readonly parser: Parser;
  transactional = true;
  /** It changes the schema under a condition that only the server can decide. */
  undecided = false;
  /** The first function that the statement calls and of which nobody knows what it does, by name. */
  unknownCall: string | null = null;
  /** Functions of the user's own that the statement runs; their bodies are looked into later. */
  readonly called: CalledFunction[] = [];
  readonly #firstNewId: number;
  readonly #filled: ReadonlySet<number>;
  readonly #statement: { readonly start: number; readonly startLine: number };
  readonly #entries = new Map<number | string, Entry>();
  // Most statements have none of these: a list is made for the first of its kind.
  #opaque: OpaquePart[] | null = null;
  #waitsFor: string[] | null = null;
  #unknown: string[] | null = null;
  #unknownValues: UnknownValue[] | null = null;

  constructor(
    options: {
      readonly before: Catalog;
      /** The catalog's `nextId` when the migration started: what has it or a higher one is new. */
      readonly firstNewId: number;
      readonly timeZone: string | null;
      readonly parser: Parser;
      readonly filled: ReadonlySet<number>;
      readonly statement: { readonly start: number; readonly startLine: number };
    },
    after: Catalog,
  ) {
    this.#filled = options.filled;
    this.#statement = options.statement;
    this.parser = options.parser;
    this.before = options.before;
    this.after = after;
    this.major = options.before.major;
    this.timeZone = options.before.session.timeZone ?? options.timeZone;
    this.#firstNewId = options.firstNewId;
  }

  /** The relation of an id, as it was before the statement, or as the statement made it. */
  relation(id: number): Relation | undefined {
    return this.before.relations.get(id) ?? this.after.relations.get(id);
  }

  /** Made by this statement itself. */
  madeHere(id: number): boolean {
    return !this.before.relations.has(id);
  }

  /** Made by this migration, and nothing has put rows into it since. */
  isEmpty(id: number): boolean {
    return id >= this.#firstNewId && !this.#filled.has(id);
  }

  /** A relation as the statement names it, looked up before the statement. */
  resolve(name: RangeVar | undefined): Relation | undefined {
    if (name === undefined) return undefined;
    return resolveRelation(this.before, name.schemaname, name.relname ?? '');
  }

  /** Records one cause. An index counts for its table; temporary tables and composite types are left out. */
  touch(id: number, fact: Fact, detail: Detail): void {
    let relation = this.relation(id);
    if (relation !== undefined && isIndex(relation)) relation = this.relation(relation.table) ?? relation;
    if (relation === undefined || !isReported(relation)) return;
    let entry = this.#entries.get(relation.id);
    if (entry === undefined) {
      const { schema, name, kind } = relation;
      entry = { relation: { id: relation.id, schema, name, kind }, strength: 0, work: 0, held: false, causes: null };
      this.#entries.set(relation.id, entry);
    }
    this.#add(entry, fact, detail);
  }

  /** Records one cause on a relation that the history never made. */
  touchUnknown(name: RangeVar, fact: Fact, detail: Detail, kind: RelationKind = 'table'): void {
    const relname = name.relname ?? '';
    if (isSystemName(name.schemaname, relname)) return;
    const schema = name.schemaname ?? this.before.session.searchPath.find((path) => path !== '$user') ?? 'public';
    const key = `${schema}.${relname}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { relation: { id: null, schema, name: relname, kind }, strength: 0, work: 0, held: false, causes: null };
      this.#entries.set(key, entry);
      (this.#unknown ??= []).push(name.schemaname === undefined ? relname : key);
    }
    this.#add(entry, fact, detail);
  }

  /**
   * Whether the statement made a relation. Of CREATE … IF NOT EXISTS and OR REPLACE the catalog knows where it looked:
   * in the schema that the new one would go to, not along the search path.
   */
  get madeOne(): boolean {
    return this.after.relationByName.size > this.before.relationByName.size;
  }

  /** The history refers to things that it never made. */
  get lacksBaseline(): boolean {
    return this.before.gaps.some(({ kind }) => kind === 'missing baseline');
  }

  /**
   * An index that the history never made: nobody knows on which table it is. One that it made and dropped is no secret.
   * The reason leaves the name out, which the statement tells, so that a file that drops many is told once.
   */
  unknownIndex(schema: string | undefined, name: string): void {
    const schemas = schema === undefined ? this.before.session.searchPath : [schema];
    if (schemas.some((each) => this.before.gone.has(qualifiedKey(each, name)))) return;
    this.opaqueHere('no migration makes this index, so its table is not known');
  }

  /** Names of relations that the history never made, as far as recorded. */
  get unknown(): readonly string[] {
    return this.#unknown ?? NONE;
  }

  /** Records one cause on a relation by name, known or not. Gives the relation if it is known. */
  touchNamed(name: RangeVar | undefined, fact: Fact, detail: Detail, kind?: RelationKind): Relation | undefined {
    if (name === undefined) return undefined;
    const relation = this.resolve(name);
    if (relation === undefined) this.touchUnknown(name, fact, detail, kind);
    else this.touch(relation.id, fact, detail);
    return relation;
  }

  /** The whole statement takes one lock on a relation: that of its strongest part. */
  raise(id: number, lock: LockMode): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.strength = Math.max(entry.strength, lockStrength(lock));
  }

  /** Notes a function of the user's own that runs. */
  call(called: UserFunction, trigger: string | null, values: CalledFunction['values'] = NO_VALUES): void {
    if (this.called.length >= MOST_CALLS) return;
    for (const known of this.called) if (known.called.id === called.id && sameValues(known.values, values)) return;
    this.called.push({ called, trigger, values });
  }

  /** Something in the statement that could not be looked into. */
  opaque(part: OpaquePart): void {
    const known = (this.#opaque ??= []);
    if (!known.some(({ reason, offset }) => reason === part.reason && offset === part.offset)) known.push(part);
  }

  /** The same about the whole statement. */
  opaqueHere(reason: string): void {
    this.opaque({ reason, offset: this.#statement.start, line: this.#statement.startLine });
  }

  waits(what: string): void {
    const known = (this.#waitsFor ??= []);
    if (!known.includes(what)) known.push(what);
  }

  finish(): StatementEffects {
    const made: StatementEffects = {
      effects: [...this.#entries.values()].map((entry) => this.#effectOf(entry)),
      transactional: this.transactional,
      opaque: this.#opaque ?? NONE,
      waitsFor: this.#waitsFor ?? NONE,
      unknownRelations: this.#unknown ?? NONE,
      unknownValues: this.#unknownValues ?? NONE,
    };
    return this.undecided ? { ...made, undecided: true } : made;
  }

  #effectOf({ relation, strength, work, held, causes }: Entry): Effect {
    return {
      relation,
      lock: LOCK_MODES[strength - 1] ?? 'ACCESS SHARE',
      work: workOf(work),
      newRelation: relation.id !== null && relation.id >= this.#firstNewId,
      held: held ? 'transaction' : 'statement',
      causes: causes ?? NONE,
    };
  }

  /** Takes over what statements inside this one do: those of a DO block or of a function that it calls. */
  absorb(inner: StatementEffects): void {
    for (const effect of inner.effects) {
      const key = effect.relation.id ?? `${effect.relation.schema}.${effect.relation.name}`;
      let entry = this.#entries.get(key);
      if (entry === undefined) {
        // Named as before the whole statement, not as before the inner one.
        const first = effect.relation.id === null ? undefined : this.before.relations.get(effect.relation.id);
        const relation =
          first === undefined ? effect.relation : { ...effect.relation, schema: first.schema, name: first.name };
        entry = { relation, strength: 0, work: 0, held: false, causes: null };
        this.#entries.set(key, entry);
      }
      entry.strength = Math.max(entry.strength, lockStrength(effect.lock));
      for (const kind of effect.work) entry.work |= 1 << WORK_KINDS.indexOf(kind);
      if (effect.held === 'transaction') entry.held = true;
      if (entry.causes === null) entry.causes = [...effect.causes];
      else entry.causes.push(...effect.causes);
    }
    if (inner.undecided === true) this.undecided = true;
    for (const part of inner.opaque) this.opaque(part);
    for (const what of inner.waitsFor) this.waits(what);
    for (const name of inner.unknownRelations) {
      const known = (this.#unknown ??= []);
      if (!known.includes(name)) known.push(name);
    }
    if (inner.unknownValues.length > 0) (this.#unknownValues ??= []).push(...inner.unknownValues);
  }

  #add(entry: Entry, fact: Fact, detail: Detail): void {
    const lock = detail.lock ?? lockOf(fact.lock, this.major);
    const work = entry.relation.kind === 'sequence' ? NO_WORK : (detail.work ?? NO_WORK);
    entry.strength = Math.max(entry.strength, lockStrength(lock));
    for (const kind of work) entry.work |= 1 << WORK_KINDS.indexOf(kind);
    if (detail.releasedAtEnd !== true) entry.held = true;
    const cause: EffectCause & { object?: string; failsOnRows?: string } = {
      what: detail.what,
      lock,
      work,
      why: detail.why ?? fact.why,
      operation: fact.operation,
      source: fact.source,
    };
    if (detail.object !== undefined) cause.object = detail.object;
    if (detail.failsOnRows !== undefined) cause.failsOnRows = detail.failsOnRows;
    if (entry.causes === null) entry.causes = [cause];
    else entry.causes.push(cause);
  }
}

function sameValues(a: CalledFunction['values'], b: CalledFunction['values']): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => sameValue(value, b[index])));
}

function sameValue(a: Constant | undefined, b: Constant | undefined): boolean {
  if (a === b || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

const NO_WORK: readonly Work[] = [];
const NONE: readonly never[] = [];
const NO_VALUES: CalledFunction['values'] = [];

type Reported = Exclude<Relation, { kind: 'index' | 'partitioned index' | 'composite type' }>;

function isReported(relation: Relation): relation is Reported {
  return !isIndex(relation) && relation.kind !== 'composite type' && relation.persistence !== 'temporary';
}

/** System catalogs and views, which PostgreSQL searches before everything else. */
export function isSystemName(schema: string | undefined, name: string): boolean {
  if (schema === undefined) return name.startsWith('pg_');
  return schema === 'pg_catalog' || schema === 'information_schema' || schema.startsWith('pg_toast');
}

const SCAN_BIT = 1 << WORK_KINDS.indexOf('scan');
const REWRITE_BIT = 1 << WORK_KINDS.indexOf('rewrite');

/** A set of work kinds as a list, in WORK_KINDS' order, the same one each time. Checks are done in the same pass as a rewrite. */
function workOf(bits: number): readonly Work[] {
  if (bits === 0) return NO_WORK;
  let list = LISTS.get(bits);
  if (list === undefined) {
    const kinds = (bits & REWRITE_BIT) === 0 ? bits : bits & ~SCAN_BIT;
    list = WORK_KINDS.filter((_, index) => (kinds & (1 << index)) !== 0);
    LISTS.set(bits, list);
  }
  return list;
}

const LISTS = new Map<number, readonly Work[]>();
