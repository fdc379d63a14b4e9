import type { FuncCall, LockingClause, Node, RangeVar, SelectStmt, WithClause } from '@pgsql/types';
import type { FunctionArgument, Relation, UserFunction } from '../catalog/catalog.ts';
import { descendants, isTable, ownedSequences, resolveFunctions, resolveRelation } from '../catalog/lookup.ts';
import { constantText } from '../sql/constantText.ts';
import type { Constant, Known } from '../sql/constantText.ts';
import { constantValue, stringValues } from '../sql/tree.ts';
import type { Work } from './effect.ts';
import { documented, measured } from './fact.ts';
import type { Fact } from './fact.ts';
import { allowedByWhere, reachedPartitions } from './pruning.ts';
import type { AllowedOf } from './pruning.ts';
import type { EffectRecorder } from './recorder.ts';
import { nameText } from '../sql/quote.ts';
import { nameOfUnknown } from './unknownCalls.ts';

const LOCKING = 'explicit-locking.html#LOCKING-TABLES';

const FACTS = {
  select: {
    operation: 'select',
    lock: 'ACCESS SHARE',
    why: 'Reading a table keeps only DROP, TRUNCATE and most ALTER TABLE waiting.',
    source: documented(LOCKING),
  },
  selectForUpdate: {
    operation: 'select for update',
    lock: 'ROW SHARE',
    why: 'SELECT … FOR UPDATE or FOR SHARE locks the rows that it returns; others still read and write the table.',
    source: documented(LOCKING),
  },
  useSequence: {
    operation: 'use sequence',
    lock: 'ROW EXCLUSIVE',
    why: 'nextval, setval and currval take a lock on the sequence that does not stop others from using it.',
    source: measured(),
  },
  lookedAt: {
    operation: 'select',
    lock: 'ACCESS SHARE',
    why: 'The function opens what it is told about; no row is read.',
    source: measured(),
  },
} as const satisfies Record<string, Fact>;

/**
 * How far the server goes with a query: `parse` looks names up (a view's definition is stored so), `rewrite` also opens
 * views, `plan` also partitions and inheritance children (EXPLAIN), `execute` also reads rows and calls functions.
 */
export type QueryDepth = 'parse' | 'rewrite' | 'plan' | 'execute';
const DEPTHS: readonly QueryDepth[] = ['parse', 'rewrite', 'plan', 'execute'];

/** Data-changing statements inside WITH are handed to this. */
export type ModifyingStatement = (node: Node, walker: QueryWalker) => void;

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'setval', 'currval']);
type Opening = 'itself' | 'its partitions' | 'what it reads';
/** Functions that open a relation by its name (src/backend/utils/adt/ruleutils.c, partitionfuncs.c, hashpartition.c). */
const OPENING_FUNCTIONS: Readonly<Record<string, Opening | undefined>> = {
  pg_get_viewdef: 'what it reads',
  pg_partition_tree: 'its partitions',
  satisfies_hash_partition: 'itself',
};
/** Parts of a SELECT that are looked at by themselves. */
const APART = new Set(['withClause', 'larg', 'rarg', 'fromClause', 'lockingClause', 'intoClause']);
const NO_KNOWN: Known = new Map();
const ONCE: readonly Known[] = [NO_KNOWN];
const ANYTHING: AllowedOf = () => null;
const NOTHING: readonly Work[] = [];
const SCAN: readonly Work[] = ['scan'];
/** Node types without anything of interest inside. */
const LEAVES = new Set([
  'ColumnRef',
  'A_Const',
  'String',
  'Integer',
  'ParamRef',
  'TypeName',
  'typeName',
  'A_Star',
  'Alias',
  'alias',
  'location',
]);

/** Records what a query reads, row-locks and calls. CTE names hide tables; locks follow views and partitions as the server's do. */
export class QueryWalker {
  readonly recorder: EffectRecorder;
  readonly depth: number;
  /** The first function that runs and of which nobody knows what it does, by name. */
  unknownCall: string | null = null;
  readonly #modify: ModifyingStatement;
  /** Columns whose values are known: `FROM unnest(array['a', 'b']) name`. */
  #known: Known = NO_KNOWN;
  /** Names of CTEs in scope, innermost last. */
  readonly #hidden: string[] = [];

  constructor(recorder: EffectRecorder, depth: QueryDepth, modify: ModifyingStatement) {
    this.recorder = recorder;
    this.depth = DEPTHS.indexOf(depth);
    this.#modify = modify;
  }

