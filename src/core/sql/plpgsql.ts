import type { Node } from '@pgsql/types';
import type { Constant, Known, Placeholders } from './constantText.ts';
import { constantText } from './constantText.ts';
import type { Condition, Exit, Guard, InnerStatement, InnerStatements, OpaqueInner } from './innerStatement.ts';
import type { Parser } from './parser.ts';
import { assignedNames, inside, numberOf, queryOf, textOf } from './plpgsqlNodes.ts';
import type { Fields } from './plpgsqlNodes.ts';
import { routineBody } from './routineBody.ts';
import { RoutineText } from './routineText.ts';
import type { Place } from './routineText.ts';
import { nodeAs } from './tree.ts';
import { namesSomethingUnknown } from './unknownNames.ts';

/**
 * The SQL that a DO block, or a function when it is called, runs: the static statements of PL/pgSQL, EXECUTE of texts that
 * are known (constants, format() of constants, loops over constant arrays), and the statements of SQL functions. What
 * remains is said in `opaque`, never left out.
 *
 * @param tree of the DO, CREATE FUNCTION or CREATE PROCEDURE statement
 * @param text the statement's text, from which the tree was made
 * @param known the values of a function's parameters where it is called, by name and as `$1`
 * @returns null for statements without such a body
 */
export function innerStatements(tree: Node, text: string, parser: Parser, known?: Known): InnerStatements | null {
  return readRoutine(tree, text, parser)(known);
}

/** The same for several calls with other arguments: the body is read once. */
export function readRoutine(tree: Node, text: string, parser: Parser): (known?: Known) => InnerStatements | null {
  const body = routineBody(tree, text);
  if (!body) {
    const atomic = atomicStatements(tree, text);
    return () => atomic;
  }
  const routine = new RoutineText(text, body, parser);
  return (known = NOTHING_KNOWN) => {
    const walk = new Walk(routine, known);
    const start = routine.place(1, '');
    if (body.language === 'plpgsql') walk.plpgsql();
    else if (body.language === 'sql') walk.sqlText(body.text, start, { dynamic: false, conditional: false });
    else walk.dark(`a body in the language ${body.language}`, start);
    return { statements: walk.statements, opaque: walk.opaque, exits: walk.exits };
  };
}

const NOTHING_KNOWN: Known = new Map();

/** `BEGIN ATOMIC … END` and `RETURN …`, which the tree holds; null for other statements. */
function atomicStatements(tree: Node, text: string): InnerStatements | null {
  const body = nodeAs(tree, 'CreateFunctionStmt')?.sql_body;
  if (body === undefined) return null;
  const statements: InnerStatement[] = [];
  const add = (node: Node): void => {
    if ('List' in node) (node.List.items ?? []).forEach(add);
    // An empty body has a node of no type.
    else if (Object.keys(node).length > 0) {
      const value = nodeAs(node, 'ReturnStmt')?.returnval;
      const inner: Node = value === undefined ? node : { SelectStmt: { targetList: [{ ResTarget: { val: value } }] } };
      statements.push({ ...ATOMIC, text, tree: inner });
    }
  };
  add(body);
  return { statements, opaque: [], exits: [] };
}

const ATOMIC = {
  offset: 0,
  line: 1,
  dynamic: false,
  conditional: false,
  loose: false,
  placeholder: false,
  expression: false,
  performs: false,
  guards: [],
} as const;

