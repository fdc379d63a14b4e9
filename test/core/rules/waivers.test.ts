import { strict as assert } from 'node:assert';
import { readWaivers } from '../../../src/core/rules/waivers.ts';
import { lintHistory } from '../../../src/core/lint.ts';
import { NO_HINT, analyzeFiles, brief, lintExample } from '../../support/lint.ts';

describe('a waiver', () => {
  const found = (sql: string): string[] => brief(lintExample(sql).findings);

  const read = (text: string) =>
    readWaivers({ text }).map(({ rule, reason, until, scope }) => [rule, reason, until, scope]);

  it('is read from both kinds of comment', () => {
    assert.deepEqual(read('-- lockkeeper-ignore drop-table: no one reads it '), [
      ['drop-table', 'no one reads it', null, 'statement'],
    ]);
    assert.deepEqual(read('/* lockkeeper-ignore drop-table: two\nlines */'), [
      ['drop-table', 'two\nlines', null, 'statement'],
    ]);
    assert.deepEqual(read('--lockkeeper-ignore drop-table'), [['drop-table', '', null, 'statement']]);
    assert.deepEqual(read('-- lockkeeper-ignored drop-table: x'), []);
  });

  it('names several rules, a whole file, and an end', () => {
    assert.deepEqual(read('-- lockkeeper-ignore-file drop-table, drop-column until 2027-01-31: old data'), [
      ['drop-table', 'old data', '2027-01-31', 'file'],
      ['drop-column', 'old data', '2027-01-31', 'file'],
    ]);
    assert.deepEqual(read('-- lockkeeper-ignore drop-table: old data (until 2027-01-31)'), [
      ['drop-table', 'old data', '2027-01-31', 'statement'],
    ]);
    assert.deepEqual(read('-- lockkeeper-ignore drop-table: 12:30 is the quiet hour'), [
      ['drop-table', '12:30 is the quiet hour', null, 'statement'],
    ]);
  });

  it('takes away that rule from the next statement only', () => {
    const sql = '-- lockkeeper-ignore drop-table: empty since May\nDROP TABLE customers;\nDROP TABLE events;';
    assert.deepEqual(found(sql), ['drop-table 1']);
  });

  it('leaves other rules alone', () => {
    assert.deepEqual(found('-- lockkeeper-ignore drop-column: wrong rule\nDROP TABLE customers;'), [
      'waiver-unused 0',
      'drop-table 0',
    ]);
  });

  it('counts for nothing without a reason, and that is said', () => {
    assert.deepEqual(found('-- lockkeeper-ignore drop-table:\nDROP TABLE customers;').toSorted(), [
      'drop-table 0',
      'waiver-reason 0',
    ]);
  });

  it('of the whole file counts everywhere in it', () => {
    const sql = '-- lockkeeper-ignore-file drop-table: empty since May\nDROP TABLE customers;\nDROP TABLE events;';
    assert.deepEqual(found(sql), []);
  });

  it('ends', () => {
    const sql = '-- lockkeeper-ignore drop-table until 2027-01-31: empty since May\nDROP TABLE customers;';
    const on = (today: string): string[] => brief(lintExample({ sql, facts: { today } }).findings).toSorted();
    assert.deepEqual(on('2027-01-31'), []);
    assert.deepEqual(on('2027-02-01'), ['drop-table 0', 'waiver-expired 0']);
  });

  it("in squawk's own words is honoured, by the table of its rules", () => {
    assert.deepEqual(found('-- squawk-ignore ban-drop-table\nDROP TABLE customers;\nDROP TABLE events;'), [
      'drop-table 1',
    ]);
    assert.deepEqual(found('-- squawk-ignore-file\nDROP TABLE customers;\nDROP TABLE events;'), []);
    assert.deepEqual(found('-- squawk-ignore renaming-table -- wrong one\nDROP TABLE customers;'), ['drop-table 0']);
  });

  it('that accepts nothing is a finding, and can be removed', () => {
    const sql = '-- lockkeeper-ignore drop-tabel: empty since May\nDROP TABLE customers;';
    const { findings } = lintExample(sql);
    assert.deepEqual(brief(findings).toSorted(), ['drop-table 0', 'waiver-unused 0']);
    const unused = findings.find(({ rule }) => rule === 'waiver-unused')!;
    assert.deepEqual(unused.fixes[0]?.edits, [{ start: 0, end: sql.indexOf('\n'), newText: '' }]);
  });

  it('is listed for reviewers with what it keeps silent', () => {
    const { waivers } = lintExample('-- lockkeeper-ignore drop-table: empty since May\nDROP TABLE customers;');
    assert.deepEqual(
      waivers.map(({ rule, reason, state, accepted, place }) => [rule, reason, state, brief(accepted), place?.line]),
      [['drop-table', 'empty since May', 'used', ['drop-table 0'], 1]],
    );
  });

  it('of lockkeeper.jsonc counts for the files of its glob', () => {
    const analysis = analyzeFiles([
      { path: 'old/1.sql', text: 'CREATE TABLE a (b int); CREATE TABLE c (d int);' },
      { path: 'old/2.sql', text: 'DROP TABLE a;' },
      { path: 'new/3.sql', text: 'DROP TABLE c;' },
    ]);
    const waivers = [{ files: 'old/**', rule: 'drop-table', reason: 'applied long ago' }];
    const { files, summary } = lintHistory(analysis, {
      speaks: ({ path }) => path !== 'old/1.sql',
      config: { waivers, rules: NO_HINT },
    });
    assert.deepEqual(
      files.map(({ file, findings }) => [file, brief(findings)]),
      [
        ['old/2.sql', []],
        ['new/3.sql', ['drop-table 0']],
      ],
    );
    assert.equal(summary.waived, 1);
  });
});
