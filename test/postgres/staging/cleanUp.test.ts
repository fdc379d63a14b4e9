import { strict as assert } from 'node:assert';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { findLeftovers, removeLeftovers, type CleanRequest } from '../../../src/node/cleanUp.ts';
import { withClient } from '../../../src/node/connection.ts';
import { makeRunDirectory } from '../../../src/node/servers/runDirectory.ts';
import { createOwnDatabase } from '../../../src/node/staging/ownDatabases.ts';
import { keepLease } from '../../../src/node/staging/servers/leases.ts';
import { sharedServer } from '../../support/server.ts';

const NO_PRODUCTION = { names: [], urls: [], systemIdentifiers: [] };
/** No process has this number. */
const GONE = '"pid": 999999999';

describe('cleaning up', function () {
  this.timeout(30_000);
  let url = '';
  let folder = '';
  before(async () => ({ url } = await sharedServer()));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-clean-'));
    // The server's user must be able to reach it, else another folder is used.
    chmodSync(folder, 0o755);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const request = (change: Partial<CleanRequest> = {}): CleanRequest => ({
    cacheDirectory: join(folder, 'cache'),
    leases: join(folder, 'leases'),
    environments: [{ name: 'staging', class: 'staging', url }],
    production: NO_PRODUCTION,
    ...change,
  });

  it('takes a server whose host is gone and a copy that was never finished, and lets others be', async () => {
    const cache = join(folder, 'cache');
    const [running, left] = [await makeRunDirectory(cache, null), await makeRunDirectory(cache, null)];
    orphan(join(left, 'host.json'));
    const copies = join(cache, 'postgresql');
    const [draft, young, whole] = ['18.4-linux-x64.77.0a1b2c3d', '18.4-linux-x64.78.0a1b2c3d', '18.4-linux-x64'].map(
      (name) => join(copies, name),
    );
    for (const path of [draft!, young!, whole!]) mkdirSync(path, { recursive: true });
    for (const path of [draft!, whole!]) utimesSync(path, 1_000, 1_000);
    const wanted = request({ environments: [] });
    const found = await findLeftovers(wanted);
    assert.deepEqual(
      found.local.filter(({ path }) => path.startsWith(folder)).map(({ kind, path }) => [kind, path]),
      [
        ['server', left],
        ['half-made copy', draft],
      ],
    );
    assert.deepEqual((await removeLeftovers(wanted)).failed, []);
    assert.deepEqual(
      [running, left, draft!, young!, whole!].map((path) => existsSync(path)),
      [true, false, false, true, true],
    );
  });

  it('drops a database of a process that is gone, never one of a running process, of a session, or of somebody else', () =>
    withClient(url, {}, async (client) => {
      const mine = await createOwnDatabase(client, { major: 18 });
      const left = await createOwnDatabase(client, { major: 18 });
      const old = 'lockkeeper_scratch_00000001deadbeef';
      const busy = 'lockkeeper_scratch_00000002deadbeef';
      const foreign = 'lockkeeper_scratch_of_ours';
      for (const name of [old, busy, foreign]) await client.query(`CREATE DATABASE ${name}`);
      const comment = await commentOf(client, left);
      await client.query(`COMMENT ON DATABASE ${left} IS '${comment.replace(/"pid":\d+/, '"pid":999999999')}'`);
      try {
        await withClient(url.replace(/\/postgres$/, `/${busy}`), {}, async () => {
          const { databases } = await findLeftovers(request());
          assert.deepEqual(
            databases.map(({ name, state, environment }) => [name, state, environment]).sort(),
            [
              [old, 'left behind', 'staging'],
              [busy, 'perhaps in use', 'staging'],
              [mine, 'in use', 'staging'],
              [left, 'left behind', 'staging'],
            ].sort(),
          );
          const { removed, failed } = await removeLeftovers(request());
          assert.deepEqual(
            removed.filter((one) => one.includes(' on ')).sort(),
            [`${left} on staging`, `${old} on staging`].sort(),
          );
          assert.deepEqual(failed, []);
        });
        const { rows } = await client.query<{ name: string }>(
          "SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'lockkeeper_scratch%'",
        );
        assert.deepEqual(rows.map(({ name }) => name).sort(), [busy, foreign, mine].sort());
      } finally {
        for (const name of [mine, left, old, busy, foreign]) await client.query(`DROP DATABASE IF EXISTS ${name}`);
      }
    }));

  it('ends what a staging command made for a process that is gone, and says why where it can’t', async () => {
    const leases = join(folder, 'leases');
    const ids = ['00000000000000a1', '00000000000000a2', '00000000000000a3'];
    await keepLease(leases, { id: ids[0]!, destroy: 'touch ended-$LOCKKEEPER_STAGING_ID', folder });
    await keepLease(leases, { id: ids[1]!, destroy: 'echo no such branch >&2; exit 1', folder });
    await keepLease(leases, { id: ids[2]!, destroy: 'touch wrong', folder });
    for (const id of ids.slice(0, 2)) orphan(join(leases, `${id}.json`));
    const { removed, failed } = await removeLeftovers(request({ environments: [] }));
    assert.ok(removed.includes(`staging ${ids[0]!}`));
    assert.deepEqual(failed, [`staging ${ids[1]!}: The staging command failed (exit code 1): no such branch`]);
    assert.ok(existsSync(join(folder, `ended-${ids[0]!}`)) && !existsSync(join(folder, 'wrong')));
  });

  it('does not go near production', async () => {
    const wanted = request({ production: { ...NO_PRODUCTION, urls: [url] } });
    await assert.rejects(findLeftovers(wanted), { reason: 'production' });
    await assert.rejects(removeLeftovers(wanted), { reason: 'production' });
  });
});

function orphan(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"pid": ?\d+/, GONE));
}

async function commentOf(client: Client, database: string): Promise<string> {
  const { rows } = await client.query<{ comment: string }>(
    "SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1",
    [database],
  );
  return rows[0]?.comment ?? '';
}
