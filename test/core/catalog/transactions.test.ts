import assert from 'node:assert/strict';
import { replayed } from '../../support/replay.ts';

const tables = (script: string): string[] => {
  const { catalog } = replayed(script);
  return [...catalog.relations.values()].map(({ name }) => name).sort();
};

describe('transactions of a replay', () => {
  it('ROLLBACK takes the catalog and the settings back, and gives no id twice', () => {
    const { catalog } = replayed(
      `CREATE TABLE a (x int); BEGIN; CREATE TABLE b (x int); SET search_path TO z; ROLLBACK; CREATE TABLE c (x int);`,
    );
    assert.deepEqual([...catalog.relations.values()].map(({ name }) => name).sort(), ['a', 'c']);
    assert.deepEqual(catalog.session.searchPath, ['$user', 'public']);
    assert.ok([...catalog.relations.values()].find(({ name }) => name === 'c')!.id >= 3);
  });

  it('ROLLBACK TO keeps what was before the savepoint', () => {
    assert.deepEqual(
      tables(
        'BEGIN; CREATE TABLE a (x int); SAVEPOINT s; CREATE TABLE b (x int); ROLLBACK TO s; CREATE TABLE c (x int); COMMIT;',
      ),
      ['a', 'c'],
    );
  });

  it('a failed statement takes the whole transaction with it', () => {
    assert.deepEqual(
      tables(
        'BEGIN; CREATE TABLE a (x int); CREATE TABLE a (x int); CREATE TABLE b (x int); COMMIT; CREATE TABLE c (x int);',
      ),
      ['c'],
    );
  });

  it('SET LOCAL ends with the transaction, and does nothing outside one', () => {
    const { catalog } = replayed(
      `SET LOCAL TimeZone = 'UTC'; BEGIN; SET lock_timeout = '1s'; SET LOCAL lock_timeout = '2s'; COMMIT;`,
    );
    assert.equal(catalog.session.timeZone, null);
    assert.equal(catalog.session.settings.get('lock_timeout'), '1s');
  });

  it('ON COMMIT DROP drops', () => {
    assert.deepEqual(tables('BEGIN; CREATE TEMP TABLE a (x int) ON COMMIT DROP; CREATE TABLE b (x int); COMMIT;'), [
      'b',
    ]);
  });
});
