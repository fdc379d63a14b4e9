import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';

describe('docs/fixes.md', function () {
  this.timeout(120_000);

  it('is what the proven fixes do', () => {
    const args = ['--import', 'tsx', 'scripts/generate-fixes-page.ts', '--check'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
});
