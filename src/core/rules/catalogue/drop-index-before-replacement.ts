import type { IndexRelation } from '../../catalog/catalog.ts';
import { indexById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const dropIndexBeforeReplacement = defineMigrationRule({
  id: 'drop-index-before-replacement',
  wants: ({ statement }) => statement.kind === 'DROP INDEX',
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Build the new index before you drop the old one',
    severity: 'information',
    cause: 'hygiene',
    why: 'Between the two statements queries that used the old index read the whole table.',
    instead:
      'CREATE INDEX CONCURRENTLY under another name first, then drop the old one; ALTER INDEX … RENAME gives it the old name, and is brief.',
    references: ['https://www.postgresql.org/docs/current/sql-createindex.html'],
    alsoKnownAs: { online_migrations: 'replace_index' },
  },
  examples: {
    bad: ['DROP INDEX orders_placed_at_idx;\nCREATE INDEX CONCURRENTLY orders_placed_idx ON orders (placed_at, id);'],
    good: [
      'CREATE INDEX CONCURRENTLY orders_placed_idx ON orders (placed_at, id);\nDROP INDEX orders_placed_at_idx;',
      'DROP INDEX orders_placed_at_idx;\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);',
      {
        earlier: 'CREATE INDEX customers_name_like ON customers (name varchar_pattern_ops);',
        sql: 'DROP INDEX customers_name_like;\nCREATE INDEX CONCURRENTLY customers_name_idx ON customers (name);',
      },
    ],
  },
  check({ migration, wanted, report }) {
    for (const dropped of wanted) {
      for (const { effect, cause } of dropped.effects.effects.flatMap((each) =>
        each.causes.map((reason) => ({ effect: each, cause: reason })),
      )) {
        const { id } = effect.relation;
        const table = id === null ? undefined : dropped.before.relations.get(id);
        if (!table || !('indexes' in table) || effect.newRelation || cause.object === undefined) continue;
        const old = table.indexes
          .map((index) => indexById(dropped.before, index))
          .find((index) => index?.name === cause.object);
        if (!old || old.keys[0]?.column == null || !migration.before.relations.has(old.id)) continue;
        const end = migration.after.relations.get(table.id);
        const later = end && 'indexes' in end ? end.indexes.map((index) => indexById(migration.after, index)) : [];
        const known = new Set(dropped.after.relations.get(table.id) === undefined ? [] : table.indexes);
        const next = later.find((index) => index && !known.has(index.id) && servesAlike(index, old));
        if (next)
          report(dropped, {
            what: `${quoteIdentifier(old.name)} of ${relationName(table)} is dropped before ${quoteIdentifier(next.name)}, which takes its place, is built.`,
          });
      }
    }
  },
});

/** For the queries that the old one served: by the same first column, in the same way, and of all rows that it had. */
function servesAlike(index: IndexRelation, old: IndexRelation): boolean {
  const [first, then] = [old.keys[0], index.keys[0]];
  return (
    then?.column === first?.column &&
    then?.operatorClass === first?.operatorClass &&
    index.method === old.method &&
    (index.predicate === null || old.predicate !== null)
  );
}
