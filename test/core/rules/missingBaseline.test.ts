import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import { analyzeFiles, NO_HINT } from '../../support/lint.ts';

describe('a history without its beginning', () => {
  it('is told once for its tables, and once a file for its indexes', () => {
    const many = Array.from({ length: 40 }, (_, index) => index);
    const text = many
      .map((index) => `DROP INDEX i${String(index)};\nALTER TABLE t${String(index)} ADD COLUMN note text;`)
      .join('\n');
    const analysis = analyzeFiles([
      { path: '1.sql', text },
      { path: '2.sql', text: 'ALTER TABLE other ADD COLUMN note text;' },
    ]);
    const { files } = lintHistory(analysis, { speaks: () => true, config: { rules: NO_HINT } });
    const told = files.flatMap(({ findings }) =>
      findings.map(({ rule, message }) => `${rule}: ${message.split('\n')[0] ?? ''}`),
    );
    assert.deepEqual(told.sort(), [
      'missing-baseline: t0 is made nowhere in this history before this statement.',
      'not-analysed: Not analysed: no migration makes this index, so its table is not known (here and in 39 more places of this file).',
    ]);
  });
});
