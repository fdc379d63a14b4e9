import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { databaseUrl, withClient } from '../../../src/node/connection.ts';
import { RunError, type RunErrorReason } from '../../../src/node/runError.ts';
import type { ProductionSigns } from '../../../src/node/staging/guards.ts';
import { createOwnDatabase, dropOwnDatabase, ownDatabases } from '../../../src/node/staging/ownDatabases.ts';
import { withScratchServer } from '../../../src/node/staging/scratchServer.ts';
import type { CommandTarget, ScratchServer, StagingTarget } from '../../../src/node/staging/servers/stagingServer.ts';
import { isAlive } from '../../../src/node/servers/runDirectory.ts';
import { analyzeFiles } from '../../support/lint.ts';
import { serverCache, sharedServer } from '../../support/server.ts';

const NO_PRODUCTION: ProductionSigns = { names: [], urls: [], systemIdentifiers: [] };
const hooks = { signal: undefined, onProgress: () => undefined };
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

describe('staging servers', function () {
  this.timeout(60_000);
  let url = '';
  let folder = '';
  before(async () => {
    ({ url } = await sharedServer());
    await withClient(url, {}, async (client) => {
      await client.query('CREATE DATABASE golden');
      await client.query("ALTER DATABASE golden SET lockkeeper.snapshot_at = '2026-11-01T00:00:00Z'");
    });
    await withClient(databaseUrl(url, 'golden'), {}, (client) =>
      client.query('CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) i'),
    );
  });
  after(() => withClient(url, {}, (client) => client.query('DROP DATABASE IF EXISTS golden WITH (FORCE)')));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-servers-'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    assert.deepEqual(await withClient(url, {}, ownDatabases), []);
  });

  const environment = (): { name: string; class: 'staging'; url: string } => ({
    name: 'staging',
    class: 'staging',
    url,
  });
  const target = (kind: Exclude<StagingTarget['kind'], 'embedded'>, production = NO_PRODUCTION): StagingTarget =>
    kind === 'command'
      ? command(`echo ${url}`, {}, production)
      : { kind, environment: environment(), production, golden: 'golden' };
  const command = (create: string, more: Partial<CommandTarget> = {}, production = NO_PRODUCTION): CommandTarget => ({
    kind: 'command',
    create,
    destroy: null,
    folder,
    leases: join(folder, 'leases'),
    production,
    ...more,
  });

  describe('of each kind say what they are and are gone afterwards', () => {
    it('embedded', async () => {
      const embedded = { kind: 'embedded', options: { major: 18, cacheDirectory: serverCache } } as const;
      const server = await used(embedded);
      assert.deepEqual(brief(server), ['embedded', null, false, false, 'an empty database', null]);
    });

    it('scratch database', async () => {
      const server = await used(target('environment'), async (found) => {
        assert.match(found.url, /\/lockkeeper_scratch_[0-9a-f]{16}$/);
        assert.equal(
          await one(
            found.url,
            "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
          ),
          '0',
        );
      });
      assert.deepEqual(brief(server), ['scratch database', 'staging', false, false, 'an empty database', null]);
    });

    it('template: a clone that can be changed while the golden database stays as it is', async () => {
      const server = await used(target('template'), async (found) => {
        await withClient(found.url, {}, (client) => client.query('DELETE FROM orders'));
      });
      assert.deepEqual(brief(server), [
        'template',
        'staging',
        true,
        false,
        'a clone of golden',
        '2026-11-01T00:00:00.000Z',
      ]);
      assert.ok(server.snapshot.bytes > 1_000_000);
      assert.equal(await one(databaseUrl(url, 'golden'), 'SELECT count(*) FROM orders'), '1000');
    });

    it('in-place: the database itself', async () => {
      const server = await used(target('in-place'));
      assert.deepEqual(brief(server).slice(0, 4), ['in-place', 'staging', true, true]);
      assert.equal(server.url, url);
    });

    it('command: whatever prints a URL; the destroy command gets the same id and the URL', async () => {
      const made = databaseUrl(url, 'golden');
      const create = `echo "made $LOCKKEEPER_STAGING_ID" > made.txt; echo some words; echo '${made}'`;
      const destroy = `echo "made $LOCKKEEPER_STAGING_ID" | cmp - made.txt && echo "$LOCKKEEPER_STAGING_URL" > ended.txt`;
      const server = await used(command(create, { destroy }));
      assert.deepEqual(brief(server), ['command', null, true, false, 'what the staging command made', null]);
      assert.equal(readFileSync(join(folder, 'ended.txt'), 'utf8').trim(), made);
      assert.deepEqual(readdirSync(join(folder, 'leases')), []);
    });
  });

  describe('refuse production before anything is made', () => {
    for (const kind of ['environment', 'template', 'in-place', 'command'] as const) {
      it(`${kind}: by address, by the database's marker, by the cluster's system identifier`, async () => {
        const identifier = await one(url, 'SELECT system_identifier FROM pg_control_system()');
        const production = (signs: Partial<ProductionSigns>): StagingTarget =>
          target(kind, { ...NO_PRODUCTION, ...signs });
        await refused(production({ urls: [databaseUrl(url, 'another')] }), 'production', /same address/);
        await refused(production({ systemIdentifiers: [identifier] }), 'production', /same cluster as production/);
        try {
          await withClient(url, {}, (client) =>
            client.query("ALTER DATABASE postgres SET lockkeeper.environment = 'production'"),
          );
          await refused(production({}), 'production', /says that it is production/);
        } finally {
          await withClient(url, {}, (client) => client.query('ALTER DATABASE postgres RESET lockkeeper.environment'));
        }
        assert.deepEqual(await withClient(url, {}, ownDatabases), []);
      });
    }

    it('by the class of the environment', async () => {
      for (const kind of ['environment', 'template', 'in-place'] as const) {
        const production = { name: 'live', class: 'production', url } as const;
        await refused(
          { kind, environment: production, production: NO_PRODUCTION, golden: 'golden' },
          'production',
          /class production/,
        );
      }
    });

    it('by the marker of the golden database', async () => {
      await withClient(url, {}, (client) =>
        client.query('ALTER DATABASE golden SET "lockkeeper.environment" = \'eu-production\''),
      );
      const signs = { ...NO_PRODUCTION, names: ['eu-production'] };
      await refused(target('template', signs), 'production', /database golden says that it is eu-production/);
      await withClient(url, {}, (client) => client.query('ALTER DATABASE golden RESET "lockkeeper.environment"'));
    });

    it('and do not let the destroy command loose on it', async () => {
      const destroy = 'touch destroyed.txt';
      const signs = { ...NO_PRODUCTION, urls: [url] };
      await refused(command(`echo ${url}`, { destroy }, signs), 'production', /same address/);
      assert.deepEqual(readdirSync(folder).sort(), ['leases']);
      assert.deepEqual(readdirSync(join(folder, 'leases')), []);
    });
  });

  it('a golden database with somebody in it says so, and how to keep one', async () => {
    await withClient(databaseUrl(url, 'golden'), {}, () =>
      refused(
        target('template'),
        'not possible',
        /golden can't be cloned.*\(1 now\).*ALTER DATABASE golden ALLOW_CONNECTIONS false/,
      ),
    );
    await withClient(url, {}, (client) => client.query('ALTER DATABASE golden ALLOW_CONNECTIONS false'));
    assert.equal((await used(target('template'))).holdsData, true);
    await withClient(url, {}, (client) => client.query('ALTER DATABASE golden ALLOW_CONNECTIONS true'));
  });

  it('a role that may not clone or create is told what to grant', async () => {
    await withClient(url, {}, (client) => client.query("CREATE ROLE limited LOGIN PASSWORD 'x' CREATEDB"));
    try {
      const limited = new URL(url);
      limited.username = 'limited';
      limited.password = 'x';
      const of = (kind: 'environment' | 'template'): StagingTarget => ({
        kind,
        environment: { ...environment(), url: limited.href },
        production: NO_PRODUCTION,
        golden: 'golden',
      });
      await refused(of('template'), 'not possible', /may not clone golden.*ALTER DATABASE golden IS_TEMPLATE true/);
      await refused({ ...of('template'), golden: 'nowhere' } as StagingTarget, 'not possible', /no database nowhere/);
      await withClient(url, {}, (client) => client.query('ALTER ROLE limited NOCREATEDB'));
      await refused(of('environment'), 'not possible', /may not create databases.*CREATEDB/);
    } finally {
      await withClient(url, {}, (client) => client.query('DROP ROLE limited'));
    }
  });

  it('large databases are copied file by file', () =>
    withClient(url, {}, async (client) => {
      const name = await createOwnDatabase(client, { major: 18, template: { name: 'golden', bytes: 10 ** 9 } });
      assert.equal(await one(databaseUrl(url, name), 'SELECT count(*) FROM orders'), '1000');
      await dropOwnDatabase(client, name);
      await assert.rejects(dropOwnDatabase(client, 'golden'), /not a database that Lockkeeper made/);
    }));

  it('an embedded server that goes down says why', async () => {
    const embedded = { kind: 'embedded', options: { major: 18, cacheDirectory: serverCache } } as const;
    const attempt = withScratchServer(embedded, hooks, (server) =>
      withClient(server.url, {}, async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
        // As the kernel does when memory is short.
        process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
        await client.query('SELECT pg_catalog.pg_sleep(60)');
      }),
    );
    await assert.rejects(attempt, {
      name: 'ConnectionError',
      reason: 'lost',
      message: /last words: .*terminated by signal 9/,
    });
  });

  describe('in place refuses what no ROLLBACK undoes', () => {
    for (const [text, why] of [
      ['CREATE INDEX CONCURRENTLY ON orders (id)', /2\.sql, line 1: CREATE INDEX runs outside a transaction only/],
      ['BEGIN; SELECT 1; COMMIT', /line 1: BEGIN belongs to a transaction of its own/],
      ['SELECT 1;\nCALL tidy()', /line 2: CALL may end the transaction/],
      ["SELECT setval('orders_seq', 5)", /calls a function whose work no ROLLBACK undoes/],
      ['VACUUM orders', /VACUUM runs outside a transaction only/],
    ] as const)
      it(text.replace('\n', ' '), async () => {
        const { migrations } = analyzeFiles(
          [
            { path: '1.sql', text: 'CREATE TABLE orders (id int)' },
            { path: '2.sql', text },
          ],
          { major: 18 },
        );
        const attempt = withScratchServer(target('in-place'), { ...hooks, migrations: migrations.slice(1) }, () =>
          Promise.reject(new Error('it was run')),
        );
        await rejected(attempt, 'not possible', why);
      });
  });

  describe('a staging command', () => {
    it('that fails, or prints no URL, says so without its secrets, and what it began is destroyed', async () => {
      const destroy = 'touch destroyed-$LOCKKEEPER_STAGING_ID';
      await refused(
        command('echo "no room at postgres://u:hunter2@h/d" >&2; exit 3', { destroy }),
        'not possible',
        /exit code 3\): no room at postgres:\/\/u:…@h\/d$/,
      );
      await refused(
        command('echo hunter2', { destroy }),
        'not possible',
        /^The last line that the staging command printed is not a URL/,
      );
      assert.equal(readdirSync(folder).filter((name) => name.startsWith('destroyed-')).length, 2);
    });

    it('can be cancelled, with all that it started', async () => {
      const abort = new AbortController();
      const create = `echo $$ > pid.txt; sleep 600; echo ${url}`;
      const attempt = withScratchServer(command(create), { ...hooks, signal: abort.signal }, () => Promise.resolve());
      await until(() => readdirSync(folder).includes('pid.txt'));
      abort.abort();
      await rejected(attempt, 'cancelled', /stopped/);
      const group = Number(readFileSync(join(folder, 'pid.txt'), 'utf8'));
      await until(() => !isAlive(-group));
    });

    it('whose destroy command fails leaves a note for the next run, which tries it again', async () => {
      const destroy = 'test -e allowed && touch destroyed-$LOCKKEEPER_STAGING_ID';
      await refused(command(`echo ${url}`, { destroy }), 'not possible', /could not be destroyed, and is still there/);
      const [lease] = readdirSync(join(folder, 'leases'));
      const path = join(folder, 'leases', lease!);
      const content = readFileSync(path, 'utf8');
      assert.doesNotMatch(content, /postgres(ql)?:/);
      // As if this process had died.
      writeFileSync(path, content.replace(/"pid": \d+/, '"pid": 999999999'));
      writeFileSync(join(folder, 'allowed'), '');
      await used(command(`echo ${url}`));
      assert.ok(readdirSync(folder).includes(`destroyed-${lease!.replace('.json', '')}`));
      assert.deepEqual(readdirSync(join(folder, 'leases')), []);
    });
  });

  it('what a killed process left is removed by the next start; what a running one uses is not', async () => {
    const script = join(folder, 'host.mts');
    const module = new URL('../../../src/node/staging/scratchServer.ts', import.meta.url).href;
    const wanted = { kind: 'environment', environment: environment(), production: NO_PRODUCTION };
    writeFileSync(
      script,
      `import { withScratchServer } from '${module}';
       await withScratchServer(${JSON.stringify(wanted)}, { signal: undefined, onProgress: () => undefined }, async (server) => {
         console.log(new URL(server.url).pathname.slice(1));
         await new Promise(() => setInterval(() => {}, 1000));
       });`,
    );
    const host = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(host.stdout, 'data')) as [Buffer];
    const name = chunk.toString('utf8').trim();
    const present = async (): Promise<boolean> =>
      (await withClient(url, {}, ownDatabases)).some((database) => database.name === name);
    await used(target('environment'));
    assert.ok(await present(), 'a run beside it must not take its database away');
    host.kill('SIGKILL');
    await once(host, 'exit');
    await used(target('environment'));
    assert.ok(!(await present()));
  });

  async function used(
    wanted: StagingTarget,
    work: (server: ScratchServer) => Promise<void> = () => Promise.resolve(),
  ): Promise<ScratchServer> {
    return withScratchServer(wanted, hooks, async (server) => {
      await work(server);
      return server;
    });
  }

  async function refused(wanted: StagingTarget, reason: RunErrorReason, message: RegExp): Promise<void> {
    await rejected(
      withScratchServer(wanted, hooks, () => Promise.resolve()),
      reason,
      message,
    );
  }
});

async function rejected(attempt: Promise<unknown>, reason: RunErrorReason, message: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    return true;
  });
}

function brief({ place, environment, holdsData, inPlace, snapshot }: ScratchServer): unknown[] {
  return [place, environment, holdsData, inPlace, snapshot.source, snapshot.takenAt];
}

async function one(url: string, sql: string): Promise<string> {
  return withClient(url, {}, async (client) => {
    const { rows } = await client.query<Record<string, string>>(sql);
    return String(Object.values(rows[0] ?? {})[0]);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
