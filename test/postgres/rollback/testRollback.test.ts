import { strict as assert } from 'node:assert';
import type { RollbackTest } from '../../../src/core/report/rollbackTest.ts';
import { rollbackTestPassed } from '../../../src/core/report/rollbackTest.ts';
import { analyzeHistory } from '../../../src/core/analyze.ts';
import { historyFromFiles } from '../../../src/core/tools/history.ts';
import { withClient } from '../../../src/node/connection.ts';
import type { TestServer } from '../../../src/node/rollbackTest/testServer.ts';
import { RunError } from '../../../src/node/runError.ts';
import { serverIdentity } from '../../../src/node/serverIdentity.ts';
import { startEmbeddedServer } from '../../../src/node/servers/embedded.ts';
import { testRollbacks, type RollbackTestsRequest } from '../../../src/node/testRollback.ts';
import { parser } from '../../support/parser.ts';
import { serverCache, sharedServer } from '../../support/server.ts';
import { analyzeSupabase, SUPABASE_ROLES } from '../../support/supabase.ts';
import { analysedFiles } from '../../support/upAndDown.ts';

const BASE = `CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20) NOT NULL, born date);
CREATE TABLE orders (id serial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, total int NOT NULL CHECK (total >= 0),
  code text UNIQUE, state state NOT NULL DEFAULT 'open');`;

async function asServer(url: string): Promise<TestServer> {
  const identity = await withClient(url, {}, serverIdentity);
  return { kind: 'server', url, identity, throwAway: true, environment: null };
}

