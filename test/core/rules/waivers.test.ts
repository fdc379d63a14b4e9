import { strict as assert } from 'node:assert';
import { readWaiver } from '../../../src/core/rules/waivers.ts';
import { brief, lintExample } from '../../support/lint.ts';

describe('a waiver', () => {
  const found = (sql: string): string[] => brief(lintExample(sql).findings);

  it('is read from both kinds of comment', () => {
    assert.deepEqual(readWaiver({ text: '-- lockkeeper-ignore drop-table: no one reads it ' }), {
      rule: 'drop-table',
      reason: 'no one reads it',
    });
    assert.deepEqual(readWaiver({ text: '/* lockkeeper-ignore drop-table: two\nlines */' }), {
      rule: 'drop-table',
      reason: 'two\nlines',
    });
    assert.deepEqual(readWaiver({ text: '--lockkeeper-ignore drop-table' }), { rule: 'drop-table', reason: '' });
    assert.equal(readWaiver({ text: '-- lockkeeper-ignored drop-table: x' }), undefined);
  });

  it('takes away that rule from the next statement only', () => {
    const sql = '-- lockkeeper-ignore drop-table: empty since May\nDROP TABLE customers;\nDROP TABLE events;';
    assert.deepEqual(found(sql), ['drop-table 1']);
  });

  it('leaves other rules alone', () => {
    assert.deepEqual(found('-- lockkeeper-ignore drop-column: wrong rule\nDROP TABLE customers;'), ['drop-table 0']);
  });

  it('counts for nothing without a reason, and that is said', () => {
    assert.deepEqual(found('-- lockkeeper-ignore drop-table:\nDROP TABLE customers;').toSorted(), [
      'drop-table 0',
      'waiver-reason 0',
    ]);
  });
});
