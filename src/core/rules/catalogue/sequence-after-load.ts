import type { Node } from '@pgsql/types';
import type { StatementAnalysis } from '../../analyze.ts';
import { ownedSequences, resolveRelation } from '../../catalog/lookup.ts';
import { nodeAs } from '../../sql/tree.ts';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.ts';
import { relationName } from '../wording.ts';
import { defineMigrationRule } from '../rule.ts';

export const sequenceAfterLoad = defineMigrationRule({
  id: 'sequence-after-load',
  wants: (statement) => numberGiven(statement) !== null,
  alsoReads: setsSequence,
  meta: {
    title: 'Set the sequence after rows with numbers of their own',
    severity: 'information',
    cause: 'hygiene',
    why: 'The sequence does not know of numbers that are given by hand: as soon as it comes to one of them, an INSERT of the application fails with a duplicate key.',
    instead: "SELECT setval(pg_get_serial_sequence('…', '…'), (SELECT max(…) FROM …)) after the rows.",
    references: ['https://www.postgresql.org/docs/current/functions-sequence.html'],
    alsoKnownAs: { migrationpilot: 'MP059' },
  },
  examples: {
    bad: [
      {
        earlier: 'CREATE TABLE countries (id serial PRIMARY KEY, name text);',
        sql: "INSERT INTO countries (id, name) VALUES (1, 'Norway'), (2, 'Chile');",
      },
    ],
    good: [
      {
        earlier: 'CREATE TABLE countries (id serial PRIMARY KEY, name text);',
        sql: "INSERT INTO countries (name) VALUES ('Norway');",
      },
      {
        earlier: 'CREATE TABLE countries (id serial PRIMARY KEY, name text);',
        sql: "INSERT INTO countries (id, name) VALUES (1, 'Norway');\nSELECT setval('countries_id_seq', 1);",
      },
    ],
  },
  check({ migration, wanted, report }) {
    if (migration.statements.some(setsSequence)) return;
    const told = new Set<number>();
    for (const statement of wanted) {
      const given = numberGiven(statement);
      if (!given || told.has(given.table.id)) continue;
      told.add(given.table.id);
      const table = relationName(given.table);
      const column = quoteIdentifier(given.column);
      report(statement, {
        what: `Rows of ${table} get numbers in ${column} by hand, and the sequence of ${column} stays where it is.`,
        instead: `SELECT setval(pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(given.column)}), (SELECT max(${column}) FROM ${table}));`,
      });
    }
  },
});

function setsSequence({ statement }: StatementAnalysis): boolean {
  return /\bsetval\s*\(|\brestart\b/i.test(statement.text);
}

/** The serial or identity column into which an INSERT writes numbers. */
function numberGiven({
  statement,
  before,
}: StatementAnalysis): { table: { id: number; schema: string; name: string }; column: string } | null {
  const insert = nodeAs(statement.tree, 'InsertStmt');
  const name = insert?.relation?.relname;
  if (!insert?.cols || name === undefined) return null;
  const table = resolveRelation(before, insert.relation?.schemaname, name);
  if (!table || !('constraints' in table)) return null;
  for (const [place, target] of insert.cols.entries()) {
    const wanted = nodeAs(target, 'ResTarget')?.name;
    const column = table.columns.find((each) => each.name === wanted);
    if (!column || ownedSequences(before, table.id, column.number).length === 0) continue;
    const rows = nodeAs(insert.selectStmt, 'SelectStmt')?.valuesLists ?? [];
    const isNumber = (row: Node): boolean => nodeAs(nodeAs(row, 'List')?.items?.[place], 'A_Const')?.ival !== undefined;
    if (rows.some(isNumber)) return { table, column: column.name };
  }
  return null;
}
