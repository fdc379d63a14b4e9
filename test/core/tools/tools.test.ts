import { strict as assert } from 'node:assert';
import { rollbackPlace, withText } from '../../../src/core/tools/history.ts';
import { prismaProvider } from '../../../src/core/tools/prisma.ts';
import { TOOLS } from '../../../src/core/tools/registry.ts';
import { rustRunner } from '../../../src/core/tools/runners.ts';
import { npmToolVersion } from '../../../src/core/tools/toolVersion.ts';
import type { History, ToolId, TransactionMode } from '../../../src/core/tools/tool.ts';
import { historyOf } from '../../support/histories.ts';

const ids = (history: History): string[] => history.migrations.map(({ id }) => id);
const ignored = (history: History): string[] => history.ignored.map(({ path, reason }) => `${path}: ${reason}`);
const modes = (history: History): TransactionMode[] => history.migrations.map(({ transactionMode }) => transactionMode);
const CONCURRENTLY = 'CREATE INDEX CONCURRENTLY ON a (b);\n';

describe('golang-migrate', () => {
  it('orders by unsigned integer and pairs up with down', () => {
    const history = historyOf('golang-migrate', {
      '10_c.up.sql': '',
      '9_b.up.sql': '',
      '000001_a.up.sql': '',
      '1_x.down.sql': 'DROP TABLE a;',
    });
    assert.deepEqual(ids(history), ['1', '9', '10']);
    assert.equal(history.migrations[0]?.rollback?.text, 'DROP TABLE a;');
    assert.deepEqual(modes(history), ['implicit', 'implicit', 'implicit']);
  });

  it('names what it leaves out', () => {
    const history = historyOf('golang-migrate', {
      '1_a.up.sql': '',
      '01_b.up.sql': '',
      '2_c.down.sql': '',
      '3_d.up.json': '',
    });
    assert.equal(history.migrations.length, 1);
    assert.match(ignored(history).join('\n'), /refuses a second migration with the version 1/);
    assert.match(ignored(history).join('\n'), /2_c\.down\.sql: a down script without its up script/);
    assert.match(ignored(history).join('\n'), /3_d\.up\.json: not a \.sql file/);
  });
});

describe('dbmate', () => {
  const text = '-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n';

  it('cuts up from down', () => {
    const [migration] = historyOf('dbmate', { '20240101_a.sql': text }).migrations;
    assert.equal(text.slice(migration?.range.start, migration?.range.end), '-- migrate:up\nCREATE TABLE a ();\n');
    assert.equal(
      text.slice(migration?.rollback?.range.start, migration?.rollback?.range.end),
      '-- migrate:down\nDROP TABLE a;\n',
    );
    assert.equal(migration?.id, '20240101');
  });

  it('orders by file name, not by number', () => {
    assert.deepEqual(ids(historyOf('dbmate', { '9_a.sql': text, '10_b.sql': text })), ['10', '9']);
  });

  it('sends the section as one query with transaction:false', () => {
    assert.deepEqual(
      modes(historyOf('dbmate', { '1.sql': text, '2.sql': text.replace(':up', ':up transaction:false') })),
      ['explicit', 'implicit'],
    );
  });

  it('takes an empty down section for none, and puts the rollback there', () => {
    const empty = '-- migrate:up\nCREATE TABLE a ();\n\n-- migrate:down\n\n';
    const history = historyOf('dbmate', { '1_a.sql': empty });
    const migration = history.migrations[0]!;
    assert.equal(migration.rollback, null);
    const { section, path } = rollbackPlace(history, migration);
    assert.equal(path, '1_a.sql');
    assert.ok(section);
    const written = `${empty.slice(0, section.start)}${section.before}DROP TABLE a;\n${empty.slice(section.end)}`;
    const after = withText(history, '1_a.sql', written).migrations[0]!;
    assert.equal(
      written.slice(after.rollback?.range.start, after.rollback?.range.end),
      '-- migrate:down\nDROP TABLE a;\n',
    );
    assert.equal(written.slice(after.range.start, after.range.end), '-- migrate:up\nCREATE TABLE a ();\n\n');
  });

  it('adds the down section where there is none', () => {
    const bare = '-- migrate:up\nCREATE TABLE a ();';
    const history = historyOf('dbmate', { '1_a.sql': bare });
    const { section } = rollbackPlace(history, history.migrations[0]!);
    const written = `${bare.slice(0, section!.start)}${section!.before}DROP TABLE a;\n`;
    assert.ok(withText(history, '1_a.sql', written).migrations[0]?.rollback);
  });

  it('names a file that dbmate refuses', () => {
    assert.match(ignored(historyOf('dbmate', { '1_a.sql': 'CREATE TABLE a ();' })).join(), /without "-- migrate:up"/);
  });
});