  get executes(): boolean {
    return this.depth === 3;
  }

  /** Any expression or query inside a statement. */
  walk(tree: unknown): void {
    if (tree === null || typeof tree !== 'object') return;
    if (Array.isArray(tree)) {
      for (const item of tree) this.walk(item);
      return;
    }
    for (const key in tree) {
      if (LEAVES.has(key)) continue;
      const value = (tree as Record<string, unknown>)[key];
      if (value === null || typeof value !== 'object') continue;
      switch (key) {
        case 'SelectStmt':
          this.select(value, false);
          break;
        case 'InsertStmt':
        case 'UpdateStmt':
        case 'DeleteStmt':
        case 'MergeStmt':
          this.#modify(tree as Node, this);
          break;
        case 'RangeVar':
          this.read(value, false);
          break;
        case 'FuncCall':
          this.#call(value);
          this.walk(value);
          break;
        default:
          this.walk(value);
      }
    }
  }

  /** Brings the names of a WITH into scope while `inside` runs. */
  within(withClause: WithClause | undefined, inside: () => void): void {
    const outer = this.#hidden.length;
    const expressions = withClause?.ctes ?? [];
    const name = (node: Node): string => ('CommonTableExpr' in node ? (node.CommonTableExpr.ctename ?? '') : '');
    if (withClause?.recursive) for (const node of expressions) this.#hidden.push(name(node));
    for (const node of expressions) {
      if ('CommonTableExpr' in node) this.walk(node.CommonTableExpr.ctequery);
      if (!withClause?.recursive) this.#hidden.push(name(node));
    }
    inside();
    this.#hidden.length = outer;
  }

  /** While `inside` runs, these names are no tables of the catalog before. */
  hiding(names: readonly string[], inside: () => void): void {
    const outer = this.#hidden.length;
    this.#hidden.push(...names);
    inside();
    this.#hidden.length = outer;
  }

  /** @param forUpdate locked by a FOR UPDATE of the query around it */
  select(body: SelectStmt, forUpdate: boolean): void {
    this.within(body.withClause, () => {
      if (body.larg !== undefined) this.select(body.larg, forUpdate);
      if (body.rarg !== undefined) this.select(body.rarg, forUpdate);
      const locks = (body.lockingClause ?? []).flatMap((node) => ('LockingClause' in node ? [node.LockingClause] : []));
      // Conditions tell which partitions are read, if they can only mean the one table.
      const allowed = body.fromClause?.length === 1 ? allowedByWhere(body.whereClause) : ANYTHING;
      for (const item of body.fromClause ?? []) {
        if ('RangeVar' in item) this.#fromTable(item.RangeVar, locks, forUpdate, allowed);
        else this.#from(item, locks, forUpdate);
      }
      const rounds = this.executes ? constantRows(body.fromClause) : ONCE;
      for (const round of rounds) {
        const outer = this.#known;
        if (round.size > 0) this.#known = new Map([...outer, ...round]);
        for (const key in body) if (!APART.has(key)) this.walk(body[key as keyof SelectStmt]);
        this.#known = outer;
      }
    });
  }

