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
