import type { A_Const, FuncCall, Node } from '@pgsql/types';
import type { TypeReference } from './catalog.ts';
import { acceptsArguments } from './expressions.ts';
import { resolveFunctions, sameType } from './lookup.ts';
import { nameOf, strings } from './nodes.ts';
import type { QueryAnalyzer } from './queryAnalyzer.ts';
import type { Scope } from './queryScope.ts';
import { builtinType, resolveType } from './typeNames.ts';

/**
 * The type of an expression, where it can be told from the tree: enough for most columns of views. Null says "only the
 * server knows", never a guess.
 */
export function inferType(analyzer: QueryAnalyzer, node: Node | undefined, scope: Scope): TypeReference | null {
  if (node === undefined) return null;
  const infer = (inner: Node | undefined): TypeReference | null => inferType(analyzer, inner, scope);
  if ('ColumnRef' in node) return analyzer.resolve(node.ColumnRef, scope)?.type ?? null;
  if ('A_Const' in node) return constantType(node.A_Const);
  if ('TypeCast' in node) return known(resolveType(analyzer.catalog, node.TypeCast.typeName));
  if ('CollateClause' in node) return infer(node.CollateClause.arg);
  if ('BoolExpr' in node || 'NullTest' in node || 'BooleanTest' in node) return builtinType('bool');
  if ('CoalesceExpr' in node) return common((node.CoalesceExpr.args ?? []).map(typeOrConstant));
  if ('MinMaxExpr' in node) return common((node.MinMaxExpr.args ?? []).map(typeOrConstant));
  if ('CaseExpr' in node) {
    const results = (node.CaseExpr.args ?? []).map((item) => ('CaseWhen' in item ? item.CaseWhen.result : undefined));
    return common(
      [...results, node.CaseExpr.defresult].flatMap((result) => (result === undefined ? [] : [typeOrConstant(result)])),
    );
  }
  if ('SubLink' in node) {
    const { subLinkType, subselect } = node.SubLink;
    if (subLinkType !== 'EXPR_SUBLINK' && subLinkType !== 'ARRAY_SUBLINK') return builtinType('bool');
    const type = subselect === undefined ? null : (analyzer.statement(subselect, scope)[0]?.type ?? null);
    return subLinkType === 'ARRAY_SUBLINK' ? arrayOf(type) : type;
  }
  if ('SQLValueFunction' in node) return VALUE_TYPES[node.SQLValueFunction.op ?? ''] ?? null;
  if ('A_Expr' in node) return operatorType(node.A_Expr.kind, strings(node.A_Expr.name).at(-1) ?? '', node.A_Expr);
  if ('FuncCall' in node) return callType(analyzer, node.FuncCall, infer);
  return null;

  /** A text constant takes the type of its neighbours. */
  function typeOrConstant(inner: Node): TypeReference | null | 'any' {
    if ('A_Const' in inner && (inner.A_Const.sval !== undefined || inner.A_Const.isnull === true)) return 'any';
    return infer(inner);
  }

  function operatorType(
    kind: string | undefined,
    name: string,
    { lexpr, rexpr }: { lexpr?: Node; rexpr?: Node },
  ): TypeReference | null {
    if (kind === 'AEXPR_NULLIF') return lexpr === undefined ? null : infer(lexpr);
    if (kind !== 'AEXPR_OP' || COMPARISONS.has(name)) return builtinType('bool');
    const left = lexpr === undefined ? null : typeOrConstant(lexpr);
    const right = rexpr === undefined ? null : typeOrConstant(rexpr);
    if (left === null || right === null) return null;
    if (left === 'any' && right === 'any') return name === '||' ? builtinType('text') : null;
    const [a, b] = [left === 'any' ? right : left, right === 'any' ? left : right];
    if (a === 'any' || b === 'any') return null;
    if (name === '||')
      return isText(a) && isText(b) ? builtinType('text') : a.name === 'jsonb' && b.name === 'jsonb' ? plain(a) : null;
    if (name === '->') return a.name === 'json' || a.name === 'jsonb' ? plain(a) : null;
    if (name === '->>') return builtinType('text');
    if (ARITHMETIC.has(name) && sameType(a, b) && NUMBERS.includes(a.name)) return plain(a);
    if (ARITHMETIC.has(name) && WHOLE.includes(a.name) && WHOLE.includes(b.name)) {
      return builtinType(WHOLE[Math.max(WHOLE.indexOf(a.name), WHOLE.indexOf(b.name))] ?? 'int4');
    }
    return null;
  }
}

function constantType(constant: A_Const): TypeReference | null {
  if (constant.ival !== undefined) return builtinType('int4');
  if (constant.boolval !== undefined) return builtinType('bool');
  if (constant.sval !== undefined || constant.isnull === true) return builtinType('text');
  if (constant.fval !== undefined) {
    return builtinType(/^\d{1,18}$/.test(constant.fval.fval ?? '') ? 'int8' : 'numeric');
  }
  return null;
}