  #fromTable(name: RangeVar, locks: readonly LockingClause[], forUpdate: boolean, allowed: AllowedOf): void {
    const { relname, alias } = name;
    this.read(name, forUpdate || isLocked(locks, alias?.aliasname ?? relname ?? ''), allowed);
  }

  #from(item: Node, locks: readonly LockingClause[], forUpdate: boolean): void {
    if ('RangeVar' in item) {
      this.#fromTable(item.RangeVar, locks, forUpdate, ANYTHING);
    } else if ('JoinExpr' in item) {
      const { larg, rarg, quals } = item.JoinExpr;
      if (larg !== undefined) this.#from(larg, locks, forUpdate);
      if (rarg !== undefined) this.#from(rarg, locks, forUpdate);
      this.walk(quals);
    } else if ('RangeSubselect' in item && item.RangeSubselect.subquery !== undefined) {
      const { subquery, alias } = item.RangeSubselect;
      if ('SelectStmt' in subquery) {
        this.select(subquery.SelectStmt, forUpdate || isLocked(locks, alias?.aliasname ?? ''));
      } else {
        this.walk(subquery);
      }
    } else {
      this.walk(item);
    }
  }

  /** A table, view … that a query reads by name. */
  read(name: RangeVar, forUpdate: boolean, allowed: AllowedOf = ANYTHING): void {
    const relname = name.relname ?? '';
    if (name.schemaname === undefined && this.#hidden.includes(relname)) return;
    const relation = this.recorder.resolve(name);
    const what = forUpdate ? `SELECT … FOR UPDATE from ${nameText(relname)}` : `reads ${nameText(relname)}`;
    if (relation === undefined) {
      const fact = forUpdate ? FACTS.selectForUpdate : FACTS.select;
      this.recorder.touchUnknown(name, fact, { what, work: this.executes ? SCAN : NOTHING });
      return;
    }
    this.readRelation(relation, { forUpdate, only: name.inh !== true, what, allowed });
  }

  /** A relation that a query reads; views and children are followed as deep as the query goes. */
  readRelation(
    relation: Relation,
    options: {
      readonly forUpdate: boolean;
      readonly only: boolean;
      readonly what: string;
      readonly allowed?: AllowedOf;
    },
  ): void {
    const { forUpdate, what } = options;
    const fact = forUpdate ? FACTS.selectForUpdate : FACTS.select;
    const holdsRows =
      relation.kind === 'table' || relation.kind === 'materialized view' || relation.kind === 'foreign table';
    this.recorder.touch(relation.id, fact, { what, work: this.executes && holdsRows ? SCAN : NOTHING });
    if (relation.kind === 'view' && this.depth >= 1) {
      for (const id of relation.dependencies.relations) {
        const under = this.recorder.before.relations.get(id);
        if (under === undefined || under.id === relation.id) continue;
        this.readRelation(under, { forUpdate, only: false, what: `${what}, a view over ${nameText(under.name)}` });
      }
      if (this.executes) for (const id of relation.dependencies.functions) this.#callById(id);
    }
    if (isTable(relation) && !options.only && this.depth >= 2) {
      for (const child of reachedPartitions(this.recorder, relation, options.allowed ?? ANYTHING)) {
        const work = this.executes && child.kind !== 'partitioned table' ? SCAN : NOTHING;
        this.recorder.touch(child.id, fact, { what, work });
      }
    }
  }

  /** Sequences and functions that a default or another stored expression uses, by id. */
  useAll(ids: readonly number[] | undefined, what: string): void {
    for (const id of ids ?? []) {
      if (this.recorder.before.relations.get(id)?.kind === 'sequence') this.useSequence(id, what);
      else this.#callById(id);
    }
  }

  useSequence(id: number, what: string): void {
    this.recorder.touch(id, FACTS.useSequence, { what });
  }

  #callById(id: number): void {
    const called = this.recorder.before.functions.get(id);
    if (called !== undefined) this.call(called, null);
  }

  /** Notes a function of the user's own that runs; its body is looked into later. */
  call(called: UserFunction, trigger: string | null): void {
    this.recorder.call(called, trigger);
  }

  #call(body: FuncCall): void {
    const parts = stringValues(body.funcname);
    const name = parts.at(-1) ?? '';
    if (SEQUENCE_FUNCTIONS.has(name)) {
      if (this.executes) this.#sequenceCall(name, body.args?.[0]);
      return;
    }
    if (!this.executes) return;
    const opens = OPENING_FUNCTIONS[name];
    if (opens !== undefined) {
      this.#open(opens, `${name}(…)`, body.args?.[0]);
      return;
    }
    const found = resolveFunctions(this.recorder.before, parts.at(-2), name);
    if (found.length === 0) {
      this.unknownCall ??= nameOfUnknown(this.recorder.before, body);
      return;
    }
    const values = (body.args ?? []).map((argument) => constantText(argument, this.#known));
    for (const called of found) if (acceptsCount(called, values.length)) this.recorder.call(called, null, values);
  }

  #sequenceCall(name: string, argument: Node | undefined): void {
    const id = this.#sequenceOf(argument);
    if (id !== undefined) this.useSequence(id, `${name}(…)`);
  }

  #open(opens: Opening, what: string, argument: Node | undefined): void {
    const relation = this.recorder.before.relations.get(this.#sequenceOf(argument) ?? -1);
    if (relation === undefined) return;
    const detail = { what };
    if (opens === 'itself') this.recorder.touch(relation.id, FACTS.lookedAt, detail);
    else if (opens === 'what it reads' && relation.kind === 'view') {
      // Up to 15 a view's rule names the view itself, as OLD and NEW.
      if (this.recorder.major < 16) this.recorder.touch(relation.id, FACTS.lookedAt, detail);
      for (const id of relation.dependencies.relations) this.recorder.touch(id, FACTS.lookedAt, detail);
    } else if (opens === 'its partitions' && isTable(relation)) {
      for (const { id } of descendants(this.recorder.before, relation)) this.recorder.touch(id, FACTS.lookedAt, detail);
    }
  }

  /** The sequence that an argument of nextval names: `'s'`, `'s'::regclass`, `pg_get_serial_sequence('t', 'c')`. */
  #sequenceOf(argument: Node | undefined): number | undefined {
    if (argument === undefined) return undefined;
    if ('TypeCast' in argument) return this.#sequenceOf(argument.TypeCast.arg);
    const catalog = this.recorder.before;
    const text = constantValue(argument);
    if (typeof text === 'string') {
      const { schema, name } = parseQualifiedName(text);
      return resolveRelation(catalog, schema, name)?.id;
    }
    if (!('FuncCall' in argument)) return undefined;
    const call = argument.FuncCall;
    if (stringValues(call.funcname).at(-1) !== 'pg_get_serial_sequence') return undefined;
    const [table, column] = (call.args ?? []).map((node) => constantValue(node));
    if (typeof table !== 'string' || typeof column !== 'string') return undefined;
    const { schema, name } = parseQualifiedName(table);
    const relation = resolveRelation(catalog, schema, name);
    if (relation === undefined || !isTable(relation)) return undefined;
    const number = relation.columns.find((known) => known.name === column)?.number;
    return number === undefined ? undefined : ownedSequences(catalog, relation.id, number)[0]?.id;
  }
}

