import type { A_Const, DefElem, Node, RangeVar } from '@pgsql/types';

/** The names of PostgreSQL's node types: `CreateStmt`, `ColumnDef` … */
export type NodeKind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never;

/** The fields of one node type: `NodeBody<'CreateStmt'>`. */
export type NodeBody<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind];

/** A node's type: a parse tree is `{ CreateStmt: { … } }`. */
export function nodeKind(node: Node): NodeKind {
  for (const kind in node) return kind as NodeKind;
  throw new Error('a parse tree node without a type');
}

/** The fields of a node if it is of that type, else undefined. */
export function nodeAs<Kind extends NodeKind>(node: Node | null | undefined, kind: Kind): NodeBody<Kind> | undefined {
  return (node as Partial<Record<Kind, NodeBody<Kind>>> | null | undefined)?.[kind];
}

/** The text of a `String` node (a name, a keyword), else undefined. An empty string is left out of PostgreSQL's JSON. */
export function stringValue(node: Node | null | undefined): string | undefined {
  const body = nodeAs(node, 'String');
  return body === undefined ? undefined : (body.sval ?? '');
}

/** The texts of a list of `String` nodes: the parts of a qualified name. Others are skipped. */
export function stringValues(nodes: readonly Node[] | undefined): string[] {
  const values: string[] = [];
  for (const node of nodes ?? []) {
    const value = stringValue(node);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** The elements of a `List` node; a node that is no list is its only element. */
export function listItems(node: Node | null | undefined): readonly Node[] {
  if (!node) return [];
  const list = nodeAs(node, 'List');
  return list ? (list.items ?? []) : [node];
}

/** `schema.name` of a list of name parts (a catalog before them is dropped). */
export function nameParts(nodes: readonly Node[] | undefined): {
  readonly schema: string | undefined;
  readonly name: string;
} {
  const parts = stringValues(nodes);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** A constant's value: text, number as written, boolean; null for NULL; undefined for what is no constant. Zero and false are left out of PostgreSQL's JSON. */
export function constantValue(node: Node | null | undefined): string | number | boolean | null | undefined {
  const constant = nodeAs(node, 'A_Const');
  if (!constant) {
    const integer = nodeAs(node, 'Integer');
    if (integer) return integer.ival ?? 0;
    const float = nodeAs(node, 'Float');
    if (float) return float.fval;
    const boolean = nodeAs(node, 'Boolean');
    return boolean ? (boolean.boolval ?? false) : undefined;
  }
  return bareConstant(constant);
}

function bareConstant(constant: A_Const): string | number | boolean | null | undefined {
  if (constant.isnull) return null;
  if (constant.ival) return constant.ival.ival ?? 0;
  if (constant.fval) return constant.fval.fval;
  if (constant.boolval) return constant.boolval.boolval ?? false;
  if (constant.sval) return constant.sval.sval ?? '';
  return constant.bsval?.bsval;
}

/** The option of that name in a list of `DefElem` nodes: `WITH (fillfactor = 70)`, `LANGUAGE plpgsql`, `CONCURRENTLY`. */
export function definitionElement(nodes: readonly Node[] | undefined, name: string): DefElem | undefined {
  for (const node of nodes ?? []) {
    const element = nodeAs(node, 'DefElem');
    if (element?.defname === name) return element;
  }
  return undefined;
}

/** Whether a boolean option is on, as defGetBoolean() of the server reads it (src/backend/commands/define.c): no value means on. */
export function definitionIsOn(nodes: readonly Node[] | undefined, name: string): boolean {
  const element = definitionElement(nodes, name);
  if (!element) return false;
  if (!element.arg) return true;
  const value = stringValue(element.arg) ?? constantValue(element.arg);
  if (typeof value === 'string') return ['true', 'on', '1'].includes(value.toLowerCase());
  return value === 1 || value === true;
}

/**
 * Visits every node of a tree, parents first. PostgreSQL's JSON holds some fields (`relation`, `typeName` …) as bare
 * bodies without their type's name: these are passed through, and `bare` sees them if it is given.
 *
 * @param visit returns false to leave out what is inside
 */
export function walkTree(
  tree: unknown,
  visit: (kind: string, body: Readonly<Record<string, unknown>>) => boolean | undefined,
  bare?: (field: string, body: Readonly<Record<string, unknown>>) => void,
): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walkTree(item, visit, bare);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value !== 'object' || value === null) continue;
    const first = key.charCodeAt(0);
    if (first >= 65 && first <= 90 && !Array.isArray(value)) {
      if (visit(key, value as Record<string, unknown>) === false) continue;
    } else if (!Array.isArray(value)) {
      bare?.(key, value as Record<string, unknown>);
    }
    walkTree(value, visit, bare);
  }
}

/** Every table, view … that a tree names (`RangeVar`), names of CTEs too. */
export function rangeVariables(tree: Node): RangeVar[] {
  const found: RangeVar[] = [];
  walkTree(
    tree,
    (kind, body) => {
      if (kind === 'RangeVar') found.push(body);
      return undefined;
    },
    (_field, body) => {
      if ('relname' in body && 'relpersistence' in body) found.push(body);
    },
  );
  return found;
}
