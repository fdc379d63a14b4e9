import type { FuncCall, Node, TypeName } from '@pgsql/types';
import type { CatalogView, Expression } from './catalog.ts';
import { columnNamed, resolveFunctions, resolveRelation } from './lookup.ts';
import type { RelationWithColumns } from './lookup.ts';
import { nameOf, strings } from './nodes.ts';
import { resolveType } from './typeNames.ts';

/** What a walk over a parse tree met, by name; subqueries are walked too. */
interface Sink {
  readonly columns: string[][];
  readonly functions: FuncCall[];
  readonly types: TypeName[];
  /** Texts cast to regclass: `nextval('orders_id_seq'::regclass)`. */
  readonly relations: string[];
}

/** An expression with what it uses: functions, types, and sequences or relations named by a regclass constant. */
export function expressionOf(catalog: CatalogView, tree: Node): Expression {
  if ('A_Const' in tree || 'ColumnRef' in tree || 'SQLValueFunction' in tree) return { tree, text: null };
  const sink = collect(tree);
  const uses = usedObjects(catalog, sink);
  return uses.length === 0 ? { tree, text: null } : { tree, text: null, uses };
}

/** Ids of the catalog's objects that a tree uses, columns apart. */
export function usesOf(catalog: CatalogView, tree: unknown): number[] {
  return usedObjects(catalog, collect(tree));
}

function usedObjects(catalog: CatalogView, sink: Sink): number[] {
  const uses = new Set<number>();
  for (const call of sink.functions) {
    const { schema, name } = nameOf(call.funcname);
    for (const overload of resolveFunctions(catalog, schema, name)) {
      if (acceptsArguments(overload, call.args?.length ?? 0)) uses.add(overload.id);
    }
  }
  for (const typeName of sink.types) {
    const { id } = resolveType(catalog, typeName);
    if (id !== null) uses.add(id);
  }
  for (const text of sink.relations) {
    const { schema, name } = parseQualifiedName(text);
    const relation = resolveRelation(catalog, schema, name);
    if (relation !== undefined) uses.add(relation.id);
  }
  return [...uses];
}

/** May a call with this many arguments mean this function? */
export function acceptsArguments(
  candidate: { readonly arguments: readonly { readonly mode: string; readonly hasDefault: boolean }[] },
  count: number,
): boolean {
  let most = 0;
  let least = 0;
  let variadic = false;
  for (const { mode, hasDefault } of candidate.arguments) {
    if (mode === 'out' || mode === 'table') continue;
    most++;
    if (!hasDefault) least++;
    variadic ||= mode === 'variadic';
  }
  return count >= (variadic ? least - 1 : least) && (variadic || count <= most);
}

/** `"Schema".name` as in a regclass constant: quoted parts as they are, others in lower case. */
export function parseQualifiedName(text: string): { readonly schema: string | undefined; readonly name: string } {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|[^.\s"]+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole.toLowerCase() : quoted.replaceAll('""', '"'),
  );
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** Columns of a relation that an expression reads, by attnum and in order of first use. A whole row names none, as in pg_constraint. */
export function columnsRead(relation: RelationWithColumns, tree: unknown): number[] {
  const numbers = new Set<number>();
  for (const fields of collect(tree).columns) {
    const [first = '', second] = fields;
    const direct = columnNamed(relation, second !== undefined && first === relation.name ? second : first);
    if (direct !== undefined) numbers.add(direct.number);
  }
  return [...numbers];
}

/** The first plain column name of an expression that the relation does not have. */
export function columnsMissing(relation: RelationWithColumns, tree: unknown): string | undefined {
  for (const fields of collect(tree).columns) {
    const [only = ''] = fields;
    // `tableoid` and the like are there without being columns of the catalog; a table's own name is its whole row.
    if (fields.length > 1 || only === '*' || only === relation.name || SYSTEM_COLUMNS.has(only)) continue;
    if (columnNamed(relation, only) === undefined) return only;
  }
  return undefined;
}

const SYSTEM_COLUMNS = new Set(['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** Function calls inside a tree, by name as written. */
export function functionCalls(tree: unknown): readonly FuncCall[] {
  return collect(tree).functions;
}

function collect(tree: unknown): Sink {
  const sink: Sink = { columns: [], functions: [], types: [], relations: [] };
  walk(tree, sink);
  return sink;
}

function walk(value: unknown, sink: Sink): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) walk(item, sink);
    return;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    const child = fields[key];
    if (typeof child !== 'object' || child === null) continue;
    if (key === 'A_Const') continue;
    if (key === 'ColumnRef') {
      const names = (child as { fields?: readonly Node[] }).fields ?? [];
      sink.columns.push(names.map((name) => ('A_Star' in name ? '*' : (strings(name)[0] ?? ''))));
      continue;
    }
    if (key === 'typeName' || key === 'TypeName') {
      sink.types.push(child);
      continue;
    }
    if (key === 'TypeCast') noteRegclass(child, sink);
    if (key === 'FuncCall') {
      const call = child as FuncCall;
      sink.functions.push(call);
      noteSequenceCall(call, sink);
    }
    walk(child, sink);
  }
}

function noteRegclass(cast: { arg?: Node; typeName?: TypeName }, sink: Sink): void {
  if (strings(cast.typeName?.names).at(-1) !== 'regclass') return;
  const text = textConstant(cast.arg);
  if (text !== null) sink.relations.push(text);
}

/** A plain text constant becomes a regclass constant where the function takes one. */
const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval', 'pg_sequence_last_value']);

function noteSequenceCall(call: FuncCall, sink: Sink): void {
  if (!SEQUENCE_FUNCTIONS.has(nameOf(call.funcname).name)) return;
  const text = textConstant(call.args?.[0]);
  if (text !== null) sink.relations.push(text);
}

function textConstant(node: Node | undefined): string | null {
  return node !== undefined && 'A_Const' in node && node.A_Const.sval !== undefined
    ? (node.A_Const.sval.sval ?? '')
    : null;
}
