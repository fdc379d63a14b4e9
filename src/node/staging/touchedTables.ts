import type { MigrationAnalysis } from '../../core/analyze.ts';
import { lockStrength } from '../../core/effects/effect.ts';
import { qualifiedName } from '../../core/sql/quote.ts';

/**
 * The tables that a migration touches and that were there before it, as they are named when it begins; those with the
 * strongest lock first.
 */
export function touchedTables({ statements, before }: MigrationAnalysis): string[] {
  const strongest = new Map<string, number>();
  for (const { effects } of statements) {
    for (const { relation, newRelation, lock } of effects.effects) {
      if (newRelation || (relation.kind !== 'table' && relation.kind !== 'partitioned table')) continue;
      // An earlier statement of the migration may have renamed it.
      const original = relation.id === null ? undefined : before.relations.get(relation.id);
      const name = original
        ? qualifiedName(original.schema, original.name)
        : qualifiedName(relation.schema, relation.name);
      strongest.set(name, Math.max(strongest.get(name) ?? 0, lockStrength(lock)));
    }
  }
  return [...strongest].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
