import type { StatementAnalysis } from '../../analyze.ts';
import type { Catalog, TableRelation } from '../../catalog/catalog.ts';
import { nodeAs } from '../../sql/tree.ts';
import { indexesOf, tableById } from '../../catalog/lookup.ts';
import { relationName } from '../wording.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';

export const tableWithoutPrimaryKey = defineMigrationRule({
  id: 'table-without-primary-key',
  wants: (statement) => keyless(statement, statement.after).length > 0,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Give a new table a primary key',
    severity: 'information',
    cause: 'hygiene',
    why: 'Logical replication and change data capture refuse UPDATE and DELETE on a published table without one, rows can not be addressed one by one, and a back-fill has no key to go by.',
    instead: 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, or the columns that tell the rows apart.',
    more: 'A unique index on columns that are all NOT NULL will do; so will a key that the same migration adds later. Partitions are left out: their key is the parent’s.',
    references: ['https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS'],
    alsoKnownAs: {
      bytebase: 'TABLE_REQUIRE_PK',
      migrationpilot: 'MP045',
      'diesel-guard': 'create-table-without-pk',
      'postgres-language-server': 'noPrimaryKey',
    },
  },
  examples: {
    bad: ['CREATE TABLE refunds (order_id bigint, reason text);'],
    good: [
      'CREATE TABLE refunds (id bigint PRIMARY KEY);',
      'CREATE TABLE refunds (id bigint);\nALTER TABLE refunds ADD PRIMARY KEY (id);',
      'CREATE TABLE refunds (id bigint NOT NULL UNIQUE);',
      'CREATE TEMP TABLE refunds (id bigint);',
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted)
      for (const table of keyless(statement, migration.after))
        report(statement, { what: `${relationName(table)} has no primary key.` });
  },
});

/** The tables that a CREATE TABLE makes and whose rows nothing tells apart in the catalog given. */
function keyless({ statement, before, after }: StatementAnalysis, end: Catalog): readonly TableRelation[] {
  if (nodeAs(statement.tree, 'CreateStmt') === undefined) return [];
  const found: TableRelation[] = [];
  for (let id = before.nextId; id < after.nextId; id++) {
    const table = tableById(end, id);
    if (!table || table.kind === 'foreign table' || table.persistence === 'temporary') continue;
    if (table.partitionOf !== null || table.inherits.length > 0 || table.extension !== null) continue;
    if (table.constraints.some(({ kind }) => kind === 'primary key')) continue;
    const required = new Set(table.columns.filter(({ notNull }) => notNull).map(({ number }) => number));
    const identifies = indexesOf(end, table).some(
      ({ unique, predicate, keys }) =>
        unique && predicate === null && keys.every(({ column }) => column !== null && required.has(column)),
    );
    if (!identifies) found.push(table);
  }
  return found;
}
