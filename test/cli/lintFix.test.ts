import { strict as assert } from 'node:assert';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { git, writeFiles } from '../support/folders.ts';
import { folderWith, lockkeeper } from './lockkeeper.ts';

const INIT = 'CREATE TABLE "Order" ("id" INTEGER NOT NULL, "note" TEXT, CONSTRAINT "Order_pkey" PRIMARY KEY ("id"));\n';
const MERGED = 'CREATE INDEX "Order_note_idx" ON "Order"("note");\n';
const NEXT = `-- AlterTable
ALTER TABLE "Order" ADD COLUMN "channel" TEXT;
UPDATE "Order" SET "channel" = 'web' WHERE "channel" IS NULL;
ALTER TABLE "Order" ALTER COLUMN "channel" SET NOT NULL;
`;
const SCHEMA = 'model Order {\n  id      Int     @id\n  note    String?\n  channel String? // where from\n}\n';

/** Two migrations on main, one on the branch. */
function project(): string {
  const folder = folderWith({
    'prisma/schema.prisma': SCHEMA,
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    'prisma/migrations/20230101000000_init/migration.sql': INIT,
    'prisma/migrations/20230201000000_index/migration.sql': MERGED,
    'package.json': '{"devDependencies":{"prisma":"6.19.0"}}',
  });
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'main');
  git(folder, 'switch', '-q', '-c', 'feature');
  writeFiles(folder, { 'prisma/migrations/20240101120000_next/migration.sql': NEXT });
  return folder;
}

describe('lint --fix', function () {
  this.timeout(60_000);
  const migrations = (folder: string): string[] =>
    readdirSync(join(folder, 'prisma/migrations')).filter((name) => name !== 'migration_lock.toml');
  const read = (folder: string, path: string): string => readFileSync(join(folder, path), 'utf8');

  it('writes a set of migrations and the schema, says what goes out when, and is done after one run', () => {
    const folder = project();
    const { code, error, out } = lockkeeper(folder, ['lint', '--fix']);
    // That the deployed code does not write the column yet is no matter of form: the steps say what to do.
    assert.equal(code, 1);
    assert.deepEqual(out.match(/^error.*$/gm)?.length, 1);
    assert.match(out, /\[still-used-by-code\]/);
    assert.deepEqual(migrations(folder), [
      '20230101000000_init',
      '20230201000000_index',
      '20240101120000_next',
      '20240101120100_fill_channel',
      '20240101120200_channel_not_null_check',
      '20240101120300_channel_not_null',
    ]);
    assert.equal(
      read(folder, 'prisma/migrations/20240101120000_next/migration.sql'),
      '-- AlterTable\nALTER TABLE "Order" ADD COLUMN "channel" TEXT;\n',
    );
    assert.equal(read(folder, 'prisma/schema.prisma'), SCHEMA.replace('channel String? //', 'channel String //'));
    assert.match(error, /^made {2}prisma\/migrations\/20240101120100_fill_channel\/migration\.sql$/m);
    assert.match(error, /^- First deploy: .*Leave out of this deploy: 20240101120100_fill_channel/m);
    const before = migrations(folder);
    assert.doesNotMatch(lockkeeper(folder, ['lint', '--fix']).error, /fixed|made/);
    assert.deepEqual(migrations(folder), before);
  });

  it('leaves what is on the default branch alone, also where it is named', () => {
    const folder = project();
    const { code } = lockkeeper(folder, ['lint', '--fix', 'prisma/migrations/20230201000000_index/migration.sql']);
    assert.equal(code, 1);
    assert.equal(read(folder, 'prisma/migrations/20230201000000_index/migration.sql'), MERGED);
    assert.equal(git(folder, 'status', '--porcelain').trim(), '?? prisma/migrations/20240101120000_next/');
  });

  it('is offered where an error or warning has a safe form, and only there', () => {
    const folder = project();
    const offer = /^lockkeeper lint --fix writes the safe form where there is one\.$/m;
    assert.match(lockkeeper(folder, ['lint']).out, offer);
    assert.doesNotMatch(lockkeeper(folder, ['lint', '--stdin'], {}, NEXT).out, offer);
    assert.doesNotMatch(lockkeeper(folder, ['lint', 'prisma/migrations/20230201000000_index']).out, offer);
    assert.doesNotMatch(lockkeeper(folder, ['lint', '--fix']).out, offer);
  });

  it('writes JSON alone to its output', () => {
    const folder = project();
    const { out } = lockkeeper(folder, ['lint', '--fix', '--format', 'json']);
    assert.equal((JSON.parse(out) as { files: unknown[] }).files.length, 4);
  });

  it('writes nothing where nothing tells what is new, or there is no file', () => {
    const folder = folderWith({ 'migrations/1_init.sql': INIT, 'migrations/2_index.sql': MERGED });
    const refused = lockkeeper(folder, ['lint', '--fix']);
    assert.deepEqual([refused.code, read(folder, 'migrations/2_index.sql')], [2, MERGED]);
    assert.match(refused.error, /no default branch was found/);
    assert.equal(lockkeeper(folder, ['lint', '--fix', '--stdin'], {}, MERGED).code, 2);
    assert.equal(lockkeeper(folder, ['lint', '--fix', 'migrations/2_index.sql']).code, 0);
    assert.match(read(folder, 'migrations/2_index.sql'), /^CREATE INDEX CONCURRENTLY "Order_note_idx"/);
  });
});
