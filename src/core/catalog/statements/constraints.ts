import type { Constraint as ConstraintNode, IndexElem } from '@pgsql/types';
import { qualifiedKey } from '../catalog.ts';
import type { Constraint, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { columnsMissing, columnsRead, expressionOf } from '../expressions.ts';
import { chooseConstraintName } from '../generatedNames.ts';
import { columnNamed, columnNames, constraintNamed, indexById, primaryKeyOf, resolveRelation } from '../lookup.ts';
import { strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { addForeignKey } from './foreignKeys.ts';
import { addIndex, elementsOf, optionsOf } from './indexes.ts';
import type { IndexPlan } from './indexes.ts';
import { addNotNull } from './notNull.ts';

export interface AddConstraintOptions {
  /** In CREATE TABLE: there are no rows, so NOT VALID changes nothing. */
  readonly newTable: boolean;
  /** ALTER TABLE ONLY. */
  readonly only: boolean;
}

/** Adds any constraint of a table: from CREATE TABLE, a column's definition, or ALTER TABLE ADD. */
export function addConstraint(
  draft: Draft,
  tableId: number,
  node: ConstraintNode,
  options: AddConstraintOptions,
): void {
  switch (node.contype) {
    case 'CONSTR_CHECK':
      addCheck(draft, tableId, node, options);
      break;
    case 'CONSTR_NOTNULL': {
      const column = strings(node.keys)[0] ?? '';
      const validated = options.newTable || node.skip_validation !== true;
      const { only } = options;
      const name = node.conname ?? null;
      addNotNull(draft, tableId, column, { name, noInherit: node.is_no_inherit === true, validated, only });
      break;
    }
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      if (node.indexname !== undefined) useIndex(draft, tableId, node);
      else addIndexBacked(draft, tableId, node, options);
      break;
    case 'CONSTR_FOREIGN':
      addForeignKey(draft, tableId, node, options);
      break;
    default:
      break;
  }
}

/** ADD CHECK, to children too; a child's check of the same name becomes inherited as well. */
function addCheck(draft: Draft, tableId: number, node: ConstraintNode, options: AddConstraintOptions): void {
  const table = draft.table(tableId);
  const tree = node.raw_expr;
  if (tree === undefined) return;
  const missing = columnsMissing(table, tree);
  if (missing !== undefined) throw new Refusal('42703', `column "${missing}" does not exist`);
  const columns = columnsRead(table, tree);
  const name = node.conname ?? checkName(draft, table, columns);
  const enforced = node.is_enforced === true;
  const constraint: Constraint & { kind: 'check' } = {
    kind: 'check',
    id: draft.newId(),
    name,
    deferrable: false,
    initiallyDeferred: false,
    validated: enforced && (options.newTable || node.skip_validation !== true),
    enforced,
    noInherit: node.is_no_inherit === true,
    local: true,
    inheritCount: 0,
    parent: null,
    comment: null,
    expression: expressionOf(draft, tree),
    columns,
  };
  const existing = constraintNamed(table, name);
  if (existing !== undefined) {
    // MergeWithExistingConstraint: an inherited check of the same name becomes local as well.
    if (existing.kind !== 'check' || existing.local) throw duplicate(table, name);
    draft.putConstraint(tableId, { ...existing, local: true });
    return;
  }
  if (constraint.noInherit && table.kind === 'partitioned table') {
    throw new Refusal('42P16', 'cannot add NO INHERIT constraint to partitioned table');
  }
  if (!constraint.noInherit && options.only && table.children.length > 0) {
    throw new Refusal('42P16', 'constraint must be added to child tables too');
  }
  draft.addConstraint(tableId, constraint);
  if (!constraint.noInherit) for (const child of table.children) inheritCheck(draft, child, table, constraint);
}

/** A child gets its parent's check, or counts one more parent for the one that it has. */
export function inheritCheck(
  draft: Draft,
  childId: number,
  parent: TableRelation,
  constraint: Constraint & { kind: 'check' },
): void {
  const child = draft.table(childId);
  const existing = constraintNamed(child, constraint.name);
  if (existing !== undefined) {
    if (existing.kind !== 'check' || existing.noInherit) throw duplicate(child, constraint.name);
    draft.putConstraint(childId, { ...existing, inheritCount: existing.inheritCount + 1 });
    return;
  }
  const columns = columnNames(parent, constraint.columns).flatMap((name) => columnNamed(child, name)?.number ?? []);
  const inherited = { ...constraint, id: draft.newId(), columns, local: false, inheritCount: 1 };
  draft.addConstraint(childId, inherited);
  for (const grandchild of child.children) inheritCheck(draft, grandchild, child, inherited);
}

/** The column's name goes into the check's name when it reads exactly one (AddRelationNewConstraints). */
function checkName(draft: Draft, table: TableRelation, columns: readonly number[]): string {
  const name2 = columns.length === 1 ? (columnNames(table, columns)[0] ?? null) : null;
  return chooseConstraintName(draft, table.schema, { name1: table.name, name2, label: 'check' });
}

/** PRIMARY KEY, UNIQUE, EXCLUDE with an index of their own. */
function addIndexBacked(
  draft: Draft,
  tableId: number,
  node: ConstraintNode,
  { newTable, only }: AddConstraintOptions,
): void {
  const table = draft.table(tableId);
  const plan = planIndexBacked(draft, table, node);
  if (plan.name !== null && constraintNamed(table, plan.name) !== undefined) throw duplicate(table, plan.name);
  if (plan.constraint?.kind === 'primary key') {
    if (primaryKeyOf(table) !== undefined) {
      throw new Refusal('42P16', `multiple primary keys for table "${table.name}" are not allowed`);
    }
    for (const element of plan.elements) {
      if (element.name !== undefined && !newTable) requireNotNull(draft, tableId, element.name, only);
    }
  }
  addIndex(draft, draft.table(tableId), plan, { only, parent: null });
}

export function requireNotNull(draft: Draft, tableId: number, column: string, only = false): void {
  if (columnNamed(draft.table(tableId), column)?.notNull === true) return;
  addNotNull(draft, tableId, column, { name: null, noInherit: false, validated: true, only });
}

export function planIndexBacked(draft: Draft, table: TableRelation, node: ConstraintNode): IndexPlan {
  const exclusion = node.contype === 'CONSTR_EXCLUSION';
  const elements: IndexElem[] = exclusion
    ? (node.exclusions ?? []).flatMap((pair) => ('List' in pair ? elementsOf(pair.List.items) : []))
    : strings(node.keys).map((name): IndexElem => ({ name }));
  const named = elements.flatMap(({ name }) => name ?? []);
  if (!exclusion && new Set(named).size < named.length) {
    throw new Refusal('42701', 'column appears twice in a key');
  }
  for (const { name } of elements) {
    if (name !== undefined && columnNamed(table, name) === undefined) {
      throw new Refusal('42703', `column "${name}" named in key does not exist`);
    }
  }
  return {
    name: node.conname ?? null,
    method: node.access_method ?? (node.without_overlaps === true ? 'gist' : 'btree'),
    unique: !exclusion,
    nullsNotDistinct: node.nulls_not_distinct === true,
    elements,
    include: strings(node.including),
    where: node.where_clause,
    options: optionsOf(node.options),
    tablespace: node.indexspace ?? null,
    constraint: {
      kind: exclusion ? 'exclude' : node.contype === 'CONSTR_PRIMARY' ? 'primary key' : 'unique',
      deferrable: node.deferrable === true,
      initiallyDeferred: node.initdeferred === true,
      definition: exclusion ? expressionOf(draft, { Constraint: node }) : { tree: null, text: null },
    },
  };
}

/** ADD … USING INDEX: the index becomes the constraint's, and takes its name. */
function useIndex(draft: Draft, tableId: number, node: ConstraintNode): void {
  const table = draft.table(tableId);
  const indexName = node.indexname ?? '';
  const relation = resolveRelation(draft, table.schema, indexName);
  const index = relation === undefined ? undefined : indexById(draft, relation.id);
  if (index === undefined) throw new Refusal('42704', `index "${indexName}" does not exist`);
  if (index.table !== tableId || !index.unique || index.constraint !== null || !index.valid) {
    throw new Refusal('55000', `index "${indexName}" cannot be used for a constraint`);
  }
  if (table.kind === 'partitioned table') {
    throw new Refusal('0A000', 'ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables');
  }
  const primary = node.contype === 'CONSTR_PRIMARY';
  if (primary && primaryKeyOf(table) !== undefined) {
    throw new Refusal('42P16', `multiple primary keys for table "${table.name}" are not allowed`);
  }
  const columns = index.keys.flatMap((key) => key.column ?? []);
  if (primary) for (const name of columnNames(table, columns)) requireNotNull(draft, tableId, name);
  const name = node.conname ?? index.name;
  if (constraintNamed(draft.table(tableId), name) !== undefined) throw duplicate(table, name);
  if (name !== index.name && draft.relationByName.has(qualifiedKey(table.schema, name))) {
    throw new Refusal('42P07', `relation "${name}" already exists`);
  }
  const id = draft.newId();
  draft.put({ ...index, name, constraint: id });
  draft.addConstraint(tableId, {
    kind: primary ? 'primary key' : 'unique',
    id,
    name,
    columns,
    index: index.id,
    nullsNotDistinct: index.nullsNotDistinct,
    deferrable: node.deferrable === true,
    initiallyDeferred: node.initdeferred === true,
    validated: true,
    enforced: true,
    noInherit: false,
    local: true,
    inheritCount: 0,
    parent: null,
    comment: null,
  });
}

function duplicate(table: TableRelation, name: string): Refusal {
  return new Refusal('42710', `constraint "${name}" for relation "${table.name}" already exists`);
}
