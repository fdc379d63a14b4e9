import type { Node } from '@pgsql/types';
import type { QueryReferences } from './queryAnalyzer.ts';

/** Copies of parse trees with other names in them; what stays the same is shared. */

/** Copies a tree where `change` gives another node for a child under its key. */
export function mapTree<T>(value: T, change: (key: string, child: object) => object | null): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const before = value as readonly unknown[];
    const items = before.map((item) => mapTree(item, change));
    return items.every((item, at) => item === before[at]) ? value : (items as T);
  }
  let copy: Record<string, unknown> | null = null;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    const child = fields[key];
    if (typeof child !== 'object' || child === null) continue;
    const mapped = change(key, child) ?? mapTree(child, change);
    if (mapped !== child) {
      copy ??= { ...fields };
      copy[key] = mapped;
    }
  }
  return (copy ?? value) as T;
}

interface NamedNode {
  readonly fields?: readonly Node[];
  readonly names?: readonly Node[];
  readonly funcname?: readonly Node[];
}

const text = (sval: string): Node => ({ String: { sval } });

/** Gives one column a new name wherever the tree names it; a column of a select list keeps the name that it gave out. */
export function renameColumn(
  tree: Node,
  { columns }: QueryReferences,
  { column, to }: { readonly column: string; readonly to: string },
): Node {
  const renamed = (child: object): object | null => {
    if (columns.get(child) !== column) return null;
    const { fields = [] } = child as NamedNode;
    return { ...child, fields: [...fields.slice(0, -1), text(to)] };
  };
  return mapTree(tree, (key, child) => {
    if (key === 'ColumnRef') return renamed(child);
    if (key !== 'ResTarget') return null;
    const target = child as { readonly name?: string; readonly val?: Node };
    if (target.name !== undefined || target.val === undefined || !('ColumnRef' in target.val)) return null;
    const reference = renamed(target.val.ColumnRef);
    if (reference === null) return null;
    const last = target.val.ColumnRef.fields?.at(-1);
    const name = last !== undefined && 'String' in last ? last.String.sval : undefined;
    return { ...child, name, val: { ColumnRef: reference } };
  });
}

/**
 * Gives one relation a new name or schema wherever the tree has it in FROM, and columns that it qualifies with it, as the
 * server prints them. Where that could mean something else (the new name is taken in the query, the whole row is used),
 * the relation is called by its old name as an alias.
 */
export function renameRelation(
  tree: Node,
  { relations, columns }: QueryReferences,
  { relation, schema, name }: { readonly relation: number; readonly schema: string; readonly name: string },
): Node {
  const seen = { names: new Set<string | undefined>(), wholeRows: new Set<string | undefined>() };
  mapTree(tree, (key, child) => {
    if (key === 'RangeVar' && relations.get(child) !== relation) seen.names.add(calledAs(child));
    if (key === 'ColumnRef' && !columns.has(child)) seen.wholeRows.add(qualifierOf(child));
    return null;
  });
  const unaliased = new Set<string | undefined>();
  mapTree(tree, (key, child) => {
    if (key !== 'RangeVar' || relations.get(child) !== relation) return null;
    const { alias, relname } = child as { readonly alias?: object; readonly relname?: string };
    if (alias === undefined) unaliased.add(relname);
    else seen.names.add(calledAs(child));
    return null;
  });
  return mapTree(tree, (key, child) => {
    if (key === 'ColumnRef') {
      const { fields = [] } = child as NamedNode;
      const qualifier = qualifierOf(child);
      const isIts = columns.get(child)?.startsWith(`${relation}.`) === true && fields.length > 1;
      if (!isIts || !renames(qualifier)) return null;
      return { ...child, fields: [text(name), ...fields.slice(-1)] };
    }
    if (key !== 'RangeVar' || relations.get(child) !== relation) return null;
    const { alias, relname } = child as { readonly alias?: object; readonly relname?: string };
    const kept = alias ?? (relname === name || renames(relname) ? undefined : { aliasname: relname });
    return { ...child, schemaname: schema, relname: name, ...(kept === undefined ? {} : { alias: kept }) };
  });

  /** An unaliased relation's own name, which the new one can stand for. */
  function renames(old: string | undefined): boolean {
    return unaliased.has(old) && !seen.names.has(name) && !seen.wholeRows.has(old);
  }
}

/** What a query calls one of its relations by. */
function calledAs(rangeVar: object): string | undefined {
  const { alias, relname } = rangeVar as {
    readonly alias?: { readonly aliasname?: string };
    readonly relname?: string;
  };
  return alias?.aliasname ?? relname;
}

/** `t` of `t.a`, and of `t` alone. */
function qualifierOf(columnRef: object): string | undefined {
  const first = (columnRef as NamedNode).fields?.[0];
  return first !== undefined && 'String' in first ? first.String.sval : undefined;
}

/** Spells `*` out, as the server does when it keeps a query: columns that come later do not join in. */
export function expandStars(tree: Node, { stars }: QueryReferences): Node {
  if (stars.size === 0) return tree;
  const expand = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return (value as readonly unknown[]).flatMap((item) => {
        const target = (item as { readonly ResTarget?: object } | null)?.ResTarget;
        const columns = target === undefined ? undefined : stars.get(target);
        if (columns === undefined || columns.length === 0) return [expand(item)];
        return columns.map(({ name, of }) => ({
          ResTarget: { val: { ColumnRef: { fields: of === null ? [text(name)] : [text(of), text(name)] } } },
        }));
      });
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, expand(child)]));
  };
  return expand(tree) as Node;
}

/** Gives a function a new name in calls. */
export function renameCalls(tree: Node, from: string, to: readonly string[]): Node {
  return mapTree(tree, (key, child) => {
    if (key !== 'FuncCall' && key !== 'CreateTrigStmt') return null;
    const { funcname } = child as NamedNode;
    const changed = lastIs(funcname, from) ? { ...child, funcname: to.map(text) } : child;
    return mapTree(changed, (inner, node) =>
      inner === 'FuncCall' && lastIs((node as NamedNode).funcname, from) ? { ...node, funcname: to.map(text) } : null,
    );
  });
}

/** Gives a type a new name in casts. */
export function renameTypes(tree: Node, from: string, to: readonly string[]): Node {
  return mapTree(tree, (key, child) =>
    (key === 'typeName' || key === 'TypeName') && lastIs((child as NamedNode).names, from)
      ? { ...child, names: to.map(text) }
      : null,
  );
}

function lastIs(names: readonly Node[] | undefined, wanted: string): boolean {
  const last = names?.at(-1);
  return last !== undefined && 'String' in last && last.String.sval === wanted;
}
