import { strict as assert } from 'node:assert';
import type { ExplainLine } from '../../src/core/explain.ts';
import { folderWith, jsonLines, lockkeeper } from './lockkeeper.ts';

function explain(content: string | Uint8Array): ExplainLine[] {
  return jsonLines<ExplainLine>(lockkeeper(folderWith({ 'a.sql': content }), ['explain', '--format', 'json', 'a.sql']));
}

describe('bad input', () => {
  it('half-typed SQL costs one statement and not the file', () => {
    const lines = explain('CREATE TABLE a (id int);\nALTER TABLE a ADD COLU\nCREATE TABLE b (id int);\n');
    assert.deepEqual(
      lines.map(({ kind, error }) => [kind, error === null]),
      [
        ['CREATE TABLE', true],
        ['ALTER TABLE', false],
        ['CREATE TABLE', true],
      ],
    );
  });

  it('an empty file has no statements', () => {
    assert.deepEqual(explain(''), []);
    assert.deepEqual(explain('-- nothing here\n'), []);
  });

  it('places an error behind emoji in UTF-16 units', () => {
    const text = "SELECT '😀😀'; SELECT '😀', FROM;";
    const [, second] = explain(text);
    assert.equal(second?.error?.offset, text.indexOf('FROM'));
  });

  it('reports a NUL byte and invalid UTF-8 at their place, and goes on', () => {
    const nul = lockkeeper(folderWith({ 'a.sql': 'CREATE TABLE a (id int);\0DROP TABLE b;' }), ['lint', 'a.sql']);
    assert.match(nul.out + nul.error, /NUL/);
    const latin = new Uint8Array([...Buffer.from("SELECT 'caf"), 0xe9, ...Buffer.from("';")]);
    const invalid = lockkeeper(folderWith({ 'a.sql': latin }), ['lint', 'a.sql']);
    assert.match(invalid.out + invalid.error, /UTF-8/);
  });

  it('knows psql meta-commands, COPY data and placeholders for what they are', () => {
    const lines = explain(
      '\\set ON_ERROR_STOP on\nCOPY a (id) FROM stdin;\n1\n2\n\\.\nCREATE TABLE {{ name }} (id int);\nSELECT 1;\n',
    );
    assert.deepEqual(
      lines.map(({ kind, opaque }) => [kind, opaque]),
      [
        ['COPY', false],
        ['CREATE TABLE', true],
        ['SELECT', false],
      ],
    );
  });

  it('says which folders it does not read', () => {
    const folder = folderWith({ 'sqlite/migrations/001.sql': 'PRAGMA x;', 'pg/migrations/001.sql': 'SELECT 1;' });
    const { out, error } = lockkeeper(folder, ['lint']);
    assert.match(error, /^lockkeeper: sqlite\/migrations is not read: scripts for SQLite/m);
    assert.doesNotMatch(out, /syntax-error/);
  });

  it('does not analyse a statement over 256 KB, and says so', () => {
    const values = Array.from({ length: 40_000 }, (_, index) => `(${index})`).join(',');
    const [first, second] = explain(`INSERT INTO a VALUES ${values};\nSELECT 1;`);
    assert.equal(first?.opaque, true);
    assert.equal(second?.opaque, false);
  });

  it('reads a file of 10 MB', () => {
    const text = "INSERT INTO a (id, note) VALUES (1, 'a note of some length, so that the file grows');\n".repeat(
      120_000,
    );
    const outcome = lockkeeper(folderWith({ 'a.sql': text }), ['lint', '--fail-on', 'never', 'a.sql']);
    assert.equal(outcome.code, 0, outcome.error);
    assert.match(outcome.out, /120,?000 statements|120000 of 120000/);
  });

  it('says it where there is no such file, no migration, no command, no such option', () => {
    const folder = folderWith({ 'readme.md': 'no migrations' });
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['lint', 'nowhere.sql'], 2, /nowhere\.sql/],
      [['rollback'], 2, /no migrations were found/],
      [['status'], 0, /No migrations were found/],
      [['lnit'], 2, /no command "lnit"/],
      [['lint', '--frmat', 'json'], 2, /--frmat/],
      [['lint', '--format', 'xml'], 2, /text, json/],
      [['lint', '--postgres', '9'], 2, /14, 15, 16, 17, 18/],
      [['apply'], 2, /which environment/],
      [['lint', '--since', 'nowhere'], 2, /git knows no such branch/],
      // No history at all must not pass for an open gate.
      [['check'], 2, /no migrations were found/],
      [['check', '--environment', 'moon'], 2, /no environment "moon"/],
    ];
    for (const [args, code, words] of cases) {
      const outcome = lockkeeper(folder, args);
      assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.out}${outcome.error}`);
      assert.match(outcome.out + outcome.error, words);
      assert.doesNotMatch(outcome.error, /this should not have happened/);
    }
  });

  it('writes no rollback for MySQL, and claims nothing of one', () => {
    const folder = folderWith({
      'migrations/0001.sql': 'CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)) ENGINE=InnoDB;\n',
    });
    const outcome = lockkeeper(folder, ['rollback']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.error, /MySQL history/);
    assert.match(lockkeeper(folder, ['status']).out, /rollback +can't be undone: .*MySQL history/);
  });

  it('names what is wrong in lockkeeper.jsonc', () => {
    const outcome = lockkeeper(
      folderWith({ 'lockkeeper.jsonc': '{"postgresVersion": "new"}', 'migrations/1.sql': 'SELECT 1;' }),
      ['lint'],
    );
    assert.equal(outcome.code, 2);
    assert.match(outcome.error, /postgresVersion/);
  });

  it('never takes a URL from the repository, nor prints a password', () => {
    const outcome = lockkeeper(
      folderWith({
        'lockkeeper.jsonc':
          '{"environments": {"staging": {"class": "staging", "url": "postgresql://u:secret@localhost/db"}}}',
        'migrations/0001.sql': 'SELECT 1;',
      }),
      ['verify', '--environment', 'staging'],
    );
    assert.equal(outcome.code, 2);
    assert.doesNotMatch(outcome.out + outcome.error, /secret/);
  });

  it('says that no server answers, without the password', () => {
    const outcome = lockkeeper(
      folderWith({ 'migrations/0001.sql': 'CREATE TABLE a (id int);' }),
      ['verify', '--environment', 'staging'],
      { LOCKKEEPER_URL_STAGING: 'postgresql://someone:s3cret@127.0.0.1:1/db' },
    );
    assert.equal(outcome.code, 3);
    assert.match(outcome.error, /127\.0\.0\.1:1/);
    assert.doesNotMatch(outcome.out + outcome.error, /s3cret/);
  });
});
