import type { A_Expr, Node, RangeVar, SelectStmt } from '@pgsql/types';
import { BUILTIN_TYPE_STORAGE } from '../catalog/builtinTypes.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { hasColumns, resolveRelation, resolveUserType } from '../catalog/lookup.ts';
import { isSystemSchema } from '../catalog/targets.ts';
import { constantText } from '../sql/constantText.ts';
import type { Known } from '../sql/constantText.ts';
import type { Condition } from '../sql/innerStatement.ts';
import { constantValue, nameParts, nodeAs, stringValues } from '../sql/tree.ts';
import { isLike, prefixOf } from './like.ts';
import { mayBeThere } from './notMade.ts';
import { parseQualifiedName } from './queryWalker.ts';
import { relationOid, systemRows, typeOid } from './systemRows.ts';
import type { Cell, Wanted } from './otherSystemRows.ts';
import type { SystemRow } from './systemRows.ts';

/**
 * Whether a condition about the schema holds: `IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood')`. The
 * replayed catalog answers for PostgreSQL's system catalogs and the information schema.
 *
 * @returns null where only a server knows: rows of tables, roles, settings, or what a missing baseline may hold
 */
export function conditionHolds(condition: Condition, catalog: Catalog): boolean | null {
  const select = nodeAs(condition.tree, 'SelectStmt');
  const target = nodeAs(select?.targetList?.[0], 'ResTarget')?.val;
  // `SELECT count(*) FROM t` would be a condition with a FROM of its own.
  if (select === undefined || target === undefined || select.targetList?.length !== 1) return null;
  const evaluation = new Evaluation(catalog, condition.known);
  const value =
    select.fromClause === undefined ? evaluation.value(target, NO_ROWS) : evaluation.scalar(select, NO_ROWS);
  return typeof value === 'boolean' ? value : null;
}

/** Names that only the grammar knows, and more than a name. */
const SQL_TYPE = /^(?:int|integer|bigint|smallint|boolean|real|decimal|dec|float|char|nchar|character)$|[^\w$]/;

const NOT_ASCII = /[^\0-\x7f]/;

type Rows = ReadonlyMap<string, SystemRow>;
const NO_ROWS: Rows = new Map();
/** More than this are not worth the look. */
const MOST_COMBINATIONS = 50_000;

/** Expressions over the catalog; undefined: not known. */
class Evaluation {
  readonly #catalog: Catalog;
  readonly #known: Known;

  constructor(catalog: Catalog, known: Known) {
    this.#catalog = catalog;
    this.#known = known;
  }

  value(node: Node | undefined, rows: Rows): Cell {
    if (node === undefined) return undefined;
    if ('BoolExpr' in node) return this.#logic(node.BoolExpr.boolop, node.BoolExpr.args ?? [], rows);
    if ('NullTest' in node) {
      const inner = this.value(node.NullTest.arg, rows);
      if (inner === undefined) return undefined;
      return (inner === null) === (node.NullTest.nulltesttype === 'IS_NULL');
    }
    if ('BooleanTest' in node) return this.#booleanTest(node.BooleanTest.booltesttype, node.BooleanTest.arg, rows);
    if ('SubLink' in node) {
      const select = nodeAs(node.SubLink.subselect, 'SelectStmt');
      if (select === undefined) return undefined;
      if (node.SubLink.subLinkType === 'EXISTS_SUBLINK') return this.#exists(select, rows);
      return node.SubLink.subLinkType === 'EXPR_SUBLINK' ? this.scalar(select, rows) : undefined;
    }
    if ('A_Expr' in node) return this.#operator(node.A_Expr, rows);
    if ('ColumnRef' in node) return this.#column(stringValues(node.ColumnRef.fields), rows);
    if ('TypeCast' in node) return this.#cast(node.TypeCast, rows);
    if ('FuncCall' in node) return this.#call(node.FuncCall, rows);
    const constant = constantValue(node);
    return constant ?? (constant === null ? null : this.#text(node));
  }

  /** A query that gives one value: `count(*)`, or one column of one row. */
  scalar(select: SelectStmt, outer: Rows): Cell {
    const target = nodeAs(select.targetList?.[0], 'ResTarget')?.val;
    if (select.fromClause === undefined) return this.value(target, outer);
    if (select.groupClause !== undefined || select.havingClause !== undefined) return undefined;
    const found = this.#rows(select, outer);
    if (!found.certain) return undefined;
    const call = nodeAs(target, 'FuncCall');
    if (call !== undefined && stringValues(call.funcname).at(-1) === 'count' && call.agg_distinct !== true) {
      return found.rows.length;
    }
    const [first, ...more] = found.rows;
    if (more.length > 0) return undefined;
    return first === undefined ? null : this.value(target, first);
  }

  #logic(operator: string | undefined, args: readonly Node[], rows: Rows): Cell {
    const values = args.map((each) => this.value(each, rows));
    if (operator === 'NOT_EXPR') return typeof values[0] === 'boolean' ? !values[0] : values[0];
    const decisive = operator === 'OR_EXPR';
    if (values.includes(decisive)) return decisive;
    if (values.includes(undefined)) return undefined;
    return values.includes(null) ? null : !decisive;
  }

