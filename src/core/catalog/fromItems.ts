import type { Node, RangeFunction } from '@pgsql/types';
import type { TypeReference } from './catalog.ts';
import { acceptsArguments } from './expressions.ts';
import { figureName } from './figuredNames.ts';
import { inferType } from './inferTypes.ts';
import { hasColumns, resolveFunctions } from './lookup.ts';
import { itemsOf, nameOf, strings } from './nodes.ts';
import type { QueryAnalyzer } from './queryAnalyzer.ts';
import type { From, FromItem, QueryColumn, Scope } from './queryScope.ts';
import { builtinType, resolveType } from './typeNames.ts';

/** Things in FROM: their names, their columns, and what `*` of them gives. */

/** A function in FROM. */
export function rangeFunction(analyzer: QueryAnalyzer, node: RangeFunction, scope: Scope): FromItem {
  const { functions, alias, coldeflist, ordinality } = node;
  analyzer.expressions(functions, scope);
  const [first] = functions ?? [];
  const call = itemsOf(first)[0];
  const columns: QueryColumn[] = (coldeflist ?? []).flatMap((item) =>
    'ColumnDef' in item
      ? [
          {
            name: item.ColumnDef.colname ?? '',
            type: resolveType(analyzer.catalog, item.ColumnDef.typeName),
            source: null,
            collation: null,
          },
        ]
      : [],
  );
  if (columns.length === 0 && call !== undefined)
    columns.push(...functionColumns(analyzer, call, alias?.aliasname, scope));
  if (ordinality === true)
    columns.push({ name: 'ordinality', type: builtinType('int8'), source: null, collation: null });
  const name = figureName(call) ?? '';
  return aliased({ alias: name, schema: undefined, relation: null, columns }, alias);
}

function functionColumns(
  analyzer: QueryAnalyzer,
  call: Node,
  alias: string | undefined,
  scope: Scope,
): readonly QueryColumn[] {
  const figured = figureName(call) ?? 'function';
  const none = { source: null, collation: null };
  if ('FuncCall' in call) {
    const { schema, name } = nameOf(call.FuncCall.funcname);
    const called = resolveFunctions(analyzer.catalog, schema, name).find((candidate) =>
      acceptsArguments(candidate, call.FuncCall.args?.length ?? 0),
    );
    const out = called?.arguments.filter(({ mode }) => mode === 'out' || mode === 'inout' || mode === 'table') ?? [];
    if (out.length > 1 || called?.arguments.some(({ mode }) => mode === 'table') === true) {
      return out.map((argument, at) => ({ name: argument.name ?? `column${at + 1}`, type: argument.type, ...none }));
    }
    const row = called?.returns?.id == null ? undefined : analyzer.catalog.relations.get(called.returns.id);
    if (row !== undefined && hasColumns(row)) {
      return row.columns.map((column) => ({ name: column.name, type: column.type, ...none }));
    }
    const known = FUNCTION_COLUMNS[name];
    if (called === undefined && known !== undefined) {
      return known.map(([column, type]) => ({ name: column, type: builtinType(type), ...none }));
    }
  }
  return [{ name: alias ?? figured, type: inferType(analyzer, call, scope), ...none }];
}

/** A call whose arguments `t.*` are written `t`: the whole row, not its columns. */
export function withWholeRows(call: { readonly args?: readonly Node[] }): object {
  const { args } = call;
  if (args === undefined || !args.some(isStar)) return call;
  const whole = (argument: Node): Node =>
    'ColumnRef' in argument && isStar(argument)
      ? { ColumnRef: { ...argument.ColumnRef, fields: argument.ColumnRef.fields?.slice(0, -1) ?? [] } }
      : argument;
  return { ...call, args: args.map(whole) };
}

function isStar(node: Node): boolean {
  return 'ColumnRef' in node && (node.ColumnRef.fields ?? []).some((field) => 'A_Star' in field);
}

/** Columns of set-returning functions of pg_catalog that give more than one. */
const FUNCTION_COLUMNS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  jsonb_each: [
    ['key', 'text'],
    ['value', 'jsonb'],
  ],
  jsonb_each_text: [
    ['key', 'text'],
    ['value', 'text'],
  ],
  json_each: [
    ['key', 'text'],
    ['value', 'json'],
  ],
  json_each_text: [
    ['key', 'text'],
    ['value', 'text'],
  ],
  jsonb_array_elements: [['value', 'jsonb']],
  jsonb_array_elements_text: [['value', 'text']],
  json_array_elements: [['value', 'json']],
  json_array_elements_text: [['value', 'text']],
};

export function unify(a: TypeReference | null, b: TypeReference | null): TypeReference | null {
  if (a === null || b === null) return null;
  if (a.name === b.name && a.id === b.id) {
    return a.modifiers.join() === b.modifiers.join() ? a : { ...a, modifiers: [] };
  }
  return null;
}

export function renamed(columns: readonly QueryColumn[], names: readonly string[]): readonly QueryColumn[] {
  return names.length === 0 ? columns : columns.map((column, at) => ({ ...column, name: names[at] ?? column.name }));
}

export function aliased(item: FromItem, alias: { aliasname?: string; colnames?: Node[] } | undefined): FromItem {
  if (alias === undefined) return item;
  return { ...item, alias: alias.aliasname ?? '', columns: renamed(item.columns, strings(alias.colnames)) };
}

export function single(item: FromItem): From {
  return { items: [item], star: item.columns.map((column) => ({ ...column, of: item.alias })) };
}
