import assert from 'node:assert/strict';
import { catalogFingerprint, compareCatalogs } from '../../../src/core/catalog/compare.ts';
import { replayed } from '../../support/replay.ts';

const of = (script: string) => replayed(script).catalog;

describe('compareCatalogs and catalogFingerprint', () => {
  it('do not see ids, nor the order in which things were made', () => {
    const a = of('CREATE TABLE a (x int); CREATE TABLE b (y int);');
    const b = of('CREATE TABLE gone (x int); DROP TABLE gone; CREATE TABLE b (y int); CREATE TABLE a (x int);');
    assert.deepEqual(compareCatalogs(a, b), []);
    assert.equal(catalogFingerprint(a), catalogFingerprint(b));
  });

  it('say each property that differs, and a missing object once', () => {
    const before = of('CREATE TABLE a (x int, n text); CREATE TABLE b (y int);');
    const after = of('CREATE TABLE a (x bigint DEFAULT 1, n text); CREATE INDEX i ON a (x);');
    assert.deepEqual(compareCatalogs(before, after), [
      { object: 'column x of table public.a', property: 'default', before: 'false', after: 'true' },
      { object: 'column x of table public.a', property: 'type', before: 'int4', after: 'int8' },
      { object: 'column y of table public.b', property: '', before: 'present', after: null },
      { object: 'index public.i', property: '', before: null, after: 'present' },
      { object: 'table public.b', property: '', before: 'present', after: null },
    ]);
    assert.notEqual(catalogFingerprint(before), catalogFingerprint(after));
  });

  it('count the order of columns only when asked to', () => {
    const a = of('CREATE TABLE t (x int, y int);');
    const b = of('CREATE TABLE t (y int, x int);');
    assert.equal(catalogFingerprint(a), catalogFingerprint(b));
    assert.notEqual(catalogFingerprint(a, { columnOrder: true }), catalogFingerprint(b, { columnOrder: true }));
    assert.equal(compareCatalogs(a, b).length, 0);
    assert.equal(compareCatalogs(a, b, { columnOrder: true }).length, 2);
  });

  it('leave out temporary objects and members of extensions', () => {
    const bare = of('CREATE EXTENSION citext;');
    assert.deepEqual(compareCatalogs(bare, of('CREATE EXTENSION citext; CREATE TEMP TABLE t (x int);')), []);
    assert.ok(bare.types.size > 0);
  });
});
