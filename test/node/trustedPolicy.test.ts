import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEnvironment } from '../../src/core/policy/policy.ts';
import { parseConfig } from '../../src/core/config.ts';
import { policySourceText, trustedPolicy } from '../../src/node/trustedPolicy.ts';

const AGREED =
  '{"environments": {"production": {"class": "production", "require": {"low": {"approvals": {"dba": 1}}}}}}';
const LOWERED = `{
  "environments": {
    "production": {"class": "production", "require": {"low": {"evidence": [], "approvals": {}}}},
    "preview": {"class": "staging"}
  },
  "roles": {"dba": ["mallory@example.com"]}
}`;

describe('the policy that counts', () => {
  let home: string;
  let clone: string;
  const git = (folder: string, ...args: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], { cwd: folder });
  };

  before('a clone of a repository with an agreed policy, whose working tree says otherwise', () => {
    home = mkdtempSync(join(tmpdir(), 'lockkeeper-policy-'));
    const origin = join(home, 'origin');
    clone = join(home, 'clone');
    execFileSync('git', ['init', '-q', '-b', 'main', origin]);
    writeFileSync(join(origin, 'lockkeeper.jsonc'), AGREED);
    git(origin, 'add', '.');
    git(origin, 'commit', '-q', '-m', 'agreed');
    git(home, 'clone', '-q', origin, clone);
    git(clone, 'switch', '-q', '-c', 'lower');
    writeFileSync(join(clone, 'lockkeeper.jsonc'), LOWERED);
    git(clone, 'commit', '-q', '-a', '-m', 'lowered');
  });

  after(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const { config } = parseConfig(LOWERED);

  it("is the remote's default branch's, whatever a branch says", () => {
    const source = trustedPolicy(clone, config);
    assert.equal(source.ref, 'origin/main');
    const low = findEnvironment(source.policy, 'production')?.requires.low;
    assert.deepEqual(low?.approvals, [{ role: 'dba', count: 1 }]);
    assert.deepEqual(low.evidence, ['staging run']);
  });

  it('takes environments that it does not know from the working tree, and says so', () => {
    const source = trustedPolicy(clone, config);
    assert.equal(findEnvironment(source.policy, 'preview')?.class, 'staging');
    assert.match(policySourceText(source, 'preview'), /not yet in origin\/main/);
    assert.doesNotMatch(policySourceText(source, 'production'), /working tree/);
  });

  it('is read from a ref that the user names, and refuses one that is not there', () => {
    const low = (ref: string) => findEnvironment(trustedPolicy(clone, config, ref).policy, 'production')?.requires.low;
    assert.deepEqual(low('lower')?.evidence, []);
    assert.throws(() => low('nowhere'), /no git ref nowhere/);
    assert.throws(() => low('--output=x'), /no git ref/);
  });

  it("is the working tree's where there is no remote, and says that nobody else agreed", () => {
    const source = trustedPolicy(home, config);
    assert.equal(source.ref, null);
    assert.deepEqual(source.policy, config.policy);
    assert.match(policySourceText(source, 'production'), /whoever wrote the migration can change/);
  });
});
