import type { Catalog, Relation, UserFunction } from '../catalog/catalog.ts';
import type { StatementEffects } from './effect.ts';
import type { CalledFunction } from './recorder.ts';

/**
 * What functions that only read did when they were called: a script of a thousand `SELECT grant_right(…)` calls the same
 * helpers a thousand times. An answer is used again only if all that was looked at for it is the same, by identity: the
 * catalog is a value, so an equal object is an equal fact.
 */

/** All that a call's effects rest on, besides the catalog. */
export interface CallPlace {
  readonly firstNewId: number;
  readonly filled: ReadonlySet<number>;
  readonly timeZone: string | null;
  readonly inTransaction: boolean;
}

export interface CallAnswer {
  /** Of the body's statements, in order. */
  readonly effects: readonly StatementEffects[];
  /** Ids of the functions that were called on the way, this one among them. */
  readonly calls: readonly number[];
  /** How many calls deep it went, from 1. */
  readonly height: number;
  /** How many statements were run. */
  readonly statements: number;
}

interface Remembered {
  readonly place: CallPlace;
  readonly catalog: Catalog;
  readonly relations: ReadonlyMap<number, Relation | undefined>;
  readonly answer: CallAnswer;
}

interface Memory {
  /** `once`: it was called, and read only. `changes`: never worth a look again. */
  state: 'new' | 'once' | 'changes';
  /** The newest answer, by the call's arguments. */
  readonly answers: Map<string, Remembered>;
}

/** A helper is mostly called with what nobody knows, or with a handful of constants. */
const MOST_ANSWERS = 8;

const memories = new WeakMap<UserFunction, Memory>();

/** What the call did before, if it must do the same again. */
export function recall({ called, values }: CalledFunction, catalog: Catalog, place: CallPlace): CallAnswer | undefined {
  const answers = memories.get(called)?.answers;
  if (answers === undefined || answers.size === 0) return undefined;
  const known = answers.get(keyOf(values));
  return known !== undefined && samePlace(known.place, place) && sameCatalog(known, catalog) ? known.answer : undefined;
}

/**
 * Runs a called function, and remembers what it did where that may be used again: from the second time on, since watching
 * costs something.
 *
 * @param run on the catalog that it is given; its answer is null where it changed that catalog, or depends on where the call stands
 */
export function remembering<Ran extends { readonly after: Catalog; readonly answer: CallAnswer | null }>(
  { called, values }: CalledFunction,
  catalog: Catalog,
  place: CallPlace,
  run: (catalog: Catalog) => Ran,
): Ran {
  let memory = memories.get(called);
  if (memory === undefined) memories.set(called, (memory = { state: 'new', answers: new Map() }));
  const key = keyOf(values);
  const isFull = memory.answers.size >= MOST_ANSWERS && !memory.answers.has(key);
  if (memory.state !== 'once' || isFull) {
    const ran = run(catalog);
    if (ran.answer === null) memory.state = 'changes';
    else if (memory.state === 'new') memory.state = 'once';
    return ran;
  }
  const watch = watched(catalog);
  const ran = run(watch.catalog);
  if (ran.answer === null) {
    memory.state = 'changes';
    return run(catalog);
  }
  if (!watch.seen.everything) {
    const { firstNewId, filled, timeZone, inTransaction } = place;
    const kept = { firstNewId, filled, timeZone, inTransaction };
    memory.answers.set(key, { place: kept, catalog, relations: watch.seen.relations, answer: ran.answer });
  }
  return { ...ran, after: catalog };
}

function keyOf(values: CalledFunction['values']): string {
  // What only the server knows is 0 here: a constant is a text, NULL or a list.
  return values.length === 0 ? '' : JSON.stringify(values.map((value) => (value === undefined ? 0 : value)));
}

function samePlace(a: CallPlace, b: CallPlace): boolean {
  return (
    a.firstNewId === b.firstNewId &&
    a.filled === b.filled &&
    a.timeZone === b.timeZone &&
    a.inTransaction === b.inTransaction
  );
}

/** The same catalog, but for relations that were not looked at. */
function sameCatalog({ catalog: known, relations }: Remembered, catalog: Catalog): boolean {
  if (known === catalog) return true;
  for (const part of Object.keys(known) as (keyof Catalog)[])
    if (part !== 'relations' && known[part] !== catalog[part]) return false;
  for (const [id, relation] of relations) if (catalog.relations.get(id) !== relation) return false;
  return true;
}

interface Seen {
  readonly relations: Map<number, Relation | undefined>;
  /** More was asked of the relations than single ones by their ids. */
  everything: boolean;
}

/** The same catalog, and which of its relations are looked at. */
function watched(catalog: Catalog): { readonly catalog: Catalog; readonly seen: Seen } {
  const seen: Seen = { relations: new Map(), everything: false };
  const get = (id: number): Relation | undefined => {
    const relation = catalog.relations.get(id);
    seen.relations.set(id, relation);
    return relation;
  };
  const relations = new Proxy(catalog.relations, {
    get: (target, property) => {
      if (property === 'get') return get;
      if (property === 'has') return (id: number): boolean => get(id) !== undefined;
      seen.everything = true;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { catalog: { ...catalog, relations }, seen };
}
