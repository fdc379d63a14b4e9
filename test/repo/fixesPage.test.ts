import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { FIXES_PAGE, fixesPage } from '../../scripts/generate-fixes-page.ts';

describe('docs/fixes.md', () => {
  it('is what the proven fixes do (npm run docs)', async () => {
    assert.equal(readFileSync(FIXES_PAGE, 'utf8'), await fixesPage());
  }).timeout(30_000);
});
