import type { Node } from '@pgsql/types';
import type { Parser } from '../../../core/sql/parser.ts';
import { quoteLiteral } from '../../../core/sql/quote.ts';

/**
 * What the simple parts of a CHECK say about one column: enough for `amount > 0`, `status IN (…)`, `length(code) <= 3`,
 * `starts_at < ends_at`. What it does not understand it leaves out; the trial row then shows whether that mattered.
 */
export interface ColumnHints {
  /** SQL literals, any of which is allowed. */
  values?: readonly string[];
  minimum?: number;
  maximum?: number;
  minimumLength?: number;
  maximumLength?: number;
  /** Must be greater than this other column of the row. */
  after?: string;
  /** A regular expression that a text must match. */
  pattern?: string;
  /** A text in one case only. */
  letters?: 'lower' | 'upper';
  isNull?: boolean;
}

/** Hints by column name; a domain's own column is `VALUE`, in PostgreSQL's spelling. */
export function checkHints(parser: Parser, expression: string): Map<string, ColumnHints> {
  const hints = new Map<string, ColumnHints>();
  const outcome = parser.parse(`SELECT ${expression}`);
  if (!outcome.ok) return hints;
  const tree = outcome.statements[0]?.tree as { SelectStmt?: { targetList?: readonly Node[] } } | undefined;
  const target = tree?.SelectStmt?.targetList?.[0] as { ResTarget?: { val?: Node } } | undefined;
  const value = target?.ResTarget?.val;
  if (value) visit(value, hints);
  return hints;
}

function visit(node: Node, hints: Map<string, ColumnHints>): void {
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr;
    if (boolop === 'AND_EXPR') for (const part of args) visit(part, hints);
    // One alternative is enough to satisfy an OR; one with a value is nearer to real rows than IS NULL.
    else if (boolop === 'OR_EXPR') {
      const one = args.find((part) => !('NullTest' in part)) ?? args[0];
      if (one) visit(one, hints);
    }
  } else if ('NullTest' in node) {
    const column = columnOf(node.NullTest.arg);
    if (column !== null && node.NullTest.nulltesttype === 'IS_NULL') hint(hints, column, { isNull: true });
  } else if ('A_Expr' in node) {
    compare(node.A_Expr, hints);
  }
}

interface Comparison {
  readonly kind?: string;
  readonly name?: readonly Node[];
  readonly lexpr?: Node;
  readonly rexpr?: Node;
}

const MIRROR: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

function compare(expression: Comparison, hints: Map<string, ColumnHints>): void {
  const last = expression.name?.at(-1);
  const operator = last && 'String' in last ? (last.String.sval ?? '') : '';
  if (expression.kind === 'AEXPR_OP_ANY' || expression.kind === 'AEXPR_IN') {
    const column = columnOf(expression.lexpr);
    const values = literalList(expression.rexpr);
    if (column !== null && operator === '=' && values !== null) hint(hints, column, { values });
    return;
  }
  if (expression.kind === 'AEXPR_OP' && operator === '~') {
    const column = columnOf(expression.lexpr);
    const pattern = textOf(expression.rexpr);
    if (column !== null && pattern !== null) hint(hints, column, patternHint(pattern));
    return;
  }
  if (expression.kind === 'AEXPR_OP' && operator === '<>') {
    // Not empty.
    const column = columnOf(lengthArgument(expression.lexpr) ?? expression.lexpr);
    const other = literalOf(expression.rexpr);
    if (column !== null && (other === "''" || (other === '0' && lengthArgument(expression.lexpr) !== null)))
      hint(hints, column, { minimumLength: 1 });
    return;
  }
  if (expression.kind === 'AEXPR_OP' && operator === '=') {
    const letters = caseFunction(expression.lexpr) ?? caseFunction(expression.rexpr);
    if (letters !== null) {
      hint(hints, letters.column, { letters: letters.case });
      return;
    }
  }
  const mirrored = MIRROR[operator];
  if (expression.kind !== 'AEXPR_OP' || mirrored === undefined) return;
  bound(expression.lexpr, operator, expression.rexpr, hints);
  bound(expression.rexpr, mirrored, expression.lexpr, hints);
}

