import type { AlterTableCmd, Node, RangeVar } from '@pgsql/types';
import { isTable, resolveRelation } from '../../catalog/lookup.ts';
import { nodeAs } from '../../sql/tree.ts';
import { NOTHING_ELSE, defineMigrationRule } from '../rule.ts';
import { relationName } from '../wording.ts';

export const partitionsMadeElsewhere = defineMigrationRule({
  id: 'partitions-made-elsewhere',
  wants: ({ statement: { tree } }) => tree !== null && workedThrough(tree) !== null,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Reckon with partitions that no migration makes',
    severity: 'information',
    cause: 'hygiene',
    why: 'Partitions that the application or pg_partman makes are locked and worked through like those of the history, and the time grows with their rows. Lockkeeper does not see them, so it counts no work for them.',
    instead:
      'Set "baseline" in lockkeeper.jsonc to a schema dump that has the partitions (pg_dump --schema-only), and the findings say what happens to each. An index is built safely on one partition after the other: CREATE INDEX … ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, ALTER INDEX … ATTACH PARTITION.',
    references: ['https://www.postgresql.org/docs/current/ddl-partitioning.html'],
    alsoKnownAs: {},
  },
  examples: {
    bad: [
      {
        earlier: 'CREATE TABLE visits (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);',
        sql: 'CREATE INDEX visits_id_idx ON visits (id);',
      },
      {
        earlier:
          'CREATE TABLE visits (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE visits_rest PARTITION OF visits DEFAULT;\nALTER TABLE visits DETACH PARTITION visits_rest;',
        sql: 'ALTER TABLE visits ADD CONSTRAINT id_positive CHECK (id > 0);',
      },
    ],
    good: [
      {
        earlier: 'CREATE TABLE visits (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);',
        sql: 'CREATE INDEX visits_id_idx ON ONLY visits (id);',
      },
      {
        earlier: 'CREATE TABLE visits (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);',
        sql: 'ALTER TABLE visits ADD CONSTRAINT id_positive CHECK (id > 0) NOT VALID;',
      },
      'CREATE TABLE visits (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE INDEX visits_id_idx ON visits (id);',
    ],
  },
  check({ migration, wanted, isPending, report }) {
    const told = new Set<number>();
    for (const analysis of wanted) {
      const { before, statement } = analysis;
      const name = statement.tree === null ? null : workedThrough(statement.tree);
      const table = name && resolveRelation(before, name.schemaname, name.relname ?? '');
      if (!table || !isTable(table) || table.kind !== 'partitioned table' || table.children.length > 0) continue;
      if (told.has(table.id) || !migration.before.relations.has(table.id)) continue;
      const touched = analysis.effects.effects.find(({ relation }) => relation.id === table.id);
      if (touched === undefined || isPending(touched.relation)) continue;
      told.add(table.id);
      report(analysis, {
        what: `${relationName(table)} is partitioned, and no partition of it is known here: ${statement.kind} works through those that are made elsewhere.`,
      });
    }
  },
});

/** The table that a CREATE INDEX or ALTER TABLE works through with all its partitions; null where it works through none. */
function workedThrough(tree: Node): RangeVar | null {
  const index = nodeAs(tree, 'IndexStmt');
  if (index) return recursive(index.relation);
  const alter = nodeAs(tree, 'AlterTableStmt');
  const works = (alter?.cmds ?? []).some((node) => {
    const command = nodeAs(node, 'AlterTableCmd');
    // NOT VALID looks at no row.
    return WORK.has(command?.subtype) && nodeAs(command?.def, 'Constraint')?.skip_validation !== true;
  });
  return works ? recursive(alter?.relation) : null;
}

/** Not with ONLY. */
function recursive(relation: RangeVar | undefined): RangeVar | null {
  return relation?.inh === true ? relation : null;
}

const WORK: ReadonlySet<AlterTableCmd['subtype']> = new Set([
  'AT_AddConstraint',
  'AT_AlterColumnType',
  'AT_SetNotNull',
  'AT_ValidateConstraint',
]);
