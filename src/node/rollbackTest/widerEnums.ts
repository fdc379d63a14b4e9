import type { MigrationAnalysis } from '../../core/analyze.ts';
import { isTable } from '../../core/catalog/lookup.ts';
import { qualifiedName } from '../../core/sql/quote.ts';

/** More would only repeat the answer. */
const MOST_TABLES = 3;

/** Tables with a column of an enum that gets another list of values: ALTER TYPE itself touches no table. */
export function tablesOfWiderEnums({ before, after }: MigrationAnalysis): readonly string[] {
  const changed = new Set<number>();
  for (const [id, now] of after.types) {
    const was = before.types.get(id);
    if (was?.kind === 'enum' && now.kind === 'enum' && was.labels.join() !== now.labels.join()) changed.add(id);
  }
  if (changed.size === 0) return [];
  const tables: string[] = [];
  for (const relation of before.relations.values()) {
    if (!isTable(relation) || relation.partitionOf !== null) continue;
    if (relation.columns.some(({ type }) => type.id !== null && changed.has(type.id)))
      tables.push(qualifiedName(relation.schema, relation.name));
  }
  return tables.slice(0, MOST_TABLES);
}