/** The rows of FROM as far as unnest() of constant arrays makes them; one row of nothing where it does not. */
function constantRows(from: readonly Node[] | undefined): readonly Known[] {
  let rows = ONCE;
  const add = (item: Node): void => {
    if ('JoinExpr' in item) {
      for (const side of [item.JoinExpr.larg, item.JoinExpr.rarg]) if (side !== undefined) add(side);
    } else if ('RangeFunction' in item) {
      const { functions, alias } = item.RangeFunction;
      const list = functions?.[0];
      const call = list !== undefined && 'List' in list ? list.List.items?.[0] : undefined;
      const values = call === undefined ? undefined : unnested(call);
      const column = stringValues(alias?.colnames)[0] ?? alias?.aliasname;
      if (values === undefined || column === undefined || rows.length * values.length > MOST_ROWS) return;
      rows = rows.flatMap((row) => values.map((value): Known => new Map<string, Constant>([...row, [column, value]])));
    }
  };
  for (const item of from ?? []) add(item);
  return rows.length === 0 ? ONCE : rows;
}

const MOST_ROWS = 100;

function unnested(call: Node): readonly (string | null)[] | undefined {
  if (!('FuncCall' in call) || stringValues(call.FuncCall.funcname).at(-1) !== 'unnest') return undefined;
  const value = constantText(call.FuncCall.args?.[0], NO_KNOWN);
  return Array.isArray(value) ? (value as readonly (string | null)[]) : undefined;
}

function isLocked(locks: readonly LockingClause[], name: string): boolean {
  return locks.some(
    ({ lockedRels }) =>
      lockedRels === undefined || lockedRels.some((node) => 'RangeVar' in node && node.RangeVar.relname === name),
  );
}

/** What a call gives values for: CALL for OUT parameters too, which it throws away. */
export function givenArguments(called: UserFunction): readonly FunctionArgument[] {
  return called.kind === 'procedure'
    ? called.arguments
    : called.arguments.filter(({ mode }) => mode !== 'out' && mode !== 'table');
}

function acceptsCount(called: UserFunction, count: number): boolean {
  const inputs = givenArguments(called);
  if (inputs.some(({ mode }) => mode === 'variadic')) return true;
  const required = inputs.filter(({ hasDefault }) => !hasDefault).length;
  return count >= required && count <= inputs.length;
}

/** A name inside a string, as regclass reads it: `"My Schema".tbl`; unquoted parts are lower-cased. */
export function parseQualifiedName(text: string): { readonly schema: string | undefined; readonly name: string } {
  const parts: string[] = [];
  for (const match of text.matchAll(/"((?:[^"]|"")*)"|([^."\s]+)/g)) {
    parts.push(match[1] === undefined ? (match[2] ?? '').toLowerCase() : match[1].replaceAll('""', '"'));
  }
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}