function callType(
  analyzer: QueryAnalyzer,
  call: FuncCall,
  infer: (node: Node | undefined) => TypeReference | null,
): TypeReference | null {
  const { schema, name } = nameOf(call.funcname);
  const own = resolveFunctions(analyzer.catalog, schema, name).filter((candidate) =>
    acceptsArguments(candidate, call.args?.length ?? 0),
  );
  const [only] = own;
  if (own.length > 0) return own.length === 1 && only !== undefined ? only.returns : null;
  const fixed = RETURN_TYPES[name];
  if (fixed !== undefined) return builtinType(fixed);
  const argument = infer(call.args?.[0]);
  if (argument === null) return null;
  if (name === 'sum') {
    const sum = {
      int2: 'int8',
      int4: 'int8',
      int8: 'numeric',
      numeric: 'numeric',
      float4: 'float4',
      float8: 'float8',
      interval: 'interval',
      money: 'money',
    }[argument.name];
    return sum === undefined ? null : builtinType(sum);
  }
  if (name === 'avg') {
    const average = {
      int2: 'numeric',
      int4: 'numeric',
      int8: 'numeric',
      numeric: 'numeric',
      float4: 'float8',
      float8: 'float8',
      interval: 'interval',
    }[argument.name];
    return average === undefined ? null : builtinType(average);
  }
  if (name === 'max' || name === 'min') return argument.name === 'varchar' ? builtinType('text') : plain(argument);
  if (SAME_AS_ARGUMENT.has(name)) return plain(argument);
  if (name === 'array_agg') return arrayOf(plain(argument));
  if (name === 'unnest')
    return argument.arrayDimensions > 0 ? { ...argument, modifiers: [], arrayDimensions: 0 } : null;
  return null;
}

function known(type: TypeReference): TypeReference | null {
  return type.schema === null ? null : type;
}

function plain(type: TypeReference): TypeReference {
  return type.modifiers.length === 0 ? type : { ...type, modifiers: [] };
}

function arrayOf(type: TypeReference | null): TypeReference | null {
  return type === null ? null : { ...type, modifiers: [], arrayDimensions: 1 };
}

function isText(type: TypeReference): boolean {
  return type.arrayDimensions === 0 && (type.name === 'text' || type.name === 'varchar');
}

function common(types: readonly (TypeReference | null | 'any')[]): TypeReference | null {
  let found: TypeReference | null = null;
  for (const type of types) {
    if (type === 'any') continue;
    if (type === null) return null;
    if (found === null) found = type;
    else if (!sameType(found, type)) return null;
    else if (found.modifiers.join() !== type.modifiers.join()) found = plain(found);
  }
  // Text constants only are text; beside another value they become that, and its modifier falls away.
  if (found === null) return types.length > 0 ? builtinType('text') : null;
  return types.includes('any') ? plain(found) : found;
}

const COMPARISONS = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '~',
  '~*',
  '!~',
  '!~*',
  '@>',
  '<@',
  '&&',
  '?',
  '?|',
  '?&',
  '@@',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
]);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%']);
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
const WHOLE = ['int2', 'int4', 'int8'];
const SAME_AS_ARGUMENT = new Set([
  'nullif',
  'abs',
  'first_value',
  'last_value',
  'nth_value',
  'lag',
  'lead',
  'array_remove',
  'array_append',
]);

const VALUE_TYPES: Readonly<Record<string, TypeReference>> = {
  SVFOP_CURRENT_DATE: builtinType('date'),
  SVFOP_CURRENT_TIME: builtinType('timetz'),
  SVFOP_CURRENT_TIMESTAMP: builtinType('timestamptz'),
  SVFOP_LOCALTIME: builtinType('time'),
  SVFOP_LOCALTIMESTAMP: builtinType('timestamp'),
  SVFOP_CURRENT_ROLE: builtinType('name'),
  SVFOP_CURRENT_USER: builtinType('name'),
  SVFOP_USER: builtinType('name'),
  SVFOP_SESSION_USER: builtinType('name'),
  SVFOP_CURRENT_CATALOG: builtinType('name'),
  SVFOP_CURRENT_SCHEMA: builtinType('name'),
};

/** Functions of pg_catalog whose overloads all return one type. */
const RETURN_TYPES: Readonly<Record<string, string>> = {
  count: 'int8',
  now: 'timestamptz',
  clock_timestamp: 'timestamptz',
  lower: 'text',
  upper: 'text',
  concat: 'text',
  concat_ws: 'text',
  format: 'text',
  replace: 'text',
  initcap: 'text',
  btrim: 'text',
  ltrim: 'text',
  rtrim: 'text',
  substring: 'text',
  substr: 'text',
  left: 'text',
  right: 'text',
  split_part: 'text',
  to_char: 'text',
  md5: 'text',
  string_agg: 'text',
  length: 'int4',
  char_length: 'int4',
  position: 'int4',
  row_number: 'int8',
  rank: 'int8',
  dense_rank: 'int8',
  ntile: 'int4',
  bool_or: 'bool',
  bool_and: 'bool',
  json_agg: 'json',
  jsonb_agg: 'jsonb',
  json_build_object: 'json',
  jsonb_build_object: 'jsonb',
  json_object_agg: 'json',
  jsonb_object_agg: 'jsonb',
  row_to_json: 'json',
  to_json: 'json',
  to_jsonb: 'jsonb',
  to_tsvector: 'tsvector',
  gen_random_uuid: 'uuid',
  random: 'float8',
  array_length: 'int4',
  cardinality: 'int4',
  array_to_string: 'text',
  date_part: 'float8',
  extract: 'numeric',
  to_timestamp: 'timestamptz',
  current_setting: 'text',
  nextval: 'int8',
  pg_size_pretty: 'text',
};
