import type { Catalog, Column } from '../../catalog/catalog.ts';
import { tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const dropDefault = defineMigrationRule({
  id: 'drop-default',
  wants: ({ effects }) =>
    effects.effects.some(({ causes }) => causes.some(({ operation }) => operation === 'drop default')),
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Drop the default of a required column only when all code writes it',
    severity: 'warning',
    cause: 'breaks code',
    why: 'The column is NOT NULL, so every INSERT that leaves it out fails from now on (23502): the running version may be one that does.',
    instead: 'Deploy code that writes the column in every INSERT first.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-DEFAULT'],
    alsoKnownAs: { strong_migrations: 'change_column_default', migrationpilot: 'MP048' },
  },
  examples: {
    bad: [
      {
        earlier: "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
        sql: 'ALTER TABLE orders ALTER COLUMN channel DROP DEFAULT;',
      },
    ],
    good: [
      {
        earlier: "ALTER TABLE orders ADD COLUMN channel text DEFAULT 'web';",
        sql: 'ALTER TABLE orders ALTER COLUMN channel DROP DEFAULT;',
      },
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted) {
      for (const { relation, newRelation, causes } of statement.effects.effects) {
        if (newRelation || relation.id === null) continue;
        for (const { operation, object } of causes) {
          if (operation !== 'drop default' || object === undefined) continue;
          const column = columnOf(statement.before, relation.id, (each) => each.name === object);
          const same = (each: Column): boolean => each.number === column?.number;
          // A column that the same migration added: its default only served the rows that were there.
          if (!column?.default || !columnOf(migration.before, relation.id, same)) continue;
          const end = columnOf(migration.after, relation.id, same);
          if (!end?.notNull || end.default !== null || end.identity !== null) continue;
          report(statement, {
            what: `${relationName(relation)}.${quoteIdentifier(object)} is NOT NULL and has no default from now on.`,
          });
        }
      }
    }
  },
});

function columnOf(catalog: Catalog, table: number, is: (column: Column) => boolean): Column | undefined {
  return tableById(catalog, table)?.columns.find(is);
}
