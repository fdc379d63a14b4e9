import assert from 'node:assert/strict';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../../src/core/analyze.ts';
import { historyFromFiles, withText } from '../../../src/core/tools/history.ts';
import type { History } from '../../../src/core/tools/tool.ts';
import { parser } from '../../support/parser.ts';

const SETTINGS = { major: 16, timeZone: null } as const;
const FIRST = 'CREATE TABLE a (id int, n int);\n';
const SECOND = `CREATE TABLE b (id int);
ALTER TABLE a ADD COLUMN m int;
CREATE INDEX ON a (n);
CREATE INDEX ON b (id);
INSERT INTO b VALUES (1);
ALTER TABLE b ALTER COLUMN id SET NOT NULL;
`;

const history = historyFromFiles({
  id: 'm',
  tool: 'plain',
  root: 'm',
  files: [
    { path: '1.sql', text: FIRST },
    { path: '2.sql', text: SECOND },
  ],
});
const start = analyzeHistory(history, { parser, settings: SETTINGS });

/** What the analysis says of every statement, without the objects that it is made of. */
function said({ migrations }: HistoryAnalysis): unknown {
  return migrations.map(({ statements }) => statements.map(({ statement, effects }) => [statement.start, effects]));
}

function edited(path: string, from: string, to: string): History {
  const text = history.migrations.find((migration) => migration.path === path)?.text ?? '';
  return withText(history, path, text.replace(from, to));
}

describe('provisional analysis', () => {
  it('keeps what stands behind an edit that changes the catalog, and says so', () => {
    const typed = edited('2.sql', 'CREATE TABLE b (id int)', 'CREATE TABLE b (id in');
    const quick = analyzeHistory(typed, { parser, settings: SETTINGS, previous: start, provisional: true });
    assert.equal(quick.provisional, true);
    assert.notEqual(quick.migrations[1]?.statements[0]?.statement.error, null);
    assert.deepEqual(
      quick.migrations[1]?.statements.slice(1).map(({ effects }) => effects),
      start.migrations[1]?.statements.slice(1).map(({ effects }) => effects),
    );
  });

  it('is exact, and says nothing, where the edit leaves the catalog as it was', () => {
    const typed = edited('2.sql', 'CREATE TABLE b', '-- a comment\nCREATE TABLE b');
    const quick = analyzeHistory(typed, { parser, settings: SETTINGS, previous: start, provisional: true });
    assert.equal(quick.provisional, undefined);
    assert.deepEqual(said(quick), said(analyzeHistory(typed, { parser, settings: SETTINGS })));
  });

  for (const [what, path, from, to] of [
    ['a half-typed statement', '2.sql', 'CREATE TABLE b (id int)', 'CREATE TABLE b (id in'],
    ['a table under another name', '1.sql', 'CREATE TABLE a', 'CREATE TABLE c'],
    ['a statement that is gone', '2.sql', 'CREATE TABLE b (id int);', ''],
    ['rows that are not put in', '2.sql', 'INSERT INTO b VALUES (1)', 'INSERT INTO b VALUE'],
    ['a statement twice', '2.sql', 'CREATE INDEX ON a (n);', 'CREATE INDEX ON a (n);\nCREATE INDEX ON a (n);'],
  ] as const) {
    it(`is made good by an exact one on top of it: ${what}`, () => {
      const typed = edited(path, from, to);
      const quick = analyzeHistory(typed, { parser, settings: SETTINGS, previous: start, provisional: true });
      const exact = analyzeHistory(typed, { parser, settings: SETTINGS, previous: quick });
      assert.equal(exact.provisional, undefined);
      assert.deepEqual(said(exact), said(analyzeHistory(typed, { parser, settings: SETTINGS })));
    });
  }
});
