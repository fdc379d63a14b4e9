import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { UnreadableFileError } from '../../src/node/files.ts';
import { openProject } from '../../src/node/project.ts';
import { historiesOfPaths } from '../../src/node/targets.ts';
import { withFolder } from '../support/folders.ts';

const FILES = {
  'prisma/migrations/1_a/migration.sql': 'CREATE TABLE a (id int);',
  'prisma/migrations/2_b/migration.sql': 'DROP TABLE a;',
  'go/1_a.up.sql': '',
  'go/1_a.down.sql': '',
  'go/10_b.up.sql': '',
  'go/9_c.up.sql': '',
  'loose/x.sql': 'SELECT 1;',
  'loose/y.sql': 'SELECT 2;',
  'mixed/2.sql': '',
  'mixed/10.sql': '',
  'mixed/sub/1.sql': '',
};

function targets(args: readonly string[], { configured = false } = {}): string[] {
  return withFolder(FILES, (folder) => {
    const project = configured ? openProject(folder) : undefined;
    return historiesOfPaths(args, { cwd: folder, project }).map((target) => {
      const { history, named, displayName } = target;
      const shown = history.migrations
        .filter(({ path }) => named === 'all' || named.has(path))
        .map((each) => displayName(each).replace(folder, '<dir>'));
      return `${history.tool} ${String(history.migrations.length)}: ${shown.join(' ')}`;
    });
  });
}

