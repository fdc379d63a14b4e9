import { strict as assert } from 'node:assert';
import type { HistoryAnalysis } from '../../../src/core/analyze.ts';
import { stagingHeadline, worstStalls } from '../../../src/core/report/headline.ts';
import type { StagingRun } from '../../../src/core/report/stagingRun.ts';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { ConnectionError } from '../../../src/node/connectionError.ts';
import { profileMigration, profileMigrations, type ProfileRequest } from '../../../src/node/profile.ts';
import { RunError } from '../../../src/node/runError.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { serverIdentity } from '../../../src/node/serverIdentity.ts';
import { analyzeFiles, type TestFile } from '../../support/lint.ts';
import { parser } from '../../support/parser.ts';
import { serverCache, sharedServer } from '../../support/server.ts';
import { analyzeSupabase, SUPABASE_ROLES } from '../../support/supabase.ts';

const SCHEMA = `CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, note text);
CREATE INDEX orders_customer ON orders (customer_id);`;

const NO_PRODUCTION = { names: [], urls: [], systemIdentifiers: [] };

describe('profile on staging', function () {
  this.timeout(120_000);

  it('sees the locks, rewrites and stalls of a rewrite, as predicted, and leaves nothing behind', async () => {
    const run = await profiled({
      text: 'ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();',
      rows: 150_000,
    });
    assert.equal(run.outcome, 'completed');
    assert.deepEqual(run.differences, []);
    const [statement] = run.statements;
    assert.deepEqual(statement!.locks, [{ relation: 'public.orders', lock: 'ACCESS EXCLUSIVE', newRelation: false }]);
    assert.deepEqual(statement!.rewritten, ['public.orders']);
    assert.deepEqual(statement!.indexesBuilt, ['public.orders_customer', 'public.orders_pkey']);
    assert.ok(statement!.walBytes > 5_000_000);
    assert.deepEqual(
      run.tables.map(({ table, role, rows }) => [table, role, rows]),
      [
        ['public.customers', 'referenced', 15_000],
        ['public.orders', 'touched', 150_000],
      ],
    );
    // Readers and writers of orders waited about as long as the statement ran.
    const worst = worstStalls(run).filter(({ table }) => table === 'public.orders');
    assert.equal(worst.length, 2);
    for (const { milliseconds, statement: index, blocked } of worst) {
      assert.ok(milliseconds > statement!.milliseconds * 0.7, `${milliseconds} of ${statement!.milliseconds} ms`);
      assert.equal(index, 0);
      assert.ok(blocked);
    }
    assert.match(stagingHeadline(run), /^Reads of and writes to orders blocked about \d/);
    assert.equal(run.settings['lock_timeout'], '2s');
    assert.equal(run.server.major, 18);
    assert.match(run.digest, /^[0-9a-f]{64}$/);
  });

  it('sees the strongest lock of each statement in a transaction, up to its COMMIT', async () => {
    const run = await profiled({
      text: 'CREATE INDEX orders_note ON orders (note);\nALTER TABLE orders ADD COLUMN a int;\nSELECT pg_sleep(0.3);',
      mode: 'implicit',
      rows: 20_000,
    });
    assert.deepEqual(run.differences, []);
    assert.deepEqual(
      run.statements.map(({ locks }) => locks.map(({ lock, relation }) => `${lock} ${relation}`)),
      [['SHARE public.orders'], ['ACCESS EXCLUSIVE public.orders'], []],
    );
    assert.equal(run.transactions.length, 1);
    const read = worstStalls(run).find(({ operation }) => operation === 'read');
    assert.ok(read && read.milliseconds >= 280, 'the lock of statement 2 is held through statement 3');
    assert.ok(run.transactions[0]!.milliseconds >= run.statements[2]!.milliseconds);
  });

  it('lets users through while an index is built concurrently', async () => {
    const run = await profiled({ text: 'CREATE INDEX CONCURRENTLY orders_note ON orders (note);', rows: 100_000 });
    assert.equal(run.outcome, 'completed');
    assert.deepEqual(run.differences, []);
    assert.equal(run.statements[0]!.locksSeenBy, 'polled');
    assert.deepEqual(
      run.statements[0]!.locks.map(({ lock }) => lock),
      ['SHARE UPDATE EXCLUSIVE'],
    );
    assert.ok(
      worstStalls(run).every(({ blocked }) => !blocked),
      JSON.stringify(run.stalls),
    );
  });

  it('makes a failing migration a result', async () => {
    const run = await profiled({
      text: 'ALTER TABLE orders ADD COLUMN a int NOT NULL;\nDROP TABLE orders;',
      rows: 100,
    });
    assert.equal(run.outcome, 'failed');
    assert.deepEqual(run.failure, {
      statement: 0,
      message: 'column "a" of relation "orders" contains null values',
      sqlState: '23502',
    });
    assert.equal(run.statements.length, 0);
  });

  it('shows the difference where the server has what the migrations do not show', async () => {
    // An event trigger that locks another table: nothing of it is in the history's text as Lockkeeper reads it.
    const run = await profiled({
      earlier: `CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'LOCK TABLE customers IN EXCLUSIVE MODE'; END $$;
CREATE EVENT TRIGGER meddle ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION meddle();`,
      text: 'ALTER TABLE orders ADD COLUMN a int;',
      rows: 100,
    });
    assert.deepEqual(run.differences, [
      { statement: 0, relation: 'public.customers', what: 'lock', predicted: 'no lock', observed: 'EXCLUSIVE' },
    ]);
  });

  it('runs the history on an embedded server with roles that only production has', async () => {
    const run = await profiled({
      earlier:
        'GRANT SELECT ON orders TO reporting; ALTER TABLE customers ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON customers TO app USING (true);',
      text: 'ALTER TABLE customers ADD COLUMN a int;',
      rows: 10,
      embedded: true,
    });
    assert.equal(run.outcome, 'completed');
    assert.equal(run.server.place, 'embedded');
    assert.equal(run.server.environment, null);
  });

  it('stands a Supabase history on the stand-in, without the roles that a server of the team lacks, and says both', async () => {
    const server = await sharedServer();
    await withClient(server.url, {}, (client) => client.query(`DROP ROLE IF EXISTS ${SUPABASE_ROLES}`));
    const analysed = analyzeSupabase(
      'CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users);',
      'ALTER TABLE profiles ADD COLUMN name text;',
    );
    const run = await profileMigration({ ...request(analysed, server.url, { rows: 10 }), migration: '2' });
    await nothingLeft();
    assert.equal(run.outcome, 'completed');
    assert.ok(run.notes.some((note) => /^Supabase's own schemas .* were stood in for/.test(note)));
    assert.ok(run.notes.some((note) => /^Left out of .*: role "anon" does not exist\.$/.test(note)));
    await withClient(server.url, {}, async (client) => {
      assert.equal((await client.query("SELECT FROM pg_roles WHERE rolname = 'anon'")).rowCount, 0);
    });
  });

  it('profiles several in a row on one server, filling once, and stops at the first that fails', async () => {
    const server = await sharedServer();
    const analysed = analyzeFiles(
      [
        { path: '1.sql', text: SCHEMA },
        { path: '2.sql', text: 'ALTER TABLE orders ADD COLUMN a int;' },
        { path: '3.sql', text: 'CREATE TABLE shippers (id int PRIMARY KEY); ALTER TABLE customers RENAME TO clients;' },
        { path: '4.sql', text: 'ALTER TABLE shippers ADD COLUMN name text; ALTER TABLE clients ADD COLUMN b int;' },
        { path: '5.sql', text: 'ALTER TABLE orders ADD COLUMN a int;' },
        { path: '6.sql', text: 'ALTER TABLE orders ADD COLUMN c int;' },
      ],
      { major: 18 },
    );
    const said: string[] = [];
    const base = request(analysed, server.url, {
      rows: 200,
      onProgress: ({ message }) => said.push(message),
    });
    const runs = await profileMigrations({ ...base, migrations: ['6.sql', '2.sql', '4.sql', '5.sql'] });
    await nothingLeft();
    assert.deepEqual(
      runs.map(({ migration, outcome, base, tables }) => [
        migration,
        outcome,
        base.length,
        tables.map(({ table, rows, role }) => `${table} ${rows} ${role}`),
      ]),
      [
        ['2.sql', 'completed', 64, ['public.customers 200 referenced', 'public.orders 200 touched']],
        ['4.sql', 'completed', 64, ['public.clients 200 touched', 'public.shippers 200 touched']],
        ['5.sql', 'failed', 64, ['public.clients 200 referenced', 'public.orders 200 touched']],
      ],
    );
    assert.equal(said.filter((message) => message === 'Filling public.orders').length, 1);
    assert.equal(said.filter((message) => message === 'Replaying 3.sql').length, 1);
    assert.equal(new Set(runs.map(({ base }) => base)).size, 3);
  });

  it('makes rows that meet what the migration adds', async () => {
    const run = await profiled({
      earlier: `CREATE TABLE users (id uuid PRIMARY KEY, email text);
CREATE TABLE carts (id serial PRIMARY KEY, "userId" uuid, status text, amount int, code text, ref text);`,
      text: `ALTER TABLE carts ADD CONSTRAINT carts_user FOREIGN KEY ("userId") REFERENCES users;
ALTER TABLE carts ADD CONSTRAINT carts_amount CHECK (amount > 0 AND amount < 50);
CREATE TYPE cart_status AS ENUM ('open', 'paid');
ALTER TABLE carts ALTER COLUMN status TYPE cart_status USING status::cart_status;
ALTER TABLE carts ALTER COLUMN ref TYPE uuid USING ref::uuid;
ALTER TABLE carts ALTER COLUMN code SET NOT NULL;
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
CREATE TABLE shops (id int PRIMARY KEY);
ALTER TABLE carts ADD CONSTRAINT carts_shop FOREIGN KEY (amount) REFERENCES shops NOT VALID;`,
      rows: 2000,
    });
    assert.equal(run.outcome, 'completed', JSON.stringify(run.failure));
    assert.deepEqual(run.differences, []);
    assert.deepEqual(
      run.tables.map(({ table, rows }) => [table, rows]),
      [
        ['public.users', 2000],
        ['public.carts', 2000],
      ],
    );
  });

  it('says which earlier migration does not run, and why', async () => {
    await rejected(
      profiled({ earlier: 'ALTER TABLE missing ADD COLUMN a int', text: 'SELECT 1', rows: 1 }),
      (error) => {
        assert.ok(error instanceof RunError);
        assert.equal(error.reason, 'replay failed');
        assert.match(
          error.message,
          /^2\.sql, which comes before, does not run on an empty database: relation "missing" does not exist\. .*"baseline"/,
        );
      },
    );
  });

  describe('refuses production', () => {
    it('by class and by name, without connecting', async () => {
      const target = (environment: { name: string; class: 'production' | 'staging' }, names: string[] = []) =>
        profileMigration(
          request(history({ text: 'SELECT 1' }), 'postgresql://127.0.0.1:1/x', {
            target: environmentTarget('postgresql://127.0.0.1:1/x', { ...NO_PRODUCTION, names }, environment),
          }),
        );
      await rejected(target({ name: 'live', class: 'production' }), production);
      await rejected(target({ name: 'live', class: 'staging' }, ['live']), production);
    });
    it('by the address of production, without connecting', () =>
      rejected(
        profileMigration(
          request(history({ text: 'SELECT 1' }), '', {
            target: environmentTarget('postgresql://u:secret@DB.example.org/staging', {
              ...NO_PRODUCTION,
              urls: ['postgresql://v@db.example.org:5432/app'],
            }),
          }),
        ),
        production,
      ));
    it('by the marker in the database', async () => {
      const server = await sharedServer();
      await withScratchDatabase(server.url, async (url, { name }) => {
        await withClient(server.url, {}, (client) =>
          client.query(`ALTER DATABASE ${name} SET lockkeeper.environment = 'live'`),
        );
        await rejected(
          profileMigration(
            request(history({ text: 'SELECT 1' }), url, {
              target: environmentTarget(url, { ...NO_PRODUCTION, names: ['live'] }),
            }),
          ),
          production,
        );
      });
    });
    it('by the cluster’s system identifier', async () => {
      const server = await sharedServer();
      const { systemIdentifier } = await withClient(server.url, {}, serverIdentity);
      await rejected(
        profileMigration(
          request(history({ text: 'SELECT 1' }), server.url, {
            target: environmentTarget(server.url, { ...NO_PRODUCTION, systemIdentifiers: [systemIdentifier!] }),
          }),
        ),
        production,
      );
    });
    const production = (error: unknown): void => {
      assert.ok(error instanceof RunError, String(error));
      assert.equal(error.reason, 'production');
      assert.doesNotMatch(error.message, /secret/);
    };
  });

  it('says in clear words that the password is wrong, or that nobody answers', async () => {
    const server = await sharedServer();
    const wrong = new URL(server.url);
    wrong.password = 'wr0ng-p4ss';
    await rejected(profileMigration(request(history({ text: 'SELECT 1' }), wrong.href)), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.reason, 'wrong password');
      assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /wr0ng/);
    });
    await rejected(profileMigration(request(history({ text: 'SELECT 1' }), 'postgresql://127.0.0.1:1/x')), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.reason, 'unreachable');
    });
  });

  it('refuses a role that may not make databases', async () => {
    const server = await sharedServer();
    await withClient(server.url, {}, (client) =>
      client.query("DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'x'"),
    );
    const url = new URL(server.url);
    url.username = 'poor';
    url.password = 'x';
    await rejected(profileMigration(request(history({ text: 'SELECT 1' }), url.href)), (error) => {
      assert.ok(error instanceof RunError && error.reason === 'not possible');
      assert.match(error.message, /CREATEDB/);
    });
  });

  describe('when cancelled', () => {
    const phases = [
      [
        'while replaying',
        /^Replaying 1\.sql/,
        'SELECT pg_sleep(20); CREATE TABLE customers (id int); CREATE TABLE orders (id int);',
      ],
      ['while filling', /^Filling public\.orders/, SCHEMA],
      ['while running', /line 1: SELECT/, SCHEMA],
    ] as const;
    for (const [name, message, schema] of phases) {
      it(`${name}: stops on the server, says so, drops its database`, async () => {
        const server = await sharedServer();
        const abort = new AbortController();
        const analysed = analyzeFiles(
          [
            { path: '1.sql', text: schema },
            { path: '9.sql', text: 'SELECT count(*) FROM orders, pg_sleep(120);' },
          ],
          { major: 18 },
        );
        const began = Date.now();
        await rejected(
          profileMigration(
            request(analysed, server.url, {
              rows: name === 'while filling' ? 800_000 : 10,
              signal: abort.signal,
              onProgress: (progress) => {
                if (message.test(progress.message))
                  setTimeout(() => {
                    abort.abort();
                  }, 100);
              },
            }),
          ),
          (error) => {
            assert.ok(error instanceof RunError, String(error));
            assert.equal(error.reason, 'cancelled');
            assert.match(
              error.message,
              /^Cancelled while .*\. The scratch database is dropped, .* nothing is recorded\.$/,
            );
          },
        );
        assert.ok(Date.now() - began < 60_000, 'did not wait for the statement');
        await nothingLeft();
      });
    }
    it('before it began', async () => {
      await rejected(
        profileMigration(
          request(history({ text: 'SELECT 1' }), 'postgresql://127.0.0.1:1/x', { signal: AbortSignal.abort() }),
        ),
        (error) => {
          assert.ok(error instanceof RunError && error.reason === 'cancelled');
        },
      );
    });
    it('while an embedded server starts', async () => {
      const abort = new AbortController();
      await rejected(
        profileMigration(
          request(history({ text: 'SELECT 1' }), '', {
            target: { kind: 'embedded', options: { major: 18, cacheDirectory: serverCache } },
            signal: abort.signal,
            onProgress: ({ message }) => {
              if (message.includes('Making a PostgreSQL')) abort.abort();
            },
          }),
        ),
        (error) => {
          assert.ok(error instanceof RunError && error.reason === 'cancelled', String(error));
        },
      );
    });
  });

  it('tells that the server was killed in mid-profile', async () => {
    const server = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache });
    try {
      await rejected(
        profileMigration(
          request(history({ text: 'SELECT pg_sleep(20) FROM orders LIMIT 1;' }), server.url, {
            rows: 10,
            onProgress: ({ statement }) => {
              if (statement === 0) setTimeout(() => process.kill(server.pid, 'SIGKILL'), 100);
            },
          }),
        ),
        (error) => {
          assert.ok(error instanceof ConnectionError, String(error));
          assert.equal(error.reason, 'lost');
          assert.match(
            error.message,
            /connection to 127\.0\.0\.1:\d+\/lockkeeper_scratch_\w+ was lost.*could not be dropped; the next run there removes it/s,
          );
        },
      );
    } finally {
      await server.stop();
    }
  });

  it('removes what a crashed run left behind', async () => {
    const server = await sharedServer();
    const name = 'lockkeeper_scratch_00000000deadbeef';
    await withClient(server.url, {}, (client) => client.query(`CREATE DATABASE ${name}`));
    await profiled({ text: 'SELECT 1', rows: 1 });
    await withClient(server.url, {}, async (client) => {
      assert.equal((await client.query('SELECT FROM pg_database WHERE datname = $1', [name])).rowCount, 0);
    });
  });
});

