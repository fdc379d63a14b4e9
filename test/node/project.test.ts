import { strict as assert } from 'node:assert';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { rollbackPlace } from '../../src/core/tools/history.ts';
import { defaultBranch, gitPerson, repositoryRoot, textAt } from '../../src/node/git.ts';
import { openProject } from '../../src/node/project.ts';
import type { Project } from '../../src/node/project.ts';
import { git, withFolder, writeFiles } from '../support/folders.ts';

const PRISMA = {
  'app/package.json': '{"devDependencies":{"prisma":"^6.0.0"}}',
  'package-lock.json': '{"packages":{"node_modules/prisma":{"version":"7.4.1"}}}',
  'app/prisma/migrations/1_a/migration.sql': 'CREATE TABLE a (id int);',
  'app/prisma/migrations/2_b/migration.sql': 'DROP TABLE a;',
  'app/prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
};
const fresh = (project: Project): string[] =>
  project.histories.flatMap((history) => [...project.newMigrations(history)]);

describe('opening a workspace', () => {
  it('finds its histories, with the version that the lock file pins', () => {
    withFolder(PRISMA, (folder) => {
      const { histories, troubles, configProblems } = openProject(folder);
      assert.deepEqual(
        histories.map(({ id, tool, toolVersion, root }) => ({ id, tool, toolVersion, root })),
        [{ id: 'app/prisma/migrations', tool: 'prisma', toolVersion: '7.4.1', root: 'app/prisma/migrations' }],
      );
      assert.deepEqual([troubles, configProblems], [[], []]);
    });
  });

  it('needs nothing', () => {
    withFolder({}, (folder) => {
      const project = openProject(folder);
      assert.deepEqual([project.histories, project.troubles, project.comparedWith()], [[], [], null]);
    });
    assert.deepEqual(openProject('/nowhere/at/all').histories, []);
  });

  it('follows the configuration', () => {
    const files = {
      'sql/a.sql': 'SELECT 1;',
      'sql/b.sql': 'SELECT 2;',
      'schema.sql': 'CREATE TABLE a (id int);',
      'lockkeeper.jsonc':
        '{"histories": [{"path": "sql", "name": "main", "transactionMode": "explicit", "adoptedAt": "a.sql", "baseline": "schema.sql"}, {"path": "gone"}, {"path": "../out"}], "oops": 1}',
    };
    withFolder(files, (folder) => {
      const project = openProject(folder);
      const [history] = project.histories;
      assert.deepEqual(
        [history?.id, history?.tool, history?.migrations.map(({ transactionMode }) => transactionMode)],
        ['main', 'plain', ['explicit', 'explicit']],
      );
      assert.equal(history?.baseline?.text, 'CREATE TABLE a (id int);');
      assert.deepEqual(fresh(project), ['b.sql']);
      assert.equal(project.configProblems.length, 1);
      assert.match(
        project.troubles.map(({ message }) => message).join('\n'),
        /"gone" holds no SQL files[^]*"\.\.\/out" lies outside/,
      );
    });
  });

  it('says when "adoptedAt" names no migration', () => {
    withFolder({ 'migrations/1.sql': 'SELECT 1;', 'lockkeeper.jsonc': '{"adoptedAt": "0.sql"}' }, (folder) => {
      const project = openProject(folder);
      assert.deepEqual(fresh(project), ['1.sql']);
      assert.match(project.troubles.map(({ message }) => message).join('\n'), /names 0\.sql, which is no migration/);
    });
  });

  it('says which file is not UTF-8, and where', () => {
    const bytes = Buffer.concat([Buffer.from('SELECT 1; -- '), Buffer.from([0xff])]);
    withFolder({ 'migrations/1.sql': bytes, 'migrations/2.sql': 'SELECT 2;' }, (folder) => {
      const { histories, troubles } = openProject(folder);
      assert.deepEqual(
        histories[0]?.migrations.map(({ problem }) => problem?.offset),
        [13, undefined],
      );
      assert.match(troubles[0]?.message ?? '', /not UTF-8/);
    });
  });

  it('reads a rollback that lies where no tool sees it', () => {
    withFolder({ 'supabase/migrations/20240101000000_a.sql': 'CREATE TABLE a ();' }, (folder) => {
      const before = openProject(folder).histories[0]!;
      const { path } = rollbackPlace(before, before.migrations[0]!);
      writeFiles(join(folder, before.root), { [path]: 'DROP TABLE a;' });
      const after = openProject(folder).histories[0]!;
      assert.equal(after.migrations.length, 1);
      assert.equal(after.migrations[0]?.rollback?.text, 'DROP TABLE a;');
    });
  });

  it('takes unsaved text over what is on disk', () => {
    withFolder(PRISMA, (folder) => {
      const project = openProject(folder);
      const file = join(folder, 'app/prisma/migrations/2_b/migration.sql');
      const after = project.overlay(
        new Map([
          [file, 'SELECT 3;'],
          [join(folder, 'other.sql'), 'x'],
        ]),
      );
      assert.deepEqual(
        after.histories[0]?.migrations.map(({ text }) => text),
        ['CREATE TABLE a (id int);', 'SELECT 3;'],
      );
      assert.equal(after.histories[0].migrations[0], project.histories[0]?.migrations[0]);
      assert.equal(after.find(file)?.path, '2_b/migration.sql');
      assert.equal(after.find(join(folder, 'package-lock.json')), null);
    });
  });
});

