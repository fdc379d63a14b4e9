import { strict as assert } from 'node:assert';
import { codeQuestions } from '../../../src/core/deployedCode/questions.ts';
import { analyzeFiles } from '../../support/lint.ts';

const TABLE = 'CREATE TABLE orders (id bigint NOT NULL, note text, status text DEFAULT 1);';

/** What is asked of deployed code, each with the line of the statement that it is told at. */
function asked(text: string): readonly string[] {
  const { migrations } = analyzeFiles([
    { path: '1.sql', text: TABLE },
    { path: '2.sql', text },
  ]);
  return codeQuestions(migrations[1]!).map(
    ({ question: { kind, column }, statement }) =>
      `${kind}: ${column ?? ''}, line ${String(statement.statement.startLine)}`,
  );
}

describe('what a migration asks of deployed code', () => {
  for (const [text, expected] of [
    [
      'ALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ALTER COLUMN status SET NOT NULL;\nALTER TABLE orders ALTER COLUMN status DROP DEFAULT;',
      ['column gone: note, line 1', 'column required: status, line 2'],
    ],
    ['ALTER TABLE orders ADD PRIMARY KEY (id, note);', ['column required: note, line 1']],
    ['ALTER TABLE orders ADD COLUMN channel text NOT NULL;', ['column required: channel, line 1']],
    ['ALTER TABLE orders RENAME COLUMN note TO remark;\nDROP TABLE orders;', ['table gone: , line 1']],
    ["ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'x';\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;", []],
  ] as const) {
    it(text.replaceAll('\n', ' '), () => {
      assert.deepEqual(asked(text), expected);
    });
  }
});