describe('Prisma', () => {
  const files = {
    '2_b/migration.sql': `SELECT 1;\n${CONCURRENTLY}`,
    '10_c/migration.sql': 'SELECT 1;',
    '1_a/migration.sql': '',
    '1_a/down.sql': 'SELECT 2;',
    'migration_lock.toml': 'provider = "postgresql"',
  };

  it('orders by folder name and reads down.sql', () => {
    const history = historyOf('prisma', files);
    assert.deepEqual(ids(history), ['10_c', '1_a', '2_b']);
    assert.equal(history.migrations[1]?.rollback?.path, '1_a/down.sql');
  });

  it('sends a script as one query before 7.4, statement by statement from then on', () => {
    assert.deepEqual(modes(historyOf('prisma', files, { toolVersion: '7.3.9' })), ['implicit', 'implicit', 'implicit']);
    assert.deepEqual(modes(historyOf('prisma', files, { toolVersion: '7.4.0' })), [
      'autocommit',
      'autocommit',
      'autocommit',
    ]);
    assert.deepEqual(modes(historyOf('prisma', files)), ['implicit', 'implicit', 'implicit']);
  });

  it('falls back to one query where its splitter can not read the script', () => {
    const history = historyOf(
      'prisma',
      { '1/migration.sql': 'SELECT 1;\nDROP INDEX CONCURRENTLY a;' },
      { toolVersion: '7.10.0' },
    );
    assert.deepEqual(modes(history), ['implicit']);
  });

  it('is MySQL where its lock file says so', () => {
    assert.equal(historyOf('prisma', { ...files, 'migration_lock.toml': 'provider = "mysql"' }).dialect, 'mysql');
    assert.equal(historyOf('prisma', files).dialect, 'postgresql');
  });
});

describe('Supabase', () => {
  it('runs every numbered file of the folder, in one transaction each', () => {
    const history = historyOf(
      'supabase',
      { '20240101000000_a.sql': 'SELECT 1;', '20240101000001_a.down.sql': 'DROP TABLE a;' },
      { root: 'supabase/migrations' },
    );
    assert.deepEqual(ids(history), ['20240101000000', '20240101000001']);
    assert.deepEqual(modes(history), ['explicit', 'explicit']);
  });

  it('sends what refuses a transaction by itself from 2.109 on', () => {
    const files = { '1_a.sql': `SELECT 1;\n${CONCURRENTLY}`, '2_b.sql': 'SELECT 1;' };
    assert.deepEqual(modes(historyOf('supabase', files, { toolVersion: '2.108.0' })), ['explicit', 'explicit']);
    assert.deepEqual(modes(historyOf('supabase', files, { toolVersion: '2.109.0' })), ['autocommit', 'explicit']);
  });
});

