import { strict as assert } from 'node:assert';
import { pathsOfHistory, recogniseFolder, recogniseHistories } from '../../../src/core/tools/recognise.ts';
import type { Listing } from '../../../src/core/tools/recognise.ts';
import { npmToolVersion } from '../../../src/core/tools/toolVersion.ts';

function listing(files: readonly string[] | Readonly<Record<string, string>>, rootPath?: string): Listing {
  const texts: Readonly<Record<string, string>> = Array.isArray(files)
    ? Object.fromEntries((files as string[]).map((path) => [path, '']))
    : (files as Record<string, string>);
  return { paths: Object.keys(texts), read: (path) => texts[path] ?? null, rootPath };
}
const found = (files: readonly string[] | Readonly<Record<string, string>>): string[] =>
  recogniseHistories(listing(files)).histories.map(({ root, tool }) => `${root}: ${tool}`);

describe('recognising histories', () => {
  it('knows each tool by its own file pattern', () => {
    assert.deepEqual(
      found(['api/prisma/migrations/20240101_init/migration.sql', 'api/prisma/migrations/migration_lock.toml']),
      ['api/prisma/migrations: prisma'],
    );
    assert.deepEqual(found(['supabase/migrations/20240101000000_a.sql']), ['supabase/migrations: supabase']);
    assert.deepEqual(found(['db/1_a.up.sql', 'db/1_a.down.sql', 'db/notes.sql']), ['db: golang-migrate']);
    assert.deepEqual(found(['sql/V1__a.sql', 'sql/V1_1__b.sql', 'sql/R__v.sql', 'sql/afterMigrate.sql']), [
      'sql: flyway',
    ]);
    assert.deepEqual(found({ 'db/migrations/20240101_a.sql': '-- migrate:up\n-- migrate:down\n' }), [
      'db/migrations: dbmate',
    ]);
    assert.deepEqual(found({ 'db/migrations/20240101_a.sql': '-- +goose Up\n-- +goose Down\n' }), [
      'db/migrations: goose',
    ]);
    assert.deepEqual(found(['db/sqitch.plan', 'db/deploy/a.sql', 'db/revert/a.sql', 'db/verify/a.sql']), [
      'db: sqitch',
    ]);
    assert.deepEqual(found(['db/migrations/20240101_a.sql']), ['db/migrations: plain']);
    assert.deepEqual(found(['schema/001_a.sql', 'schema/002_b.sql']), ['schema: plain']);
  });

  it('knows folders in which each migration has one of its own', () => {
    assert.deepEqual(found(['drizzle/0001_a/migration.sql', 'drizzle/0001_a/snapshot.json']), ['drizzle: plain']);
    assert.deepEqual(found(['migrations/2024-01-01-000000_a/up.sql', 'migrations/2024-01-01-000000_a/down.sql']), [
      'migrations: plain',
    ]);
    assert.deepEqual(found(['hasura/migrations/default/1700000000000_a/up.sql']), ['hasura/migrations/default: plain']);
    assert.deepEqual(found(['db/sqlite/01_a/up.sql']), []);
  });

  it('knows Drizzle by its journal, and changelogs by their name', () => {
    assert.deepEqual(found(['drizzle/0000_a.sql', 'drizzle/meta/_journal.json']), ['drizzle: plain']);
    assert.deepEqual(found(['drizzle/meta/_journal.json']), []);
    assert.deepEqual(found(['db/changelog/a.sql']), ['db/changelog: plain']);
  });

  it('takes the folders that Flyway searches for one history, unless they number alike', () => {
    assert.deepEqual(found(['db/migration/2023/V1__a.sql', 'db/migration/2024/V2__b.sql']), ['db/migration: flyway']);
    assert.deepEqual(
      found(['db/migration/2023/V1__a.sql', 'db/migration/2023/V1__a.sql.conf', 'db/migration/2024/V2__b.sql']),
      ['db/migration: flyway'],
    );
    assert.deepEqual(found(['db/migration/shop/V1__a.sql', 'db/migration/pay/V1__a.sql']), [
      'db/migration/pay: flyway',
      'db/migration/shop: flyway',
    ]);
    assert.deepEqual(found(['a/migration/V1__a.sql', 'b/migration/V2__a.sql']), [
      'a/migration: flyway',
      'b/migration: flyway',
    ]);
  });

  it('takes folders for parts of one Flyway history only where their place or their names say so', () => {
    for (const [paths, expected] of [
      [
        ['migrations/users/V20240101__a.sql', 'migrations/orders/V20240203__b.sql'],
        ['migrations/orders', 'migrations/users'],
      ],
      [['migrations/v1.0/V1__a.sql', 'migrations/v1.1/V2__b.sql'], ['migrations']],
      [['migrations/versioned/V1__a.sql', 'migrations/views/R__b.sql'], ['migrations']],
      [['db/migration/shop/V1__a.sql', 'db/migration/pay/V2__b.sql'], ['db/migration']],
      [
        ['db/migration/common/V1__a.sql', 'db/migration/postgresql/V2__b.sql', 'db/migration/mysql/V3__c.sql'],
        ['db/migration', 'db/migration/mysql'],
      ],
      [
        ['db/migration/V1__a.sql', 'db/migration/mysql/V3__c.sql'],
        ['db/migration', 'db/migration/mysql'],
      ],
      [['db/migration/V1__a.sql', 'db/migration/sqlite/V3__c.sql'], ['db/migration']],
    ] as const) {
      const { histories } = recogniseHistories(listing(paths));
      assert.deepEqual(
        histories.map(({ root }) => root),
        expected,
      );
      const read = histories.flatMap((each) => pathsOfHistory(each, paths).map((path) => `${each.root}/${path}`));
      assert.deepEqual(new Set(read), new Set(paths.filter((path) => !path.includes('/sqlite/'))));
      assert.equal(new Set(read).size, read.length);
    }
  });

  it('takes the folders of a Flyway history for one from wherever it is looked at', () => {
    for (const rootPath of ['/me/db/migration', '/me/migrations/db/migration/', 'C:\\me\\db\\migration']) {
      const { histories } = recogniseHistories(listing(['2023/V1__a.sql', '2024/V2__b.sql'], rootPath));
      assert.deepEqual(histories, [{ root: '.', tool: 'flyway' }]);
    }
    const one = recogniseHistories(listing(['V2__b.sql'], '/me/db/migration/2024')).histories;
    assert.deepEqual(one, [{ root: '.', tool: 'flyway' }]);
    const below = recogniseHistories(listing(['a/V1__a.sql', 'b/V2__b.sql'], '/me/db/migration/2024')).histories;
    assert.equal(below.length, 2);
  });

  it('takes the other endings of scripts', () => {
    assert.deepEqual(found(['db/migrations/a.pgsql']), ['db/migrations: plain']);
    assert.deepEqual(found(['db/001_a.psql', 'db/002_b.psql']), ['db: plain']);
  });

  it('finds several in one workspace', () => {
    assert.deepEqual(
      found([
        'a/prisma/migrations/1/migration.sql',
        'b/migrations/1_x.up.sql',
        'b/migrations/1_x.down.sql',
        'c/migrations/1.sql',
      ]),
      ['a/prisma/migrations: prisma', 'b/migrations: golang-migrate', 'c/migrations: plain'],
    );
  });

  it('leaves other SQL alone', () => {
    assert.deepEqual(
      found(['queries/users.sql', 'src/report.sql', 'db/seeds/001_a.sql', 'db/seeds/002_b.sql', 'dump.sql']),
      [],
    );
    assert.deepEqual(found(['src/users/up.sql', 'db/rollback/01_a/up.sql']), []);
  });

  it('says so of folders that are named after a database that it does not read', () => {
    const paths = ['db/sqlite3/migrations/001_a.sql', 'clickhouse/migrations/0001_a.up.sql', 'pg/migrations/001_a.sql'];
    const { histories, unsupported } = recogniseHistories({ paths, read: () => null });
    assert.deepEqual(
      histories.map(({ root }) => root),
      ['pg/migrations'],
    );
    assert.deepEqual(unsupported, [
      { root: 'clickhouse/migrations', reason: "scripts for ClickHouse, by the folder's name" },
      { root: 'db/sqlite3/migrations', reason: "scripts for SQLite, by the folder's name" },
    ]);
  });

  it('says so of migrations that are programs', () => {
    const told = (path: string): string[] =>
      recogniseHistories({ paths: [path], read: () => null }).unsupported.map(
        ({ root, reason }) => `${root}: ${reason}`,
      );
    for (const [path, words] of [
      ['src/migrations/1700000000000-Init.ts', /^src\/migrations: migrations in JavaScript or TypeScript/],
      ['shop/migrations/0002_orders.py', /sqlmigrate/],
      ['alembic/versions/1975ea83b712_orders.py', /alembic upgrade/],
      ['db/migrate/20240101000000_orders.rb', /Ruby/],
      ['database/migrations/2024_01_01_000000_orders.php', /artisan/],
    ] as const)
      assert.match(told(path).join(), words);
    for (const path of [
      'src/2024-report.ts',
      'src/migrations/index.ts',
      'migrations/1700-a.d.ts',
      'app/models/0002_a.py',
    ])
      assert.deepEqual(told(path), []);
  });

  it('says which database it can not read', () => {
    const files = {
      'prisma/migrations/1/migration.sql': '',
      'prisma/migrations/migration_lock.toml': 'provider = "sqlite"',
    };
    const { histories, unsupported } = recogniseHistories(listing(files));
    assert.deepEqual(histories, []);
    assert.deepEqual(unsupported, [{ root: 'prisma/migrations', reason: 'Prisma migrations for sqlite' }]);
  });

  it('asks Drizzle for which database it wrote', () => {
    for (const [dialect, supported] of [
      ['postgresql', true],
      ['pg', true],
      ['postgres', true],
      ['mysql', true],
      ['sqlite', false],
      ['turso', false],
    ] as const)
      for (const files of [
        { 'api/drizzle/0000_a.sql': '', 'api/drizzle/meta/_journal.json': `{\n  "dialect": "${dialect}"\n}` },
        { 'api/drizzle/1_a/migration.sql': '', 'api/drizzle/1_a/snapshot.json': `{"dialect":"${dialect}"}` },
      ]) {
        const { histories, unsupported } = recogniseHistories(listing(files));
        assert.deepEqual(histories, supported ? [{ root: 'api/drizzle', tool: 'plain' }] : [], dialect);
        const reason = `Drizzle migrations for ${dialect}`;
        assert.deepEqual(unsupported, supported ? [] : [{ root: 'api/drizzle', reason }]);
      }
  });

  it('takes a folder that is named alone for one history', () => {
    const folder = (files: readonly string[], rootPath?: string): string => {
      const { root, tool } = recogniseFolder(listing(files, rootPath));
      return `${root}: ${tool}`;
    };
    assert.equal(folder(['20240101_a/migration.sql', '20240102_b/migration.sql']), '.: prisma');
    assert.equal(folder(['1_a.up.sql', '2_b.up.sql']), '.: golang-migrate');
    assert.equal(folder(['V1__a.sql', 'V2__b.sql']), '.: flyway');
    assert.equal(folder(['20240101000000_a.sql'], '/home/me/supabase/migrations'), '.: supabase');
    assert.equal(folder(['20240101000000_a.sql'], '/home/me/migrations'), '.: plain');
    assert.equal(folder(['a.sql', 'sub/b.sql']), '.: plain');
    assert.equal(folder(['prisma/migrations/1_a/migration.sql']), 'prisma/migrations: prisma');
    assert.equal(folder(['prisma/migrations/1_a/migration.sql', 'other.sql']), '.: plain');
  });
});

