import type { StatementAnalysis } from '../../analyze.ts';
import type { Catalog, IndexRelation, TableRelation } from '../../catalog/catalog.ts';
import { indexById, indexesOf, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const duplicateIndex = defineMigrationRule({
  id: 'duplicate-index',
  wants: (statement) => twins(statement, statement.after).length > 0,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Do not build an index twice',
    severity: 'information',
    cause: 'hygiene',
    why: 'Every write of the table pays for both, and no query is faster by the second.',
    instead: 'Keep one of them; DROP INDEX CONCURRENTLY the other.',
    references: ['https://www.postgresql.org/docs/current/indexes-multicolumn.html'],
    alsoKnownAs: {
      bytebase: 'INDEX_NO_DUPLICATE_COLUMN',
      migrationpilot: 'MP101',
      'postgres-language-server': 'duplicateIndex',
    },
  },
  examples: {
    bad: [
      'CREATE INDEX CONCURRENTLY orders_placed_idx ON orders (placed_at);',
      'CREATE UNIQUE INDEX CONCURRENTLY customers_id_key ON customers (id);',
    ],
    good: [
      'CREATE INDEX CONCURRENTLY orders_placed_idx ON orders (placed_at DESC, id);',
      'CREATE INDEX CONCURRENTLY orders_open_idx ON orders (placed_at) WHERE note IS NULL;',
      'CREATE INDEX CONCURRENTLY orders_placed_idx ON orders (placed_at);\nDROP INDEX CONCURRENTLY orders_placed_at_idx;',
      'CREATE INDEX CONCURRENTLY orders_brin ON orders USING brin (placed_at);',
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted)
      for (const { index, twin, table } of twins(statement, migration.after))
        report(statement, {
          what: `${quoteIdentifier(index.name)} is the same index of ${relationName(table)} as ${quoteIdentifier(twin.name)}.`,
        });
  },
});

interface Twins {
  readonly index: IndexRelation;
  readonly twin: IndexRelation;
  readonly table: TableRelation;
}

/** The indexes that a statement makes and that an older one makes needless, in the catalog given. */
function twins({ before, after }: StatementAnalysis, end: Catalog): readonly Twins[] {
  const found: Twins[] = [];
  for (let id = before.nextId; id < after.nextId; id++) {
    const index = indexById(end, id);
    const table = index && tableById(end, index.table);
    if (!index || !table || index.parent !== null) continue;
    const twin = indexesOf(end, table).find((other) => other.id < id && doesTheSame(other, index));
    if (twin) found.push({ index, twin, table });
  }
  return found;
}

/** The old one serves every query that the new one would, and keeps the same rows apart. */
function doesTheSame(old: IndexRelation, made: IndexRelation): boolean {
  if (old.method !== made.method || old.predicate !== null || made.predicate !== null) return false;
  if ((made.unique && !old.unique) || made.nullsNotDistinct !== old.nullsNotDistinct) return false;
  if (old.keys.length !== made.keys.length || !made.include.every((column) => old.include.includes(column)))
    return false;
  return made.keys.every((key, place) => {
    const other = old.keys[place];
    return (
      key.column !== null &&
      other?.column === key.column &&
      other.operatorClass === key.operatorClass &&
      other.collation === key.collation &&
      other.descending === key.descending &&
      other.nullsFirst === key.nullsFirst
    );
  });
}
