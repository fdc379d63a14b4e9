import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { migrationDigest } from '../../src/core/digest.ts';
import { flywayChecksum, prismaChecksum } from '../../src/core/tools/checksums.ts';
import type { Migration } from '../../src/core/tools/tool.ts';
import { historyOf } from '../support/histories.ts';

const migration = (files: Record<string, string>): Migration => historyOf('golang-migrate', files).migrations[0]!;

describe('the digest of a migration', () => {
  const up = 'CREATE TABLE "é" (id int);\n';

  it('is SHA-256 of a version line and canonical JSON', () => {
    const json =
      '{"down":"DROP TABLE a;","id":"1","tool":"golang-migrate","transactionMode":"implicit","up":"CREATE TABLE \\"é\\" (id int);\\n"}';
    const expected = createHash('sha256').update(`lockkeeper-1\n${json}`, 'utf8').digest('hex');
    assert.equal(migrationDigest(migration({ '1_a.up.sql': up, '1_a.down.sql': 'DROP TABLE a;' })), expected);
  });

  it('does not see CRLF and a BOM, and sees everything else', () => {
    const digest = migrationDigest(migration({ '1_a.up.sql': up }));
    assert.equal(migrationDigest(migration({ '1_a.up.sql': `\ufeff${up.replaceAll('\n', '\r\n')}` })), digest);
    for (const other of [`${up} `, up.replace('int', 'Int'), `-- c\n${up}`, up.replace('\n', '\r')]) {
      assert.notEqual(migrationDigest(migration({ '1_a.up.sql': other })), digest, other);
    }
    assert.notEqual(migrationDigest(migration({ '1_a.up.sql': up, '1_a.down.sql': '' })), digest);
    assert.notEqual(migrationDigest(migration({ '2_a.up.sql': up })), digest);
    assert.notEqual(migrationDigest({ ...migration({ '1_a.up.sql': up }), transactionMode: 'autocommit' }), digest);
  });

  it('takes half a surrogate pair, which an editor may hold', () => {
    assert.equal(
      migrationDigest(migration({ '1_a.up.sql': '\ud83d' })),
      migrationDigest(migration({ '1_a.up.sql': '\ufffd' })),
    );
  });
});

describe("the tools' own checksums", () => {
  it('are SHA-256 for Prisma', () => {
    assert.equal(prismaChecksum('SELECT 1;\r\n'), createHash('sha256').update('SELECT 1;\r\n').digest('hex'));
  });

  it('are a signed CRC-32 over the lines for Flyway', () => {
    const expected =
      typeof crc32 === 'function' ? crc32('SELECT 1;SELECT "é";') | 0 : flywayChecksum('SELECT 1;SELECT "é";');
    for (const text of ['SELECT 1;\nSELECT "é";\n', '\ufeffSELECT 1;\r\nSELECT "é";'])
      assert.equal(flywayChecksum(text), expected);
    // CRC-32's own check value: 0xCBF43926.
    assert.equal(flywayChecksum('123456789'), 0xcbf43926 | 0);
  });
});