describe("a tool's version", () => {
  const version = (files: Record<string, string>): string | null =>
    npmToolVersion('prisma', new Map(Object.entries(files)));

  it('is read from every kind of lock file', () => {
    assert.equal(
      version({ 'package-lock.json': '{"packages":{"node_modules/prisma":{"version":"7.4.1","resolved":"x"}}}' }),
      '7.4.1',
    );
    assert.equal(
      version({ 'pnpm-lock.yaml': 'packages:\n\n  prisma@6.2.1(typescript@5):\n    resolution: {}\n' }),
      '6.2.1',
    );
    assert.equal(version({ 'pnpm-lock.yaml': 'packages:\n  /prisma@5.1.0:\n    resolution: {}\n' }), '5.1.0');
    assert.equal(version({ 'yarn.lock': '"prisma@^6.0.0":\n  version "6.1.0"\n' }), '6.1.0');
    assert.equal(version({ 'yarn.lock': '"prisma@npm:^6.0.0":\n  version: 6.1.2\n' }), '6.1.2');
    assert.equal(version({ 'bun.lock': '{"packages":{"prisma": ["prisma@7.0.0", ""]}}' }), '7.0.0');
  });

  it('is the lowest that package.json allows without one', () => {
    assert.equal(version({ 'package.json': '{"devDependencies":{"prisma":"^7.4.0"}}' }), '7.4.0');
    assert.equal(version({ 'package.json': '{"dependencies":{"@prisma/client":"~6.1"}}' }), '6.1');
    assert.equal(version({ 'package.json': '{"dependencies":{"prisma":"latest"}}' }), null);
  });

  it('is not known from anything else', () => {
    assert.equal(version({ 'package.json': '{"dependencies":' }), null);
    assert.equal(
      version({ 'package-lock.json': '{"node_modules/prismatic":{"version":"1.0.0"}}', 'package.json': '[]' }),
      null,
    );
    assert.equal(version({}), null);
  });
});
