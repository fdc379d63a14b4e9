import { strict as assert } from 'node:assert';
import type { StagingRun } from '../../../src/core/report/stagingRun.ts';
import { isEstimate } from '../../../src/core/staging/estimate.ts';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { profileMigrations, type ProfileRequest } from '../../../src/node/profile.ts';
import { RunError } from '../../../src/node/runError.ts';
import { appliedDurations } from '../../../src/node/staging/appliedDurations.ts';
import { NO_KNOWLEDGE } from '../../../src/core/overview.ts';
import { stagingEvidence } from '../../../src/core/report/evidence.ts';
import { calibrationFrom } from '../../../src/node/workflow/calibrating.ts';
import { grownRun } from '../../core/report/sampleRun.ts';
import { testHistory } from '../../support/lint.ts';
import { parser } from '../../support/parser.ts';
import { sharedServer } from '../../support/server.ts';

const SCHEMA = `CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint, note text, amount int);
CREATE INDEX orders_customer ON orders (customer_id);`;

/** What the server tells of a run, beyond its locks. */
describe('what a staging run records', function () {
  this.timeout(120_000);

  it('says why tables were rewritten, what was read whole, and what it cost', async () => {
    const run = await profiled(
      `ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
ALTER TABLE orders ALTER COLUMN id SET NOT NULL;
ALTER TABLE orders ADD CONSTRAINT positive CHECK (length(note) >= 0);`,
      { rows: 60_000 },
    );
    assert.deepEqual(
      run.statements.map(({ rewriteReasons }) =>
        rewriteReasons.flatMap(({ relation, reasons }) => [relation, ...reasons]),
      ),
      [['public.orders', 'a value for every row of a new column'], ['public.orders', 'another column type'], [], []],
    );
    const [add, type, nothing, check] = run.statements;
    assert.ok(add!.scans.some(({ relation, sequential }) => relation === 'public.orders' && sequential > 0));
    assert.deepEqual(nothing!.scans, []);
    assert.deepEqual(check!.scans, [{ relation: 'public.orders', sequential: 1, rowsRead: 60_000, rowsWritten: 0 }]);
    // A rewrite of some 6 MB: written, and logged by this session.
    const { io, wal, temporary } = type!.figures!;
    assert.ok(
      io!.extendedBytes > 2_000_000 && wal!.bytes > 2_000_000 && wal!.records > 1000,
      JSON.stringify(type!.figures),
    );
    assert.ok(temporary!.files >= 0 && nothing!.figures!.wal!.bytes < 100_000);
  });

  it('counts rows written, temporary files, and a transaction’s cost as a whole', async () => {
    const run = await profiled(
      "UPDATE orders SET note = note || 'x' WHERE id % 2 = 0;\nCREATE INDEX big ON orders (note);",
      { rows: 60_000, mode: 'explicit', session: { settings: { maintenance_work_mem: '1MB' } } },
    );
    const [update] = run.statements;
    assert.equal(update!.rows, 30_000);
    assert.deepEqual(
      update!.scans.map(({ rowsWritten }) => rowsWritten),
      [30_000],
    );
    assert.equal(update!.figures, null);
    const { figures } = run.transactions[0]!;
    assert.ok(figures!.temporary!.bytes > 100_000, JSON.stringify(figures));
    assert.equal(run.settings['maintenance_work_mem'], '1MB');
  });

  it('shows what CREATE INDEX CONCURRENTLY waits for, and its phases', async () => {
    const server = await sharedServer();
    const blocker: { release: () => void; ended: Promise<void> } = {
      release: () => undefined,
      ended: Promise.resolve(),
    };
    // The first statement waits until somebody's snapshot is there; that one stays until the index waits for it.
    const text = `DO $$ BEGIN
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711) LOOP PERFORM pg_sleep(0.02); END LOOP;
END $$;
CREATE INDEX CONCURRENTLY orders_note ON orders (note);`;
    const run = await profiled(text, {
      rows: 1000,
      probing: false,
      rollback: false,
      onProgress: ({ statement }) => {
        if (statement === 0) blocker.ended = holdSnapshot(server.url);
      },
    });
    await blocker.ended;
    const [, index] = run.statements;
    assert.equal(run.outcome, 'completed', JSON.stringify(run.failure));
    assert.ok(
      index!.waitedFor.some(({ session }) => session === 'nightly report'),
      JSON.stringify([index!.waitedFor, index!.waits, index!.phases]),
    );
    assert.ok(index!.waits.some(({ event }) => event === 'Lock: virtualxid'));
    assert.ok(
      index!.phases.some(({ name }) => /^create index: waiting for/.test(name)),
      JSON.stringify(index!.phases),
    );
  });

  it('runs the way back and holds it against the prediction', async () => {
    const run = await profiled('ALTER TABLE orders ALTER COLUMN amount TYPE bigint;', { rows: 500 });
    assert.equal(run.rollback!.outcome, 'completed');
    assert.equal(run.rollback!.source, 'synthesized');
    assert.deepEqual(run.rollback!.statements[0]!.rewritten, ['public.orders']);
    assert.deepEqual(run.rollback!.differences, []);
  });

  it('runs a written rollback, and records that it fails', async () => {
    const run = await profiled('ALTER TABLE orders ADD COLUMN a int;', {
      rows: 10,
      down: 'ALTER TABLE orders DROP COLUMN b;',
    });
    assert.equal(run.outcome, 'completed');
    assert.equal(run.rollback!.source, 'written');
    assert.equal(run.rollback!.outcome, 'failed');
    assert.match(run.rollback!.failure!.message, /column "b" .* does not exist/);
  });

  it('shows the lock queue behind a long reader, and that lock_timeout ends it', async () => {
    const run = await profiled('ALTER TABLE orders ADD COLUMN a int;', {
      rows: 100,
      lockQueue: true,
      session: { lockTimeout: 700 },
    });
    const queue = run.lockQueue!;
    assert.deepEqual(
      { ...queue, milliseconds: 0, longestStall: 0, stalled: 0 },
      {
        table: 'public.orders',
        lock: 'ACCESS EXCLUSIVE',
        ahead: 'read',
        statement: 0,
        lockTimeout: 700,
        outcome: 'gave up',
        milliseconds: 0,
        longestStall: 0,
        stalled: 0,
        blockerSeen: true,
      },
    );
    assert.ok(queue.milliseconds >= 690 && queue.longestStall > 500 && queue.stalled >= 2, JSON.stringify(queue));
    assert.equal(run.outcome, 'completed', 'the run itself went through');
  });

  it('shows that without lock_timeout everybody waits for the long transaction', async () => {
    const run = await profiled('CREATE INDEX orders_note ON orders (note);', {
      rows: 100,
      lockQueue: true,
      session: { lockTimeout: 0 },
    });
    const queue = run.lockQueue!;
    assert.deepEqual([queue.outcome, queue.ahead, queue.lock, queue.lockTimeout], ['waited', 'write', 'SHARE', 0]);
    assert.ok(queue.milliseconds > 2500 && queue.blockerSeen, JSON.stringify(queue));
  });

  it('has no lock queue where nothing would have to wait', async () => {
    const run = await profiled('CREATE TABLE t (id int); CREATE INDEX CONCURRENTLY i ON orders (note);', {
      rows: 10,
      lockQueue: true,
    });
    assert.equal(run.lockQueue, null);
  });

  it('measures at three sizes with repeats on fresh clones, and estimates', async () => {
    const run = await profiled(
      "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE orders ADD CONSTRAINT c CHECK (note !~ '(x+y)+z');",
      { sizes: [0.05, 0.1, 0.2], repeats: 2, tableRows: { 'public.orders': 400_000 } },
    );
    assert.deepEqual(
      run.growth!.sizes.map(({ rows, milliseconds }) => [rows, milliseconds.length]),
      [
        [20_000, 2],
        [40_000, 2],
        [80_000, 2],
      ],
    );
    assert.deepEqual(
      run.tables.map(({ table, rows }) => [table, rows]),
      [['public.orders', 80_000]],
    );
    assert.equal(run.snapshot.fraction, 0.2);
    const [add, check] = run.growth!.estimates;
    assert.equal(add!.estimate.class, 'instant');
    assert.equal(check!.points.length, 3);
    if (isEstimate(check!.estimate)) assert.ok(check!.estimate.high <= 2 * check!.estimate.low * 1.001);
    else assert.notEqual(check!.estimate.reason, '');
    const { repeats } = run.statements[1]!;
    assert.ok(repeats!.count === 2 && repeats!.min <= repeats!.median && repeats!.median <= repeats!.max);
  });

  it('leaves no clone behind when it is cancelled between two sizes, and says what to do without any size', async () => {
    const abort = new AbortController();
    const begun = profiled('ALTER TABLE orders ADD COLUMN a int;', {
      sizes: [0.05, 0.1, 0.2],
      tableRows: { 'public.orders': 20_000 },
      repeats: 2,
      signal: abort.signal,
      onProgress: ({ message }) => {
        if (message.startsWith('At 10 %')) abort.abort();
      },
    });
    await assert.rejects(
      begun,
      (error) => error instanceof RunError && error.reason === 'cancelled' && /nothing is recorded/.test(error.message),
    );
    const server = await sharedServer();
    const { rows } = await withClient(server.url, {}, (client) =>
      client.query("SELECT datname FROM pg_database WHERE datname LIKE 'lockkeeper_scratch_%'"),
    );
    assert.deepEqual(rows, []);
    await assert.rejects(
      profiled('ALTER TABLE orders ADD COLUMN a int;', { sizes: [0.1] }),
      (error) => error instanceof RunError && /rows production has in public\.orders is not known/.test(error.message),
    );
  });

  it('chooses sizes that keep to a budget', async () => {
    const run = await profiled('ALTER TABLE orders ALTER COLUMN note SET NOT NULL;', {
      tableRows: { 'public.orders': 40_000_000 },
      budget: 1000,
    });
    assert.equal(run.growth!.sizes.length, 3);
    const [a, , c] = run.growth!.sizes;
    assert.ok(c!.rows >= 4 * 24_000 && c!.rows < 1_000_000 && Math.abs(c!.rows / a!.rows - 4) < 0.1);
  });

  it('is not comparable where production is another major', async () => {
    const run = await profiled('ALTER TABLE orders ADD COLUMN a int;', { rows: 1, productionMajor: 15 });
    assert.equal(run.notComparable, 'measured on PostgreSQL 18, production is PostgreSQL 15');
  });

  it('goes through where a migration and a user wait for each other, and says that it would be a deadlock', async () => {
    const text = 'UPDATE orders SET note = note;\nALTER TABLE orders ADD COLUMN a int;';
    let seen = false;
    // The probe steps aside every 400 ms: the sampling misses the wait if its end happens to come at once.
    for (let attempt = 0; attempt < 6 && !seen; attempt += 1) {
      const run = await profiled(text, { rows: 20_000, mode: 'explicit', rollback: false });
      assert.equal(run.outcome, 'completed', JSON.stringify(run.failure));
      seen = run.statements[1]!.waitedFor.some(({ mutual }) => mutual);
      assert.equal(/Statement 2 and a session .* waited for each other/.test(run.notes.join()), seen);
    }
    assert.ok(seen);
  });

  it('calibrates by how long Flyway really took, where that was estimated here', async () => {
    const server = await sharedServer();
    await withScratchDatabase(server.url, async (url) => {
      await withClient(url, {}, (client) =>
        client.query(`CREATE TABLE flyway_schema_history (installed_rank int, version text, description text, type text, script text,
            checksum int, installed_by text, installed_on timestamp DEFAULT now(), execution_time int, success boolean);
          INSERT INTO flyway_schema_history (version, type, execution_time, success)
          VALUES ('1', 'SQL', 60000, true), ('2.0', 'SQL', 66000, true), ('3', 'SQL', 180000, true), ('4', 'SQL', 9, true), (NULL, 'SQL', 5, true)`),
      );
      const history = testHistory(
        ['V1', 'V2', 'V3', 'V4'].map((path) => ({ path, text: 'SELECT 1' })),
        'flyway',
      );
      const estimated = (migration: string, middle: number) => {
        const { growth } = grownRun;
        const total = { class: 'minutes' as const, middle, low: middle, high: middle, basis: '' };
        // Calibrated already when it was made: the factor is taken out again.
        const run = { ...grownRun, history: '.', migration, growth: { ...growth!, total } };
        return { name: migration, record: stagingEvidence(run, { saw: [] }) };
      };
      const evidence = [
        estimated('V1', 60_000),
        estimated('V2', 60_000),
        estimated('V3', 120_000),
        estimated('V4', 12),
      ];
      const environment = { name: 'production', class: 'production' as const, url };
      const found = await calibrationFrom(environment, history, { ...NO_KNOWLEDGE, evidence }, undefined);
      assert.ok('calibration' in found, JSON.stringify(found));
      assert.equal(found.calibration.migrations, 3);
      assert.ok(Math.abs(found.calibration.factor - 1.32) < 1e-9, String(found.calibration.factor));
      const few = await calibrationFrom(environment, history, NO_KNOWLEDGE, undefined);
      assert.deepEqual(few, {
        none: 'production has 0 migrations that were estimated here as well; three that took more than a second and agree are needed.',
      });
      const plain = await calibrationFrom(environment, testHistory([]), NO_KNOWLEDGE, undefined);
      assert.deepEqual(plain, { none: 'production keeps no times of migrations that Lockkeeper applied.' });
    });
  });

  describe('on data that came with the server', () => {
    it('runs in place: in one transaction that leaves nothing, of what the database does not have yet', async () => {
      const server = await sharedServer();
      await withScratchDatabase(server.url, async (url) => {
        await withClient(url, {}, async (client) => {
          await client.query(SCHEMA);
          await client.query("INSERT INTO orders (note) SELECT 'n' FROM generate_series(1, 300)");
          await client.query(
            `CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int);
             INSERT INTO _prisma_migrations VALUES ('1', 'x', now(), '1.sql', NULL, NULL, now() - interval '1.5 s', 1)`,
          );
        });
        const run = await profiled('ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1;', {
          url,
          tool: 'prisma',
          inPlace: true,
          mode: 'implicit',
        });
        assert.equal(run.outcome, 'completed', JSON.stringify(run.failure));
        assert.equal(run.server.place, 'in-place');
        assert.deepEqual(run.differences, []);
        assert.deepEqual([run.statements[1]!.rows, run.rollback, run.lockQueue], [300, null, null]);
        assert.match(run.notes.join(), /rolled back/);
        await withClient(url, {}, async (client) => {
          const { rows } = await client.query(
            "SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'a'",
          );
          assert.equal(rows.length, 0);
          assert.equal((await client.query('SELECT FROM pg_event_trigger')).rowCount, 0);
          assert.deepEqual(
            [...((await appliedDurations(client, testHistory([{ path: '1.sql', text: SCHEMA }], 'prisma'))) ?? [])],
            [['1.sql', 1500]],
          );
        });
        await assert.rejects(
          profiled('SELECT 1;', { url, tool: 'prisma', inPlace: true, wanted: '1.sql' }),
          (error) =>
            error instanceof RunError && error.reason === 'migration' && /1\.sql is applied/.test(error.message),
        );
      });
    });
  });
});

