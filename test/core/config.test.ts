import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../src/core/config.ts';
import { schemaText } from '../../scripts/generate-schema.ts';

const messages = (text: string): string[] => parseConfig(text).problems.map(({ message }) => message);

describe('lockkeeper.jsonc', () => {
  it('may be missing or empty', () => {
    for (const text of ['', '{}', '// nothing yet\n{ }\n', '\ufeff{}']) {
      const { config, problems } = parseConfig(text);
      assert.deepEqual(problems, [], JSON.stringify(text));
      assert.equal(config.postgresVersion, null);
      assert.deepEqual(
        config.policy.environments.map(({ name }) => name),
        ['development', 'staging', 'production'],
      );
    }
  });

  it('gives what it says', () => {
    const { config, problems } = parseConfig(`{
      // comments and trailing commas are fine
      "postgresVersion": 15,
      "timeZone": "UTC",
      "histories": [{ "path": "./db/migrations/", "tool": "plain", "transactionMode": "explicit", "adoptedAt": "007.sql" }],
      "environments": { "live": { "class": "production", "require": { "high": { "evidence": ["staging run"], "approvals": { "dba": 2 } } } } },
      "roles": { "dba": ["ann@example.com"] },
      "rules": { "require-concurrent-index": "off" },
      "sizes": { "public.orders": 5e6, "logs": { "bytes": 1000 } },
    }`);
    assert.deepEqual(problems, []);
    assert.equal(config.postgresVersion, 15);
    assert.deepEqual(config.histories, [
      { path: 'db/migrations', tool: 'plain', transactionMode: 'explicit', adoptedAt: '007.sql' },
    ]);
    const live = config.policy.environments[0];
    assert.equal(live?.class, 'production');
    assert.deepEqual(live.requires.high, { evidence: ['staging run'], approvals: [{ role: 'dba', count: 2 }] });
    assert.deepEqual(config.rules, { 'require-concurrent-index': 'off' });
    assert.deepEqual(config.sizes, { 'public.orders': { rows: 5e6, bytes: null }, logs: { rows: null, bytes: 1000 } });
  });

  it('reads sizes as people write them', () => {
    const { config, problems } = parseConfig(
      '{"sizes": {"orders": "40M", "public.events": {"rows": "1.5B", "bytes": "300G"}, "a": {"rows": 200}, "b": "lots"}}',
    );
    assert.deepEqual(config.sizes, {
      orders: { rows: 40_000_000, bytes: null },
      'public.events': { rows: 1_500_000_000, bytes: 300_000_000_000 },
      a: { rows: 200, bytes: null },
    });
    assert.match(problems[0]!.message, /"sizes\.b" .*"40M"/);
  });

  it('takes waivers with a reason only', () => {
    const { config, problems } = parseConfig(`{"waivers": [
      { "files": "db/2024*", "rule": "drop-column", "reason": "applied long ago", "until": "2027-01-31" },
      { "files": "db/2025*", "rule": "drop-column", "reason": " " },
      { "files": "db/2025*", "rule": "drop-columns", "reason": "applied", "until": "soon" }]}`);
    assert.deepEqual(config.waivers, [
      { files: 'db/2024*', rule: 'drop-column', reason: 'applied long ago', until: '2027-01-31' },
      { files: 'db/2025*', rule: 'drop-columns', reason: 'applied' },
    ]);
    assert.deepEqual(
      problems.map(({ severity }) => severity),
      ['error', 'warning', 'error'],
    );
    assert.match(problems[1]!.message, /did you mean "drop-column"/);
  });

  it('names an unknown key and the known ones, and uses the rest', () => {
    const { config, problems } = parseConfig('{"postgresversion": 15, "timeZone": "UTC"}');
    assert.equal(config.timeZone, 'UTC');
    assert.equal(problems[0]?.severity, 'warning');
    assert.match(problems[0].message, /no setting "postgresversion"; there are postgresVersion, timeZone/);
    assert.equal(problems[0].offset, 1);
  });

  it('refuses a URL, whatever its key, says where it belongs, and does not repeat it', () => {
    for (const text of [
      '{"environments": {"live db": {"class": "production", "url": "postgres://u:secret@h/d"}}}',
      '{"environments": {"live db": {"class": "production", "password": "secret"}}}',
      '{"baseline": "postgresql://u:secret@h/d"}',
    ]) {
      const { problems, config } = parseConfig(text);
      assert.equal(problems[0]?.severity, 'error', text);
      assert.match(problems[0].message, /must not stand in the repository.*LOCKKEEPER_URL_/);
      assert.doesNotMatch(JSON.stringify([problems, config]), /secret/);
    }
    assert.match(
      messages('{"environments": {"live db": {"class": "production", "url": ""}}}')[0] ?? '',
      /LOCKKEEPER_URL_LIVE_DB/,
    );
  });

  it('says what is wrong with a value, at its place', () => {
    const wrong: Record<string, RegExp> = {
      '{"postgresVersion": 13}': /"postgresVersion" must be one of 14, 15, 16, 17, 18/,
      '{"postgresVersion": "16"}': /must be one of 14/,
      '{"histories": [{}]}': /"histories\.0" needs "path"/,
      '{"histories": {}}': /"histories" must be a list/,
      '{"environments": {"live": {}}}': /"environments\.live" needs "class"/,
      '{"environments": {"live": {"class": "prod"}}}': /must be one of "development", "staging", "production"/,
      '{"rules": {"require-index-concurrent": "off"}}': /no rule "require-index-concurrent"; did you mean "require-/,
      '{"rules": {"require-concurrent-index": "loud"}}': /must be one of "off", "error"/,
      '{"sizes": {"a": -1}}': /must be a number of 0 or more/,
      '[]': /lockkeeper\.jsonc must be an object/,
      '{"timeZone": }': /not valid JSON/,
      '{"timeZone": "UTC"': /not valid JSON/,
      '{"timeZone": 3}': /"timeZone" must be a text/,
    };
    for (const [text, expected] of Object.entries(wrong)) {
      const { problems } = parseConfig(text);
      assert.ok(
        problems.some(({ message }) => expected.test(message)),
        `${text}: ${JSON.stringify(problems)}`,
      );
      for (const { offset, length } of problems) assert.ok(offset >= 0 && offset + length <= text.length, text);
    }
  });

  it('is described for the editor by a schema that is fresh', () => {
    const file = new URL('../../schemas/lockkeeper.schema.json', import.meta.url);
    assert.equal(readFileSync(file, 'utf8'), schemaText());
  });
});