describe('what is new', () => {
  it('is everything without git', () => {
    withFolder(PRISMA, (folder) => {
      assert.deepEqual(fresh(openProject(folder)), ['1_a', '2_b']);
    });
  });

  it('is what is not on the default branch, committed or not', () => {
    withFolder(PRISMA, (folder) => {
      git(folder, 'init', '-q');
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-m', 'one');
      assert.deepEqual(fresh(openProject(folder)), []);
      git(folder, 'checkout', '-q', '-b', 'work');
      writeFiles(folder, {
        'app/prisma/migrations/3_c/migration.sql': '',
        'app/prisma/migrations/1_a/migration.sql': '-- changed',
      });
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-m', 'two');
      writeFiles(folder, { 'app/prisma/migrations/4_d/migration.sql': '' });
      const project = openProject(folder);
      assert.deepEqual(fresh(project), ['3_c', '4_d']);
      assert.equal(project.comparedWith(), 'main');
      assert.deepEqual(fresh(openProject(join(folder, 'app'))), ['3_c', '4_d']);
      assert.deepEqual(fresh(openProject(folder, { since: 'work' })), ['4_d']);
      assert.deepEqual(fresh(openProject(folder, { since: 'no-such-ref' })), ['1_a', '2_b', '3_c', '4_d']);
    });
  });

  it("is compared with the remote's default branch, where the branch left it", () => {
    withFolder(PRISMA, (upstream) => {
      git(upstream, 'init', '-q', '-b', 'trunk');
      git(upstream, 'add', '.');
      git(upstream, 'commit', '-q', '-m', 'one');
      withFolder({}, (folder) => {
        git(folder, 'clone', '-q', upstream, 'clone');
        const clone = join(folder, 'clone');
        git(clone, 'checkout', '-q', '-b', 'work');
        writeFiles(clone, { 'app/prisma/migrations/3_c/migration.sql': '' });
        writeFiles(upstream, { 'app/prisma/migrations/4_d/migration.sql': '' });
        git(upstream, 'add', '.');
        git(upstream, 'commit', '-q', '-m', 'later');
        git(clone, 'fetch', '-q');
        assert.equal(defaultBranch(clone), 'origin/trunk');
        assert.deepEqual(fresh(openProject(clone)), ['3_c']);
        assert.match(textAt(clone, 'origin/trunk', 'app/prisma/migrations/1_a/migration.sql') ?? '', /CREATE TABLE/);
        assert.equal(textAt(clone, 'origin/trunk', 'none'), null);
      });
    });
  });

  it('does not run what a repository asks git to run', () => {
    withFolder(PRISMA, (folder) => {
      git(folder, 'init', '-q');
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-m', 'one');
      writeFiles(folder, { 'evil.sh': `#!/bin/sh\ntouch ${join(folder, 'ran')}\n` });
      chmodSync(join(folder, 'evil.sh'), 0o755);
      for (const key of [
        'core.fsmonitor',
        'core.pager',
        'core.editor',
        'core.sshCommand',
        'diff.external',
        'core.hooksPath',
      ]) {
        git(folder, 'config', key, join(folder, 'evil.sh'));
      }
      const project = openProject(folder);
      assert.deepEqual(fresh(project), []);
      assert.equal(project.comparedWith(), 'main');
      textAt(folder, 'main', 'package-lock.json');
      repositoryRoot(folder);
      assert.deepEqual(openProject(folder).root, project.root);
      assert.equal(existsSync(join(folder, 'ran')), false);
    });
  });

  it('knows the person', async () => {
    const person = withFolder({}, (folder) => {
      git(folder, 'init', '-q');
      git(folder, 'config', 'user.email', 'ann@example.com');
      git(folder, 'config', 'user.name', 'Ann');
      return gitPerson(folder);
    });
    assert.deepEqual(await person, { name: 'Ann', email: 'ann@example.com' });
  });
});