interface Options extends Partial<ProfileRequest> {
  readonly mode?: 'explicit' | 'implicit' | 'autocommit';
  readonly down?: string;
  readonly url?: string;
  readonly tool?: 'plain' | 'prisma';
  readonly inPlace?: boolean;
  readonly wanted?: string;
}

async function profiled(text: string, options: Options): Promise<StagingRun> {
  const { mode, down, url, tool, inPlace, wanted = '2.sql', ...request } = options;
  const server = await sharedServer();
  const plain = testHistory(
    [
      { path: '1.sql', text: SCHEMA },
      { path: '2.sql', text, ...(mode === undefined ? {} : { mode }) },
    ],
    tool,
  );
  const migrations = plain.migrations.map((one) =>
    one.id === '2.sql' && down !== undefined
      ? { ...one, rollback: { path: '2.down.sql', text: down, range: { start: 0, end: down.length } } }
      : one,
  );
  const history = analyzeHistory({ ...plain, migrations }, { parser, settings: { major: 18, timeZone: null } });
  const environment = { name: 'staging', class: 'staging' as const, url: url ?? server.url };
  const production = { names: [], urls: [], systemIdentifiers: [] };
  const runs = await profileMigrations({
    history,
    migrations: [wanted],
    parser,
    target: { kind: inPlace === true ? 'in-place' : 'environment', environment, production },
    lockQueue: false,
    ...request,
  });
  return runs[0]!;
}

/** In the scratch database: an open transaction with a snapshot, until somebody has waited for it a while. */
async function holdSnapshot(url: string): Promise<void> {
  const name = await withClient(url, {}, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT datname AS name FROM pg_stat_activity WHERE application_name = 'lockkeeper watch'",
    );
    return rows[0]!.name;
  });
  const database = new URL(url);
  database.pathname = `/${name}`;
  await withClient(database.href, { applicationName: 'nightly report' }, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_advisory_lock(4711)');
    await client.query(`DO $$ BEGIN
      WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted) LOOP PERFORM pg_sleep(0.02); END LOOP;
      PERFORM pg_sleep(0.4);
    END $$`);
    await client.query('COMMIT');
  });
}
