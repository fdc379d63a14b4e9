import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import { withClient } from '../../../src/node/connection.ts';
import { ConnectionError } from '../../../src/node/connectionError.ts';
import { profileMigration, type ProfileRequest } from '../../../src/node/profile.ts';
import { RunError } from '../../../src/node/runError.ts';
import { ownDatabases } from '../../../src/node/staging/ownDatabases.ts';
import { analyzeFiles } from '../../support/lint.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

const TABLE = 'CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL)';

describe('faults in mid-profile: a clear message, and nothing left', function () {
  this.timeout(90_000);
  let url = '';
  before(async () => ({ url } = await sharedServer()));
  afterEach(async () => {
    assert.deepEqual(await withClient(url, {}, ownDatabases), []);
  });

  const request = (earlier: string, text: string, change: Partial<ProfileRequest> = {}): ProfileRequest => ({
    history: analyzeFiles(
      [
        { path: '1.sql', text: earlier },
        { path: '2.sql', text },
      ],
      { major: 18 },
    ),
    migration: '2.sql',
    parser,
    target: {
      kind: 'environment',
      environment: { name: 'staging', class: 'staging', url },
      production: { names: [], urls: [], systemIdentifiers: [] },
    },
    rows: 10,
    lockQueue: false,
    ...change,
  });

  it('a connection that somebody cuts', async () => {
    const attempt = profileMigration(
      request(TABLE, 'SELECT pg_sleep(60) FROM orders LIMIT 1', {
        onProgress: ({ statement }) => {
          if (statement === 0) void cut("query LIKE 'SELECT pg_sleep(60)%'");
        },
      }),
    );
    await assert.rejects(attempt, lost);
  });

  it('the session that looks on, cut: what it did not see is not made up', async () => {
    const attempt = profileMigration(
      request(TABLE, 'SELECT pg_sleep(1) FROM orders LIMIT 1', {
        onProgress: ({ statement }) => {
          if (statement === 0) void cut("application_name = 'lockkeeper watch'");
        },
      }),
    );
    await assert.rejects(attempt, lost);
  });

  it('a session that feels what users would, cut: the run goes on and says what it lacks', async () => {
    const run = await profileMigration(
      request(TABLE, 'SELECT pg_sleep(1) FROM orders LIMIT 1; ALTER TABLE orders ADD a int', {
        onProgress: ({ statement }) => {
          if (statement === 0) void cut("application_name = 'lockkeeper probe'");
        },
      }),
    );
    assert.equal(run.outcome, 'completed');
    assert.match(run.notes.join('\n'), /What other sessions would feel was not measured: .*was lost/);
    assert.deepEqual([run.probes, run.stalls], [[], []]);
  });

  for (const [name, message, text, change] of [
    [
      'behind a long transaction',
      /behind a long transaction$/,
      'ALTER TABLE orders ADD a int',
      { lockQueue: true, rollback: false },
    ],
    ['in the rollback', /^Rolling 2\.sql back$/, 'SELECT 1', {}],
  ] as const)
    it(`a cancel ${name}`, async () => {
      const abort = new AbortController();
      const plain = request(TABLE, text, {
        signal: abort.signal,
        onProgress: ({ message: said }) => {
          if (message.test(said))
            setTimeout(() => {
              abort.abort();
            }, 50);
        },
      });
      const down = 'SELECT pg_sleep(60)';
      const rollback = { path: '2.down.sql', text: down, range: { start: 0, end: down.length } };
      const { migrations } = plain.history.history;
      const history = analyzeHistory(
        {
          ...plain.history.history,
          migrations: migrations.map((one) => (one.id === '2.sql' ? { ...one, rollback } : one)),
        },
        { parser, settings: plain.history.settings },
      );
      const began = Date.now();
      await assert.rejects(profileMigration({ ...plain, history, ...change }), (error) => {
        assert.ok(error instanceof RunError, String(error));
        assert.equal(error.reason, 'cancelled');
        assert.match(error.message, /^Cancelled while .*\. The scratch database is dropped, .* nothing is recorded\.$/);
        return true;
      });
      assert.ok(Date.now() - began < 50_000, 'did not wait for the statement');
    });

  it('an extension that the server does not have', async () => {
    const attempt = profileMigration(request(`CREATE EXTENSION postgis; ${TABLE}`, 'ALTER TABLE orders ADD a int'));
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof RunError, String(error));
      assert.equal(error.reason, 'replay failed');
      assert.match(error.message, /^1\.sql, which comes before.*"postgis" is not available.*may lack an extension/s);
      return true;
    });
  });

  it('two runs at once on one server: both are measured, neither takes the other’s database away', async () => {
    const runs = await Promise.all(
      [1, 2, 3].map(() => profileMigration(request(TABLE, 'ALTER TABLE orders ADD a int', { rows: 1_000 }))),
    );
    assert.deepEqual(
      runs.map(({ outcome, tables }) => [outcome, tables[0]?.rows]),
      [
        ['completed', 1_000],
        ['completed', 1_000],
        ['completed', 1_000],
      ],
    );
  });

  it('a disk that is full', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-full-'));
    chmodSync(folder, 0o755);
    const cache = join(folder, 'cache');
    mkdirSync(cache);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=130m,mode=755', 'lockkeeper-test', cache]);
    try {
      // Not everybody may mount: containers and people without root can't try this.
      if (mounted.status !== 0) this.skip();
      const target = { kind: 'embedded', options: { major: 18, cacheDirectory: cache } } as const;
      const attempt = profileMigration(request(TABLE, 'ALTER TABLE orders ADD a int', { target, rows: 3_000_000 }));
      await assert.rejects(attempt, (error) => {
        assert.ok(error instanceof RunError, String(error));
        assert.equal(error.reason, 'not possible');
        assert.match(error.message, /No space left on device|the disk of .* is full/);
        assert.match(error.message, /fewer rows/);
        return true;
      });
      assert.deepEqual(readdirSync(join(cache, 'runs')), []);
    } finally {
      if (mounted.status === 0) spawnSync('umount', [cache]);
      rmSync(folder, { recursive: true });
    }
  });

  function lost(error: unknown): boolean {
    assert.ok(error instanceof ConnectionError, String(error));
    assert.equal(error.reason, 'lost');
    assert.match(error.message, /^The connection to 127\.0\.0\.1:\d+\/lockkeeper_scratch_\w+ was lost/);
    return true;
  }

  /** Ends such sessions, as soon as the migration's own works. */
  async function cut(condition: string): Promise<void> {
    await withClient(url, {}, async (client) => {
      for (;;) {
        const { rows } = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${condition} AND pid <> pg_backend_pid()
              AND EXISTS (SELECT FROM pg_stat_activity b WHERE b.query LIKE 'SELECT pg_sleep(%' AND b.state = 'active')`,
        );
        if (rows.length > 0) return;
        await client.query('SELECT pg_sleep(0.02)');
      }
    });
  }
});
