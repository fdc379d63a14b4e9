import { strict as assert } from 'node:assert';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import type { HistoryAnalysis } from '../../../src/core/analyze.ts';
import { lintHistory } from '../../../src/core/lint.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { testHistory } from '../../support/lint.ts';
import { parser } from '../../support/parser.ts';

const SQL = 'ALTER TABLE orders ADD COLUMN remark text;\n';
const TEXTS = [
  { text: SQL, speaks: true },
  { text: `${SQL}\n-- lock_timeout is set for the role.\n`, speaks: false },
  { text: `${SQL}\n-- lock_timeout = 0 is set for the role.\n`, speaks: true },
  { text: `\\echo lock_timeout is in PGOPTIONS\n${SQL}`, speaks: false },
  { text: `-- lock_timeout is set for the role.\n\n${SQL}`, speaks: false },
  { text: SQL, speaks: true },
];

describe('lock-timeout', () => {
  it('reads all of a file, what stands behind the last statement too, while somebody types', () => {
    let previous: HistoryAnalysis | undefined;
    for (const { text, speaks } of TEXTS) {
      const history = testHistory([
        { path: '1.sql', text: EXAMPLE_SCHEMA },
        { path: '2.sql', text },
      ]);
      const settings = { major: 16, timeZone: null } as const;
      const analysis = analyzeHistory(history, { parser, settings, ...(previous && { previous }) });
      const { files } = lintHistory(analysis, { speaks: ({ id }) => id === '2.sql', config: {} });
      const said = files[0]!.findings.some(({ rule }) => rule === 'lock-timeout');
      assert.equal(said, speaks, text);
      previous = analysis;
    }
  });
});
