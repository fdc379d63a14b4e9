import type { StatementAnalysis } from '../../analyze.ts';
import type { RelationReference } from '../../effects/effect.ts';
import type { Operation } from '../../effects/operation.ts';
import { defineMigrationRule } from '../rule.ts';
import { relationName } from '../wording.ts';

const RENAMES: ReadonlySet<string> = new Set<Operation>(['rename table', 'set schema']);

export const renameTable = defineMigrationRule({
  id: 'rename-table',
  wants: ({ effects }) => effects.effects.some(({ causes }) => causes.some(({ operation }) => RENAMES.has(operation))),
  alsoReads: ({ effects }) => effects.effects.some(({ newRelation }) => newRelation),
  meta: {
    title: 'Do not rename or move a table that running code uses',
    severity: 'warning',
    cause: 'breaks code',
    why: 'The rename itself is brief, but the application version that is running now asks for the old name and gets errors until its last instance is gone.',
    instead:
      'Rename and, in the same transaction, create a view with the old name (a simple view can be written to); drop the view when no running version uses it.',
    references: ['https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS'],
    alsoKnownAs: { squawk: 'renaming-table', strong_migrations: 'rename_table', atlas: 'BC101' },
  },
  examples: {
    bad: ['ALTER TABLE orders RENAME TO purchases;', 'CREATE SCHEMA shop;\nALTER TABLE orders SET SCHEMA shop;'],
    good: [
      'CREATE TABLE refunds_new (id bigint);\nALTER TABLE refunds_new RENAME TO refunds;',
      'ALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT * FROM purchases;',
    ],
  },
  check({ migration, wanted, report }) {
    for (const statement of wanted) {
      for (const effect of statement.effects.effects) {
        const { relation } = effect;
        if (effect.newRelation || relation.kind === 'sequence') continue;
        const cause = effect.causes.find(({ operation }) => RENAMES.has(operation));
        if (!cause || isStillThere(statement, relation)) continue;
        const replaced = migration.statements
          .slice(statement.statement.index + 1)
          .some(({ effects }) =>
            effects.effects.some(
              (made) =>
                made.newRelation && made.relation.schema === relation.schema && made.relation.name === relation.name,
            ),
          );
        if (replaced) continue;
        const name = relationName(relation);
        report(statement, {
          what: `${cause.what}: queries that name ${name} fail from now on.`,
          instead: `-- in the same transaction, until no running version asks for ${name}:\nCREATE VIEW ${name} AS SELECT * FROM ${newName(statement, relation)};`,
        });
        break;
      }
    }
  },
});

function newName({ after }: StatementAnalysis, { id }: RelationReference): string {
  const now = id === null ? undefined : after.relations.get(id);
  return now ? relationName(now) : '…';
}

/** Children, sequences and others are locked by the same cause, but keep their names. */
function isStillThere({ after }: StatementAnalysis, { id, schema, name }: RelationReference): boolean {
  const relation = id === null ? undefined : after.relations.get(id);
  return relation?.schema === schema && relation.name === name;
}
