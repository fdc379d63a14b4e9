import type { Constraint, Relation, TableRelation } from '../catalog/catalog.ts';
import { isTable, isView } from '../catalog/lookup.ts';

/** Ids of other objects that a relation, as it is defined, needs: types, functions, sequences, tables. */
export function usedIds(relation: Relation): readonly number[] {
  if (isTable(relation)) return tableUses(relation);
  if (isView(relation)) {
    const { relations, functions, types } = relation.dependencies;
    return [...relations, ...functions, ...types, ...relation.triggers.flatMap((trigger) => trigger.function ?? [])];
  }
  if (relation.kind === 'composite type') return relation.columns.flatMap(({ type }) => type.id ?? []);
  if (relation.kind === 'sequence') return relation.ownedBy === null ? [] : [relation.ownedBy.relation];
  return relation.keys.flatMap(({ expression }) => expression?.uses ?? []);
}

function tableUses(table: TableRelation): readonly number[] {
  const columns = table.columns.flatMap(({ type, default: value, generated }) => [
    ...(type.id === null ? [] : [type.id]),
    ...(value?.uses ?? []),
    ...(generated?.expression.uses ?? []),
  ]);
  const named = [...table.policies, ...table.rules].flatMap(({ dependencies }) => [
    ...dependencies.relations,
    ...dependencies.functions,
    ...dependencies.types,
  ]);
  return [
    ...columns,
    ...table.constraints.flatMap(constraintUses),
    ...table.triggers.flatMap((trigger) => trigger.function ?? []),
    ...named,
    ...table.inherits,
    ...(table.partitionOf === null ? [] : [table.partitionOf.parent]),
  ];
}

function constraintUses(constraint: Constraint): readonly number[] {
  if (constraint.kind === 'foreign key') return constraint.referenced === null ? [] : [constraint.referenced];
  return constraint.kind === 'check' ? (constraint.expression.uses ?? []) : [];
}
