import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/core/records/canonicalJson.ts';
import type { JsonValue } from '../../../src/core/records/canonicalJson.ts';
import { readRecords } from '../../../src/core/records/readRecords.ts';
import type { Approval } from '../../../src/core/records/record.ts';
import {
  decodeId,
  encodeId,
  named,
  recordFileName,
  recordPath,
  recordText,
} from '../../../src/core/records/recordFile.ts';

const approval: Approval = {
  type: 'approval',
  version: 1,
  history: 'db/migrations',
  migration: '0002_add_note.sql',
  digest: 'd1',
  base: 'b1',
  saw: [],
  at: '2026-03-01T12:00:00.000Z',
  role: 'dba',
  person: { name: 'Ann', email: 'ann@example.com' },
  comment: null,
};
const file = (record: Approval) => ({ path: recordPath(record), text: recordText(record) });

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 unit and leaves no white space', () => {
    assert.equal(canonicalJson({ b: [1, 'x'], a: { d: null, c: true } }), '{"a":{"c":true,"d":null},"b":[1,"x"]}');
  });

  it('orders keys as RFC 8785 does, by UTF-16 unit and not by code point', () => {
    assert.equal(canonicalJson({ '\ufb33': 1, '\u{1f600}': 2 }), '{"\u{1f600}":2,"\ufb33":1}');
  });

  it('refuses what JSON or UTF-8 can not hold', () => {
    assert.throws(() => canonicalJson(NaN), TypeError);
    assert.throws(() => canonicalJson('\ud800'), TypeError);
  });

  it('gives the same text whatever the order of keys, and text that reads back to the same value', () => {
    const unit = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(unit, fc.oneof(unit, fc.integer(), fc.constant(null))), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        const text = canonicalJson(value);
        assert.equal(canonicalJson(turned as JsonValue), text);
        assert.deepEqual({ ...(JSON.parse(text) as object) }, { ...value });
      }),
    );
  });
});

describe('ids as folder names', () => {
  it('read back, and are one safe path part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (id) => {
        const folder = encodeId(id);
        assert.equal(decodeId(folder), id);
        assert.match(folder, /^[A-Za-z0-9_%.-]+$/);
        assert.ok(folder !== '.' && folder !== '..');
      }),
    );
  });
});

describe('record files', () => {
  it('are named by the SHA-256 of their bytes', () => {
    const hash = createHash('sha256').update(recordText(approval), 'utf8').digest('hex');
    assert.equal(recordFileName(approval), `${hash}.json`);
    assert.equal(recordPath(approval), `db%2Fmigrations/0002_add_note.sql/${hash}.json`);
  });

  it('read back', () => {
    const { records, problems } = readRecords([file(approval)]);
    assert.deepEqual(records, [named(approval)]);
    assert.deepEqual(problems, []);
  });

  it('do not count once edited, be it by one byte', () => {
    const { path, text } = file(approval);
    const { records, problems } = readRecords([{ path, text: text.replace('"dba"', '"dbb"') }]);
    assert.deepEqual(records, []);
    assert.deepEqual(
      problems.map(({ kind, history, migration }) => ({ kind, history, migration })),
      [{ kind: 'edited', history: approval.history, migration: approval.migration }],
    );
  });

  it('are missed when a later one names them', () => {
    const later: Approval = {
      ...approval,
      role: 'reviewer',
      at: '2026-03-02T12:00:00.000Z',
      saw: [named(approval).name],
    };
    assert.deepEqual(readRecords([file(later), file(approval)]).problems, []);
    const { records, problems } = readRecords([file(later)]);
    assert.equal(records.length, 1);
    assert.deepEqual(
      problems.map(({ kind, path }) => ({ kind, path })),
      [{ kind: 'removed', path: recordPath(approval) }],
    );
  });

  it('can not be moved to another migration', () => {
    const moved = { path: recordPath(approval).replace('0002_add_note.sql', '0003.sql'), text: recordText(approval) };
    const { records, problems } = readRecords([moved]);
    assert.deepEqual(records, []);
    assert.equal(problems[0]?.kind, 'misplaced');
  });

  it('of a form that is not known are said, not dropped', () => {
    const text = canonicalJson({ ...(JSON.parse(recordText(approval)) as Record<string, JsonValue>), version: 2 });
    const path = `h/m/${createHash('sha256').update(text).digest('hex')}.json`;
    assert.equal(readRecords([{ path, text }]).problems[0]?.kind, 'unreadable');
  });
});
