import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';

describe('docs/cli.md', function () {
  this.timeout(30_000);

  it('is what the commands say of themselves', () => {
    const args = ['--import', 'tsx', 'scripts/generate-cli-docs.ts', '--check'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
});
