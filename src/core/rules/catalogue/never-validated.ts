import { validateFixes } from '../fixes/notValid.ts';
import type { StatementAnalysis } from '../../analyze.ts';
import { isTable, resolveRelation, tableById } from '../../catalog/lookup.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { nodeAs } from '../../sql/tree.ts';
import { NOTHING_ELSE, defineHistoryRule } from '../rule.ts';
import { relationName } from '../wording.ts';

const NOT_VALID: ReadonlySet<string> = new Set([
  'add check not valid',
  'add foreign key not valid',
  'add not null not valid',
]);

export const neverValidated = defineHistoryRule({
  id: 'never-validated',
  wants: (statement) => addedNotValid(statement).length > 0 || leftNotValid(statement).length > 0,
  alsoReads: NOTHING_ELSE,
  meta: {
    title: 'Validate what was added NOT VALID',
    severity: 'information',
    cause: 'hygiene',
    why: 'New and changed rows are checked, but nobody knows of the rows that were there before: the planner does not rely on the constraint, and a dump that breaks it can not be restored.',
    instead: 'ALTER TABLE … VALIDATE CONSTRAINT in a later migration: it reads the table while reads and writes go on.',
    more: 'Looked for across the files: the VALIDATE may stand in any later migration of the history. A file that adds the constraint and is not followed by one that validates it is told once. What an older migration left so is a hint where a new one alters the table, once a constraint.',
    references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT'],
    alsoKnownAs: { migrationpilot: 'MP082' },
  },
  examples: {
    bad: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
      {
        earlier: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        sql: 'ALTER TABLE orders ADD COLUMN remark text;',
      },
    ],
    good: [
      'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      {
        sql: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        later: 'ALTER TABLE orders VALIDATE CONSTRAINT total_positive;',
      },
      {
        earlier: 'ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;',
        sql: 'ALTER TABLE customers ADD COLUMN remark text;',
      },
    ],
  },
  check({ analysis, speaking, wanted, report }) {
    const end = analysis.migrations.at(-1)?.after;
    if (!end) return;
    const told = new Set<number>();
    for (const migration of speaking) {
      for (const { statement, table: id, constraint: made } of wanted(migration).flatMap(addedNotValid)) {
        const table = tableById(end, id);
        const constraint = table?.constraints.find((each) => each.id === made);
        if (!table || !constraint || constraint.validated || !constraint.enforced || constraint.parent !== null)
          continue;
        const name = relationName(table);
        report(migration, statement, {
          what: `${quoteIdentifier(constraint.name)} of ${name} is added NOT VALID, and no later migration validates it.`,
          fixes: () => validateFixes({ statement, migration, history: analysis.history }, table, constraint.name),
          instead: `ALTER TABLE ${name} VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)};  -- in a later migration`,
        });
        told.add(constraint.id);
      }
    }
    for (const migration of speaking) {
      for (const statement of wanted(migration)) {
        for (const { table: id, constraint: left } of leftNotValid(statement)) {
          const table = tableById(end, id);
          const constraint = table?.constraints.find((each) => each.id === left);
          if (!table || !constraint || constraint.validated || told.has(left)) continue;
          told.add(left);
          const name = relationName(table);
          report(migration, statement, {
            what: `${quoteIdentifier(constraint.name)} of ${name} was added NOT VALID before, and nothing has validated it since.`,
            severity: 'hint',
            instead: `ALTER TABLE ${name} VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)};  -- in a later migration`,
          });
        }
      }
    }
  },
});

interface Added {
  readonly statement: StatementAnalysis;
  readonly table: number;
  readonly constraint: number;
}

/** What is NOT VALID already on a table that a statement alters. */
function leftNotValid(statement: StatementAnalysis): readonly Omit<Added, 'statement'>[] {
  const altered = nodeAs(statement.statement.tree, 'AlterTableStmt')?.relation;
  const table = altered && resolveRelation(statement.before, altered.schemaname, altered.relname ?? '');
  if (!table || !isTable(table)) return [];
  return table.constraints.flatMap(({ id: constraint, validated, enforced, parent }) =>
    validated || !enforced || parent !== null ? [] : [{ table: table.id, constraint }],
  );
}

/** The constraints that a statement adds NOT VALID. */
function addedNotValid(statement: StatementAnalysis): readonly Added[] {
  const { effects, before, after } = statement;
  return effects.effects.flatMap(({ relation: { id: table }, causes }) => {
    if (table === null || !causes.some(({ operation }) => NOT_VALID.has(operation))) return [];
    const old = new Set(tableById(before, table)?.constraints.map(({ id }) => id));
    const made = tableById(after, table)?.constraints.filter(({ id, validated }) => !old.has(id) && !validated) ?? [];
    return made.map(({ id: constraint }): Added => ({ statement, table, constraint }));
  });
}
