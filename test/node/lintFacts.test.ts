import { strict as assert } from 'node:assert';
import { analyzeHistory } from '../../src/core/analyze.ts';
import { lintHistory } from '../../src/core/lint.ts';
import type { FileLint } from '../../src/core/lint.ts';
import { LintFactsReader } from '../../src/node/lintFacts.ts';
import { openProject } from '../../src/node/project.ts';
import { git, withFolder, writeFiles } from '../support/folders.ts';
import { parser } from '../support/parser.ts';

const FILES = {
  'app/migrations/001_orders.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, note text, "Größe" int);\n',
  'app/migrations/002_item.sql': 'ALTER TABLE orders ADD COLUMN item text;\n',
  'app/schema.prisma': 'model Order {\n  id BigInt @id\n  note String?\n  @@map("orders")\n}\n',
  'src/store.ts': 'export const ALL = `SELECT id, item FROM orders`;\n',
  // Not UTF-8: must not shift what comes after it.
  'src/latin.py': Buffer.from('q = "SELECT note FROM orders"  # Gr\xf6\xdfe\n', 'latin1'),
  'src/zz.rb': 'Order.find_by_sql("SELECT id FROM orders WHERE note IS NULL")\n',
  'README.md': '`SELECT note FROM orders`\n',
};

/** Lints the new migrations of `app`, a workspace inside of a repository, with all that is known. */
function lintApp(folder: string, config = '{}', today = '2026-11-22'): readonly FileLint[] {
  writeFiles(folder, { 'app/lockkeeper.jsonc': config });
  const project = openProject(`${folder}/app`);
  const reader = new LintFactsReader(project);
  return project.histories.flatMap((history) => {
    const analysis = analyzeHistory(history, { parser, settings: { major: 16, timeZone: null } });
    const fresh = project.newMigrations(history);
    const speaks = ({ id }: { id: string }): boolean => fresh.has(id);
    const facts = reader.read(analysis, speaks, today);
    assert.equal(reader.read(analysis, speaks, today), facts, 'the same object while nothing changed');
    return lintHistory(analysis, { speaks, mayEdit: speaks, config: project.config, facts }).files;
  });
}

const said = (files: readonly FileLint[], rule: string): string[] =>
  files.flatMap(({ findings }) => findings.filter((finding) => finding.rule === rule).map(({ message }) => message));

function withRepository(run: (folder: string) => void): void {
  withFolder(FILES, (folder) => {
    git(folder, 'init', '--quiet');
    git(folder, 'add', '.');
    git(folder, 'commit', '--quiet', '-m', 'first');
    git(folder, 'checkout', '--quiet', '-b', 'topic');
    run(folder);
  });
}

describe('what lint knows besides the texts', () => {
  it('finds uses in the deployed code that the working tree has lost', () => {
    withRepository((folder) => {
      writeFiles(folder, {
        'app/migrations/003_drop.sql': 'ALTER TABLE orders DROP COLUMN note;\n',
        'app/schema.prisma': 'model Order {\n  id BigInt @id\n  @@map("orders")\n}\n',
        'src/latin.py': '',
        'src/zz.rb': '',
      });
      git(folder, 'add', '.');
      git(folder, 'commit', '--quiet', '-m', 'drop');
      const [message = ''] = said(lintApp(folder), 'still-used-by-code');
      assert.match(message, /orders\.note is gone from now on, and the code of main still uses it: /);
      assert.match(
        message,
        /app\/schema\.prisma:3 \(Prisma schema\), src\/latin\.py:1 \(SQL\), src\/zz\.rb:1 \(SQL\)\./,
      );
      assert.doesNotMatch(message, /README|store/);
    });
  });

  it('searches the configured ref of production instead', () => {
    withRepository((folder) => {
      writeFiles(folder, { 'app/schema.prisma': '', 'src/latin.py': '', 'src/zz.rb': '' });
      git(folder, 'add', '.');
      git(folder, 'commit', '--quiet', '-m', 'gone from the code');
      git(folder, 'branch', 'production');
      writeFiles(folder, { 'app/migrations/003_drop.sql': 'ALTER TABLE orders DROP COLUMN note, DROP COLUMN item;\n' });
      const messages = said(lintApp(folder, '{"productionRef": "production"}'), 'still-used-by-code');
      assert.equal(messages.length, 1);
      assert.match(messages[0]!, /orders\.item .*code of production .*src\/store\.ts:1/);
    });
  });

  it('tells code that would not fill a required column', () => {
    withRepository((folder) => {
      writeFiles(folder, {
        'app/migrations/003.sql':
          'ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT 0, ADD COLUMN b int;\nUPDATE orders SET b = 1;\nALTER TABLE orders ALTER COLUMN b SET NOT NULL;\n',
      });
      const messages = said(lintApp(folder), 'still-used-by-code');
      assert.equal(messages.length, 1);
      assert.match(messages[0]!, /orders\.b is NOT NULL without a default from now on.*schema\.prisma:1/);
    });
  });

  it('tells the edit of a migration that is merged, and nothing else about it', () => {
    withRepository((folder) => {
      assert.deepEqual(lintApp(folder), []);
      writeFiles(folder, { 'app/migrations/002_item.sql': 'ALTER TABLE orders ADD COLUMN item int;\n' });
      const files = lintApp(folder);
      assert.deepEqual(
        files.map(({ file, findings }) => [file, findings.map(({ rule }) => rule)]),
        [['002_item.sql', ['edited-after-merge']]],
      );
      assert.match(files[0]!.findings[0]!.message, /002_item\.sql is on main already, with another text/);
      writeFiles(folder, { 'app/migrations/002_item.sql': FILES['app/migrations/002_item.sql'].replace('\n', '\r\n') });
      assert.deepEqual(lintApp(folder), []);
    });
  });

  it('weighs by the sizes that were pulled', () => {
    withRepository((folder) => {
      writeFiles(folder, {
        'app/migrations/003.sql': 'CREATE INDEX ON orders (note);\n',
        'app/.lockkeeper/statistics/production.json': JSON.stringify({
          format: 1,
          takenAt: '2026-11-01T00:00:00Z',
          relations: [{ schema: 'public', name: 'orders', kind: 'table', rows: 200, bytes: 8192 }],
        }),
      });
      const severity = (config?: string): string[] =>
        lintApp(folder, config)
          .flatMap(({ findings }) => findings)
          .filter(({ rule }) => rule === 'require-concurrent-index')
          .map((finding) => `${finding.severity}: ${finding.message.split('\n')[1] ?? ''}`);
      assert.match(
        severity()[0]!,
        /^information: Estimate for orders: under a second \(instant\), 200 rows \(statistics of production, 2026-11-01\)/,
      );
      assert.match(severity('{"sizes": {"orders": "40M"}}')[0]!, /^error: .*40 million rows \(lockkeeper\.jsonc\)/);
    });
  });

  it('is silent without git', () => {
    withFolder(FILES, (folder) => {
      writeFiles(folder, { 'app/migrations/003_drop.sql': 'ALTER TABLE orders DROP COLUMN note;\n' });
      const files = lintApp(folder);
      assert.deepEqual([...said(files, 'still-used-by-code'), ...said(files, 'edited-after-merge')], []);
    });
  });
});
