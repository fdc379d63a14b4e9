import { strict as assert } from 'node:assert';
import { inspect } from 'node:util';
import { databaseUrl, withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { ConnectionError } from '../../../src/node/connectionError.ts';
import type { ConnectionErrorReason } from '../../../src/node/connectionError.ts';
import { withEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { serverCache, sharedServer } from '../../support/server.ts';

describe('connections', function () {
  this.timeout(30_000);
  let url: string;
  before(async () => {
    ({ url } = await sharedServer());
  });

  it('carry their settings from the first packet on', async () => {
    const options = {
      lockTimeout: 1_234,
      statementTimeout: 5_678,
      timeZone: 'America/New York'.replace(' ', '_'),
      applicationName: "it's us",
      settings: { search_path: 'a, "b c\\d"' },
    };
    const row = await withClient(url, options, async (client) => {
      const names = ['lock_timeout', 'statement_timeout', 'TimeZone', 'application_name', 'search_path'];
      const result = await client.query<{ source: string; value: string }>(
        `SELECT name, setting AS value, source FROM pg_settings WHERE name = ANY($1) ORDER BY array_position($1, name)`,
        [names],
      );
      return result.rows.map(({ source, value }) => `${value} (${source})`);
    });
    assert.deepEqual(row, [
      '1234 (client)',
      '5678 (client)',
      'America/New_York (client)',
      "it's us (client)",
      'a, "b c\\d" (client)',
    ]);
  });

  const password = 'pa%24s-w0rd';
  const wrong: readonly [string, () => string, ConnectionErrorReason][] = [
    ['a wrong password', () => withPassword(password), 'wrong password'],
    ['a database that is not there', () => databaseUrl(url, 'not there'), 'no such database'],
    ['a port where nobody listens', () => `postgresql://postgres:${password}@127.0.0.1:1/postgres`, 'unreachable'],
    [
      'a host that is not there',
      () => `postgresql://postgres:${password}@no-such-host.invalid/postgres`,
      'unreachable',
    ],
    ['an address that is none', () => `::${password}::`, 'bad address'],
    ['encryption where there is none', () => `${url}?sslmode=require`, 'no encryption'],
  ];
  for (const [what, address, reason] of wrong) {
    it(`tell ${what} apart, without the password`, async () => {
      const secrets = [password, decodeURIComponent(password), new URL(url).password];
      await assert.rejects(
        withClient(address(), { connectTimeout: 5_000 }, () => Promise.resolve()),
        (error: unknown) => {
          assert.ok(error instanceof ConnectionError);
          assert.equal(error.reason, reason, error.message);
          const everything = inspect(error, { depth: 10, showHidden: true });
          for (const secret of secrets) assert.ok(!everything.includes(secret), everything);
          return true;
        },
      );
    });
  }

  it('tell a setting that the server refuses', async () => {
    await assert.rejects(
      withClient(url, { settings: { no_such_setting: '1' } }, () => Promise.resolve()),
      { reason: 'bad setting', message: /no_such_setting/ },
    );
  });

  it('say that the server went away', async () => {
    await withEmbeddedServer({ major: 18, cacheDirectory: serverCache }, async (server) => {
      await assert.rejects(
        withClient(server.url, {}, async (client) => {
          const sleeping = client.query('SELECT pg_sleep(30)');
          process.kill(server.pid, 'SIGKILL');
          await withClient(server.url, {}, (other) =>
            other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'`),
          ).catch(() => undefined);
          (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
          await sleeping;
        }),
        { reason: 'lost' },
      );
    });
  });

  it('end at once when cancelled', async () => {
    const controller = new AbortController();
    const begun = performance.now();
    setTimeout(() => {
      controller.abort();
    }, 50);
    await assert.rejects(
      withClient(url, { signal: controller.signal }, (client) => client.query('SELECT pg_sleep(30)')),
      { reason: 'cancelled' },
    );
    assert.ok(performance.now() - begun < 20_000);
  });

  it('pass on what a statement raised', async () => {
    await assert.rejects(
      withClient(url, {}, (client) => client.query('SELECT 1/0')),
      { code: '22012' },
    );
  });

  it('make a scratch database and drop it, with others still in it', async () => {
    let name = '';
    const escaped = withScratchDatabase(url, async (scratch, database) => {
      name = database.name;
      await withClient(scratch, {}, (client) => client.query('CREATE TABLE t ()'));
      throw new Error('on purpose');
    });
    await assert.rejects(escaped, /on purpose/);
    const left = await withClient(
      url,
      {},
      async (client) => (await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])).rowCount,
    );
    assert.equal(left, 0);
  });

  function withPassword(secret: string): string {
    const parsed = new URL(url);
    parsed.password = secret;
    return parsed.href;
  }
});
