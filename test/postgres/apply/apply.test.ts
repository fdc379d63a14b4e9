import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { applyMigrations } from '../../../src/node/apply.ts';
import { PRISMA_LOCK } from '../../../src/node/apply/advisoryLock.ts';
import { appliedMigrations } from '../../../src/node/apply/appliedMigrations.ts';
import { withClient } from '../../../src/node/connection.ts';
import { knownProductionServers } from '../../../src/node/productionServers.ts';
import { RunError, type RunErrorReason } from '../../../src/node/runError.ts';
import { applyAll, historyOf, openGate, productionEnvironment, withDatabase } from './appliedHere.ts';

const ORDERS =
  "CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT i, 'n' FROM generate_series(1, 100) i";

describe('apply', function () {
  this.timeout(60_000);

  describe('to a Prisma history', () => {
    const history = historyOf(
      [
        { path: '1_init/migration.sql', text: `${ORDERS};\n` },
        {
          path: '2_total/migration.sql',
          text: '-- ☃\r\nALTER TABLE orders ADD COLUMN total int;\r\nALTER TABLE orders ADD COLUMN a int;\r\n',
        },
      ],
      'prisma',
    );

    it("writes Prisma's own table as Prisma does", () =>
      withDatabase(async (url) => {
        const runs = await applyMigrations(applyAll(history, url));
        assert.deepEqual(
          runs.map(({ outcome }) => outcome),
          ['applied', 'applied'],
        );
        await withClient(url, {}, async (client) => {
          const { rows } = await client.query<Record<string, unknown>>(
            'SELECT * FROM _prisma_migrations ORDER BY started_at',
          );
          assert.equal(rows.length, 2);
          for (const [index, row] of rows.entries()) {
            const { path, text } = history.history.migrations[index]!;
            assert.equal(row['migration_name'], path);
            assert.equal(row['checksum'], createHash('sha256').update(text).digest('hex'));
            assert.match(String(row['id']), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
            assert.ok(row['finished_at'] instanceof Date && row['started_at'] instanceof Date);
            assert.equal(row['applied_steps_count'], 1);
            assert.equal(row['logs'], null);
            assert.equal(row['rolled_back_at'], null);
          }
        });
      }));

    it('leaves a failed migration as Prisma leaves it, and goes no further', () =>
      withDatabase(async (url) => {
        const failing = historyOf(
          [
            { path: '1', text: ORDERS },
            {
              path: '2',
              text: 'ALTER TABLE orders ADD COLUMN total int; ALTER TABLE orders ALTER COLUMN total SET NOT NULL',
            },
            { path: '3', text: 'CREATE TABLE never (id int)' },
          ],
          'prisma',
        );
        const runs = await applyMigrations(applyAll(failing, url));
        assert.deepEqual(
          runs.map(({ outcome }) => outcome),
          ['applied', 'failed'],
        );
        assert.match(
          runs[1]!.state,
          /^Statement 2 of 2 failed: column "total".* contains null values\. Nothing of the migration took effect/,
        );
        assert.match(runs[1]!.state, /prisma migrate resolve --rolled-back 2/);
        await withClient(url, {}, async (client) => {
          const { rows } = await client.query(
            'SELECT migration_name, finished_at, logs FROM _prisma_migrations WHERE finished_at IS NULL',
          );
          assert.equal(rows.length, 1);
          assert.match((rows[0] as { logs: string }).logs, /contains null values/);
          const { rows: columns } = await client.query(
            "SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'total'",
          );
          assert.equal(columns.length, 0);
        });
        await refused(
          applyMigrations(applyAll(failing, url, { gates: [openGate(failing, '3')] })),
          'history',
          /2 was begun and not finished/,
        );
      }));

    it("excludes Prisma's own migrate deploy: waits for its lock, then gives up", () =>
      withDatabase((url) =>
        withClient(url, { applicationName: 'prisma' }, async (prisma) => {
          await prisma.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
          const said: string[] = [];
          const attempt = applyMigrations(
            applyAll(history, url, { patience: 600, onProgress: ({ message }) => said.push(message) }),
          );
          await refused(attempt, 'locked', /Somebody else is applying.*session \d+, prisma/);
          assert.ok(said.some((message) => /Waiting for another applier \(session/.test(message)));
        }),
      ));

    it('refuses a database that is not empty and has no table of Prisma’s', () =>
      withDatabase(async (url) => {
        await withClient(url, {}, (client) => client.query('CREATE TABLE old (id int)'));
        await refused(applyMigrations(applyAll(history, url)), 'history', /prisma migrate resolve --applied/);
      }));

    it('applies into the schema that the URL names', () =>
      withDatabase(async (url) => {
        await withClient(url, {}, (client) => client.query('CREATE SCHEMA app'));
        await applyMigrations(applyAll(history, `${url}?schema=app`));
        await withClient(url, {}, async (client) => {
          assert.equal((await client.query('SELECT FROM app._prisma_migrations')).rowCount, 2);
          assert.equal((await client.query('SELECT FROM app.orders')).rowCount, 100);
        });
      }));
  });

  describe('to plain SQL', () => {
    it('runs statement by statement, keeps a table of its own, and knows what is applied', () =>
      withDatabase(async (url) => {
        const history = historyOf([
          { path: '1.sql', text: ORDERS },
          { path: '2.sql', text: 'CREATE INDEX CONCURRENTLY orders_note ON orders (note); ANALYZE orders' },
        ]);
        const runs = await applyMigrations(applyAll(history, url));
        assert.deepEqual(
          runs.map(({ outcome, steps }) => [outcome, steps.length]),
          [
            ['applied', 2],
            ['applied', 2],
          ],
        );
        await withClient(url, {}, async (client) => {
          const applied = await appliedMigrations(client, history.history);
          assert.deepEqual(
            applied.migrations.map(({ id, state, changed }) => [id, state, changed]),
            [
              ['1.sql', 'applied', false],
              ['2.sql', 'applied', false],
            ],
          );
        });
        await refused(
          applyMigrations(applyAll(history, url)),
          'migration',
          /1\.sql is applied already, says lockkeeper\.migrations/,
        );
      }));

    it('says what took effect and what is left when it fails half-way', () =>
      withDatabase(async (url) => {
        const history = historyOf([
          { path: '1.sql', text: ORDERS },
          {
            path: '2.sql',
            text: 'ALTER TABLE orders ADD COLUMN a int; CREATE UNIQUE INDEX CONCURRENTLY orders_note ON orders (note); DROP TABLE orders',
          },
        ]);
        const run = (await applyMigrations(applyAll(history, url)))[1]!;
        assert.equal(run.outcome, 'failed');
        assert.match(
          run.state,
          /Statement 2 of 3 failed: could not create unique index "orders_note"\. Statement 1 took effect and stays\./,
        );
        assert.match(
          run.state,
          /The index public\.orders_note is left INVALID: .*DROP INDEX CONCURRENTLY public\.orders_note/,
        );
        assert.doesNotMatch(run.state, /\(note\)=/, 'no row value');
        await refused(
          applyMigrations(applyAll(history, url, { gates: [openGate(history, '2.sql')] })),
          'history',
          /2\.sql was begun/,
        );
      }));

    it('lets a failed one that left nothing be tried again', () =>
      withDatabase(async (url) => {
        const history = historyOf([{ path: '1.sql', text: 'CREATE TABLE a (id int REFERENCES missing)' }]);
        assert.equal((await applyMigrations(applyAll(history, url)))[0]?.outcome, 'failed');
        await withClient(url, {}, (client) => client.query('CREATE TABLE missing (id int PRIMARY KEY)'));
        assert.equal((await applyMigrations(applyAll(history, url)))[0]?.outcome, 'applied');
      }));

    it('takes adoptedAt for what was there before, and refuses to leave one out', () =>
      withDatabase(async (url) => {
        const history = historyOf([
          { path: '1.sql', text: ORDERS },
          { path: '2.sql', text: 'ALTER TABLE orders ADD COLUMN b int' },
          { path: '3.sql', text: 'ALTER TABLE orders ADD COLUMN c int' },
        ]);
        await withClient(url, {}, (client) => client.query(ORDERS));
        const third = { gates: [openGate(history, '3.sql')], adoptedAt: '1.sql' };
        await refused(applyMigrations(applyAll(history, url, third)), 'history', /2\.sql comes before 3\.sql/);
        const both = { gates: [openGate(history, '2.sql'), openGate(history, '3.sql')], adoptedAt: '1.sql' };
        assert.equal((await applyMigrations(applyAll(history, url, both))).length, 2);
      }));
  });

  describe('and locks', () => {
    const history = historyOf([{ path: '1.sql', text: 'ALTER TABLE orders ADD COLUMN total int' }]);

    it('gives up a lock after lock_timeout, tries again, and gets through when the other is done', () =>
      withDatabase((url) =>
        withClient(url, {}, async (other) => {
          await other.query(ORDERS);
          await other.query('BEGIN');
          await other.query('SELECT FROM orders LIMIT 1');
          const released = new Promise((resolve) =>
            setTimeout(() => {
              resolve(other.query('COMMIT'));
            }, 900),
          );
          const longest = longestRead(url, released);
          const [run] = await applyMigrations(applyAll(history, url, { lockTimeout: 150, retries: 20 }));
          await released;
          assert.equal(run!.outcome, 'applied');
          assert.ok(run!.steps[0]!.attempts >= 2, 'tried again');
          assert.equal(run!.settings['lock_timeout'], '150ms');
          // What queued behind the ALTER waited for the lock_timeout, not for the reader ahead of it.
          const milliseconds = await longest;
          assert.ok(milliseconds > 20 && milliseconds < 600, `a reader waited ${milliseconds} ms`);
        }),
      ));

    it('stops trying after so many, with the state said', () =>
      withDatabase((url) =>
        withClient(url, {}, async (other) => {
          await other.query(ORDERS);
          await other.query('BEGIN; LOCK TABLE orders');
          const [run] = await applyMigrations(applyAll(history, url, { lockTimeout: 100, retries: 1 }));
          assert.equal(run!.outcome, 'failed');
          assert.equal(run!.steps[0]!.attempts, 2);
          assert.match(run!.state, /canceling statement due to lock timeout\. Nothing of the migration took effect/);
        }),
      ));

    it('lets one of two appliers wait for the other, and each migration run once', () =>
      withDatabase(async (url) => {
        const slow = historyOf([{ path: '1.sql', text: 'CREATE TABLE t (id int); SELECT pg_sleep(0.5)' }]);
        const outcomes = await Promise.allSettled([
          applyMigrations(applyAll(slow, url)),
          applyMigrations(applyAll(slow, url)),
        ]);
        const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
        assert.equal(failed.length, 1);
        assert.ok(failed[0] instanceof RunError && failed[0].reason === 'migration', String(failed[0]));
      }));
  });

  describe('behind the gate', () => {
    const history = historyOf([{ path: '1.sql', text: 'CREATE TABLE t (id int)' }]);
    const sent = (change: Parameters<typeof applyAll>[2]) =>
      applyMigrations(applyAll(history, 'postgresql://127.0.0.1:1/never', change));

    it('refuses a shut one and says what is missing', () =>
      refused(
        sent({
          gates: [openGate(history, '1.sql', { environment: productionEnvironment })],
          environment: { name: 'production', class: 'production', url: 'postgresql://127.0.0.1:1/never' },
        }),
        'gate',
        /shut for 1\.sql: No staging run yet/,
      ));
    it('refuses one for another digest, environment or purpose', async () => {
      await refused(
        sent({ gates: [openGate(history, '1.sql', { digest: '0'.repeat(64) })] }),
        'gate',
        /not the one that the gate was opened for/,
      );
      await refused(sent({ gates: [openGate(history, '1.sql', { purpose: 'check' })] }), 'gate', /team's own tool/);
      await refused(
        sent({ environment: { name: 'staging', class: 'staging', url: 'postgresql://x' } }),
        'gate',
        /opened for development/,
      );
    });
    it('refuses what only looks like one', () => {
      const { digest, environment } = openGate(history, '1.sql');
      const forged = { history: '.', migration: '1.sql', digest, environment, open: true, admits: () => true };
      return refused(sent({ gates: [forged as never] }), 'gate', /no verdict/);
    });
    it('refuses when the file is no longer what was checked', () =>
      withDatabase(async (url) => {
        const attempt = applyMigrations(applyAll(history, url, { readText: () => Promise.resolve('DROP TABLE t') }));
        await refused(attempt, 'changed', /1\.sql is not what was checked/);
        await withClient(url, {}, async (client) => {
          assert.equal((await client.query('SELECT FROM lockkeeper.migrations')).rowCount, 0);
        });
      }));
    it('refuses tools whose table it does not write, and says what to do', () =>
      refused(
        applyMigrations(applyAll(historyOf([{ path: '1', text: 'SELECT 1' }], 'flyway'), 'postgresql://x')),
        'tool',
        /Run "flyway migrate" after "lockkeeper check"/,
      ));
    it('refuses psql meta-commands and half-typed SQL', async () => {
      const meta = historyOf([{ path: '1.sql', text: 'SELECT 1;\n\\i other.sql\n' }]);
      await refused(
        applyMigrations(applyAll(meta, 'postgresql://x')),
        'script',
        /1\.sql, line 2 is a psql meta-command/,
      );
      const half = historyOf([{ path: '1.sql', text: 'SELECT 1;\nALTER TABLE' }]);
      await refused(applyMigrations(applyAll(half, 'postgresql://x')), 'script', /1\.sql, line 2: syntax error/);
    });
  });

  it('refuses an environment whose database says that it is production, and remembers production', () =>
    withDatabase(async (url) => {
      const history = historyOf([{ path: '1.sql', text: 'CREATE TABLE t (id int)' }]);
      const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-test-'));
      try {
        const file = join(folder, 'servers.json');
        await withClient(url, {}, async (client) => {
          const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
          await client.query(`ALTER DATABASE ${rows[0]!.name} SET lockkeeper.environment = 'production'`);
        });
        await refused(
          applyMigrations(applyAll(history, url, { productionServersFile: file })),
          'production',
          /says that it is production/,
        );
        assert.deepEqual(await knownProductionServers(file), []);
        await applyMigrations(
          applyAll(history, url, {
            gates: [
              openGate(history, '1.sql', {
                environment: { ...productionEnvironment, requires: NOTHING },
                applyToProduction: true,
              }),
            ],
            environment: { name: 'production', class: 'production', url },
            productionServersFile: file,
          }),
        );
        assert.match((await knownProductionServers(file))[0] ?? '', /^\d{10,}$/);
      } finally {
        await rm(folder, { recursive: true });
      }
    }));

  it('cancels on the server and says what state that leaves', () =>
    withDatabase(async (url) => {
      const history = historyOf([{ path: '1', text: 'CREATE TABLE t (id int); SELECT pg_sleep(30)' }], 'prisma');
      const abort = new AbortController();
      const began = Date.now();
      const [run] = await applyMigrations(
        applyAll(history, url, {
          signal: abort.signal,
          onProgress: ({ statement }) => {
            if (statement === 1)
              setTimeout(() => {
                abort.abort();
              }, 50);
          },
        }),
      );
      assert.ok(Date.now() - began < 20_000, 'waited for the statement');
      assert.equal(run!.outcome, 'cancelled');
      assert.match(run!.state, /Statement 2 of 2 was cancelled.*Nothing of the migration took effect/);
      await withClient(url, {}, async (client) => {
        assert.equal(
          (
            await client.query(
              "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()",
            )
          ).rowCount,
          0,
        );
        assert.equal((await client.query("SELECT FROM pg_class WHERE relname = 't'")).rowCount, 0);
      });
    }));

  it('learns from the server what became of a COMMIT whose reply was lost', () =>
    withDatabase(async (url) => {
      const history = historyOf([{ path: '1', text: 'CREATE TABLE t (id int); CREATE TABLE u (id int)' }], 'prisma');
      await withProxy(url, 'COMMIT', async (through) => {
        const [run] = await applyMigrations(applyAll(history, through));
        assert.equal(run!.outcome, 'applied', run!.state);
      });
      await withClient(url, {}, async (client) => {
        assert.equal((await client.query('SELECT FROM _prisma_migrations WHERE finished_at IS NOT NULL')).rowCount, 1);
      });
    }));

  it('refuses a pooler that hands the session to another', () =>
    withDatabase((url) =>
      withProxy(url, null, async (through) => {
        const history = historyOf([{ path: '1.sql', text: 'CREATE TABLE t (id int)' }]);
        await refused(applyMigrations(applyAll(history, through)), 'pooler', /connection pooler/);
      }),
    ));
});

const NOTHING = {
  low: { evidence: [], approvals: [] },
  medium: { evidence: [], approvals: [] },
  high: { evidence: [], approvals: [] },
};

async function refused(attempt: Promise<unknown>, reason: RunErrorReason, message: RegExp): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, message);
    return true;
  });
}