describe('what paths on the command line name', () => {
  it('a folder is one history, in its tool’s order', () => {
    assert.deepEqual(targets(['go']), ['golang-migrate 3: go/1_a.up.sql go/9_c.up.sql go/10_b.up.sql']);
    assert.deepEqual(targets(['./go/']), ['golang-migrate 3: ./go/1_a.up.sql ./go/9_c.up.sql ./go/10_b.up.sql']);
    assert.deepEqual(targets(['prisma']), [
      'prisma 2: prisma/migrations/1_a/migration.sql prisma/migrations/2_b/migration.sql',
    ]);
    assert.deepEqual(targets(['mixed']), ['plain 3: mixed/2.sql mixed/10.sql mixed/sub/1.sql']);
  });

  it('a folder of which all belongs to several tools is several histories', () => {
    withFolder(
      {
        'db/shop/migrations/V1__a.sql': 'SELECT 1;',
        'db/pay/migrations/1_a.up.sql': 'SELECT 1;',
        'db/pay/migrations/1_a.down.sql': 'SELECT 1;',
        'other/prisma/migrations/1_a/migration.sql': 'SELECT 1;',
        'other/go/1_a.up.sql': 'SELECT 1;',
        'other/report.sql': 'SELECT 1;',
      },
      (folder) => {
        for (const project of [undefined, openProject(folder)]) {
          const named = (arg: string): string[] =>
            historiesOfPaths([arg], { cwd: folder, project }).map(
              ({ history: { tool, migrations }, displayName }) =>
                `${tool}: ${migrations.map((each) => displayName(each)).join(' ')}`,
            );
          assert.deepEqual(named('db'), [
            'golang-migrate: db/pay/migrations/1_a.up.sql',
            'flyway: db/shop/migrations/V1__a.sql',
          ]);
          assert.equal(named('other').length, 1);
        }
      },
    );
  });

  it('a folder that is a history itself and holds another one is both', () => {
    withFolder(
      {
        'dir/V1__a.sql': 'SELECT 1;',
        'dir/V2__b.sql': 'SELECT 1;',
        'dir/prisma/migrations/1_a/migration.sql': 'SELECT 1;',
        'dir/prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
      },
      (folder) => {
        for (const [cwd, arg, shown] of [
          [folder, 'dir', 'dir/'],
          [join(folder, 'dir'), '.', ''],
        ] as const)
          for (const project of [undefined, openProject(cwd)])
            assert.deepEqual(
              historiesOfPaths([arg], { cwd, project }).flatMap(({ history: { migrations }, displayName }) =>
                migrations.map((each) => displayName(each)),
              ),
              [`${shown}V1__a.sql`, `${shown}V2__b.sql`, `${shown}prisma/migrations/1_a/migration.sql`],
            );
      },
    );
  });

  it('folders of one Flyway history are that history, whatever of it is named', () => {
    withFolder(
      {
        'db/migration/2023/V1__a.sql': 'CREATE TABLE a (id int);',
        'db/migration/2024/V2__b.sql': 'ALTER TABLE a ADD b int;',
        'db/migration/mysql/V3__c.sql': 'SELECT 1;',
        'db/migration/sqlite/V4__d.sql': 'SELECT 1;',
      },
      (folder) => {
        const ours = 'db/migration/2023/V1__a.sql db/migration/2024/V2__b.sql';
        for (const project of [undefined, openProject(folder)])
          for (const [arg, expected] of [
            ['db', [ours, 'db/migration/mysql/V3__c.sql']],
            ['db/migration', [ours, 'db/migration/mysql/V3__c.sql']],
            ['db/migration/2024/V2__b.sql', [ours]],
            ['db/migration/2024', [ours]],
            ['db/migration/mysql', ['db/migration/mysql/V3__c.sql']],
            ['db/migration/mysql/V3__c.sql', ['db/migration/mysql/V3__c.sql']],
          ] as const)
            assert.deepEqual(
              historiesOfPaths([arg], { cwd: folder, project }).map(({ history: { migrations }, displayName }) =>
                migrations.map((each) => displayName(each)).join(' '),
              ),
              expected,
              arg,
            );
        const [part] = historiesOfPaths(['db/migration/2024'], { cwd: folder });
        assert.deepEqual(part?.named, new Set(['2024/V2__b.sql']));
      },
    );
  });

  it('files that sqlx runs are not taken for those of golang-migrate', () => {
    withFolder(
      {
        'crates/db/Cargo.toml': '[dependencies]\nsqlx = "0.8"\n',
        'crates/db/migrations/1_a.up.sql': 'CREATE TABLE a (id int);',
        'crates/db/migrations/1_a.down.sql': 'DROP TABLE a;',
        'crates/db/migrations/2_b.up.sql': 'CREATE INDEX CONCURRENTLY a_id ON a (id);',
        'go/migrations/1_a.up.sql': 'SELECT 1;',
      },
      (folder) => {
        const told = [
          ...openProject(folder).histories,
          ...historiesOfPaths(['crates/db/migrations'], { cwd: folder }).map(({ history }) => history),
        ].map(
          ({ tool, runner, migrations }) =>
            `${runner ?? tool}: ${migrations.map(({ transactionMode }) => transactionMode).join(' ')}`,
        );
        assert.deepEqual(told, ['sqlx: explicit explicit', 'golang-migrate: implicit', 'sqlx: explicit explicit']);
      },
    );
  });

  it('a file in a recognised history brings the history, and is named alone', () => {
    for (const configured of [false, true]) {
      assert.deepEqual(targets(['prisma/migrations/2_b/migration.sql'], { configured }), [
        'prisma 2: prisma/migrations/2_b/migration.sql',
      ]);
      assert.deepEqual(targets(['go/9_c.up.sql', 'go/10_b.up.sql'], { configured }), [
        'golang-migrate 3: go/9_c.up.sql go/10_b.up.sql',
      ]);
    }
  });

  it('the folder of one Prisma migration stands for its file', () => {
    for (const configured of [false, true]) {
      assert.deepEqual(targets(['prisma/migrations/2_b'], { configured }), [
        'prisma 2: prisma/migrations/2_b/migration.sql',
      ]);
    }
  });

  it('other files of one folder are one plain history of just these', () => {
    assert.deepEqual(targets(['loose/x.sql']), ['plain 1: loose/x.sql']);
    assert.deepEqual(targets(['loose/y.sql', 'loose/x.sql']), ['plain 2: loose/x.sql loose/y.sql']);
  });

  it('absolute paths are shown as they were typed', () => {
    withFolder(FILES, (folder) => {
      const [target] = historiesOfPaths([join(folder, 'go')], { cwd: '/' });
      assert.equal(target?.displayName({ path: '1_a.up.sql' }), `${folder}/go/1_a.up.sql`);
    });
  });

  it('a path that is not there is an error', () => {
    assert.throws(() => targets(['none.sql']), UnreadableFileError);
  });
});
