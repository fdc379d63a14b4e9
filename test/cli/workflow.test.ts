import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withClient } from '../../src/node/connection.ts';
import { startEmbeddedServer } from '../../src/node/servers/embedded.ts';
import type { EmbeddedServer } from '../../src/node/servers/embedded.ts';
import { folderWith, lockkeeper } from './lockkeeper.ts';
import type { Outcome } from './lockkeeper.ts';

const INIT = 'CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n';
const CHANGE = 'ALTER TABLE orders ADD COLUMN reference uuid DEFAULT gen_random_uuid();\n';

describe('the workflow on the command line', function () {
  this.timeout(120_000);
  let server: EmbeddedServer;
  let folder: string;
  const run = (...args: string[]): Outcome =>
    lockkeeper(folder, args, {
      LOCKKEEPER_URL_PRODUCTION: server.url,
      LOCKKEEPER_URL_STAGING: server.url.replace('127.0.0.1', 'localhost'),
    });
  const git = (...args: string[]): void => {
    const { status, stderr } = spawnSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder,
    });
    assert.equal(status, 0, stderr.toString());
  };

  before(async () => {
    server = await startEmbeddedServer({ major: 18, cacheDirectory: resolve('.cache/servers') });
    folder = folderWith({
      'migrations/0001_init.sql': INIT,
      'lockkeeper.jsonc': '{"postgresVersion": 18, "environments": {"production": {"class": "production"}}}',
    });
    git('init', '--quiet', '--initial-branch=main');
    git('add', '-A');
    git('commit', '--quiet', '-m', 'init');
    git('checkout', '--quiet', '-b', 'change');
    writeFileSync(join(folder, 'migrations/0002_change.sql'), CHANGE);
  });
  after(() => server.stop());

  it('lints only what is new on the branch', () => {
    const outcome = run('lint', '--format', 'json');
    assert.equal(outcome.code, 1);
    const { files } = JSON.parse(outcome.out) as { files: { file: string; findings: { rule: string }[] }[] };
    assert.deepEqual(
      files.map(({ file, findings }) => [file, findings.map(({ rule }) => rule)]),
      [['migrations/0002_change.sql', ['add-column-volatile-default', 'lock-timeout']]],
    );
  });

  it('writes the rollback where it will not be taken for a migration, and does not overwrite a person’s', () => {
    assert.equal(run('rollback', '0002_change').code, 0);
    const before = JSON.parse(run('status', '--all', '--format', 'json').out) as {
      migrations: { rollback: { text: string } }[];
    }[];
    assert.equal(before[0]?.migrations.length, 2, 'the down script became a migration');
    assert.match(before[0].migrations[1]?.rollback.text ?? '', /synthesized/);
    const path = findDown(folder);
    assert.match(readFileSync(path, 'utf8'), /DROP COLUMN reference/);
    writeFileSync(path, '-- my own\nALTER TABLE orders DROP COLUMN reference;\n');
    assert.equal(run('rollback', '0002_change').code, 1);
    assert.match(readFileSync(path, 'utf8'), /my own/);
    assert.equal(run('rollback', '--replace', '0002_change').code, 0);
    assert.doesNotMatch(readFileSync(path, 'utf8'), /my own/);
  });

  it('lists what the gate misses', () => {
    const outcome = run('check', '--environment', 'production', '--format', 'json');
    assert.equal(outcome.code, 1);
    const [gate] = JSON.parse(outcome.out) as { open: boolean; missing: { text: string }[] }[];
    assert.equal(gate?.open, false);
    assert.deepEqual(
      gate.missing.map(({ text }) => text),
      ['No staging run yet.', '0 of 1 approval as reviewer', '0 of 1 approval as dba'],
    );
    assert.equal(run('apply', '--environment', 'production', '--apply-to-production').code, 1);
  });

  it('refuses to profile on production’s own server', () => {
    const outcome = lockkeeper(folder, ['profile', '--environment', 'production'], {
      LOCKKEEPER_URL_PRODUCTION: server.url,
    });
    assert.equal(outcome.code, 1, outcome.error);
    assert.match(outcome.error, /class production/);
  });

  it('profiles on an embedded server and keeps the evidence; a report is one file without scripts', () => {
    const outcome = run(
      'profile',
      '--environment',
      'embedded',
      '--rows',
      '20k',
      '--format',
      'json',
      '--report',
      'reports',
    );
    assert.equal(outcome.code, 0, outcome.error + outcome.out);
    const [result] = JSON.parse(outcome.out) as {
      statements: { rewritten: string[]; locks: { lock: string; relation: string }[] }[];
      differences: unknown[];
    }[];
    assert.deepEqual(result?.statements[0]?.rewritten, ['public.orders']);
    assert.deepEqual(
      result.statements[0].locks.map(({ lock, relation }) => `${lock} ${relation}`),
      ['ACCESS EXCLUSIVE public.orders'],
    );
    assert.deepEqual(result.differences, []);
    const [report = ''] = readdirSync(join(folder, 'reports'));
    const html = readFileSync(join(folder, 'reports', report), 'utf8');
    assert.doesNotMatch(html, /<script|(?:src|href)="https?:/);
  });

  it('opens for exactly the bytes that were approved', () => {
    const unknown = run('approve', '0002_change', '--role', 'emperor', '--name', 'Ann', '--email', 'ann@example.com');
    assert.equal(unknown.code, 1);
    assert.match(unknown.error, /role emperor.*reviewer, dba/);
    for (const [role, name] of [
      ['reviewer', 'Grace'],
      ['dba', 'Edgar'],
    ] as const) {
      assert.equal(
        run('approve', '0002_change', '--role', role, '--name', name, '--email', `${name}@example.com`).code,
        0,
      );
    }
    const open = run('check', '--environment', 'production');
    assert.equal(open.code, 0, open.out);
    appendFileSync(join(folder, 'migrations/0002_change.sql'), '\n');
    const stale = run('check', '--environment', 'production');
    assert.equal(stale.code, 1);
    assert.match(stale.out, /stale/);
    writeFileSync(join(folder, 'migrations/0002_change.sql'), CHANGE);
    assert.equal(run('check', '--environment', 'production').code, 0);
  });

  it('applies behind the gate, writes the history table, and verifies', async () => {
    assert.equal(run('apply', '--environment', 'production').code, 1, 'production was not switched on');
    await withClient(server.url, {}, (client) => client.query(INIT));
    git('checkout', '--quiet', '-b', 'adopted');
    writeFileSync(
      join(folder, 'lockkeeper.jsonc'),
      '{"postgresVersion": 18, "adoptedAt": "0001_init.sql", "environments": {"production": {"class": "production"}}}',
    );
    const outcome = run('apply', '--environment', 'production', '--apply-to-production');
    assert.equal(outcome.code, 0, outcome.error + outcome.out);
    const again = run('apply', '--environment', 'production', '--apply-to-production');
    assert.match(again.out, /nothing is pending/);
    assert.equal(run('verify', '--environment', 'production').code, 0);
    const status = run('status', '--environment', 'production');
    assert.match(status.out, /applied +production/);
  });

  it('finds what is wrong in a database', async () => {
    await withClient(server.url, {}, (client) =>
      client.query('ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID'),
    );
    const outcome = run('verify', '--environment', 'production');
    assert.equal(outcome.code, 1);
    assert.match(outcome.out, /positive/);
  });
});

function findDown(folder: string): string {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && /0002_change/.test(entry.name) && /down|rollback/i.test(join(entry.parentPath, entry.name)),
  );
  assert.equal(found.length, 1);
  return join(found[0]?.parentPath ?? '', found[0]?.name ?? '');
}
