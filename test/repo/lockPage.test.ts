import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { CASES } from '../oracle/cases/allCases.ts';

const page = readFileSync(new URL('../../docs/what-locks-what.md', import.meta.url), 'utf8');

describe('the page "What locks what"', () => {
  it('has every case of the oracle, each under an anchor of its own', () => {
    const cases = CASES.flatMap((group) => group.cases);
    const missing = cases.filter(
      ({ sql }) => !page.includes(`\`${sql.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}\``),
    );
    assert.deepEqual(
      missing.map(({ sql }) => sql),
      [],
      'run scripts/generate-lock-page.ts',
    );
    const anchors = [...page.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1]);
    assert.equal(new Set(anchors).size, anchors.length);
    assert.equal(anchors.length, cases.length);
  });
});
