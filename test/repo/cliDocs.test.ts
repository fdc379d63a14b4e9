import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { CLI_PAGE, cliPage } from '../../scripts/generate-cli-docs.ts';

describe('docs/cli.md', () => {
  it('is what the commands say of themselves (npm run docs)', async () => {
    assert.equal(readFileSync(CLI_PAGE, 'utf8'), await cliPage());
  }).timeout(30_000);
});
