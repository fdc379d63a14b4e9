import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, lockkeeper } from './lockkeeper.ts';

const FILES = { 'migrations/0001_init.sql': 'CREATE TABLE orders (id bigint);' };

describe('stats and clean', () => {
  it('print the query that a DBA may run', () => {
    const { code, out } = lockkeeper(folderWith(FILES), ['stats', 'query']);
    assert.equal(code, 0);
    assert.match(out, /^WITH RECURSIVE[\s\S]*AS statistics;\n$/);
  });

  for (const [args, message] of [
    [['stats'], /stats what\?/],
    [['stats', 'push', 'production'], /stats what\?/],
    [['stats', 'pull'], /which environment\? One of: development, staging, production/],
    [['stats', 'pull', 'nowhere'], /no environment "nowhere"/],
    [['clean', '--environment', 'nowhere'], /no environment "nowhere"/],
    [['profile', '--server', 'cloud'], /--server cloud: it is one of embedded, scratch, template, in-place, command/],
  ] as const)
    it(`${args.join(' ')}: a wrong call, said so`, () => {
      const { code, error } = lockkeeper(folderWith(FILES), args);
      assert.equal(code, 2, error);
      assert.match(error, message);
    });

  it('an environment whose URL nobody knows, and one that does not answer', () => {
    const folder = folderWith(FILES);
    assert.match(lockkeeper(folder, ['stats', 'pull', 'production']).error, /No URL is known for production/);
    const url = 'postgresql://u:hunter2@127.0.0.1:1/d';
    const { code, error } = lockkeeper(folder, ['stats', 'pull', 'production'], { LOCKKEEPER_URL_PRODUCTION: url });
    assert.equal(code, 3);
    assert.match(error, /No server answers at 127\.0\.0\.1:1/);
    assert.doesNotMatch(error, /hunter2/);
  });

  it('know the environments of the default branch, whatever the working tree calls them', () => {
    const folder = folderWith({ ...FILES, 'lockkeeper.jsonc': '{"environments": {"live": {"class": "production"}}}' });
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], { cwd: folder });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'agreed');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    writeFileSync(join(folder, 'lockkeeper.jsonc'), '{"environments": {"preview": {"class": "staging"}}}');
    const message = /No URL is known for live/;
    for (const args of [
      ['stats', 'pull', 'live'],
      ['clean', '--environment', 'live'],
      ['status', '--environment', 'live'],
    ])
      assert.match(lockkeeper(folder, args).error, message, args.join(' '));
    assert.match(lockkeeper(folder, ['stats', 'pull']).error, /One of: live, preview\./);
  });

  it('a development server of the compose file is proposed without its password, and nothing is connected to', () => {
    const compose = `services:
  db:
    image: postgres:18
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: hunter2}
    ports: ["15432:5432"]`;
    const folder = folderWith({ ...FILES, 'compose.yaml': compose });
    const { code, error } = lockkeeper(folder, ['profile', '--environment', 'development']);
    assert.equal(code, 3, error);
    assert.match(
      error,
      /Service db of compose\.yaml publishes a PostgreSQL; if that is it: LOCKKEEPER_URL_DEVELOPMENT=postgresql:\/\/app@127\.0\.0\.1:15432\/app, with the password/,
    );
    assert.doesNotMatch(error, /hunter2/);
    assert.doesNotMatch(lockkeeper(folder, ['profile', '--environment', 'staging']).error, /compose/);
  });

  it('a staging command that is not set', () => {
    const { code, error } = lockkeeper(folderWith(FILES), ['profile', '--server', 'command']);
    assert.equal(code, 3, error);
    assert.match(error, /Set LOCKKEEPER_STAGING_COMMAND/);
  });
});
