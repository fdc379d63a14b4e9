import { strict as assert } from 'node:assert';
import type { ExplainLine } from '../../src/core/explain.ts';
import type { LintJson } from '../../src/core/report/lintJson.ts';
import { folderWith, jsonLines, lockkeeper } from './lockkeeper.ts';

const HISTORY = {
  'migrations/0001_init.sql':
    '\ufeff-- orders\r\nCREATE TABLE customers (id bigint PRIMARY KEY);\r\nCREATE TABLE orders (id bigserial PRIMARY KEY, note varchar(10));\r\n',
  'migrations/0002_change.sql': [
    'CREATE INDEX orders_note_idx ON orders (note);',
    'ALTER TABLE orders ADD COLUMN customer_id bigint REFERENCES customers;',
    'ALTER TABLE orders RENAME TO purchases; CREATE TABLE orders (id int);',
    'CREATE INDEX CONCURRENTLY ON purchases (id);',
    'SELECT 1 +;',
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || (SELECT 'x'); END $$",
  ].join('\n'),
};

describe('explain --format json', () => {
  const folder = folderWith(HISTORY);
  const lines = jsonLines<ExplainLine>(lockkeeper(folder, ['explain', '--format', 'json', 'migrations/']));
  const second = lines.filter(({ file }) => file === 'migrations/0002_change.sql');

  it('names files by the argument joined with the path, in the order of the history', () => {
    assert.deepEqual(
      [...new Set(lines.map(({ file }) => file))],
      ['migrations/0001_init.sql', 'migrations/0002_change.sql'],
    );
  });

  it('has exactly the documented fields', () => {
    for (const line of lines) {
      assert.deepEqual(Object.keys(line).sort(), [
        'effects',
        'endOffset',
        'error',
        'file',
        'index',
        'kind',
        'opaque',
        'startLine',
        'startOffset',
        'transactional',
      ]);
    }
  });

  it('counts statements from 0, lines from 1, and offsets with BOM, CRLF and the closing semicolon', () => {
    const [first] = lines;
    assert.ok(first);
    const text = HISTORY['migrations/0001_init.sql'];
    assert.equal(first.index, 0);
    assert.equal(first.startLine, 2);
    assert.equal(text.slice(first.startOffset, first.endOffset), 'CREATE TABLE customers (id bigint PRIMARY KEY);');
  });

  it('gives kind, locks and work', () => {
    assert.deepEqual(
      second.map(({ kind }) => kind),
      ['CREATE INDEX', 'ALTER TABLE', 'ALTER TABLE', 'CREATE TABLE', 'CREATE INDEX', 'SELECT', 'DO'],
    );
    assert.deepEqual(second[0]?.effects, [
      { relation: 'public.orders', lock: 'SHARE', work: ['index build'], newRelation: false },
    ]);
    assert.deepEqual(second[1]?.effects.map(({ relation, lock }) => `${relation} ${lock}`).sort(), [
      'public.customers SHARE ROW EXCLUSIVE',
      'public.orders ACCESS EXCLUSIVE',
    ]);
  });

  it('follows identity, not names: a renamed table is not new, one made under its old name is', () => {
    assert.equal(second[2]?.effects.find(({ relation }) => relation === 'public.orders')?.newRelation, false);
    assert.equal(second[3]?.effects.find(({ relation }) => relation === 'public.orders')?.newRelation, true);
    assert.equal(second[4]?.effects.find(({ relation }) => relation === 'public.purchases')?.newRelation, false);
  });

  it('says what may not run in a transaction block, what does not parse, and what is not analysed', () => {
    assert.equal(second[4]?.transactional, false);
    assert.equal(second[0]?.transactional, true);
    const text = HISTORY['migrations/0002_change.sql'];
    assert.equal(second[5]?.error?.offset, text.indexOf('+;') + 1);
    assert.match(second[5].error.message, /syntax error/);
    assert.equal(second[6]?.opaque, true);
  });
});

describe('lint --format json', () => {
  const folder = folderWith(HISTORY);
  const outcome = lockkeeper(folder, ['lint', '--format', 'json', 'migrations/0002_change.sql']);
  const result = JSON.parse(outcome.out) as LintJson;

  it('exits with 1 on an error, and with 0 where nothing reaches --fail-on', () => {
    assert.equal(outcome.code, 1);
    assert.equal(lockkeeper(folder, ['lint', '--fail-on', 'never', 'migrations']).code, 0);
    assert.equal(lockkeeper(folder, ['lint', 'migrations/0001_init.sql']).code, 0);
  });

  it('has exactly the documented fields, and the statement index of explain', () => {
    assert.deepEqual(Object.keys(result), ['files', 'summary']);
    const [file] = result.files;
    assert.equal(file?.file, 'migrations/0002_change.sql');
    for (const finding of file.findings) {
      assert.deepEqual(Object.keys(finding).sort(), [
        'cause',
        'endOffset',
        'estimate',
        'message',
        'rule',
        'severity',
        'startLine',
        'startOffset',
        'statement',
      ]);
    }
    const index = file.findings.find(({ rule }) => rule === 'require-concurrent-index');
    assert.equal(index?.statement, 0);
    assert.equal(index.cause, 'blocks');
  });

  it('reads earlier files of the history for the catalog, and lets only the named one speak', () => {
    assert.equal(result.files.length, 1);
    assert.equal(result.summary.files, 1);
  });
});
