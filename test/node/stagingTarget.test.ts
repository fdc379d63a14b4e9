import { strict as assert } from 'node:assert';
import { policyFromSettings } from '../../src/core/policy/policy.ts';
import { chooseStagingTarget, type StagingChoice } from '../../src/node/workflow/stagingTarget.ts';

const ADDRESS = { url: 'postgresql://db/app', systemIdentifier: null, source: 'a test' };

describe('where to measure', () => {
  for (const [what, change, expected] of [
    ['without any address: embedded', {}, 'embedded'],
    ['the staging environment that has an address', { addresses: new Map([['staging', ADDRESS]]) }, 'environment'],
    [
      'its golden database, if it has one',
      { addresses: new Map([['staging', { ...ADDRESS, golden: 'g' }]]) },
      'template',
    ],
    [
      'not where an empty database is needed',
      { addresses: new Map([['staging', { ...ADDRESS, golden: 'g' }]]), empty: true },
      'environment',
    ],
    ['in place, if asked', { addresses: new Map([['staging', ADDRESS]]), server: 'in-place' }, 'in-place'],
    ['embedded, if asked', { addresses: new Map([['staging', ADDRESS]]), server: 'embedded' }, 'embedded'],
    [
      'a command of the user’s own',
      { server: 'command', command: { create: 'make', destroy: null, folder: '/' } },
      'command',
    ],
    [
      'beside a development database, with consent',
      { addresses: new Map([['development', ADDRESS]]), wanted: 'development', server: 'scratch', consent: true },
      'environment',
    ],
  ] as const satisfies readonly (readonly [string, Partial<StagingChoice>, string])[])
    it(what, async () => {
      assert.equal((await chosen(change)).kind, expected);
    });

  for (const [what, change, message] of [
    [
      'beside a development database without consent',
      { addresses: new Map([['development', ADDRESS]]), wanted: 'development' },
      /development is a development server.*--server scratch/,
    ],
    ['a command that is not set', { server: 'command' }, /Set LOCKKEEPER_STAGING_COMMAND/],
    ['a clone of nothing', { addresses: new Map([['staging', ADDRESS]]), server: 'template' }, /--golden NAME/],
    ['a kind that needs an environment', { server: 'scratch' }, /no staging environment has a URL/],
    [
      'a clone for a test that needs an empty database',
      { addresses: new Map([['staging', ADDRESS]]), server: 'template', golden: 'g', empty: true },
      /needs an empty database/,
    ],
  ] as const satisfies readonly (readonly [string, Partial<StagingChoice>, RegExp])[])
    it(`is nowhere: ${what}`, async () => {
      await assert.rejects(chosen(change), { reason: 'not possible', message });
    });

  it('production is told by the identifiers in the statistics too', async () => {
    const target = await chosen({ addresses: new Map([['staging', ADDRESS]]), productionIdentifiers: ['7'] });
    assert.ok(target.kind === 'environment' && target.production.systemIdentifiers.includes('7'));
  });
});

function chosen(change: Partial<StagingChoice>): ReturnType<typeof chooseStagingTarget> {
  return chooseStagingTarget({
    policy: policyFromSettings({}),
    addresses: new Map(),
    wanted: undefined,
    major: 18,
    cacheDirectory: '/nowhere',
    ...change,
  });
}
