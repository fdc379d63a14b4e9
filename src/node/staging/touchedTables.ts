import type { MigrationAnalysis } from '../../core/analyze.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { lockStrength, type RelationReference } from '../../core/effects/effect.ts';
import { qualifiedName } from '../../core/sql/quote.ts';

/**
 * The tables that a migration touches and that were there before it, as they are named when it begins; those with the
 * strongest lock first.
 *
 * @param at name them as they are named in this catalog, if it has them; default: when the migration begins
 */
export function touchedTables({ statements, before }: MigrationAnalysis, at: Catalog = before): string[] {
  const strongest = new Map<string, number>();
  for (const { effects } of statements) {
    for (const { relation, newRelation, lock } of effects.effects) {
      if (newRelation || (relation.kind !== 'table' && relation.kind !== 'partitioned table')) continue;
      const name = nameAtStart(at, relation);
      strongest.set(name, Math.max(strongest.get(name) ?? 0, lockStrength(lock)));
    }
  }
  return [...strongest].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** A relation's quoted name when the migration begins: an earlier statement of it may have renamed the relation. */
export function nameAtStart(before: Catalog, relation: RelationReference): string {
  const original = relation.id === null ? undefined : before.relations.get(relation.id);
  return original ? qualifiedName(original.schema, original.name) : qualifiedName(relation.schema, relation.name);
}
