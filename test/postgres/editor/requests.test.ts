import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { withEngine } from '../../support/engineWorker.ts';
import { sharedServer } from '../../support/server.ts';

describe('requests of the editor', function () {
  this.timeout(60_000);
  let root = '';
  let folder = '';

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'lockkeeper-editor-')));
    folder = join(root, 'workspace');
    await mkdir(join(folder, 'migrations'), { recursive: true });
    await writeFile(join(folder, 'migrations/1.sql'), 'CREATE TABLE orders (id int PRIMARY KEY, note text);');
    await writeFile(join(folder, 'migrations/2.sql'), 'CREATE INDEX orders_note_idx ON orders (note);');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('Pull Statistics writes sizes, and the findings are weighed by them', async () => {
    const { url } = await sharedServer();
    await withScratchDatabase(url, async (database) => {
      await withClient(database, {}, (client) =>
        client.query(
          "CREATE TABLE orders (id int, note text); INSERT INTO orders VALUES (1, 'secret'); ANALYZE orders",
        ),
      );
      await withEngine(folder, async (engine) => {
        const message = (): string =>
          [...engine.findings.values()]
            .flatMap(({ findings }) => findings)
            .find(({ rule }) => rule === 'require-concurrent-index')?.message ?? '';
        assert.doesNotMatch(message(), /1 row/);
        const environment = 'production';
        const addresses = { production: database };
        const { file, summary } = await engine.call('pullStatistics', { folder, environment, addresses });
        assert.equal(file, join(folder, '.lockkeeper/statistics/production.json'));
        assert.match(summary, /1 table/);
        assert.doesNotMatch(await readFile(file, 'utf8'), /secret/);
        assert.match(message(), /1 row/);
      });
    });
  });

  it('Test Rollback runs on a throw-away server and is kept as evidence', async () => {
    const key = { folder, history: 'migrations', migration: '2.sql' };
    await withEngine(folder, async (engine) => {
      const request = { key, environment: null, addresses: {}, mayDownload: false, both: false };
      const { passed, summary } = await engine.call('testRollback', request);
      assert.ok(passed, summary);
      const status = await engine.call('status', { key });
      assert.match(status.find(({ kind }) => kind === 'rollback')?.text ?? '', /tested/);
    });
  });

  it('Compare Rollback with Mine tests both scripts, and shows what each fails to restore', async () => {
    const key = { folder, history: 'migrations', migration: '2.sql' };
    const mine = join(folder, 'migrations/2.down.sql');
    await writeFile(mine, '-- mine\nSELECT 1;\n');
    try {
      await withEngine(folder, async (engine) => {
        const request = { key, environment: null, addresses: {}, mayDownload: false, both: true };
        const { passed, written, synthesized, markdown } = await engine.call('testRollback', request);
        assert.equal(passed, false);
        assert.match(written ?? '', /-- mine/);
        assert.match(synthesized, /Rollback by Lockkeeper/);
        assert.match(markdown, /The written script[^]*orders\\_note\\_idx[^]*Lockkeeper's script[^]*Schema restored/);
      });
    } finally {
      await rm(mine);
    }
  });

  it('Profile takes sizes and parts, keeps what it measured, and is cancelled on the server', async () => {
    const key = { folder, history: 'migrations', migration: '2.sql' };
    const { url } = await sharedServer();
    const request = {
      key,
      environment: null,
      server: 'embedded',
      command: null,
      addresses: { production: url },
      mayDownload: false,
      options: { sizing: { rows: 1234 }, rollback: false, lockQueue: false, calibrate: 'production' },
    } as const;
    await writeFile(join(folder, 'migrations/3.sql'), 'SELECT pg_sleep(60) FROM orders;');
    await withEngine(folder, async (engine) => {
      const { html, runs } = await engine.call('profile', request);
      assert.match(html, /1,234/);
      assert.match(html, /Not calibrated: production keeps no times of migrations that Lockkeeper applied/);
      assert.equal(runs, 1);
      assert.equal(
        (await engine.call('impact', { path: join(folder, 'migrations/2.sql'), hints: false }))?.stagingRuns,
        1,
      );
      const endless = { ...key, migration: '3.sql' };
      const stopped = engine.call('profile', { ...request, key: endless }, (message) => message.includes('line 1'));
      await assert.rejects(
        stopped,
        /^Error: Cancelled while running 3\.sql\. The throw-away server is gone, and nothing is recorded\.$/,
      );
      assert.equal(await engine.call('report', { key: endless }), null);
    });
  });

  it('Set Environment URL proposes what the compose file publishes', async () => {
    const service = 'image: postgres:18\n    environment: {POSTGRES_PASSWORD: dev}\n    ports: ["15432:5432"]';
    await writeFile(join(folder, 'docker-compose.yml'), `services:\n  db:\n    ${service}\n`);
    await withEngine(folder, async (engine) => {
      assert.deepEqual(await engine.call('composeDatabases', { folder }), [
        {
          label: '127.0.0.1:15432/postgres as postgres',
          from: 'service db in docker-compose.yml',
          url: 'postgresql://postgres:dev@127.0.0.1:15432/postgres',
          isWhole: true,
        },
      ]);
    });
  });

  it('Clean Up says that nothing was left behind on a fresh machine, and asks no server that was not chosen', async () => {
    const unreachable = 'postgresql://nobody@127.0.0.1:1/none';
    const request = { folder, environments: [], addresses: { staging: unreachable } };
    await withEngine(folder, async (engine) => {
      const found = await engine.call('leftovers', request);
      assert.deepEqual(
        found.filter((line) => line.includes(root)),
        [],
      );
      await assert.rejects(engine.call('leftovers', { ...request, environments: ['staging'] }), /127\.0\.0\.1/);
    });
  });
});
