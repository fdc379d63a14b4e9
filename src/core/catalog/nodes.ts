import type { A_Const, DefElem, Node, RangeVar, RoleSpec, TypeName } from '@pgsql/types';

/** Reading PostgreSQL's raw parse trees: small, total functions, since proto fields are all optional. */

/** The text of a String node; '' for anything else. */
export function stringOf(node: Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : '';
}

/** The texts of a list of String nodes; also of a List node, or of a single String. */
export function strings(nodes: readonly Node[] | Node | undefined): string[] {
  if (nodes === undefined) return [];
  if (isNodeArray(nodes)) return nodes.map(stringOf);
  if ('List' in nodes) return (nodes.List.items ?? []).map(stringOf);
  return 'String' in nodes ? [stringOf(nodes)] : [];
}

function isNodeArray(nodes: readonly Node[] | Node): nodes is readonly Node[] {
  return Array.isArray(nodes);
}

export interface Name {
  readonly schema: string | undefined;
  readonly name: string;
}

/** `schema.name`, `name`, or `database.schema.name`, from a list of String nodes. */
export function nameOf(nodes: readonly Node[] | Node | undefined): Name {
  const parts = strings(nodes);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

export function nameOfRangeVar(relation: RangeVar | undefined): Name {
  return { schema: relation?.schemaname, name: relation?.relname ?? '' };
}

/** A name for messages, as it was written. */
export function nameText({ schema, name }: Name): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** The items of a List node. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return 'List' in node ? (node.List.items ?? []) : [node];
}

export function definitions(nodes: readonly Node[] | undefined): readonly DefElem[] {
  const found: DefElem[] = [];
  for (const node of nodes ?? []) if ('DefElem' in node) found.push(node.DefElem);
  return found;
}

/** The value of a DefElem as text: `fillfactor=70` gives '70'; an option without a value gives 'true'. */
export function definitionText(definition: DefElem): string {
  return valueText(definition.arg) ?? 'true';
}

export function valueText(node: Node | undefined): string | null {
  if (node === undefined) return null;
  if ('String' in node) return node.String.sval ?? '';
  if ('Integer' in node) return String(node.Integer.ival ?? 0);
  if ('Float' in node) return node.Float.fval ?? '0';
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false);
  if ('A_Const' in node) return constantText(node.A_Const);
  if ('TypeName' in node) return strings(node.TypeName.names).at(-1) ?? '';
  if ('List' in node) return strings(node).join('.');
  if ('TypeCast' in node) return valueText(node.TypeCast.arg);
  if ('ColumnRef' in node) return strings(node.ColumnRef.fields).join('.');
  return null;
}

function constantText(constant: A_Const): string | null {
  if (constant.sval !== undefined) return constant.sval.sval ?? '';
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
  if (constant.fval !== undefined) return constant.fval.fval ?? '0';
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false);
  if (constant.bsval !== undefined) return constant.bsval.bsval ?? '';
  return null;
}

/** A DefElem as a boolean, by PostgreSQL's defGetBoolean: no value means true. */
export function definitionBoolean(definition: DefElem): boolean {
  const text = valueText(definition.arg)?.toLowerCase();
  return text === undefined || text === 'true' || text === '1' || text === 'on' || text === 'yes';
}

/** A role's name; PUBLIC is `public`, CURRENT_USER and the like keep their keyword. */
export function roleOf(role: RoleSpec | undefined): string {
  switch (role?.roletype) {
    case 'ROLESPEC_PUBLIC':
      return 'public';
    case 'ROLESPEC_CURRENT_USER':
    case 'ROLESPEC_CURRENT_ROLE':
      return 'current_user';
    case 'ROLESPEC_SESSION_USER':
      return 'session_user';
    default:
      return role?.rolename ?? '';
  }
}

/** The default of a serial column, `nextval('schema.name'::regclass)`. */
export function nextvalTree(schema: string, name: string): Node {
  const typeName: TypeName = { names: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'regclass' } }] };
  const quoted = `${quote(schema)}.${quote(name)}`;
  const argument: Node = { TypeCast: { arg: { A_Const: { sval: { sval: quoted } } }, typeName } };
  return {
    FuncCall: { funcname: [{ String: { sval: 'nextval' } }], args: [argument], funcformat: 'COERCE_EXPLICIT_CALL' },
  };
}

function quote(identifier: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(identifier) ? identifier : `"${identifier.replaceAll('"', '""')}"`;
}
