import { strict as assert } from 'node:assert';
import { readRows, readShares } from '../../../src/core/staging/sizingText.ts';

describe('sizes as people write them', () => {
  it('are rows, in thousands and millions too', () => {
    const texts = ['0', '100000', '500k', '1.5M', ' 5M '];
    assert.deepEqual(texts.map(readRows), [0, 100_000, 500_000, 1_500_000, 5_000_000]);
    for (const text of ['', 'many', '-1', '1.5', '5m', '2000M', '1e5']) assert.equal(readRows(text), null, text);
  });
  it('are shares, ascending and each once', () => {
    assert.deepEqual(readShares('5,10,20'), [0.05, 0.1, 0.2]);
    assert.deepEqual(readShares('20 %, 5%,20'), [0.05, 0.2]);
    for (const text of ['', '5,,10', '0', '101', 'a', '1,2,3,4,5,6,7,8,9,10,11'])
      assert.equal(readShares(text), null, text);
  });
});
