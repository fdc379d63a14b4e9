import type { Node } from '@pgsql/types';
import type { Column, Expression, Policy, Relation, TableRelation, ViewRelation } from './catalog.ts';
import type { Draft } from './draft.ts';
import { indexesOf, isIndex, isTable, isView } from './lookup.ts';
import type { RelationWithColumns } from './lookup.ts';
import { nextvalTree } from './nodes.ts';
import { queryReferences } from './query.ts';
import type { QueryReferences } from './queryAnalyzer.ts';
import { mapTree, renameCalls, renameColumn, renameRelation, renameTypes } from './rewriteTrees.ts';

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
  const wanted = { column: `${relation.id}.${column.number}`, to: newName };
  rewriteQueries(draft, relation.id, (tree, references) => renameColumn(tree, references, wanted));
  const current = draft.relations.get(relation.id);
  if (current !== undefined && (isTable(current) || isView(current))) renameInOwn(draft, current, column, newName);
}

function renameInOwn(draft: Draft, relation: TableRelation | ViewRelation, column: Column, newName: string): void {
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
  });
}

/** Rewrites a relation's new name, or schema, in the queries and expressions that name it. */
export function renameRelationInTrees(
  draft: Draft,
  relation: Relation,
  to: { readonly schema: string; readonly name: string },
): void {
  const wanted = { relation: relation.id, ...to };
  rewriteQueries(draft, relation.id, (tree, references) => renameRelation(tree, references, wanted));
  if (relation.kind === 'sequence') {
    rewriteUses(draft, relation.id, (tree) => ('FuncCall' in tree ? nextvalTree(to.schema, to.name) : tree));
  }
  const current = draft.relations.get(relation.id);
  if (current === undefined || !isTable(current) || to.name === relation.name) return;
  const rewrite = (tree: Node): Node => renameQualifier(tree, relation.name, to.name);
  draft.put({
    ...current,
    constraints: current.constraints.map((constraint) =>
      constraint.kind === 'check' ? { ...constraint, expression: changed(constraint.expression, rewrite) } : constraint,
    ),
    policies: current.policies.map((policy) => withExpressions(policy, rewrite)),
  });
}

/** Rewrites a function's, or a type's, new name in the expressions and queries that use it. */
export function renameUsesInTrees(
  draft: Draft,
  used: { readonly id: number; readonly name: string },
  to: { readonly schema: string; readonly name: string },
  kind: 'function' | 'type',
): void {
  // An unqualified name keeps working as long as its schema is on the path; a full one always does.
  const names = [to.schema, to.name];
  rewriteUses(draft, used.id, (tree) =>
    kind === 'function' ? renameCalls(tree, used.name, names) : renameTypes(tree, used.name, names),
  );
}

/** Views and policies whose queries name a relation; the table's own policies too. */
function rewriteQueries(draft: Draft, id: number, rewrite: (tree: Node, references: QueryReferences) => Node): void {
  for (const dependent of [id, ...(draft.dependents.get(id) ?? [])]) {
    const relation = draft.relations.get(dependent);
    if (relation === undefined) continue;
    if (isView(relation)) {
      const query = changed(relation.query, (tree) => rewrite(tree, queryReferences(draft, tree)));
      if (query !== relation.query) draft.put({ ...relation, query });
    } else if (isTable(relation) && relation.policies.length > 0) {
      const inPolicy = (tree: Node): Node => rewrite(tree, queryReferences(draft, tree, relation.id));
      draft.put({ ...relation, policies: relation.policies.map((policy) => withExpressions(policy, inPolicy)) });
    }
  }
}

function withExpressions(policy: Policy, rewrite: (tree: Node) => Node): Policy {
  const using = policy.using === null ? null : changed(policy.using, rewrite);
  const check = policy.check === null ? null : changed(policy.check, rewrite);
  return using === policy.using && check === policy.check ? policy : { ...policy, using, check };
}

/** Everything whose expressions use an object: defaults, checks, indexes, queries, triggers. */
function rewriteUses(draft: Draft, id: number, rewrite: (tree: Node) => Node): void {
  const own = (expression: Expression): Expression =>
    expression.uses?.includes(id) === true ? changed(expression, rewrite) : expression;
  const nullable = (expression: Expression | null): Expression | null => (expression === null ? null : own(expression));
  for (const dependent of draft.dependents.get(id) ?? []) {
    const relation = draft.relations.get(dependent);
    if (relation === undefined) continue;
    if (isIndex(relation)) {
      const keys = relation.keys.map((key) => ({ ...key, expression: nullable(key.expression) }));
      draft.put({ ...relation, keys, predicate: nullable(relation.predicate) });
    } else if (isView(relation)) draft.put({ ...relation, query: changed(relation.query, rewrite) });
    else if (isTable(relation)) {
      draft.put({
        ...relation,
        columns: relation.columns.map((column) => ({
          ...column,
          default: nullable(column.default),
          generated:
            column.generated === null ? null : { ...column.generated, expression: own(column.generated.expression) },
        })),
        constraints: relation.constraints.map((constraint) =>
          constraint.kind === 'check' ? { ...constraint, expression: own(constraint.expression) } : constraint,
        ),
        triggers: relation.triggers.map((trigger) =>
          trigger.function === id ? { ...trigger, definition: changed(trigger.definition, rewrite) } : trigger,
        ),
        policies: relation.policies.map((policy) => withExpressions(policy, rewrite)),
      });
    }
  }
}

function changed(before: Expression, rewrite: (tree: Node) => Node): Expression {
  if (before.tree === null) return before;
  const tree = rewrite(before.tree);
  return tree === before.tree ? before : { ...before, tree };
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
