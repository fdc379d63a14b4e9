import type { Node } from '@pgsql/types';
import { strings } from './nodes.ts';

/**
 * The name that PostgreSQL gives an expression that has none: FigureColname of parse_target.c. Used for columns of
 * views (null becomes `?column?`) and of indexes (null becomes `expr`).
 */
export function figureName(node: Node | undefined): string | null {
  return figure(node)?.name ?? null;
}

interface Figured {
  readonly name: string;
  /** A weak name (of a cast, of CASE) gives way to a strong one inside. */
  readonly strong: boolean;
}

function figure(node: Node | undefined): Figured | null {
  if (node === undefined) return null;
  if ('ColumnRef' in node) return strong(lastName(node.ColumnRef.fields));
  if ('A_Indirection' in node) {
    return strong(lastName(node.A_Indirection.indirection)) ?? figure(node.A_Indirection.arg);
  }
  if ('FuncCall' in node) return strong(lastName(node.FuncCall.funcname));
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : null;
  if ('TypeCast' in node) {
    const inner = figure(node.TypeCast.arg);
    if (inner?.strong === true) return inner;
    const name = strings(node.TypeCast.typeName?.names).at(-1);
    return name === undefined ? inner : { name, strong: false };
  }
  if ('CollateClause' in node) return figure(node.CollateClause.arg);
  if ('SubLink' in node) return figureSubLink(node.SubLink.subLinkType, node.SubLink.subselect);
  if ('CaseExpr' in node) {
    const inner = figure(node.CaseExpr.defresult);
    return inner?.strong === true ? inner : { name: 'case', strong: false };
  }
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest');
  if ('SQLValueFunction' in node) return strong(VALUE_FUNCTIONS[node.SQLValueFunction.op ?? ''] ?? null);
  if ('XmlExpr' in node) return strong(XML_FUNCTIONS[node.XmlExpr.op ?? ''] ?? null);
  if ('JsonFuncExpr' in node) return strong(JSON_FUNCTIONS[node.JsonFuncExpr.op ?? ''] ?? null);
  for (const kind in node) return strong(FIXED_NAMES[kind] ?? null);
  return null;
}

function figureSubLink(kind: string | undefined, query: Node | undefined): Figured | null {
  if (kind === 'EXISTS_SUBLINK') return strong('exists');
  if (kind === 'ARRAY_SUBLINK') return strong('array');
  if (kind !== 'EXPR_SUBLINK' || query === undefined || !('SelectStmt' in query)) return null;
  const target = query.SelectStmt.targetList?.[0];
  if (target === undefined || !('ResTarget' in target)) return null;
  return target.ResTarget.name === undefined ? figure(target.ResTarget.val) : strong(target.ResTarget.name);
}

function strong(name: string | null): Figured | null {
  return name === null ? null : { name, strong: true };
}

function lastName(nodes: readonly Node[] | undefined): string | null {
  const names = (nodes ?? []).filter((node) => 'String' in node);
  return strings(names).at(-1) ?? null;
}

const FIXED_NAMES: Readonly<Record<string, string>> = {
  GroupingFunc: 'grouping',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
  MergeSupportFunc: 'merge_action',
};

const VALUE_FUNCTIONS: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_USER: 'user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
};

const XML_FUNCTIONS: Readonly<Record<string, string>> = {
  IS_XMLCONCAT: 'xmlconcat',
  IS_XMLELEMENT: 'xmlelement',
  IS_XMLFOREST: 'xmlforest',
  IS_XMLPARSE: 'xmlparse',
  IS_XMLPI: 'xmlpi',
  IS_XMLROOT: 'xmlroot',
};

const JSON_FUNCTIONS: Readonly<Record<string, string>> = {
  JSON_EXISTS_OP: 'json_exists',
  JSON_QUERY_OP: 'json_query',
  JSON_VALUE_OP: 'json_value',
};
