import { strict as assert } from 'node:assert';
import { lintJson } from '../../../src/core/report/lintJson.ts';
import { lintText } from '../../../src/core/report/lintText.ts';
import { lintExample } from '../../support/lint.ts';

describe('lint as text', () => {
  it('shows the line with a caret under the statement, and counts', () => {
    const text = lintText([lintExample('-- why\n  DROP TABLE customers; SELEC 1;')], { colours: false });
    assert.match(
      text,
      /^warning: DROP TABLE takes customers away, with all rows\.\n --> 3\.sql:2:3 {2}\[drop-table\]\n/,
    );
    assert.ok(text.includes('2 |   DROP TABLE customers; SELEC 1;\n  |   ^^^^^^^^^^^^^^^^^^^^^\n'), text);
    assert.ok(text.endsWith('1 error, 1 warning in 1 migration; 1 of 2 statements analysed.\n'), text);
  });

  it('keeps tabs and cuts long lines, so that the caret stands under its text', () => {
    const text = lintText([lintExample(`\tDROP TABLE customers; ${'SELECT 1; '.repeat(30)}DROP TABLE events;`)], {
      colours: false,
    });
    const lines = text.split('\n');
    const under = lines.findIndex((line) => line.includes('^'));
    assert.equal(lines[under], '  | \t^^^^^^^^^^^^^^^^^^^^^');
    const second = lines.findIndex((line, index) => index > under && line.includes('^'));
    assert.equal(lines[second - 1]!.indexOf('DROP TABLE events'), lines[second]!.indexOf('^'));
  });

  it('is plain without colours and coloured with them', () => {
    const file = lintExample('DROP TABLE customers;');
    assert.ok(!lintText([file], { colours: false }).includes('\u001b'));
    assert.ok(lintText([file], { colours: true }).includes('\u001b[1;33mwarning\u001b[0m'));
  });

  it('says how to have safe forms written, where asked', () => {
    const file = lintExample('CREATE INDEX orders_note_idx ON orders (note);\nDROP TABLE customers;');
    assert.match(
      lintText([file], { colours: false, offerFixes: true }),
      /analysed\.\n\nlockkeeper lint --fix writes the safe form where there is one\.\n$/,
    );
    assert.doesNotMatch(lintText([file], { colours: false }), /--fix/);
  });

  it('says that there is nothing', () => {
    assert.equal(
      lintText([lintExample('SELECT 1;')], { colours: false }),
      'No findings in 1 migration; 1 of 1 statement analysed.\n',
    );
  });
});

describe('waivers', () => {
  const file = lintExample('-- lockkeeper-ignore drop-table: empty since May\nDROP TABLE customers;');

  it('are counted in the text and listed in JSON', () => {
    assert.match(lintText([file], { colours: false }), /; 1 finding waived\.\n$/);
    assert.deepEqual(lintJson([file]).files[0]?.waivers, [
      {
        rule: 'drop-table',
        reason: 'empty since May',
        until: null,
        scope: 'statement',
        by: 'comment',
        state: 'used',
        line: 1,
        accepted: 1,
      },
    ]);
  });
});

describe('lint as JSON', () => {
  it('has the documented fields', () => {
    const json = lintJson([lintExample('SELECT 1;\nDROP TABLE customers;')], ({ file }) => `db/${file}`);
    assert.deepEqual(Object.keys(json), ['files', 'summary']);
    assert.equal(json.files[0]?.file, 'db/3.sql');
    const [finding] = json.files[0].findings;
    assert.ok(finding?.message.startsWith('DROP TABLE takes customers away'));
    assert.deepEqual(
      { ...finding, message: '' },
      {
        rule: 'drop-table',
        cause: 'loses data',
        severity: 'warning',
        message: '',
        statement: 1,
        startLine: 2,
        startOffset: 10,
        endOffset: 31,
        estimate: null,
      },
    );
    assert.deepEqual(json.summary, {
      files: 1,
      statements: 2,
      analysed: 2,
      findings: { error: 0, warning: 1, information: 0, hint: 0 },
      waived: 0,
    });
  });
});