describe('test-rollback, on a real server', function () {
  this.timeout(120_000);
  let server: TestServer;
  before(async () => {
    server = await asServer((await sharedServer()).url);
  });

  async function tested(
    files: Readonly<Record<string, string>>,
    options: Partial<RollbackTestsRequest> = {},
  ): Promise<readonly RollbackTest[]> {
    const paths = Object.entries(files).map(([path, text]) => ({ path, text }));
    const history = analysedFiles(paths, { major: 18, mode: 'autocommit' });
    const migrations = options.migrations ?? history.migrations.map(({ migration }) => migration.id);
    return testRollbacks({ history, parser, target: server, ...options, migrations });
  }
  /** The migration after BASE, with a written way back if there is one. */
  async function after(up: string, down?: string, options: Partial<RollbackTestsRequest> = {}): Promise<RollbackTest> {
    const files = { '1.sql': BASE, '2.sql': up, ...(down === undefined ? {} : { '2.down.sql': down }) };
    const [test] = await tested(files, { migrations: ['2.sql'], ...options });
    assert.ok(test);
    return test;
  }

  it('keeps old rows and loses the values of an added column, and says both', async () => {
    const test = await after('ALTER TABLE orders ADD COLUMN note text;');
    assert.deepEqual(test.differences, []);
    assert.equal(test.schema, 'restored');
    assert.equal(test.data.before, 'kept');
    assert.equal(test.data.since, 'lost');
    assert.deepEqual(test.data.lostSince, ['values of public.orders.note']);
    assert.equal(test.again, 'same');
    assert.equal(test.ranIn, 'transaction');
    assert.ok(rollbackTestPassed(test));
  });

  it('says what a number beyond the old type does to the way back', async () => {
    const test = await after('ALTER TABLE orders ALTER COLUMN total TYPE bigint;');
    assert.equal(test.schema, 'restored');
    assert.equal(test.data.since, 'fails');
    assert.deepEqual(test.data.fails, ['a number beyond integer in public.orders.total: integer out of range']);
    assert.equal(test.data.before, 'kept');
  });

  it('says what NULL, doubles, long texts and references to nothing do to what is added again', async () => {
    const test = await after(`ALTER TABLE orders ALTER COLUMN total DROP NOT NULL;
      ALTER TABLE orders DROP CONSTRAINT orders_code_key;
      ALTER TABLE orders DROP CONSTRAINT orders_total_check;
      ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
      ALTER TABLE customers ALTER COLUMN name TYPE text;`);
    assert.equal(test.schema, 'restored');
    const fails = test.data.fails.join('\n');
    assert.match(
      fails,
      /NULL in public\.orders\.total: check constraint "orders_total_is_set".* is violated by some row/,
    );
    assert.match(fails, /two rows of public\.orders with the same \(code\): could not create unique index/);
    assert.match(fails, /a value in public\.orders\.total that orders_total_check refused: check constraint/);
    assert.match(
      fails,
      /a reference to nothing in public\.orders\.customer_id: insert or update .* violates foreign key/,
    );
    // varchar(20) again: an explicit cast cuts silently, which is told as a loss or refused.
    assert.ok(/more than 20 characters/.test(fails) || test.data.lostSince.includes('values of public.customers.name'));
  });

  it('writes new enum values, on a copy, since they can be used after the commit alone', async () => {
    const test = await after(`ALTER TYPE state ADD VALUE 'lost';`);
    assert.equal(test.ranIn, 'clone');
    assert.deepEqual(test.data.written, [`the new value 'lost' in public.orders.state`]);
    assert.equal(test.data.before, 'kept');
  });

  it('tells rows of new tables as lost, and old values that a written script does not bring back', async () => {
    const made = await after('CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL);');
    assert.deepEqual([made.data.since, made.data.lostSince], ['lost', ['rows of public.notes']]);
    const dropped = await after(
      'ALTER TABLE customers DROP COLUMN born;',
      'ALTER TABLE customers ADD COLUMN born date;',
    );
    assert.equal(dropped.source, 'written');
    assert.deepEqual([dropped.schema, dropped.data.before], ['restored', 'lost']);
    assert.deepEqual(dropped.data.lost, ['values of public.customers.born']);
  });

  it('runs CONCURRENTLY on a copy', async () => {
    const test = await after('CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);');
    assert.deepEqual([test.schema, test.ranIn, test.again], ['restored', 'clone', 'same']);
  });

  it('says of a written script what it fails to restore, object by object', async () => {
    const test = await after(
      'ALTER TABLE orders DROP COLUMN code; CREATE INDEX orders_state ON orders (state);',
      'ALTER TABLE orders ADD COLUMN code text;',
    );
    assert.equal(test.schema, 'different');
    assert.ok(!rollbackTestPassed(test));
    const seen = test.differences.map(
      ({ object, before: was, after: is }) => `${object}: ${was ?? '-'} → ${is ?? '-'}`,
    );
    assert.ok(seen.includes('index public.orders_state: - → there'), seen.join('\n'));
    assert.ok(seen.includes('constraint orders_code_key on public.orders: there → -'), seen.join('\n'));
  });

  it('compares both scripts where both are wanted', async () => {
    const files = { '1.sql': BASE, '2.sql': 'ALTER TABLE orders DROP COLUMN code;', '2.down.sql': 'SELECT 1;' };
    const tests = await tested(files, { migrations: ['2.sql'], sources: 'both' });
    assert.deepEqual(
      tests.map(({ source, schema }) => `${source} ${schema}`),
      ['written different', 'synthesized columnOrder'],
    );
  });

  it('tests a Supabase history on stand-ins, and says so', async () => {
    const files = [
      {
        path: '20240101000000_profiles.sql',
        text: `CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, name text);
          CREATE POLICY own ON profiles USING ((SELECT auth.uid()) = id);
          CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';
          CREATE TRIGGER on_new_user AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION greet();
          CREATE POLICY avatars ON storage.objects FOR SELECT TO anon USING (bucket_id = 'avatars');
          ALTER PUBLICATION supabase_realtime ADD TABLE profiles;`,
      },
      {
        path: '20240102000000_drop.sql',
        text: 'DROP TRIGGER on_new_user ON auth.users; DROP TABLE profiles; CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());',
      },
      { path: '20240103000000_plain.sql', text: 'ALTER TABLE t ADD COLUMN a int;' },
    ];
    const history = historyFromFiles({
      id: 'supabase/migrations',
      tool: 'supabase',
      root: 'supabase/migrations',
      files,
    });
    const analysis = analyzeHistory(history, { parser, settings: { major: 18, timeZone: null } });
    const said: string[] = [];
    const tests = await testRollbacks({
      history: analysis,
      parser,
      target: server,
      migrations: history.migrations.map(({ id }) => id),
      onProgress: ({ message }) => said.push(message),
    });
    assert.deepEqual(
      tests.map(({ schema, claim, again }) => [schema, claim, again]),
      Array(3).fill(['restored', 'restored', 'same']),
    );
    assert.match(said[0] ?? '', /Supabase's own schemas .* are stood in for/);
    assert.deepEqual(
      tests.map(({ standIns }) => standIns.length),
      [1, 1, 0],
    );
  });

  it('tests a Supabase history on a server without its roles, and says what the stand-in lacks', async () => {
    await withClient(server.url, {}, (client) => client.query(`DROP ROLE IF EXISTS ${SUPABASE_ROLES}`));
    const history = analyzeSupabase(
      'CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users);',
      'ALTER TABLE profiles ADD COLUMN name text;',
      'GRANT SELECT ON profiles TO anon;',
    );
    const said: string[] = [];
    const onTeams = (migration: string): Promise<readonly RollbackTest[]> =>
      testRollbacks({
        history,
        parser,
        target: { ...server, throwAway: false },
        migrations: [migration],
        onProgress: ({ message }) => said.push(message),
      });
    const [test] = await onTeams('2');
    assert.equal(test?.schema, 'restored');
    assert.ok(
      said.some((message) =>
        /left out of the stand-in: role anon, role authenticated, role service_role\.$/.test(message),
      ),
      said.join('\n'),
    );
    await assert.rejects(onTeams('3'), /does not have: role anon\./);
    const { rows } = await withClient(server.url, {}, (client) =>
      client.query("SELECT FROM pg_roles WHERE rolname = 'anon'"),
    );
    assert.equal(rows.length, 0);
  });

  describe('bad input', () => {
    it('a script that hangs is cancelled on the server, whatever it sets for itself', async () => {
      const test = await after('SELECT 1;', 'SET statement_timeout = 0; SELECT pg_sleep(600);', { timeout: 400 });
      assert.equal(test.ran, false);
      assert.match(test.failure?.message ?? '', /did not end within 0\.4 s and was cancelled on the server/);
      const running = await withClient(server.url, {}, (client) =>
        client.query(`SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`),
      );
      assert.equal(running.rowCount, 0);
    });

    it('a script that fails half-way', async () => {
      const test = await after('ALTER TABLE orders ADD COLUMN a int;', 'ALTER TABLE orders DROP COLUMN a; SELECT 1/0;');
      assert.deepEqual([test.ran, test.failure?.phase, test.failure?.message], [false, 'down', 'division by zero']);
      assert.equal(test.schema, 'different');
    });

    it('an extension that the server lacks is named before the start', async () => {
      const files = { '1.sql': 'CREATE EXTENSION no_such_thing;', '2.sql': 'SELECT 1;' };
      await assert.rejects(
        tested(files, { migrations: ['2.sql'] }),
        (error) =>
          error instanceof RunError &&
          error.reason === 'not possible' &&
          /does not have: extension no_such_thing.*--environment/s.test(error.message),
      );
    });

    it('a role that nobody makes is made on a throw-away server, and named before the start on another one', async () => {
      const files = { '1.sql': BASE, '2.sql': 'GRANT SELECT ON orders TO lockkeeper_reader;' };
      const [test] = await tested(files, { migrations: ['2.sql'] });
      assert.equal(test?.schema, 'restored');
      await withClient(server.url, {}, (client) => client.query('DROP ROLE lockkeeper_reader'));
      await assert.rejects(
        tested(files, { migrations: ['2.sql'], target: { ...server, throwAway: false } }),
        /does not have: role lockkeeper_reader/,
      );
    });

    it('a history that does not replay from nothing says so; with tolerance what can be tested is', async () => {
      const files = {
        '1.sql': 'ALTER TABLE nowhere ADD COLUMN a int;\nCREATE TABLE here (id int);',
        '2.sql': '\\set ON_ERROR_STOP on\nALTER TABLE here ADD COLUMN b int;',
      };
      await assert.rejects(
        tested({ '1.sql': files['1.sql'], '2.sql': 'SELECT 1;' }, { migrations: ['2.sql'] }),
        (error) => {
          assert.ok(error instanceof RunError && error.reason === 'replay failed');
          assert.match(error.message, /1\.sql, which comes before, does not run .*"baseline" in lockkeeper\.jsonc/);
          return true;
        },
      );
      const [first, second] = await tested(files, { tolerant: true });
      assert.deepEqual(first?.leftOut, [{ line: 1, reason: 'relation "nowhere" does not exist' }]);
      assert.equal(first.schema, 'restored');
      assert.ok(!rollbackTestPassed(first), 'a test of a part is no evidence');
      assert.deepEqual([second?.schema, second?.leftOut], ['restored', []]);
    });

    it('a server that dies in the middle', async () => {
      const mortal = await startEmbeddedServer({ major: 18, cacheDirectory: serverCache });
      try {
        const target = await asServer(mortal.url);
        const run = tested(
          { '1.sql': BASE, '2.sql': 'SELECT pg_sleep(30);' },
          {
            target,
            migrations: ['2.sql'],
            onProgress: ({ message }) => {
              if (message.startsWith('up: 2.sql')) process.kill(mortal.pid, 'SIGQUIT');
            },
          },
        );
        await assert.rejects(run, /lost.*It happened in up: 2\.sql/s);
      } finally {
        await mortal.stop();
      }
    });

    it('a user who cancels', async () => {
      const abort = new AbortController();
      const run = after('SELECT pg_sleep(600);', undefined, {
        signal: abort.signal,
        onProgress: ({ message }) => {
          if (message.startsWith('up: 2.sql')) abort.abort();
        },
      });
      await assert.rejects(run, (error) => error instanceof RunError && error.reason === 'cancelled');
    });
  });

  it('leaves no database and no session behind', async () => {
    await tested({ '1.sql': BASE, '2.sql': 'CREATE INDEX CONCURRENTLY a ON orders (total);' }, { jobs: 2 });
    const left = await withClient(server.url, {}, (client) =>
      client.query(`SELECT datname FROM pg_database WHERE datname LIKE 'lockkeeper_scratch_%'`),
    );
    assert.deepEqual(left.rows, []);
  });
});
