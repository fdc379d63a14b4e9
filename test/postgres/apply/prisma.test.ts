import { strict as assert } from 'node:assert';
import { applyMigrations } from '../../../src/node/apply.ts';
import { appliedMigrations } from '../../../src/node/apply/appliedMigrations.ts';
import { withClient } from '../../../src/node/connection.ts';
import { withPrismaEngine, type PrismaEngine } from '../../support/prismaEngine.ts';
import { applyAll, historyOf, openGate, withDatabase } from './appliedHere.ts';

const FILES = [
  { path: '1_init', text: '-- ☃ and CRLF\r\nCREATE TABLE orders (id int PRIMARY KEY);\r\n' },
  { path: '2_total', text: 'ALTER TABLE orders ADD COLUMN total int;\nCREATE INDEX orders_total ON orders (total);\n' },
];

describe("Prisma's own engine", function () {
  this.timeout(60_000);
  const history = historyOf(FILES, 'prisma');
  const prisma = <T>(url: string, work: (engine: PrismaEngine) => Promise<T>, of = history): Promise<T> =>
    withPrismaEngine(url, of.history.migrations, work);

  it('finds everything applied, and nothing edited or left to do, after Lockkeeper applied', () =>
    withDatabase(async (url) => {
      await applyMigrations(applyAll(history, url));
      await prisma(url, async (engine) => {
        assert.deepEqual(await engine.diagnose(), {
          editedMigrationNames: [],
          failedMigrationNames: [],
          hasMigrationsTable: true,
          history: null,
        });
        assert.deepEqual(await engine.deploy(), []);
      });
    }));

  it('goes on where Lockkeeper stopped, and Lockkeeper where it stopped', () =>
    withDatabase(async (url) => {
      const more = historyOf([...FILES, { path: '3_more', text: 'CREATE TABLE more (id int);' }], 'prisma');
      await applyMigrations(applyAll(more, url, { gates: [openGate(more, '1_init')] }));
      const two = historyOf(FILES, 'prisma');
      assert.deepEqual(await prisma(url, (engine) => engine.deploy(), two), ['2_total']);
      await applyMigrations(applyAll(more, url, { gates: [openGate(more, '3_more')] }));
      assert.equal((await prisma(url, (engine) => engine.diagnose(), more)).history, null);
    }));

  it('takes a migration that failed under Lockkeeper for failed, and the other way round', () =>
    withDatabase(async (url) => {
      const failing = historyOf([{ path: '1_bad', text: 'CREATE TABLE a (id int); SELECT 1 / 0;' }], 'prisma');
      const [run] = await applyMigrations(applyAll(failing, url));
      assert.equal(run!.outcome, 'failed');
      assert.deepEqual((await prisma(url, (engine) => engine.diagnose(), failing)).failedMigrationNames, ['1_bad']);
      await withClient(url, {}, (client) => client.query('DELETE FROM _prisma_migrations'));
      await assert.rejects(prisma(url, (engine) => engine.deploy(), failing));
      const applied = await withClient(url, {}, (client) => appliedMigrations(client, failing.history));
      assert.deepEqual(
        applied.migrations.map(({ id, state, changed }) => [id, state, changed]),
        [['1_bad', 'failed', false]],
      );
    }));

  it('is read right by Lockkeeper: applied, with its own checksum', () =>
    withDatabase(async (url) => {
      await prisma(url, (engine) => engine.deploy());
      const applied = await withClient(url, {}, (client) => appliedMigrations(client, history.history));
      assert.deepEqual(
        applied.migrations.map(({ id, state, changed }) => [id, state, changed]),
        [
          ['1_init', 'applied', false],
          ['2_total', 'applied', false],
        ],
      );
      const edited = historyOf([{ ...FILES[0]!, text: 'CREATE TABLE orders (id bigint PRIMARY KEY);' }], 'prisma');
      const seen = await withClient(url, {}, (client) => appliedMigrations(client, edited.history));
      assert.deepEqual([seen.migrations[0]!.changed, seen.unknown], [true, ['2_total']]);
    }));
});