describe('Flyway', () => {
  it('orders by dotted numbers, repeatables last, and pairs with undo', () => {
    const history = historyOf('flyway', {
      'V10__c.sql': '',
      'V2_1__b.sql': '',
      'sub/V2__a.sql': '',
      'R__b.sql': '',
      'R__a.sql': '',
      'U2.1__b.sql': 'SELECT 1;',
    });
    assert.deepEqual(ids(history), ['V2', 'V2.1', 'V10', 'R__a', 'R__b']);
    assert.equal(history.migrations[1]?.rollback?.path, 'U2.1__b.sql');
  });

  it('starts from a baseline script only where what it stands for is gone', () => {
    assert.deepEqual(ids(historyOf('flyway', { 'V1__a.sql': '', 'B2__b.sql': '', 'V3__c.sql': '' })), ['V1', 'V3']);
    assert.deepEqual(ids(historyOf('flyway', { 'B2__b.sql': '', 'V3__c.sql': '' })), ['B2', 'V3']);
  });

  it('runs in a transaction unless a statement or the .conf says otherwise', () => {
    const history = historyOf('flyway', {
      'V1__a.sql': 'SELECT 1;',
      'V2__b.sql': `-- c\n${CONCURRENTLY}`,
      'V3__c.sql': 'SELECT 1;',
      'V3__c.sql.conf': 'executeInTransaction=false\n',
      'V4__d.sql': CONCURRENTLY,
      'V4__d.sql.conf': 'executeInTransaction=true',
    });
    assert.deepEqual(modes(history), ['explicit', 'autocommit', 'autocommit', 'explicit']);
  });

  it('takes 1 and 1.0 for the same version', () => {
    assert.match(
      ignored(historyOf('flyway', { 'V1__a.sql': '', 'V1.0__b.sql': '' })).join(),
      /refuses a second V script/,
    );
  });
});

describe('goose', () => {
  const text = '-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;\n';

  it('orders by number and cuts up from down', () => {
    const history = historyOf('goose', { '10_b.sql': text, '00002_a.sql': text, 'notes.sql': '', '3_c.sql': 'x' });
    assert.deepEqual(ids(history), ['2', '10']);
    const [first] = history.migrations;
    assert.doesNotMatch(text.slice(first?.range.start, first?.range.end), /DROP/);
    assert.equal(text.slice(first?.rollback?.range.start), '-- +goose Down\nDROP TABLE a;\n');
    assert.match(ignored(history).join(), /3_c\.sql: goose refuses a migration without "-- \+goose Up"/);
  });

  it('runs statement by statement with NO TRANSACTION', () => {
    const history = historyOf('goose', { '1_a.sql': text, '2_b.sql': `-- +goose NO TRANSACTION\n${text}` });
    assert.deepEqual(modes(history), ['explicit', 'autocommit']);
    assert.equal(rollbackPlace(history, history.migrations[1]!).transactionMode, 'autocommit');
  });

  it('puts the rollback into its own section', () => {
    const history = historyOf('goose', { '1_a.sql': '-- +goose Up\nCREATE TABLE a ();' });
    const { section, path } = rollbackPlace(history, history.migrations[0]!);
    assert.ok(section);
    const old = '-- +goose Up\nCREATE TABLE a ();';
    const written = `${old.slice(0, section.start)}${section.before}DROP TABLE a;\n${old.slice(section.end)}`;
    const [after] = withText(history, path, written).migrations;
    assert.equal(written.slice(after?.rollback?.range.start), '-- +goose Down\nDROP TABLE a;\n');
    assert.doesNotMatch(written.slice(after?.range.start, after?.range.end), /DROP/);
  });
});

describe('sqitch', () => {
  const who = '2026-01-02T03:04:05Z A <a@example.org>';

  it('follows the plan, and pairs deploy with revert', () => {
    const history = historyOf('sqitch', {
      'sqitch.plan': `%syntax-version=1.0.0\n%project=shop\n\nusers ${who} # Users\na/orders [users] ${who}\n`,
      'deploy/users.sql': 'BEGIN;\nCREATE TABLE users ();\nCOMMIT;\n',
      'deploy/a/orders.sql': 'CREATE TABLE orders ();',
      'deploy/old.sql': '',
      'revert/users.sql': '-- Revert\nBEGIN;\nDROP TABLE users;\nCOMMIT;\n',
      'verify/users.sql': 'SELECT 1;',
    });
    assert.deepEqual(ids(history), ['users', 'a/orders']);
    assert.deepEqual(
      history.migrations.map(({ rollback }) => rollback?.path),
      ['revert/users.sql', undefined],
    );
    assert.deepEqual(modes(history), ['autocommit', 'autocommit']);
    assert.match(ignored(history).join(), /deploy\/old\.sql: not in sqitch\.plan/);
    assert.equal(rollbackPlace(history, history.migrations[1]!).path, 'revert/a/orders.sql');
  });

  it('takes the first form of a reworked change from its tag', () => {
    const history = historyOf('sqitch', {
      'sqitch.plan': `users ${who}\n@v1.0 ${who}\nusers [users@v1.0] ${who}\n`,
      'deploy/users@v1.0.sql': 'SELECT 1;',
      'deploy/users.sql': 'SELECT 2;',
    });
    assert.deepEqual(ids(history), ['users@v1.0', 'users']);
  });
});

