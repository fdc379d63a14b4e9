import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { folderWith, lockkeeper } from './lockkeeper.ts';

const NAME = '"a\u001b]0;title\u0007\u001b[2J\u202eb"';
const FILES = {
  'migrations/0001.sql': `CREATE TABLE ${NAME} (id int PRIMARY KEY, v text);\n`,
  'migrations/0002.sql': `ALTER TABLE ${NAME} ALTER COLUMN v SET NOT NULL; -- \u001b[8m\n`,
};

describe('text that is written to a terminal', function () {
  this.timeout(30_000);
  it('shows escape sequences and marks of reading direction instead of sending them', () => {
    const folder = folderWith(FILES);
    for (const args of [['lint'], ['explain', 'migrations'], ['rollback'], ['status'], ['check']]) {
      const { out, error } = lockkeeper(folder, args);
      assert.doesNotMatch(out + error, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, args.join(' '));
    }
    assert.match(lockkeeper(folder, ['lint']).out, /a\^\[\]0;title\^G\^\[\[2J<U\+202E>b/);
  });

  it('leaves what a program reads as it is', () => {
    const folder = folderWith(FILES);
    const { out } = lockkeeper(folder, ['rollback', '--print', '0002.sql']);
    assert.ok(out.includes(`ALTER TABLE ${NAME} ALTER COLUMN v DROP NOT NULL;`), out);
    const [line = ''] = lockkeeper(folder, ['explain', '--format', 'json', 'migrations']).out.split('\n');
    const { effects } = JSON.parse(line) as { effects: { relation: string }[] };
    assert.equal(effects[0]?.relation, `public.${NAME.slice(1, -1)}`);
  });

  it('ends quietly where the reader goes away', () => {
    const folder = folderWith({ 'a.sql': 'CREATE TABLE a (id int);\n'.repeat(5_000) });
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-c', 'set -o pipefail; "$0" dist/cli/main.js explain "$1" | head -1', process.execPath, `${folder}/a.sql`],
      { encoding: 'utf8' },
    );
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, /a\.sql/);
  });
});
