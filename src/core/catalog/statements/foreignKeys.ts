import type { Constraint as ConstraintNode } from '@pgsql/types';
import type { ForeignKeyAction, ForeignKeyConstraint, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import { chooseConstraintName, columnNamesAddition } from '../generatedNames.ts';
import {
  columnNamed,
  columnNames,
  columnNumbered,
  constraintNamed,
  indexesOf,
  isTable,
  primaryKeyOf,
  resolveRelation,
  tableById,
} from '../lookup.ts';
import { nameOfRangeVar, nameText, strings } from '../nodes.ts';
import { Refusal } from '../refusal.ts';
import { isGone, isSystemSchema, noRelation } from '../targets.ts';
import { requireComparable } from './requireChangeableType.ts';

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

/** Adds a foreign key, on a partitioned table to its partitions too (ATAddForeignKeyConstraint). */
export function addForeignKey(
  draft: Draft,
  tableId: number,
  node: ConstraintNode,
  { newTable }: { readonly newTable: boolean },
): void {
  const table = draft.table(tableId);
  const written = strings(node.fk_attrs);
  const columns = written.map((name) => numberOf(table, name));
  const target = referencedSide(draft, node);
  if (target.columns.length > 0 && target.columns.length !== columns.length) {
    throw new Refusal('42830', 'number of referencing and referenced columns for foreign key disagree');
  }
  const name =
    node.conname ??
    chooseConstraintName(draft, table.schema, {
      name1: table.name,
      name2: columnNamesAddition(written),
      label: 'fkey',
    });
  if (constraintNamed(table, name) !== undefined) {
    throw new Refusal('42710', `constraint "${name}" for relation "${table.name}" already exists`);
  }
  requireUsableTarget(draft, table, { ...target, columns, referencedColumns: target.columns }, name);
  const enforced = node.is_enforced === true;
  const constraint: ForeignKeyConstraint = {
    kind: 'foreign key',
    id: draft.newId(),
    name,
    columns,
    referenced: target.id,
    referencedName: target.name,
    referencedColumns: target.columns,
    referencedIndex: target.index,
    period: node.fk_with_period === true,
    match: node.fk_matchtype === 'f' ? 'full' : 'simple',
    onUpdate: ACTIONS[node.fk_upd_action ?? 'a'] ?? 'no action',
    onDelete: ACTIONS[node.fk_del_action ?? 'a'] ?? 'no action',
    onDeleteSetColumns: strings(node.fk_del_set_cols).map((column) => numberOf(table, column)),
    deferrable: node.deferrable === true,
    initiallyDeferred: node.initdeferred === true,
    validated: enforced && (newTable || node.skip_validation !== true),
    enforced,
    noInherit: false,
    local: true,
    inheritCount: 0,
    parent: null,
    comment: null,
  };
  draft.addConstraint(tableId, constraint);
  if (table.kind === 'partitioned table') {
    for (const child of table.children) inheritForeignKey(draft, child, table, constraint);
  }
}

interface KeyPair {
  readonly id: number | null;
  readonly columns: readonly number[];
  readonly referencedColumns: readonly number[];
}

/** Tables that go with each other, and columns that can be compared. */
function requireUsableTarget(draft: Draft, table: TableRelation, pair: KeyPair, name: string): void {
  const referenced = pair.id === null ? undefined : tableById(draft, pair.id);
  if (referenced === undefined) return;
  if (table.persistence === 'permanent' && referenced.persistence !== 'permanent') {
    throw new Refusal('42P16', 'constraints on permanent tables may reference only permanent tables');
  }
  for (const [at, number] of pair.columns.entries()) {
    const own = columnNumbered(table, number);
    const other = columnNumbered(referenced, pair.referencedColumns[at] ?? 0);
    if (own === undefined || other === undefined) continue;
    requireComparable(draft, name, { own: own.type, referenced: other.type, names: [own.name, other.name] });
  }
}

/** A partition's own row of its parent's foreign key: an equal one that it has is taken, else one is made. */
export function inheritForeignKey(
  draft: Draft,
  childId: number,
  parent: TableRelation,
  constraint: ForeignKeyConstraint,
): void {
  const child = draft.table(childId);
  const names = columnNames(parent, constraint.columns);
  const columns = names.map((name) => numberOf(child, name));
  const existing = child.constraints.find(
    (candidate) =>
      candidate.kind === 'foreign key' && candidate.parent === null && sameKey(candidate, constraint, columns),
  );
  if (existing !== undefined) {
    draft.putConstraint(childId, { ...existing, parent: constraint.id, inheritCount: 1, local: false });
    return;
  }
  const taken = constraintNamed(child, constraint.name) !== undefined;
  const generated = { name1: child.name, name2: columnNamesAddition(names), label: 'fkey' };
  const setColumns = columnNames(parent, constraint.onDeleteSetColumns);
  const inherited: ForeignKeyConstraint = {
    ...constraint,
    id: draft.newId(),
    name: taken ? chooseConstraintName(draft, child.schema, generated) : constraint.name,
    columns,
    onDeleteSetColumns: setColumns.map((name) => numberOf(child, name)),
    parent: constraint.id,
    local: false,
    inheritCount: 1,
    comment: null,
  };
  draft.addConstraint(childId, inherited);
  if (child.kind === 'partitioned table') {
    for (const grandchild of child.children) inheritForeignKey(draft, grandchild, child, inherited);
  }
}

function sameKey(a: ForeignKeyConstraint, b: ForeignKeyConstraint, columns: readonly number[]): boolean {
  return (
    a.referenced === b.referenced &&
    a.columns.join() === columns.join() &&
    a.referencedColumns.join() === b.referencedColumns.join() &&
    a.onDelete === b.onDelete &&
    a.onUpdate === b.onUpdate &&
    a.match === b.match &&
    a.deferrable === b.deferrable &&
    a.initiallyDeferred === b.initiallyDeferred
  );
}

interface ReferencedSide {
  readonly id: number | null;
  readonly name: string;
  readonly columns: readonly number[];
  readonly index: number | null;
}

/** The other table; one that the history never made is said and taken for given. */
function referencedSide(draft: Draft, node: ConstraintNode): ReferencedSide {
  const name = nameOfRangeVar(node.pktable);
  const relation = resolveRelation(draft, name.schema, name.name);
  if (relation === undefined) {
    if (isGone(draft, name)) throw noRelation(name);
    const known = name.schema !== undefined && isSystemSchema(name.schema);
    if (!known) draft.gap({ kind: 'missing baseline', what: `relation ${nameText(name)}` });
    return { id: null, name: nameText(name), columns: [], index: null };
  }
  if (!isTable(relation)) throw new Refusal('42809', `referenced relation "${relation.name}" is not a table`);
  const written = strings(node.pk_attrs);
  const key = primaryKeyOf(relation);
  if (written.length === 0) {
    if (key === undefined) {
      throw new Refusal('42704', `there is no primary key for referenced table "${relation.name}"`);
    }
    return { id: relation.id, name: relation.name, columns: key.columns, index: key.index };
  }
  const columns = written.map((column) => numberOf(relation, column));
  const wanted = [...columns].sort((a, b) => a - b).join();
  const index = indexesOf(draft, relation).find((candidate) => {
    const keys = candidate.keys.map(({ column }) => column ?? 0);
    const usable = (candidate.unique || node.pk_with_period === true) && candidate.predicate === null;
    return usable && keys.sort((a, b) => a - b).join() === wanted;
  });
  if (index === undefined) {
    throw new Refusal(
      '42830',
      `there is no unique constraint matching given keys for referenced table "${relation.name}"`,
    );
  }
  if (relation.constraints.some((each) => each.id === index.constraint && each.deferrable)) {
    throw new Refusal('55000', `cannot use a deferrable unique constraint for referenced table "${relation.name}"`);
  }
  return { id: relation.id, name: relation.name, columns, index: index.id };
}

function numberOf(table: TableRelation, name: string): number {
  const column = columnNamed(table, name);
  if (column === undefined) throw new Refusal('42703', `column "${name}" does not exist`);
  return column.number;
}
