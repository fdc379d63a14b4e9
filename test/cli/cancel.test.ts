import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startEmbeddedServer } from '../../src/node/servers/embedded.ts';
import { withClient } from '../../src/node/connection.ts';
import { ownDatabases } from '../../src/node/staging/ownDatabases.ts';
import { folderWith } from './lockkeeper.ts';

interface Cancelled {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** Runs the built command line and does something to it as soon as its output holds some words: Ctrl-C, unless told. */
async function cancelAt(
  words: RegExp,
  folder: string,
  args: readonly string[],
  url: string,
  act: (child: ChildProcess) => void = (child) => child.kill('SIGINT'),
): Promise<Cancelled> {
  const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_STATE_HOME: join(folder, '..', 'state'),
      ...(url === '' ? {} : { LOCKKEEPER_URL_STAGING: url }),
    },
  });
  let text = '';
  let sent = false;
  const read = (chunk: Buffer): void => {
    text += chunk.toString();
    if (!sent && words.test(text)) {
      sent = true;
      act(child);
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.ok(sent, `it ended before ${String(words)}: ${text}`);
  return { code, signal, text };
}

const folder = (): string =>
  folderWith({
    'lockkeeper.jsonc': '{"postgresVersion": 18}',
    'migrations/0001.sql': 'CREATE TABLE a (id bigint PRIMARY KEY, v text);\n',
    'migrations/0002.sql': 'SELECT pg_sleep(60);\nALTER TABLE a ADD COLUMN w text;\n',
  });

describe('Ctrl-C', function () {
  this.timeout(60_000);
  it('ends a profile on a throw-away server in order: it says so, and the exit code is 130', async () => {
    const outcome = await cancelAt(/0002\.sql, line 1/, folder(), ['profile', '--rows', '100', '0002.sql'], '');
    assert.deepEqual([outcome.code, outcome.signal], [130, null], outcome.text);
    assert.match(outcome.text, /lockkeeper: stopped\./);
  });

  it('leaves no session and no scratch database on a server, nor half a migration', async () => {
    const server = await startEmbeddedServer({ major: 18, cacheDirectory: resolve('.cache/servers') });
    try {
      for (const args of [
        ['profile', '--rows', '100', '0002.sql'],
        ['apply', '--environment', 'staging'],
      ]) {
        const outcome = await cancelAt(/0002\.sql, line 1/, folder(), args, server.url);
        assert.deepEqual([outcome.code, outcome.signal], [130, null], outcome.text);
      }
      await withClient(server.url, {}, async (client) => {
        const { rows } = await client.query<{ what: string }>(
          `SELECT datname AS what FROM pg_database WHERE datname LIKE 'lockkeeper%'
           UNION ALL SELECT query FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()
           UNION ALL SELECT attname FROM pg_attribute WHERE attrelid = 'a'::regclass AND attname = 'w'`,
        );
        assert.deepEqual(rows, []);
      });
    } finally {
      await server.stop();
    }
  });
});

describe('a process that is killed', function () {
  this.timeout(90_000);

  it('leaves no evidence; the server ends what it ran, and the next run drops what it made', async () => {
    const server = await startEmbeddedServer({ major: 18, cacheDirectory: resolve('.cache/servers') });
    try {
      const workspace = folder();
      const args = ['profile', '--rows', '10', '0002.sql'];
      const { signal } = await cancelAt(/0002\.sql, line 1/, workspace, args, server.url, (child) => {
        child.kill('SIGKILL');
      });
      assert.equal(signal, 'SIGKILL');
      await withClient(server.url, {}, async (client) => {
        for (let found = await ownDatabases(client); found[0]?.state !== 'left behind';) {
          assert.equal(found.length, 1);
          await client.query('SELECT pg_sleep(0.1)');
          found = await ownDatabases(client);
        }
        const next = ['profile', '--rows', '10', '--no-lock-queue', '0001.sql'];
        const { code, text } = await cancelAt(/0001\.sql/, workspace, next, server.url, () => undefined);
        assert.equal(code, 0, text);
        assert.deepEqual(await ownDatabases(client), []);
      });
      const kept = readdirSync(join(workspace, '..', 'state'), { recursive: true }).map(String);
      assert.ok(
        kept.some((file) => file.includes('0001.sql')),
        kept.join(),
      );
      assert.ok(!kept.some((file) => file.includes('0002.sql')), kept.join());
    } finally {
      await server.stop();
    }
  });
});

describe('a server that goes away', function () {
  this.timeout(60_000);

  it('in mid-apply, costs nothing of what is known: what was applied, what is not known, what to do', async () => {
    const server = await startEmbeddedServer({ major: 18, cacheDirectory: resolve('.cache/servers') });
    try {
      const args = ['apply', '--environment', 'staging'];
      const { code, text } = await cancelAt(/0002\.sql, line 1/, folder(), args, server.url, () => {
        process.kill(server.pid, 'SIGQUIT');
      });
      assert.equal(code, 3, text);
      assert.match(text, /ok +0001\.sql: Applied/);
      assert.match(text, /FAILED +0002\.sql: .*whether it took effect is not known/);
      assert.match(text, /Not verified: No server answers/);
    } finally {
      await server.stop();
    }
  });
});