/** The longest that a SELECT waited until `until`. */
async function longestRead(url: string, until: Promise<unknown>): Promise<number> {
  const state = { done: false };
  void until.then(() => (state.done = true));
  let longest = 0;
  await withClient(url, {}, async (client: Client) => {
    while (!state.done) {
      const start = performance.now();
      await client.query('SELECT FROM orders LIMIT 1');
      longest = Math.max(longest, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  return longest;
}

/**
 * A proxy before the server. With `cut`, it passes a query that is exactly that on and then cuts the client off; without, it
 * tells every client a backend process id that is not its own, as a pooler does.
 */
async function withProxy(url: string, cut: string | null, work: (url: string) => Promise<void>): Promise<void> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        [client, server].forEach((one) => one.destroy());
      });
    }
    client.on('data', (data) => {
      server.write(data);
      if (cut !== null && data.includes(`${cut}\0`)) setTimeout(() => client.destroy(), 30);
    });
    server.on('data', (data) => client.write(cut === null ? otherProcessId(data) : data));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const through = new URL(url);
    through.port = String((proxy.address() as { port: number }).port);
    await work(through.href);
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
}

/** BackendKeyData is 'K', the length, the process id, the key: https://www.postgresql.org/docs/current/protocol-message-formats.html. */
function otherProcessId(data: Buffer): Buffer {
  const place = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (place >= 0) data.writeInt32BE(data.readInt32BE(place + 5) + 1, place + 5);
  return data;
}
