import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient, withScratchDatabase } from '../../../src/node/connection.ts';
import { knownProductionServers } from '../../../src/node/productionServers.ts';
import { pullStatistics } from '../../../src/node/pullStatistics.ts';
import { environmentsWithStatistics, readStatistics, writeStatistics } from '../../../src/node/statistics/files.ts';
import { sharedServer } from '../../support/server.ts';

describe('pulling statistics', function () {
  this.timeout(30_000);
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lockkeeper-statistics-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('writes what it read into the workspace and remembers which cluster production is', () =>
    inDatabase(async (url) => {
      await withClient(url, {}, (client) =>
        client.query("CREATE TABLE t (a text); INSERT INTO t VALUES ('secret'), ('secret'); ANALYZE t"),
      );
      const productionServersFile = join(root, 'servers.json');
      const environment = { name: 'eu/production', class: 'production', url } as const;
      const statistics = await pullStatistics({ environment, productionServersFile });
      const path = await writeStatistics(root, environment.name, statistics);
      assert.equal(path, join(root, '.lockkeeper/statistics/eu%2Fproduction.json'));
      assert.doesNotMatch(await readFile(path, 'utf8'), /secret/);
      assert.deepEqual(await environmentsWithStatistics(root), ['eu/production']);
      const read = await readStatistics(root, environment.name);
      assert.deepEqual(read, { statistics, problems: [] });
      assert.equal(read.statistics.relations.get('public.t')?.rows, 2);
      assert.deepEqual(await knownProductionServers(productionServersFile), [statistics.database.systemIdentifier]);
      assert.equal(await readStatistics(root, 'nobody'), null);
    }));

  it('gives up, in words, where a table is locked exclusively', () =>
    inDatabase((url) =>
      withClient(url, {}, async (holder) => {
        await holder.query('CREATE TABLE t ()');
        await holder.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
        await assert.rejects(pullStatistics({ environment: { name: 'production', class: 'production', url } }), {
          reason: 'not possible',
          message: /locked exclusively for more than 2 seconds.*Nothing was read/,
        });
      }),
    ));

  it('does not write through a link that leads out of the workspace', async () => {
    const [workspace, outside] = [join(root, 'workspace'), join(root, 'outside')];
    await mkdir(join(workspace, '.lockkeeper'), { recursive: true });
    await mkdir(outside);
    await symlink(outside, join(workspace, '.lockkeeper', 'statistics'));
    const empty = {
      format: 1,
      environment: null,
      takenAt: '2026-11-22T00:00:00Z',
      serverVersion: '18',
      relations: new Map(),
    } as const;
    const database = { bytes: 0, systemIdentifier: null, statisticsSince: null, countedSeconds: null, settings: {} };
    await assert.rejects(writeStatistics(workspace, 'production', { ...empty, database }), { reason: 'not possible' });
    assert.deepEqual(await environmentsWithStatistics(workspace), []);
  });
});

async function inDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const server = await sharedServer();
  await withScratchDatabase(server.url, (url) => work(url));
}
