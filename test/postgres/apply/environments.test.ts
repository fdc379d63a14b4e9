import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentAddresses, environmentsFile, urlVariable } from '../../../src/node/environments.ts';
import { knownProductionServers, rememberProductionServer } from '../../../src/node/productionServers.ts';

describe('environments', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockkeeper-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('have their URLs from a variable, else from the user’s own file', async () => {
    const file = join(folder, 'environments.jsonc');
    await writeFile(
      file,
      '{ // mine\n "staging": "postgresql://a@b/c", "production": {"url": "postgresql://p@q/r", "systemIdentifier": "7"}, }',
      { mode: 0o600 },
    );
    const { byName, problems } = await environmentAddresses(['staging', 'eu-production'], {
      file,
      environment: {
        LOCKKEEPER_URL_STAGING: 'postgresql://x@y/z',
        LOCKKEEPER_URL_EU_PRODUCTION: 'postgresql://eu@y/z',
      },
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [...byName],
      [
        ['staging', { url: 'postgresql://x@y/z', systemIdentifier: null, source: 'LOCKKEEPER_URL_STAGING' }],
        ['production', { url: 'postgresql://p@q/r', systemIdentifier: '7', source: file }],
        [
          'eu-production',
          { url: 'postgresql://eu@y/z', systemIdentifier: null, source: 'LOCKKEEPER_URL_EU_PRODUCTION' },
        ],
      ],
    );
  });

  it('without a file are none; what is wrong in it is said without repeating it', async () => {
    assert.deepEqual([...(await environmentAddresses([], { file: join(folder, 'none'), environment: {} })).byName], []);
    const file = join(folder, 'environments.jsonc');
    await writeFile(file, '{"staging": 5,\n "x": "postgresql://u:hunter2@h/d"', { mode: 0o644 });
    const { problems } = await environmentAddresses([], { file, environment: {} });
    assert.equal(problems.length, 3);
    assert.match(problems.join('\n'), /can be read by other users.*chmod 600/);
    assert.match(problems.join('\n'), /line 2: CloseBraceExpected/);
    assert.match(problems.join('\n'), /"staging" should be a URL/);
    assert.doesNotMatch(problems.join('\n'), /hunter2/);
  });

  it('lie in the user’s configuration folder', () => {
    assert.equal(environmentsFile({ XDG_CONFIG_HOME: '/c' }), '/c/lockkeeper/environments.jsonc');
    assert.equal(urlVariable('eu-production'), 'LOCKKEEPER_URL_EU_PRODUCTION');
  });

  it('of class production are remembered by their system identifier, once', async () => {
    const file = join(folder, 'deep', 'servers.json');
    assert.deepEqual(await knownProductionServers(file), []);
    for (const identifier of ['7', '8', '7']) await rememberProductionServer(file, identifier);
    assert.deepEqual(await knownProductionServers(file), ['7', '8']);
  });
});
