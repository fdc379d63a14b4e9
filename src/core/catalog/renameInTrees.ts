import type { Node } from '@pgsql/types';
import type { Column, Expression, Relation } from './catalog.ts';
import type { Draft } from './draft.ts';
import { indexesOf, isTable, isView } from './lookup.ts';
import type { RelationWithColumns } from './lookup.ts';

/**
 * PostgreSQL keeps expressions by object ids, so after a RENAME it prints the new name. Here they are kept as they were
 * written: a rename rewrites the names in them.
 */

/** Rewrites a column's name in its own relation's checks, generated columns, indexes, policies and triggers. */
export function renameColumnInTrees(
  draft: Draft,
  relation: RelationWithColumns,
  column: Column,
  newName: string,
): void {
  if (!isTable(relation) && !isView(relation)) return;
  const rewrite = (tree: Node): Node =>
    renameColumnRefs(tree, { qualifiers: [relation.name], from: column.name, to: newName });
  const inRow = (tree: Node): Node =>
    renameColumnRefs(tree, { qualifiers: [relation.name, 'new', 'old'], from: column.name, to: newName });
  const expression = (before: Expression): Expression => changed(before, rewrite);
  const nullable = (before: Expression | null): Expression | null => (before === null ? null : expression(before));
  for (const index of indexesOf(draft, relation)) {
    if (!index.expressionColumns.includes(column.number)) continue;
    const keys = index.keys.map((key) => ({ ...key, expression: nullable(key.expression) }));
    draft.put({ ...index, keys, predicate: nullable(index.predicate) });
  }
  const triggers = relation.triggers.map((trigger) => {
    const definition = changed(trigger.definition, (tree) => renameTriggerColumn(inRow(tree), column.name, newName));
    return definition === trigger.definition ? trigger : { ...trigger, definition };
  });
  if (isView(relation)) {
    if (relation.triggers.length > 0) draft.put({ ...relation, triggers });
    return;
  }
  draft.put({
    ...relation,
    triggers,
    columns: relation.columns.map((own) =>
      own.generated === null
        ? own
        : { ...own, generated: { ...own.generated, expression: expression(own.generated.expression) } },
    ),
    constraints: relation.constraints.map((constraint) =>
      constraint.kind === 'check' && constraint.columns.includes(column.number)
        ? { ...constraint, expression: expression(constraint.expression) }
        : constraint.kind === 'exclude'
          ? {
              ...constraint,
              definition: changed(constraint.definition, (tree) =>
                renameExclusion(rewrite(tree), column.name, newName),
              ),
            }
          : constraint,
    ),
    policies: relation.policies.map((policy) => ({
      ...policy,
      using: nullable(policy.using),
      check: nullable(policy.check),
    })),
  });
}

/** Rewrites a relation's name where its own expressions qualify a column with it, and in nextval() defaults. */
export function renameRelationInTrees(draft: Draft, relation: Relation, newName: string): void {
  if (!isTable(relation)) return;
  const rewrite = (tree: Node): Node => renameQualifier(tree, relation.name, newName);
  draft.put({
    ...relation,
    constraints: relation.constraints.map((constraint) =>
      constraint.kind === 'check' ? { ...constraint, expression: changed(constraint.expression, rewrite) } : constraint,
    ),
    policies: relation.policies.map((policy) => ({
      ...policy,
      using: policy.using === null ? null : changed(policy.using, rewrite),
      check: policy.check === null ? null : changed(policy.check, rewrite),
    })),
  });
}

function changed(before: Expression, rewrite: (tree: Node) => Node): Expression {
  if (before.tree === null) return before;
  const tree = rewrite(before.tree);
  return tree === before.tree ? before : { ...before, tree };
}

/** Copies a tree where `change` gives another node; what stays the same is shared. */
function mapTree<T>(value: T, change: (key: string, child: object) => object | null): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const before = value as readonly unknown[];
    const items = before.map((item) => mapTree(item, change));
    return items.every((item, index) => item === before[index]) ? value : (items as T);
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

interface ColumnRename {
  /** Names that may stand before the column. */
  readonly qualifiers: readonly string[];
  readonly from: string;
  readonly to: string;
}

function renameColumnRefs(tree: Node, { qualifiers, from, to }: ColumnRename): Node {
  return mapTree(tree, (key, child) => {
    if (key !== 'ColumnRef') return null;
    const fields = (child as { fields?: readonly Node[] }).fields ?? [];
    const names = fields.map((field) => ('String' in field ? field.String.sval : undefined));
    if (names.at(-1) !== from) return child;
    if (names.length > 1 && !qualifiers.includes(names.at(-2) ?? '')) return child;
    return { ...child, fields: [...fields.slice(0, -1), { String: { sval: to } }] };
  });
}

function renameQualifier(tree: Node, from: string, to: string): Node {
  return mapTree(tree, (key, child) => {
    if (key !== 'ColumnRef') return null;
    const fields = (child as { fields?: readonly Node[] }).fields ?? [];
    const qualifier = fields.at(-2);
    if (qualifier === undefined || !('String' in qualifier) || qualifier.String.sval !== from) return child;
    return { ...child, fields: [...fields.slice(0, -2), { String: { sval: to } }, ...fields.slice(-1)] };
  });
}

/** UPDATE OF columns of CREATE TRIGGER. */
function renameTriggerColumn(tree: Node, from: string, to: string): Node {
  if (!('CreateTrigStmt' in tree) || tree.CreateTrigStmt.columns === undefined) return tree;
  const columns = tree.CreateTrigStmt.columns.map((item) =>
    'String' in item && item.String.sval === from ? { String: { sval: to } } : item,
  );
  return { CreateTrigStmt: { ...tree.CreateTrigStmt, columns } };
}

/** Plain columns of an exclusion constraint stand in IndexElem. */
function renameExclusion(tree: Node, from: string, to: string): Node {
  return mapTree(tree, (key, child) =>
    key === 'IndexElem' && (child as { name?: string }).name === from ? { ...child, name: to } : null,
  );
}
