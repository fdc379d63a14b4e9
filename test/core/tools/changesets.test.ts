import { strict as assert } from 'node:assert';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import type { StatementAnalysis } from '../../../src/core/analyze.ts';
import { lintHistory } from '../../../src/core/lint.ts';
import { historyFromFiles } from '../../../src/core/tools/history.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { executionPlan } from '../../../src/node/apply/executionPlan.ts';
import { parser } from '../../support/parser.ts';

const TYPE = "--liquibase formatted sql\n--changeset a:1\nCREATE TYPE s AS ENUM ('new');\nCREATE TABLE t (s s);\n";
const ADD = "--changeset a:2\nALTER TYPE s ADD VALUE 'old';\n";
const USE = "ALTER TABLE t ALTER s SET DEFAULT 'old';\n";

/** The transaction of each statement of the second file, and the rules that say something about transactions there. */
function read(
  text: string,
  transactionMode?: TransactionMode,
): { transactions: string; rules: string[]; statements: readonly StatementAnalysis[] } {
  const files = [
    { path: '1.sql', text: TYPE },
    { path: '2.sql', text: `--liquibase formatted sql\n${text}` },
  ];
  const history = historyFromFiles({ id: '.', tool: 'plain', root: '.', files, transactionMode });
  const analysis = analyzeHistory(history, { parser, settings: { major: 16, timeZone: null } });
  const { statements, migration } = analysis.migrations[1]!;
  const ids = [...new Set(statements.map(({ transaction }) => transaction.id))].filter((id) => id !== null);
  const { files: linted } = lintHistory(analysis, { speaks: () => true, mayEdit: () => true, config: {} });
  return {
    statements,
    transactions: statements
      .map(({ transaction: { id } }) => (id === null ? '-' : String(ids.indexOf(id) + 1)))
      .join(' '),
    rules: linted
      .flatMap(({ file, findings }) => (file === migration.path ? findings.map(({ rule }) => rule) : []))
      .filter((rule) => /transaction/.test(rule)),
  };
}

describe('the changesets of a Liquibase file', () => {
  for (const [name, text, transactions, rules] of [
    ['one is a transaction', `${ADD}${USE}`, '1 1', ['enum-value-in-transaction']],
    ['each is a transaction', `${ADD}--changeset a:3\n${USE}SELECT 1;\n`, '1 2 2', []],
    ['with carriage returns', `${ADD}-- changeset a:3\n${USE}`.replaceAll('\n', '\r\n'), '1 2', []],
    [
      'one that says so is none, the others are',
      `--changeset a:2 runInTransaction:"false"\nCREATE INDEX CONCURRENTLY i ON t (s);\n--changeset a:3\nSELECT 1;\nSELECT 2;\n`,
      '- 1 1',
      [],
    ],
    [
      'one is one, whatever another says',
      `--changeset a:2 runInTransaction:false\nSELECT 1;\n--changeset a:3\nCREATE INDEX CONCURRENTLY i ON t (s);\n`,
      '- 1',
      ['not-in-transaction'],
    ],
  ] as const) {
    it(name, () => {
      const found = read(text);
      assert.equal(found.transactions, transactions);
      assert.deepEqual(found.rules, rules);
    });
  }

  it('staging and apply run them so', () => {
    const kinds = (text: string): string[] =>
      executionPlan(read(text).statements).map(({ kind, statements }) => `${kind} ${String(statements.length)}`);
    assert.deepEqual(kinds(`${ADD}--changeset a:3\n${USE}SELECT 1;\n`), ['wrapped 1', 'wrapped 2']);
    assert.deepEqual(kinds(`${ADD}--changeset a:3 runInTransaction:false\nSELECT 1;\n`), ['wrapped 1', 'single 1']);
  });

  it('what the configuration says goes for all of them', () => {
    assert.equal(read(`${ADD}--changeset a:3\n${USE}`, 'autocommit').transactions, '- -');
    assert.equal(read(`${ADD}--changeset a:3 runInTransaction:false\n${USE}`, 'explicit').transactions, '1 1');
  });
});