function bound(
  side: Node | undefined,
  operator: string,
  other: Node | undefined,
  hints: Map<string, ColumnHints>,
): void {
  const literal = literalOf(other);
  const length = lengthArgument(side);
  const column = columnOf(length ?? side);
  if (column === null) return;
  if (literal === null) {
    const before = length === null ? columnOf(other) : null;
    if (before !== null && before !== column && operator.startsWith('>')) hint(hints, column, { after: before });
    return;
  }
  const number = Number(literal.replaceAll("'", ''));
  if (length !== null) {
    if (Number.isNaN(number)) return;
    if (operator === '<' || operator === '<=' || operator === '=')
      hint(hints, column, { maximumLength: operator === '<' ? number - 1 : number });
    if (operator === '>' || operator === '>=' || operator === '=')
      hint(hints, column, { minimumLength: operator === '>' ? number + 1 : number });
  } else if (operator === '=') {
    hint(hints, column, { values: [literal] });
  } else if (!Number.isNaN(number)) {
    if (operator === '<' || operator === '<=') hint(hints, column, { maximum: operator === '<' ? number - 1 : number });
    else hint(hints, column, { minimum: operator === '>' ? number + 1 : number });
  }
}

/** `^(new|paid)$` is a list of values. */
function patternHint(pattern: string): ColumnHints {
  const words = /^\^\(?:?((?:[\w -]+\|)+[\w -]+)\)\$$/.exec(pattern.replace('(?:', '('))?.[1];
  return words === undefined ? { pattern } : { values: words.split('|').map(quoteLiteral) };
}

/** `code = upper(code)` */
function caseFunction(node: Node | undefined): { readonly column: string; readonly case: 'lower' | 'upper' } | null {
  if (!node || !('FuncCall' in node)) return null;
  const last = node.FuncCall.funcname?.at(-1);
  const name = last && 'String' in last ? last.String.sval : undefined;
  const column = columnOf(node.FuncCall.args?.[0]);
  return column !== null && (name === 'lower' || name === 'upper') ? { column, case: name } : null;
}

function textOf(node: Node | undefined): string | null {
  if (!node) return null;
  if ('TypeCast' in node) return textOf(node.TypeCast.arg);
  return 'A_Const' in node ? (node.A_Const.sval?.sval ?? null) : null;
}

function hint(hints: Map<string, ColumnHints>, column: string, more: ColumnHints): void {
  hints.set(column, { ...hints.get(column), ...more });
}

const LENGTH_FUNCTIONS = new Set(['length', 'char_length', 'character_length', 'octet_length']);
/** Functions that leave made-up texts as they are. */
const PASSING_FUNCTIONS = new Set(['btrim', 'ltrim', 'rtrim', 'trim']);

function lengthArgument(node: Node | undefined): Node | null {
  if (!node || !('FuncCall' in node)) return null;
  const last = node.FuncCall.funcname?.at(-1);
  const name = last && 'String' in last ? (last.String.sval ?? '') : '';
  return LENGTH_FUNCTIONS.has(name) ? (node.FuncCall.args?.[0] ?? null) : null;
}

function columnOf(node: Node | null | undefined): string | null {
  if (!node) return null;
  if ('TypeCast' in node) return columnOf(node.TypeCast.arg);
  if ('FuncCall' in node && node.FuncCall.args?.length === 1) {
    const last = node.FuncCall.funcname?.at(-1);
    if (last && 'String' in last && PASSING_FUNCTIONS.has(last.String.sval ?? ''))
      return columnOf(node.FuncCall.args[0]);
  }
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    return last && 'String' in last ? (last.String.sval ?? null) : null;
  }
  return null;
}

/** A constant as SQL without its cast: `'paid'`, `-1.5`. */
function literalOf(node: Node | undefined): string | null {
  if (!node) return null;
  if ('TypeCast' in node) return literalOf(node.TypeCast.arg);
  if ('A_Expr' in node && node.A_Expr.lexpr === undefined) {
    const inner = literalOf(node.A_Expr.rexpr);
    return inner === null ? null : `-${inner}`;
  }
  if (!('A_Const' in node)) return null;
  const { ival, fval, sval, boolval, isnull } = node.A_Const;
  if (isnull === true) return null;
  if (ival !== undefined) return String(ival.ival ?? 0);
  if (fval !== undefined) return fval.fval ?? null;
  if (sval !== undefined) return quoteLiteral(sval.sval ?? '');
  return boolval === undefined ? null : String(boolval.boolval ?? false);
}

function literalList(node: Node | undefined): string[] | null {
  if (!node) return null;
  if ('TypeCast' in node) return literalList(node.TypeCast.arg);
  const elements = 'A_ArrayExpr' in node ? node.A_ArrayExpr.elements : 'List' in node ? node.List.items : undefined;
  if (!elements) return null;
  const literals = elements.map(literalOf);
  return literals.every((one) => one !== null) && literals.length > 0 ? literals : null;
}