interface Case {
  readonly text: string;
  readonly earlier?: string;
  readonly mode?: TestFile['mode'];
  readonly rows?: number;
  readonly embedded?: boolean;
}

function history({ text, earlier, mode }: Case): HistoryAnalysis {
  return analyzeFiles(
    [
      { path: '1.sql', text: SCHEMA },
      ...(earlier === undefined ? [] : [{ path: '2.sql', text: earlier }]),
      { path: '9.sql', text, ...(mode === undefined ? {} : { mode }) },
    ],
    { major: 18 },
  );
}

function environmentTarget(
  url: string,
  production = NO_PRODUCTION as { names: string[]; urls: string[]; systemIdentifiers: string[] },
  environment: { name: string; class: 'production' | 'staging' } = { name: 'staging', class: 'staging' },
): ProfileRequest['target'] {
  return { kind: 'environment', environment: { ...environment, url }, production };
}

function request(analysed: HistoryAnalysis, url: string, change: Partial<ProfileRequest> = {}): ProfileRequest {
  // The lock queue costs seconds of waiting: the tests about it ask for it.
  return { history: analysed, migration: '9.sql', parser, target: environmentTarget(url), lockQueue: false, ...change };
}

async function profiled(one: Case): Promise<StagingRun> {
  const server = await sharedServer();
  const target = one.embedded
    ? { target: { kind: 'embedded' as const, options: { major: 18 as const, cacheDirectory: serverCache } } }
    : {};
  const run = await profileMigration(
    request(history(one), server.url, { ...target, ...(one.rows === undefined ? {} : { rows: one.rows }) }),
  );
  await nothingLeft();
  return run;
}

async function nothingLeft(): Promise<void> {
  const server = await sharedServer();
  await withClient(server.url, {}, async (client) => {
    const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname LIKE 'lockkeeper_scratch_%'");
    assert.deepEqual(rows, []);
    const { rows: sessions } = await client.query(
      "SELECT query FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname LIKE 'lockkeeper_scratch%'",
    );
    assert.deepEqual(sessions, []);
  });
}

async function rejected(attempt: Promise<unknown>, check: (error: unknown) => void): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    check(error);
    return true;
  });
}
