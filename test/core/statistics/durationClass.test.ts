import { strict as assert } from 'node:assert';
import { durationClass, durationRange, durationRangeText } from '../../../src/core/statistics/durationClass.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('durations as people can believe them', () => {
  it('fall into four classes', () => {
    assert.deepEqual([0, 999, SECOND, 59_999, MINUTE, HOUR - 1, HOUR, 100 * HOUR].map(durationClass), [
      'instant',
      'instant',
      'seconds',
      'seconds',
      'minutes',
      'minutes',
      'hours',
      'hours',
    ]);
  });

  it('have the class of the longer end', () => {
    assert.deepEqual(durationRange(90 * SECOND, 40 * SECOND, 'a guess'), {
      low: 40 * SECOND,
      high: 90 * SECOND,
      class: 'minutes',
      basis: 'a guess',
    });
  });

  for (const [low, high, text] of [
    [0, 400, 'under a second'],
    [200, 3 * SECOND, 'up to 3 seconds'],
    [4 * MINUTE, 9 * MINUTE, '4 to 9 minutes'],
    [25 * MINUTE, 25 * MINUTE + 10, 'about 25 minutes'],
    [40 * SECOND, 2 * MINUTE, '40 seconds to 2 minutes'],
    [SECOND, 2.4 * SECOND, '1 to 2.4 seconds'],
    [SECOND, SECOND, 'about 1 second'],
    [100 * SECOND, 160 * SECOND, '1.5 to 2.5 minutes'],
    [30 * HOUR, 70 * HOUR, '30 hours to 3 days'],
  ] as const) {
    it(`read ${text}`, () => {
      assert.equal(durationRangeText({ low, high }), text);
    });
  }
});
