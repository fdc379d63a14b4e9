import type { Column, TableRelation, Trigger, TypeReference } from '../catalog.ts';
import { coercionBetween, defaultType, neverComparable } from '../coercions.ts';
import type { Draft } from '../draft.ts';
import { columnsRead } from '../expressions.ts';
import { columnNumbered, foreignKeysTo, isTable, isView, tableById, typeText } from '../lookup.ts';
import type { RelationWithColumns } from '../lookup.ts';
import { Refusal } from '../refusal.ts';

/**
 * What keeps a column's type from being changed, as far as the catalog knows it: who else uses the column, and casts that
 * PostgreSQL does not make by itself (ATPrepAlterColumnType, RememberAllDependentForRebuilding).
 */
export function requireChangeableType(
  draft: Draft,
  relation: RelationWithColumns,
  column: Column,
  { type, using }: { readonly type: TypeReference; readonly using: boolean },
): void {
  // No table has rows of a composite type that may be changed: nothing is cast.
  // Nor are those of a foreign table ours to cast.
  const holdsRows = isTable(relation) && relation.kind !== 'foreign table';
  if (!using && holdsRows && coercionBetween(draft, column.type, type) === 'none') {
    throw new Refusal('42804', `column "${column.name}" cannot be cast automatically to type ${typeText(type)}`);
  }
  requireUnused(draft, relation, column);
  if (!isTable(relation)) return;
  const kept = column.generated === null ? defaultType(draft, column) : null;
  if (kept !== null && coercionBetween(draft, kept, type) === 'none') {
    throw new Refusal(
      '42804',
      `default for column "${column.name}" cannot be cast automatically to type ${typeText(type)}`,
    );
  }
  requireComparableKeys(draft, relation, column, type);
}

function requireUnused(draft: Draft, relation: RelationWithColumns, column: Column): void {
  const used = (by: string): Refusal => new Refusal('0A000', `cannot alter type of a column used ${by}`);
  const reference = `${String(relation.id)}.${String(column.number)}`;
  for (const id of draft.dependents.get(relation.id) ?? []) {
    const dependent = draft.relations.get(id);
    if (dependent === undefined) continue;
    if (isView(dependent) && dependent.dependencies.columns.includes(reference)) throw used('by a view or rule');
    if (id !== relation.id && isTable(dependent) && policyOn(dependent, reference))
      throw used('in a policy definition');
  }
  if (!isTable(relation)) return;
  for (const { generated } of relation.columns) {
    const tree = generated?.expression.tree;
    if (tree != null && columnsRead(relation, tree).includes(column.number)) throw used('by a generated column');
  }
  if (policyOn(relation, reference)) throw used('in a policy definition');
  if (relation.triggers.some((trigger) => usesColumn(relation, trigger, column))) throw used('in a trigger definition');
}

function policyOn({ policies }: TableRelation, reference: string): boolean {
  return policies.some(({ dependencies }) => dependencies.columns.includes(reference));
}

/** UPDATE OF, or the WHEN condition. */
function usesColumn(table: TableRelation, { columns, definition: { tree } }: Trigger, column: Column): boolean {
  if (columns.includes(column.number)) return true;
  if (tree === null || !('CreateTrigStmt' in tree)) return false;
  // NEW and OLD are the table here; a whole row names no column.
  return (
    columnsRead({ ...table, name: 'new' }, tree.CreateTrigStmt.whenClause).includes(column.number) ||
    columnsRead({ ...table, name: 'old' }, tree.CreateTrigStmt.whenClause).includes(column.number)
  );
}

/** Foreign keys of the column, and to it, are made again with the new type. */
function requireComparableKeys(draft: Draft, table: TableRelation, column: Column, type: TypeReference): void {
  for (const key of table.constraints) {
    if (key.kind !== 'foreign key' || key.referenced === null) continue;
    const other = tableById(draft, key.referenced);
    for (const [at, number] of key.columns.entries()) {
      const target = other && columnNumbered(other, key.referencedColumns[at] ?? 0);
      if (number !== column.number || target === undefined || other === undefined) continue;
      const own = other.id === table.id && target.number === number ? type : target.type;
      requireComparable(draft, key.name, { own: type, referenced: own, names: [column.name, target.name] });
    }
  }
  for (const { table: referencing, constraint: key } of foreignKeysTo(draft, table.id)) {
    if (referencing.id === table.id) continue;
    for (const [at, number] of key.referencedColumns.entries()) {
      const own = columnNumbered(referencing, key.columns[at] ?? 0);
      if (number !== column.number || own === undefined) continue;
      requireComparable(draft, key.name, { own: own.type, referenced: type, names: [own.name, column.name] });
    }
  }
}

/** The pair of columns of a foreign key must have types that can be compared (ATAddForeignKeyConstraint). */
export function requireComparable(
  draft: Draft,
  key: string,
  pair: { readonly own: TypeReference; readonly referenced: TypeReference; readonly names: readonly [string, string] },
): void {
  const { own, referenced, names } = pair;
  if (!neverComparable(draft, own, referenced)) return;
  throw new Refusal(
    '42804',
    `foreign key constraint "${key}" cannot be implemented: ${names[0]} is ${typeText(own)}, ${names[1]} is ${typeText(referenced)}`,
  );
}
