import { validateFixes } from '../fixes/notValid.ts';
import type { HistoryAnalysis, StatementAnalysis } from '../../analyze.ts';
import { tableById } from '../../catalog/lookup.ts';
import type { Constraint, TableRelation } from '../../catalog/catalog.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { defineHistoryRule } from '../rule.ts';
import { relationName } from '../wording.ts';

const NOT_VALID: ReadonlySet<string> = new Set([
  'add check not valid',
  'add foreign key not valid',
  'add not null not valid',
]);

export const neverValidated = defineHistoryRule({
  id: 'never-validated',
  meta: {
    title: 'Validate what was added NOT VALID',
    severity: 'information',
    cause: 'hygiene',
    why: 'New and changed rows are checked, but nobody knows of the rows that were there before: the planner does not rely on the constraint, and a dump that breaks it can not be restored.',
    instead: 'ALTER TABLE … VALIDATE CONSTRAINT in a later migration: it reads the table while reads and writes go on.',
    more: 'Looked for across the files: the VALIDATE may stand in any later migration of the history. A file that adds the constraint and is not followed by one that validates it is told once.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT'],
    alsoKnownAs: { migrationpilot: 'MP082' },
  },
  examples: {
    bad: ['ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;'],
    good: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      {
        sql: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        later: 'ALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      },
    ],
  },
  check({ analysis, speaking, report }) {
    const end = endOf(analysis);
    for (const migration of speaking) {
      for (const statement of migration.statements) {
        for (const { table, constraint } of left(statement, end)) {
          const name = relationName(table);
          report(migration, statement, {
            what: `${quoteIdentifier(constraint.name)} of ${name} is added NOT VALID, and no later migration validates it.`,
            instead: `ALTER TABLE ${name} VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)};  -- in a later migration`,
            fixes: () => validateFixes({ statement, migration, history: analysis.history }, table, constraint.name),
          });
        }
      }
    }
  },
});

function endOf(analysis: HistoryAnalysis): HistoryAnalysis['migrations'][number]['after'] | undefined {
  return analysis.migrations.at(-1)?.after;
}

/** Constraints that the statement adds NOT VALID and that are so still at the history's end. */
function left(
  { effects, before, after }: StatementAnalysis,
  end: ReturnType<typeof endOf>,
): readonly { table: TableRelation; constraint: Constraint }[] {
  if (!end) return [];
  return effects.effects.flatMap(({ relation, causes }) => {
    if (relation.id === null || !causes.some(({ operation }) => NOT_VALID.has(operation))) return [];
    const table = tableById(end, relation.id);
    const old = new Set(tableById(before, relation.id)?.constraints.map(({ id }) => id));
    const made = tableById(after, relation.id)?.constraints.filter(({ id }) => !old.has(id)) ?? [];
    return made.flatMap(({ id }) => {
      const constraint = table?.constraints.find((each) => each.id === id);
      const isOpen = constraint && !constraint.validated && constraint.enforced && constraint.parent === null;
      return table && isOpen ? [{ table, constraint }] : [];
    });
  });
}