interface How {
  readonly dynamic: boolean;
  readonly conditional: boolean;
  readonly expression?: boolean;
  readonly performs?: boolean;
  readonly placeholder?: boolean;
}
/** Calls that only put text together. */
const TEXT_FUNCTIONS =
  /\b(format|quote_ident|quote_literal|quote_nullable|concat|concat_ws|lower|upper|coalesce)\s*\(/gi;

/** Nothing in a migration loops over more constants by hand. */
const MOST_ROUNDS = 200;

class Walk {
  readonly statements: InnerStatement[] = [];
  readonly opaque: OpaqueInner[] = [];
  readonly exits: Exit[] = [];
  readonly #routine: RoutineText;
  #known: Map<string, Constant>;
  #guards: readonly Guard[] = [];
  /** Inside of loops, CASE and exception handlers: whether it runs hangs on more than the IFs around it. */
  #loose = 0;
  #variables: readonly (string | undefined)[] = [];

  constructor(routine: RoutineText, known: Known) {
    this.#routine = routine;
    this.#known = new Map(known);
  }

  plpgsql(): void {
    const outcome = this.#routine.plpgsql();
    if (!outcome.ok) {
      this.dark(`PL/pgSQL that does not parse: ${outcome.message}`, this.#routine.place(1, ''));
      return;
    }
    for (const each of outcome.functions) {
      const routine = inside(each, 'PLpgSQL_function');
      this.#declare(routine);
      this.#visit(routine['action'], 1, false);
    }
  }

  /** Something that can't be known. */
  dark(reason: string, at: Place): void {
    this.opaque.push({ reason, ...at, guards: this.#guards, position: this.statements.length });
  }

  /** Statements of a text of SQL. */
  sqlText(sql: string, at: Place, how: How): void {
    const pieces = this.#routine.pieces(sql);
    const { body } = this.#routine;
    const verbatim = !how.dynamic && body.verbatim && sql === body.text;
    const { dynamic, conditional, expression = false, performs = false, placeholder = false } = how;
    const guards = this.#guards;
    const loose = this.#loose > 0;
    for (const { text, tree, message, start } of pieces) {
      const place = verbatim ? this.#routine.placeIn(start) : at;
      this.statements.push({
        text,
        tree,
        ...place,
        dynamic,
        conditional,
        loose,
        expression,
        performs,
        placeholder,
        guards,
      });
      if (message !== null) this.dark(`SQL that does not parse: ${message}`, place);
    }
    if (pieces.length === 0 && how.dynamic) this.dark('EXECUTE of an empty text', at);
  }

  /** Variables with a constant default that nothing assigns to. */
  #declare(routine: Fields): void {
    const data = routine['datums'];
    const list = Array.isArray(data) ? (data as unknown[]) : [];
    this.#variables = list.map((each) => textOf(Object.values(each as Fields)[0] as Fields, 'refname'));
    const assigned = assignedNames(routine, this.#variables);
    for (const name of assigned) this.#known.delete(name);
    for (const each of list) {
      const variable = inside(each, 'PLpgSQL_var');
      const name = textOf(variable, 'refname');
      const query = queryOf(variable['default_val']);
      const cursor = queryOf(variable['cursor_explicit_expr']);
      if (cursor !== null)
        this.sqlText(cursor, this.#routine.place(numberOf(variable, 'lineno') ?? 1, cursor), {
          dynamic: false,
          conditional: true,
        });
      if (query === null || name === undefined) continue;
      const value = this.#value(query);
      if (value !== undefined && !assigned.has(name)) this.#known.set(name, value);
      else this.#expression(query, numberOf(variable, 'lineno') ?? 1, false);
    }
  }

  #visit(node: unknown, line: number, conditional: boolean): void {
    if (Array.isArray(node)) {
      for (const each of node) this.#visit(each, line, conditional);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    for (const [kind, value] of Object.entries(node)) {
      if (typeof value !== 'object' || value === null) continue;
      const fields = value as Fields;
      if (kind.startsWith('PLpgSQL_stmt_'))
        this.#statement(kind.slice(13), fields, numberOf(fields, 'lineno') ?? line, conditional);
      else if (kind === 'PLpgSQL_expr')
        this.#expression(textOf(fields, 'query') ?? '', line, conditional, numberOf(fields, 'parseMode'));
      else if (kind !== 'PLpgSQL_row' && kind !== 'PLpgSQL_rec' && kind !== 'PLpgSQL_var') {
        // `exceptions` of a block: its handlers.
        const handler = kind.startsWith('PLpgSQL_exception');
        if (handler) this.#loose += 1;
        this.#visit(value, line, conditional || handler);
        if (handler) this.#loose -= 1;
      }
    }
  }

  #statement(kind: string, fields: Fields, line: number, conditional: boolean): void {
    const fixed = (field: string, performs = false): void => {
      const query = queryOf(fields[field]);
      if (query !== null)
        this.sqlText(query, this.#routine.place(line, query), { dynamic: false, conditional, performs });
    };
    const without = (...names: string[]): void => {
      const inner = kind.startsWith('for') || ['case', 'loop', 'while', 'dynfors'].includes(kind);
      if (inner) this.#loose += 1;
      for (const [name, value] of Object.entries(fields)) {
        if (!names.includes(name))
          this.#visit(
            name === 'cond' || name === 't_expr' ? [value] : value,
            line,
            conditional || (inner && name !== 'cond'),
          );
      }
      if (inner) this.#loose -= 1;
    };
    switch (kind) {
      case 'if':
        this.#if(fields, line, conditional);
        return;
      case 'return':
        without();
        if (this.#loose === 0) this.exits.push({ guards: this.#guards, position: this.statements.length });
        return;
      case 'execsql':
        fixed('sqlstmt');
        return;
      case 'perform':
      case 'call':
        fixed('expr', true);
        return;
      case 'commit':
      case 'rollback':
        this.sqlText(kind.toUpperCase(), this.#routine.place(line, ''), { dynamic: false, conditional });
        return;
      case 'dynexecute':
        this.#execute(queryOf(fields['query']), line, conditional);
        without('query');
        return;
      case 'fors':
      case 'return_query':
      case 'open':
        fixed('query');
        this.#execute(queryOf(fields['dynquery']), line, conditional);
        without('query', 'dynquery');
        return;
      case 'dynfors':
        this.#execute(queryOf(fields['query']), line, conditional);
        without('query');
        return;
      case 'foreach_a':
      case 'fori':
        if (this.#unrolled(kind, fields, line)) return;
        without();
        return;
      default:
        without();
    }
  }

  /** The branches of an IF, each with what must hold and what must not. */
  #if(fields: Fields, line: number, conditional: boolean): void {
    const outer = this.#guards;
    const branch = (of: Fields, body: unknown, at: number): void => {
      const query = queryOf(of['cond']);
      this.#visit([of['cond']], at, conditional || this.#guards !== outer);
      if (query === null) return;
      const condition: Condition = { query, tree: this.#routine.select(query), known: new Map(this.#known) };
      const before = this.#guards;
      this.#guards = [...before, { condition, holds: true }];
      this.#visit(body, at, true);
      this.#guards = [...before, { condition, holds: false }];
    };
    branch(fields, fields['then_body'], line);
    const others = Array.isArray(fields['elsif_list']) ? (fields['elsif_list'] as unknown[]) : [];
    for (const each of others) {
      const other = inside(each, 'PLpgSQL_if_elsif');
      branch(other, other['stmts'], numberOf(other, 'lineno') ?? line);
    }
    this.#visit(fields['else_body'], line, true);
    this.#guards = outer;
  }

  /** A loop over constants, round by round; false if they are not known. */
  #unrolled(kind: 'foreach_a' | 'fori', fields: Fields, line: number): boolean {
    const name =
      kind === 'fori'
        ? textOf(inside(fields['var'], 'PLpgSQL_var'), 'refname')
        : this.#variables[numberOf(fields, 'varno') ?? 0];
    const values = kind === 'fori' ? this.#range(fields) : this.#value(queryOf(fields['expr']) ?? '');
    if (name === undefined || !Array.isArray(values) || values.length > MOST_ROUNDS) return false;
    const before = this.#known;
    for (const value of values as readonly (string | null)[]) {
      this.#known = new Map(before).set(name, value);
      this.#visit(fields['body'], line, false);
    }
    this.#known = before;
    return true;
  }

  #range(fields: Fields): string[] | undefined {
    const [from, to] = ['lower', 'upper'].map((field) => Number(this.#value(queryOf(fields[field]) ?? '') ?? NaN));
    if (
      from === undefined ||
      to === undefined ||
      !(to - from < MOST_ROUNDS) ||
      fields['step'] !== undefined ||
      fields['reverse']
    )
      return undefined;
    return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => String(from + index));
  }

  #execute(query: string | null, line: number, conditional: boolean): void {
    if (query === null) return;
    const placeholders: Placeholders = { used: false };
    const value = this.#value(query) ?? this.#value(query, placeholders) ?? this.#withNames(query, placeholders);
    const place = this.#routine.place(line, query);
    // Functions of the user's own that put the text together run too.
    const calls = query.replace(/'(?:[^']|'')*'/g, '').replace(TEXT_FUNCTIONS, '');
    if (/\bselect\b|\w\s*\(/i.test(calls)) this.#expression(query, line, conditional);
    if (typeof value === 'string')
      this.sqlText(value, place, { dynamic: true, conditional, placeholder: placeholders.used });
    else this.dark('EXECUTE of a text that is known only when it runs', place);
  }

  /** With a name wherever something is not known, if that is SQL and nothing hangs on the name: a role, a constant. */
  #withNames(query: string, placeholders: Placeholders): string | undefined {
    const bare: Placeholders = { used: false, bare: true };
    const value = this.#value(query, bare);
    if (typeof value !== 'string') return undefined;
    const pieces = this.#routine.pieces(value);
    if (pieces.length === 0 || pieces.some(({ tree }) => tree === null || namesSomethingUnknown(tree)))
      return undefined;
    placeholders.used = bare.used;
    return value;
  }

  #value(query: string, placeholders?: Placeholders): Constant | undefined {
    return constantText(this.#routine.expression(query), this.#known, placeholders);
  }

  /** An expression can lock only through a subquery or a function. */
  #expression(query: string, line: number, conditional: boolean, parseMode = 2): void {
    // 3 and above: an assignment, `NEW.x := …`.
    const bare = parseMode >= 3 ? query.replace(/^[^=]*?:?=/, '') : query;
    if (parseMode === 0 || !/\bselect\b|\w\s*\(/i.test(bare)) return;
    this.sqlText(`SELECT ${bare}`, this.#routine.place(line, query), { dynamic: false, conditional, expression: true });
  }
}