  #booleanTest(test: string | undefined, argument: Node | undefined, rows: Rows): Cell {
    const inner = this.value(argument, rows);
    if (inner === undefined) return undefined;
    if (test === 'IS_TRUE') return inner === true;
    if (test === 'IS_NOT_TRUE') return inner !== true;
    if (test === 'IS_FALSE') return inner === false;
    return test === 'IS_NOT_FALSE' ? inner !== false : undefined;
  }

  #exists(select: SelectStmt, outer: Rows): Cell {
    if (select.larg !== undefined || select.havingClause !== undefined) return undefined;
    if (select.limitCount !== undefined && constantValue(select.limitCount) === 0) return undefined;
    const { rows, certain } = this.#rows(select, outer);
    if (rows.length > 0) return true;
    return certain ? false : undefined;
  }

  /** The rows that a query's FROM and WHERE give for sure; `certain`: and no others. */
  #rows(select: SelectStmt, outer: Rows): { readonly rows: readonly Rows[]; readonly certain: boolean } {
    const nothing = { rows: [], certain: false };
    if (select.withClause !== undefined || select.valuesLists !== undefined) return nothing;
    const conditions = select.whereClause === undefined ? [] : [...conjunctsOf(select.whereClause)];
    const tables: RangeVar[] = [];
    for (const item of select.fromClause ?? []) if (!joinedTables(item, tables, conditions)) return nothing;
    const isOut = (row: Rows): boolean => conditions.some((condition) => this.#isOut(condition, row));
    let rows: Rows[] = [outer];
    let complete = true;
    const names = new Set([...outer.keys(), ...tables.map(aliasOf)]);
    for (const table of tables) {
      const alias = aliasOf(table);
      const wanted = this.#wanted(conditions, alias, tables.length === 1, names);
      const found = systemRows(this.#catalog, table.schemaname, table.relname ?? '', wanted);
      if (found === null || rows.length * found.rows.length > MOST_COMBINATIONS) return nothing;
      complete &&= found.complete !== false;
      // Whatever the other tables hold.
      if (found.complete === true && found.rows.every((each) => isOut(new Map([...outer, [alias, each]]))))
        return { rows: [], certain: true };
      rows = rows.flatMap((row) =>
        found.rows.flatMap((each) => {
          const next: Rows = new Map([...row, [alias, each]]);
          // What is not bound yet is not known, and so keeps the row.
          return isOut(next) ? [] : [next];
        }),
      );
    }
    const sure = rows.filter((row) => conditions.every((condition) => this.value(condition, row) === true));
    return { rows: sure, certain: complete && sure.length === rows.length };
  }

  /** What the conditions hold the columns of one table equal to. */
  #wanted(conditions: readonly Node[], alias: string, alone: boolean, names: ReadonlySet<string>): Wanted {
    const equal = new Map<string, Cell>();
    const among = new Map<string, readonly string[]>();
    const prefixes = new Map<string, string>();
    const joined = new Set<string>();
    const own = (node: Node | undefined): string | undefined => {
      const parts = stringValues(nodeAs(node, 'ColumnRef')?.fields);
      return (parts.length === 1 ? alone : parts.at(-2) === alias) ? parts.at(-1) : undefined;
    };
    for (const condition of conditions) {
      const body = nodeAs(condition, 'A_Expr');
      const operator = stringValues(body?.name).at(-1);
      if (body?.kind === 'AEXPR_LIKE' && operator === '~~') {
        const column = own(body.lexpr);
        const pattern = this.value(body.rexpr, NO_ROWS);
        if (column !== undefined && typeof pattern === 'string') prefixes.set(column, prefixOf(pattern));
      }
      if (body === undefined || operator !== '=') continue;
      if (body.kind === 'AEXPR_IN' || body.kind === 'AEXPR_OP_ANY') {
        const column = own(body.lexpr);
        const list = this.#list(body.rexpr, NO_ROWS);
        if (column !== undefined && list?.every((each) => typeof each === 'string')) among.set(column, list);
      }
      if (body.kind !== 'AEXPR_OP') continue;
      for (const [side, other] of [
        [body.lexpr, body.rexpr],
        [body.rexpr, body.lexpr],
      ]) {
        const column = own(side);
        if (column === undefined) continue;
        const value = this.value(other, NO_ROWS);
        if (typeof value === 'string') equal.set(column, value);
        else {
          const qualifier = stringValues(nodeAs(other, 'ColumnRef')?.fields).at(-2);
          if (qualifier !== undefined && qualifier !== alias && names.has(qualifier)) joined.add(column);
        }
      }
    }
    return { equal, among, prefixes, joined };
  }

  #isOut(condition: Node, rows: Rows): boolean {
    const value = this.value(condition, rows);
    return value === false || value === null;
  }

  #operator(body: A_Expr, rows: Rows): Cell {
    const name = stringValues(body.name).at(-1);
    const left = this.value(body.lexpr, rows);
    if (body.kind === 'AEXPR_IN' || body.kind === 'AEXPR_OP_ANY') {
      const list = this.#list(body.rexpr, rows);
      if (left === undefined || list === undefined || (name !== '=' && name !== '<>')) return undefined;
      if (left === null) return null;
      const found = list.map((item) => this.#equal(left, item));
      const among = found.includes(true) ? true : found.includes(undefined) ? undefined : false;
      return among === undefined || name === '=' ? among : !among;
    }
    if (body.kind !== 'AEXPR_OP' && body.kind !== 'AEXPR_LIKE' && body.kind !== 'AEXPR_ILIKE') return undefined;
    const right = this.value(body.rexpr, rows);
    if (left === undefined || right === undefined) return undefined;
    if (left === null || right === null) return null;
    if (body.kind !== 'AEXPR_OP') {
      return typeof left === 'string' && typeof right === 'string' ? this.#like(name, left, right) : undefined;
    }
    const equal = this.#equal(left, right);
    if (name === '=') return equal;
    if (name === '<>' || name === '!=') return equal === undefined ? undefined : !equal;
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    if (name === '>') return left > right;
    if (name === '<') return left < right;
    if (name === '>=') return left >= right;
    return name === '<=' ? left <= right : undefined;
  }

  #like(operator: string | undefined, text: string, pattern: string): boolean | undefined {
    const folds = operator?.endsWith('*') === true;
    // Other letters fold as the database's locale says.
    if (folds && NOT_ASCII.test(text + pattern)) return undefined;
    const found = folds ? isLike(text.toLowerCase(), pattern.toLowerCase()) : isLike(text, pattern);
    if (found === null) return undefined;
    return operator?.startsWith('!') === true ? !found : found;
  }

  #equal(left: Cell, right: Cell): boolean | undefined {
    if (left === undefined || right === undefined || left === null || right === null) return undefined;
    if (typeof left === typeof right) return left === right;
    return String(left) === String(right);
  }

  #list(node: Node | undefined, rows: Rows): Cell[] | undefined {
    if (node === undefined) return undefined;
    const items = 'List' in node ? node.List.items : nodeAs(node, 'A_ArrayExpr')?.elements;
    return items?.map((item) => this.value(item, rows));
  }

  #column(parts: readonly string[], rows: Rows): Cell {
    const name = parts.at(-1) ?? '';
    const qualifier = parts.at(-2);
    if (qualifier !== undefined) {
      const row = rows.get(qualifier);
      return row === undefined ? this.#variable(parts.join('.')) : row[name];
    }
    for (const row of [...rows.values()].reverse()) if (name in row) return row[name];
    return this.#variable(name);
  }

  #variable(name: string): Cell {
    const value = this.#known.get(name);
    return typeof value === 'string' || value === null ? value : undefined;
  }

  #cast({ arg, typeName }: { arg?: Node; typeName?: { names?: Node[] } }, rows: Rows): Cell {
    const inner = this.value(arg, rows);
    const { name } = nameParts(typeName?.names);
    if (inner === undefined || inner === null) return inner;
    if (name === 'regclass') return typeof inner === 'string' && !isOid(inner) ? this.#relation(inner, false) : inner;
    if (name === 'regtype') return typeof inner === 'string' && !isOid(inner) ? this.#type(inner, false) : inner;
    if (name === 'regnamespace') return typeof inner === 'string' && !isOid(inner) ? `schema:${inner}` : inner;
    if (/^(int[248]|numeric)$/.test(name)) return Number.isNaN(Number(inner)) ? undefined : Number(inner);
    if (name === 'oid') return inner;
    if (name === 'bool')
      return inner === 't' || inner === true ? true : inner === 'f' || inner === false ? false : undefined;
    // The name that a regclass shows hangs on the search path.
    return /^(text|name|varchar|char|bpchar|sql_identifier)$/.test(name) && !isOid(inner) ? inner : undefined;
  }

  #call({ funcname, args }: { funcname?: Node[]; args?: Node[] }, rows: Rows): Cell {
    const name = stringValues(funcname).at(-1);
    const [first, second] = (args ?? []).map((each) => this.value(each, rows));
    switch (name) {
      case 'to_regclass':
        return typeof first === 'string' ? this.#relation(first, true) : first;
      case 'to_regtype':
        return typeof first === 'string' ? this.#type(first, true) : first;
      case 'current_schema':
        return this.#catalog.session.searchPath.find((each) => this.#catalog.schemas.has(each));
      case 'lower':
        return typeof first === 'string' ? first.toLowerCase() : first;
      case 'coalesce':
        return first === null ? second : first;
      case 'current_setting':
        return first === 'server_version_num' ? String(this.#catalog.major * 10_000) : undefined;
      default:
        return undefined;
    }
  }

  #relation(text: string, orNull: boolean): Cell {
    const { schema, name } = parseQualifiedName(text);
    const found = resolveRelation(this.#catalog, schema, name);
    if (found !== undefined) return relationOid(found.id);
    return orNull && this.#lacks('relation', schema, name) ? null : undefined;
  }

  #type(text: string, orNull: boolean): Cell {
    const { schema, name } = parseQualifiedName(text);
    const found = resolveUserType(this.#catalog, schema, name);
    if (found !== undefined) return typeOid(found.id);
    const relation = resolveRelation(this.#catalog, schema, name);
    // Every table, view and composite type is a type too.
    if (relation !== undefined && hasColumns(relation) && (schema !== undefined || !isBuiltinType(name)))
      return `type:row ${String(relation.id)}`;
    return orNull && this.#lacks('type', schema, name) ? null : undefined;
  }

  /** Nothing but the history could have made one of that name. */
  #lacks(kind: 'relation' | 'type', schema: string | undefined, name: string): boolean {
    if (this.#catalog.gaps.length > 0 || (schema !== undefined && isSystemSchema(schema))) return false;
    return !(kind === 'type' && isBuiltinType(name)) && !mayBeThere(this.#catalog, kind, name, schema);
  }

  #text(node: Node): Cell {
    const value = constantText(node, this.#known);
    return typeof value === 'string' || value === null ? value : undefined;
  }
}

function conjunctsOf(node: Node): readonly Node[] {
  const body = nodeAs(node, 'BoolExpr');
  return body?.boolop === 'AND_EXPR' ? (body.args ?? []).flatMap(conjunctsOf) : [node];
}

/** The tables of a FROM with plain and inner joins; their conditions go to the others. False for anything else. */
function joinedTables(item: Node, tables: RangeVar[], conditions: Node[]): boolean {
  if ('RangeVar' in item) {
    tables.push(item.RangeVar);
    return true;
  }
  const join = nodeAs(item, 'JoinExpr');
  if (join?.larg === undefined || join.rarg === undefined) return false;
  if (join.jointype !== 'JOIN_INNER' || join.usingClause !== undefined || join.isNatural === true) return false;
  if (join.quals !== undefined) conditions.push(...conjunctsOf(join.quals));
  return joinedTables(join.larg, tables, conditions) && joinedTables(join.rarg, tables, conditions);
}

function isBuiltinType(name: string): boolean {
  return BUILTIN_TYPE_STORAGE.has(name) || SQL_TYPE.test(name);
}

function aliasOf({ alias, relname }: RangeVar): string {
  return alias?.aliasname ?? relname ?? '';
}

function isOid(value: Cell): boolean {
  return typeof value === 'string' && /^(relation|type|schema|function):/.test(value);
}
