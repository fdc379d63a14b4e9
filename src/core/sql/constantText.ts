import type { A_Expr, FuncCall, Node } from '@pgsql/types';
import { quoteIdentifier, quoteLiteral } from './quote.ts';
import { constantValue, nameParts, nodeAs, stringValues } from './tree.ts';

/** What an expression is known to be: a text (numbers and booleans as text), NULL, or a list of these. */
export type Constant = string | null | readonly (string | null)[];

/** Variables whose value is known. */
export type Known = ReadonlyMap<string, Constant>;

/** Stands for a name or a literal of which only the place is known, where a text is wanted all the same. */
export const UNKNOWN_NAME = 'lockkeeper_unknown_name';

/** Asks for UNKNOWN_NAME inside of quote_ident(), quote_literal(), `%I` and `%L`; says whether it was used. */
export interface Placeholders {
  used: boolean;
  /** Beside a known text too: in `||`, concat() and `%s`. Whether a name is all that can stand there, the text tells. */
  readonly bare?: boolean;
}

/**
 * The value of an expression that needs no server to know it: constants, `||`, format(), quote_ident(), quote_literal(),
 * concat(), coalesce(), casts to text, arrays of these, and known variables.
 *
 * @param known by name; parameters as `$1` too
 * @param placeholders if given, an unknown name or literal that is quoted does not make the whole unknown
 * @returns undefined where the value is only known when it runs
 */
export function constantText(node: Node | undefined, known: Known, placeholders?: Placeholders): Constant | undefined {
  const bare = constantValue(node);
  if (bare !== undefined) return bare === null ? null : typeof bare === 'boolean' ? (bare ? 't' : 'f') : String(bare);
  const column = nodeAs(node, 'ColumnRef');
  if (column) return known.get(stringValues(column.fields).join('.'));
  const parameter = nodeAs(node, 'ParamRef');
  if (parameter) return known.get(`$${String(parameter.number)}`);
  const array = nodeAs(node, 'A_ArrayExpr');
  if (array) {
    const items = (array.elements ?? []).map((item) => constantText(item, known, placeholders));
    return items.every((item) => item === null || typeof item === 'string') ? items : undefined;
  }
  const cast = nodeAs(node, 'TypeCast');
  if (cast) return castText(cast.arg, cast.typeName, known, placeholders);
  const call = nodeAs(node, 'FuncCall');
  if (call) return calledText(call, known, placeholders);
  const coalesce = nodeAs(node, 'CoalesceExpr');
  if (coalesce) return firstText(coalesce.args ?? [], known);
  const expression = nodeAs(node, 'A_Expr');
  return expression ? joinedText(expression, known, placeholders) : undefined;
}

const TEXT_TYPES = new Set(['text', 'varchar', 'name', 'regclass', 'bpchar']);

function castText(
  argument: Node | undefined,
  type: { names?: Node[]; arrayBounds?: Node[] } | undefined,
  known: Known,
  placeholders?: Placeholders,
): Constant | undefined {
  const value = constantText(argument, known, placeholders);
  const { name } = nameParts(type?.names);
  if (!TEXT_TYPES.has(name)) return undefined;
  if (!type?.arrayBounds) return typeof value === 'string' || value === null ? value : undefined;
  if (typeof value !== 'string') return value;
  // '{a,b}'::text[]; what is quoted or escaped inside is left to the server.
  const inside = /^\{([^"\\{}]*)\}$/.exec(value)?.[1];
  return inside === undefined ? undefined : inside === '' ? [] : inside.split(',').map((item) => item.trim());
}

/** As coalesce(): what comes behind a value that is not known is not looked at. */
function firstText(args: readonly Node[], known: Known): Constant | undefined {
  for (const each of args) {
    const value = constantText(each, known);
    if (value !== null) return value;
  }
  return null;
}

function joinedText({ name, lexpr, rexpr }: A_Expr, known: Known, placeholders?: Placeholders): Constant | undefined {
  if (stringValues(name).join('.') !== '||') return undefined;
  const left = constantText(lexpr, known, placeholders);
  const right = constantText(rexpr, known, placeholders);
  if (left === null || right === null) return null;
  if (placeholders?.bare === true && (typeof left === 'string' || typeof right === 'string')) {
    if (left === undefined || right === undefined) placeholders.used = true;
    return `${typeof left === 'string' ? left : UNKNOWN_NAME}${typeof right === 'string' ? right : UNKNOWN_NAME}`;
  }
  return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
}

function calledText(call: FuncCall, known: Known, placeholders?: Placeholders): Constant | undefined {
  const { schema, name } = nameParts(call.funcname);
  if (schema !== undefined && schema !== 'pg_catalog') return undefined;
  const quotes = name === 'quote_ident' || name === 'quote_literal' || name === 'quote_nullable';
  const texts: (string | null | undefined)[] = [];
  for (const argument of call.args ?? []) {
    const value = constantText(argument, known, placeholders);
    if (typeof value === 'string' || value === null) texts.push(value);
    else if (placeholders && (name === 'format' || quotes)) texts.push(undefined);
    else return undefined;
  }
  if (quotes && texts[0] === undefined) {
    if (placeholders) placeholders.used = true;
    return name === 'quote_ident' ? UNKNOWN_NAME : quoteLiteral(UNKNOWN_NAME);
  }
  const first = texts[0] ?? null;
  if (name === 'format' && texts[0] === undefined) return undefined;
  switch (name) {
    case 'format':
      return first === null ? null : formatted(first, texts.slice(1), placeholders);
    case 'quote_ident':
      return first === null ? null : quoteIdentifier(first);
    case 'quote_literal':
      return first === null ? null : quoteLiteral(first);
    case 'concat':
      return texts.map((text) => text ?? '').join('');
    case 'lower':
      return first?.toLowerCase() ?? null;
    default:
      return undefined;
  }
}

/** As format() of the server, src/backend/utils/adt/varlena.c: `%s`, `%I`, `%L`, `%%`, `%2$I`; widths are left to the server. */
function formatted(
  pattern: string,
  values: readonly (string | null | undefined)[],
  placeholders?: Placeholders,
): string | undefined {
  let next = 0;
  const unknown: string[] = [];
  const text = pattern.replace(
    /%(?:%|(?:(\d+)\$)?(-?\d+)?([sIL])|.?)/g,
    (all: string, position: string | undefined, width: string | undefined, kind: string | undefined) => {
      if (all === '%%') return '%';
      const index = position === undefined ? next : Number(position) - 1;
      next = index + 1;
      const value = values[index];
      if (placeholders && value === undefined && index < values.length && width === undefined) {
        if (kind === 'I' || kind === 'L' || (kind === 's' && placeholders.bare === true)) {
          placeholders.used = true;
          return kind === 'L' ? quoteLiteral(UNKNOWN_NAME) : UNKNOWN_NAME;
        }
      }
      if (kind === undefined || width !== undefined || value === undefined || (kind === 'I' && value === null)) {
        unknown.push(all);
        return '';
      }
      if (kind === 's') return value ?? '';
      return kind === 'I' ? quoteIdentifier(value ?? '') : value === null ? 'NULL' : quoteLiteral(value);
    },
  );
  return unknown.length > 0 ? undefined : text;
}