describe('plain SQL', () => {
  it('that Drizzle wrote is run in a transaction, its files of one statement too', () => {
    const history = historyOf('plain', {
      '0000_init.sql': 'CREATE TABLE "a" ();\n--> statement-breakpoint\nCREATE TABLE "b" ();\n',
      '0001_index.sql': 'CREATE INDEX "a_idx" ON "a" ("id");',
    });
    assert.deepEqual(modes(history), ['explicit', 'explicit']);
  });

  for (const [runner, files, expected] of [
    [
      'atlas',
      {
        '1_a.sql': CONCURRENTLY,
        '2_b.sql': `-- atlas:txmode none\n\n${CONCURRENTLY}`,
        '3_no_blank_line.sql': `-- atlas:txmode none\n${CONCURRENTLY}`,
        '4_below.sql': `SELECT 1;\n-- atlas:txmode none\n\n${CONCURRENTLY}`,
        '5_carriage_return.sql': `-- atlas:txmode none\r\n\r\n${CONCURRENTLY}`,
        '6_among_others.sql': `-- By hand.\r\n-- atlas:txmode none\r\n\n${CONCURRENTLY}`,
        '7_all.sql': `-- atlas:txmode all\n\n${CONCURRENTLY}`,
        'atlas.sum': '',
      },
      ['explicit', 'autocommit', 'explicit', 'explicit', 'explicit', 'autocommit', 'explicit'],
    ],
    ['sqlx', { '1_a.sql': CONCURRENTLY, '2_b.sql': `-- no-transaction\n${CONCURRENTLY}` }, ['explicit', 'implicit']],
    [
      'liquibase',
      {
        '1.sql': '--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback SELECT 2;\n',
        '2.sql': '-- liquibase formatted sql\n-- changeset a:2 runInTransaction:false\nSELECT 1;',
        '3.sql': '-- liquibase formatted sql\n-- changeset a:3 runInTransaction:"false"\nSELECT 1;',
        '4.sql': '-- liquibase formatted sql\n-- changeset a:4\n-- not runInTransaction:false\nSELECT 1;',
      },
      ['explicit', 'autocommit', 'autocommit', 'explicit'],
    ],
    [
      'diesel',
      {
        '2024-01-01-000000_a/up.sql': CONCURRENTLY,
        '2024-01-01-000000_a/down.sql': '',
        '2024-02-01-000000_b/up.sql': CONCURRENTLY,
        '2024-02-01-000000_b/metadata.toml': '# alone\nrun_in_transaction = false\n',
      },
      ['explicit', 'implicit'],
    ],
    [
      'graphile-migrate',
      {
        'committed/000001.sql': '--! Previous: -\n--! Hash: sha1:a\n\nSELECT 1;',
        'committed/000002.sql': `--! Previous: sha1:a\r\n--! Hash: sha1:b\r\n\r\n--! no-transaction\r\n${CONCURRENTLY}`,
        'committed/000003.sql': '--! Previous: sha1:b\n--! Hash: sha1:c\n\nSELECT 1;\n--! no-transaction\nSELECT 2;',
        'current.sql': `--! no-transaction\n${CONCURRENTLY}`,
      },
      ['explicit', 'implicit', 'explicit', 'implicit'],
    ],
    ['folders', { '1700000000000_a/up.sql': CONCURRENTLY }, ['explicit']],
    ['drizzle', { '0001_a.sql': '', 'meta/_journal.json': '{}' }, ['explicit']],
    ['drizzle', { '20240101_a/migration.sql': '', '20240101_a/snapshot.json': '{}' }, ['explicit']],
    [undefined, { '1_a.sql': CONCURRENTLY }, ['autocommit']],
  ] as const) {
    it(`is run as ${runner ?? 'psql'} does where its signs are: ${Object.keys(files).join(', ')}`, () => {
      const history = historyOf('plain', files);
      assert.equal(history.runner, runner);
      assert.deepEqual(modes(history), expected);
      const [first] = history.migrations;
      const typed = withText(history, first!.path, `${first!.text}-- `);
      assert.equal(typed.runner, runner);
      assert.deepEqual(modes(typed), expected);
    });
  }

  it('is of sqlx or diesel where a Cargo.toml says so', () => {
    for (const [toml, runner] of [
      ['[dependencies]\nsqlx = { version = "0.8" }', 'sqlx'],
      ['[workspace.dependencies.diesel]\nversion = "2"', 'diesel'],
      ['[dependencies]\nsqlx.workspace = true', 'sqlx'],
      ['[dependencies]\nnot-sqlx = "1"\nserde = "1" # sqlx', null],
    ] as const)
      assert.equal(rustRunner(toml), runner, toml);
  });

  it('reads whatever is in the files of a repository in no time', function () {
    this.timeout(1000);
    const lines = '\n'.repeat(40_000);
    assert.equal(rustRunner(lines), null);
    assert.equal(rustRunner('[a\n'.repeat(40_000)), null);
    assert.equal(prismaProvider(lines), null);
    assert.equal(npmToolVersion('prisma', new Map([['pnpm-lock.yaml', lines]])), null);
    for (const text of [lines, `) ${'a=bbb'.repeat(30)}`])
      assert.equal(historyOf('plain', { '1.sql': text }).dialect, 'postgresql');
    for (const [tool, files] of [
      ['plain', { '1_a/up.sql': 'x', '1_a/metadata.toml': lines }],
      ['flyway', { 'V1__a.sql': 'x', 'V1__a.sql.conf': lines }],
    ] as const)
      assert.deepEqual(modes(historyOf(tool, files)), ['explicit'], tool);
  });

  it('takes what ends in .pgsql or .psql, too, and the way back beside it', () => {
    const history = historyOf('plain', { '1_a.pgsql': '', '1_a.down.pgsql': 'x', '2_b.psql': '', 'down.psql': '' });
    assert.deepEqual(ids(history), ['1_a.pgsql', '2_b.psql']);
    assert.equal(history.migrations[0]?.rollback?.text, 'x');
    assert.match(ignored(history).join(), /down\.psql: a rollback script without/);
  });

  it('has the way back in the folder of its own that a script has', () => {
    const history = historyOf('plain', { '1700000000000_a/up.sql': '' });
    assert.equal(rollbackPlace(history, history.migrations[0]!).path, '1700000000000_a/down.sql');
  });

  it('orders naturally, through folders', () => {
    assert.deepEqual(
      ids(
        historyOf('plain', {
          '10.sql': '',
          '9.sql': '',
          '1.2.10.sql': '',
          '1.2.9.sql': '',
          'b/2.sql': '',
          'b/1.sql': '',
        }),
      ),
      ['1.2.9.sql', '1.2.10.sql', '9.sql', '10.sql', 'b/1.sql', 'b/2.sql'],
    );
  });

  it('leaves scripts that lead back out of the way forward', () => {
    const history = historyOf('plain', {
      '1_a.sql': '',
      '1_a.down.sql': 'x',
      '2_b_up.sql': '',
      '2_b_down.sql': 'y',
      '3_c.sql': '',
      'rollback/3_c.sql': 'z',
      '4_shut_down.sql': '',
      '5.undo.sql': '',
    });
    assert.deepEqual(ids(history), ['1_a.sql', '2_b_up.sql', '3_c.sql', '4_shut_down.sql']);
    assert.deepEqual(
      history.migrations.map(({ rollback }) => rollback?.text),
      ['x', 'y', 'z', undefined],
    );
    assert.match(ignored(history).join(), /5\.undo\.sql: a rollback script without its forward script/);
  });

  it('reads sections of goose and node-pg-migrate', () => {
    const goose = '-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;\n';
    const pg = '-- Up Migration\nCREATE TABLE a ();\n-- Down Migration\nDROP TABLE a;\n';
    for (const text of [goose, pg]) {
      const [migration] = historyOf('plain', { '1.sql': text }).migrations;
      assert.match(text.slice(migration?.range.start, migration?.range.end), /CREATE TABLE/);
      assert.doesNotMatch(text.slice(migration?.range.start, migration?.range.end), /DROP TABLE/);
      assert.equal(migration?.transactionMode, 'explicit');
      assert.match(text.slice(migration.rollback?.range.start), /DROP TABLE/);
    }
    assert.deepEqual(modes(historyOf('plain', { '1.sql': `-- +goose NO TRANSACTION\n${goose}` })), ['autocommit']);
  });

  it('pairs up and down as other tools lay them out', () => {
    const history = historyOf('plain', {
      '2024-01_users/up.sql': 'a',
      '2024-01_users/down.sql': 'b',
      '002.do.orders.sql': 'c',
      '002.undo.orders.sql': 'd',
      'V3__x.sql': 'e',
      'U3__x.sql': 'f',
      '4/down.sql': 'g',
    });
    assert.deepEqual(
      history.migrations.map(({ text, rollback }) => `${text} ${rollback?.text ?? ''}`),
      ['c d', 'a b', 'e f'],
    );
    assert.match(ignored(history).join(), /4\/down\.sql: a rollback script without its forward script/);
  });

  it('pairs whole trees of scripts, and leaves out what verifies them', () => {
    const history = historyOf('plain', {
      'deploy/a/table.sql': 'a',
      'revert/a/table.sql': 'b',
      'verify/a/table.sql': 'c',
    });
    assert.deepEqual(
      history.migrations.map(({ text, rollback }) => `${text} ${rollback?.text ?? ''}`),
      ['a b'],
    );
    assert.match(ignored(history).join(), /verify\/a\/table\.sql: verifies/);
  });

  it("leaves other databases' scripts beside PostgreSQL's own out, and only with such a pair", () => {
    const mysql = 'CREATE TABLE `a` (id int);';
    const history = historyOf('plain', {
      'upgrade-1.mariadb.sql': mysql,
      'upgrade-1.postgre.sql': 'a',
      'upgrade-1.sqlite3.sql': 'b',
      'pg_init.sql': 'c',
      'mysql_init.sql': mysql,
      'mysql_more.sql': mysql,
      'v2/mysql/1.sql': mysql,
      'v2/postgres/1.sql': 'd',
      '9_import_from_mysql.sql': 'e',
      'h2.sql': 'f',
    });
    assert.equal(history.dialect, 'postgresql');
    assert.deepEqual(history.migrations.map(({ path }) => path).sort(), [
      '9_import_from_mysql.sql',
      'h2.sql',
      'pg_init.sql',
      'upgrade-1.postgre.sql',
      'v2/postgres/1.sql',
    ]);
    assert.match(ignored(history).join('\n'), /mysql_more\.sql: another database's script, by its name/);
  });

  it('reads other marks between up and down', () => {
    for (const [up, between] of [
      ['-- rambler up\n', '-- rambler down'],
      ['# --- !Ups\n', '# --- !Downs'],
      ['-- ==== UP ====\n', '-- ==== DOWN ===='],
      ['', '---- create above / drop below ----'],
      ['-- // First migration.\n', '-- //@UNDO'],
    ]) {
      const text = `${up ?? ''}CREATE TABLE a ();\n${between ?? ''}\nDROP TABLE a;\n`;
      const [migration] = historyOf('plain', { '1.sql': text }).migrations;
      assert.match(text.slice(migration?.range.start, migration?.range.end), /CREATE TABLE/);
      assert.doesNotMatch(text.slice(migration?.range.start, migration?.range.end), /DROP TABLE/);
      assert.match(text.slice(migration?.rollback?.range.start), /DROP TABLE/);
    }
  });

  it('is MySQL only where the text, or the name of its folder, can be nothing else', () => {
    assert.equal(historyOf('plain', { '1.sql': 'SELECT 1;' }, { root: 'db/mysql/migrations' }).dialect, 'mysql');
    assert.equal(
      historyOf('plain', { '1.sql': 'SELECT 1;' }, { root: 'mysql-import/migrations' }).dialect,
      'postgresql',
    );
    assert.equal(historyOf('plain', { '1.sql': 'CREATE TABLE `a` (id int);' }).dialect, 'mysql');
    for (const [journal, dialect] of [
      ['mysql', 'mysql'],
      ['postgresql', 'postgresql'],
    ] as const)
      assert.equal(
        historyOf('plain', { '0000_a.sql': '', 'meta/_journal.json': `{"dialect":"${journal}"}` }).dialect,
        dialect,
      );
    assert.equal(
      historyOf('plain', { '1.sql': 'CREATE TABLE a (id int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8;' }).dialect,
      'mysql',
    );
    assert.equal(
      historyOf('plain', { '1.sql': "-- was ENGINE=InnoDB\nINSERT INTO a VALUES ('`');" }).dialect,
      'postgresql',
    );
  });
});

describe('the place of a rollback', () => {
  const files: Record<ToolId, [path: string, text: string]> = {
    plain: ['sub/1 a%.sql', ''],
    'golang-migrate': ['1_a.up.sql', ''],
    dbmate: ['1_a.sql', '-- migrate:up\n'],
    prisma: ['1_a/migration.sql', ''],
    supabase: ['1_a.sql', ''],
    flyway: ['V1__a.sql', ''],
    goose: ['1_a.sql', '-- +goose Up\n'],
    sqitch: ['deploy/a.sql', ''],
  };
  const expected: Record<ToolId, string> = {
    plain: '../../.lockkeeper/rollbacks/db%2Fmigrations/sub%2F1%20a%25.down.sql',
    'golang-migrate': '1_a.down.sql',
    dbmate: '1_a.sql',
    prisma: '1_a/down.sql',
    supabase: '../../.lockkeeper/rollbacks/db%2Fmigrations/1.down.sql',
    flyway: 'U1__a.sql',
    goose: '1_a.sql',
    sqitch: 'revert/a.sql',
  };
  for (const [tool, [path, text]] of Object.entries(files) as [ToolId, [string, string]][]) {
    it(`of ${tool} is read back, and is no migration of the tool`, () => {
      const plan = tool === 'sqitch' ? { 'sqitch.plan': 'a 2026-01-02T03:04:05Z A <a@example.org>\n' } : {};
      const history = historyOf(tool, { [path]: text, ...plan }, { root: 'db/migrations' });
      const place = rollbackPlace(history, history.migrations[0]!);
      assert.equal(place.path, expected[tool]);
      if (place.form === 'section') return;
      const written = withText(history, place.path, 'DROP TABLE a;');
      assert.deepEqual(ids(written), ids(history));
      assert.equal(written.migrations[0]?.rollback?.text, 'DROP TABLE a;');
      if (!['golang-migrate', 'flyway'].includes(tool))
        assert.ok(!TOOLS[tool].picksUp(place.path) || place.path.startsWith('..'));
    });
  }

  it('of plain SQL is beside the script where such companions already lie', () => {
    const history = historyOf('plain', { '1_a.sql': '', '1_a.down.sql': 'x', '2_b.sql': '' });
    assert.equal(rollbackPlace(history, history.migrations[1]!).path, '2_b.down.sql');
  });
});

describe('an unsaved text', () => {
  it('changes its migration and keeps the others as they are', () => {
    const history = historyOf('golang-migrate', { '1_a.up.sql': 'SELECT 1;', '2_b.up.sql': 'SELECT 2;' });
    const changed = withText(history, '2_b.up.sql', 'SELECT 3;');
    assert.equal(changed.migrations[0], history.migrations[0]);
    assert.equal(changed.migrations[1]?.text, 'SELECT 3;');
    assert.equal(withText(history, '2_b.up.sql', 'SELECT 2;'), history);
    assert.deepEqual(ids(withText(history, '3_c.up.sql', '')), ['1', '2', '3']);
  });
});
