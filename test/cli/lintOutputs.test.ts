import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LintJson } from '../../src/core/report/lintJson.ts';
import type { ScanReport } from '../../src/core/report/scanReport.ts';
import { folderWith, lockkeeper } from './lockkeeper.ts';

const INIT = 'CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n';
const INDEX = 'CREATE INDEX orders_note_idx ON orders (note);\n';

function git(folder: string, ...args: readonly string[]): void {
  const person = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main'];
  execFileSync('git', [...person, ...args], { cwd: folder, stdio: 'ignore' });
}

/** main has 1 and then, after the branch `feature` left it, 3; the branch has 2. */
function branched(): string {
  const folder = folderWith({ 'migrations/1_init.sql': INIT });
  const commit = (path: string, text: string): void => {
    writeFileSync(join(folder, path), text);
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', path);
  };
  git(folder, 'init', '-q');
  commit('migrations/1_init.sql', INIT);
  git(folder, 'switch', '-q', '-c', 'feature');
  commit('migrations/2_index.sql', INDEX);
  git(folder, 'switch', '-q', 'main');
  commit('migrations/3_main.sql', 'CREATE INDEX later_idx ON orders (note);\n');
  git(folder, 'switch', '-q', 'feature');
  return folder;
}

describe('lint for other programs and people', () => {
  const folder = branched();
  const speaking = (args: readonly string[], cwd = folder): readonly string[] => {
    const { out } = lockkeeper(cwd, ['lint', '--format', 'json', ...args]);
    return (JSON.parse(out) as LintJson).files.map(({ file }) => file);
  };

  it('--since compares with where the branch left the ref, not with its tip', () => {
    assert.deepEqual(speaking(['--since', 'main']), ['migrations/2_index.sql']);
    assert.deepEqual(speaking(['--since', 'HEAD']), []);
    git(folder, 'tag', 'empty', execFileSync('git', ['mktree'], { cwd: folder, input: '', encoding: 'utf8' }).trim());
    assert.equal(lockkeeper(folder, ['lint', '--since', 'empty']).code, 2);
  });

  it('says why nothing spoke', () => {
    const { out, code } = lockkeeper(folder, ['lint', '--since', 'HEAD']);
    assert.equal(code, 0);
    assert.match(out, /^No new migrations: all 2 are on HEAD\./);
    assert.match(lockkeeper(folderWith({ 'a.txt': '' }), ['lint']).out, /^No migrations were found in /);
  });

  it('--format markdown is a table', () => {
    const { out, code } = lockkeeper(folder, ['lint', '--format', 'markdown']);
    assert.equal(code, 1);
    assert.match(
      out,
      /\| `migrations\/2_index\.sql` \| SHARE on `orders` \(line 1\) \| \*\*grows with the table\*\*: writes wait/,
    );
  });

  it('--format sarif names files from the top of the repository, wherever it is called', () => {
    const inner = folderWith({
      'db/lockkeeper.jsonc': '{}',
      'db/migrations/1_init.sql': 'SELEC 1;',
    });
    git(inner, 'init', '-q');
    const { out } = lockkeeper(join(inner, 'db'), ['lint', '--format', 'sarif', 'migrations']);
    const uris = [...out.matchAll(/"uri": "([^"]*)"/g)].map(([, uri]) => uri);
    assert.ok(uris.length > 0, out);
    assert.deepEqual(new Set(uris), new Set(['db/migrations/1_init.sql']));
  });

  it('a format that there is not is a wrong call', () => {
    const { code, error } = lockkeeper(folder, ['lint', '--format', 'xml']);
    assert.equal(code, 2);
    assert.match(error, /it is one of text, json, sarif, markdown/);
  });
});

describe('lint --stdin', () => {
  const findings = (cwd: string, args: readonly string[], input: string): readonly string[] => {
    const { out, error } = lockkeeper(cwd, ['lint', '--format', 'json', '--stdin', ...args], {}, input);
    assert.equal(error, '');
    return (JSON.parse(out) as LintJson).files.flatMap((file) =>
      file.findings.filter(({ severity }) => severity !== 'hint').map(({ rule }) => `${file.file} ${rule}`),
    );
  };

  it('reads the text as the newest migration of the only history', () => {
    const folder = folderWith({ 'migrations/1_init.sql': INIT });
    assert.deepEqual(findings(folder, [], INDEX), ['<stdin> require-concurrent-index']);
    assert.deepEqual(findings(folder, [], 'CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX ON t (n);'), []);
  });

  it('reads it in its file’s place, instead of what lies there or as a new file', () => {
    const folder = folderWith({ 'migrations/1_init.sql': INIT, 'migrations/3_later.sql': 'DROP TABLE orders;' });
    const name = 'migrations/2_new.sql';
    assert.deepEqual(findings(folder, ['--stdin-filename', name], INDEX), [`${name} require-concurrent-index`]);
    mkdirSync(join(folder, 'sub'));
    const first = ['--stdin-filename', '../migrations/1_init.sql'];
    assert.deepEqual(findings(join(folder, 'sub'), first, INIT + INDEX), []);
  });

  it('takes a text without any history, and refuses what it can not place', () => {
    const bare = folderWith({ 'README.md': '' });
    assert.deepEqual(findings(bare, ['--stdin-filename', 'x/new.sql'], 'SELEC 1;'), ['x/new.sql syntax-error']);
    const two = folderWith({ 'a/migrations/1_a.sql': INIT, 'b/migrations/1_b.sql': INIT });
    const several = lockkeeper(two, ['lint', '--stdin'], {}, INDEX);
    assert.equal(several.code, 2);
    assert.match(several.error, /--stdin-filename says which/);
    assert.equal(lockkeeper(two, ['lint', '--stdin', 'a'], {}, INDEX).code, 2);
    const refused = (args: readonly string[], input: string | Uint8Array, why: RegExp): void => {
      const { code, error } = lockkeeper(bare, ['lint', '--stdin', ...args], {}, input);
      assert.equal(code, 2);
      assert.match(error, why);
    };
    refused([], '', /was empty/);
    refused([], new Uint8Array([0x53, 0xff]), /not UTF-8/);
    refused(['--stdin-filename', '.'], INDEX, /is a folder/);
  });
});

describe('scan', () => {
  const folder = branched();

  it('ranks what is on the default branch, and leaves out what is new', () => {
    const { out, code } = lockkeeper(folder, ['scan']);
    assert.equal(code, 0);
    assert.match(out, /^None of 1 old migration would hurt/);
  });

  it('scans a folder that is named as a whole, also as JSON', () => {
    const { out } = lockkeeper(folder, ['scan', '--format', 'json', 'migrations']);
    const { rows, scanned } = JSON.parse(out) as ScanReport;
    assert.equal(scanned, 2);
    assert.deepEqual(
      rows.map(({ path, stall }) => [path, stall]),
      [['migrations/2_index.sql', 'grows with the table']],
    );
    assert.equal(lockkeeper(folder, ['scan', '--limit', '0']).code, 2);
  });
});
