import assert from 'node:assert/strict';
import fc from 'fast-check';
import { columnNamesAddition, indexColumnNames, makeObjectName } from '../../../src/core/catalog/generatedNames.ts';
import { replayed, tableIn } from '../../support/replay.ts';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('generated names', () => {
  it('cut the longer part until 63 bytes are kept', () => {
    const name = makeObjectName('t'.repeat(60), 'c'.repeat(20), 'check');
    assert.equal(name, `${'t'.repeat(36)}_${'c'.repeat(20)}_check`);
    assert.equal(bytes(name), 63);
  });

  it('cut at the border of a character, never inside', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(text, text, (name1, name2) => {
        const name = makeObjectName(name1, name2, 'idx');
        assert.ok(bytes(name) <= 63, name);
        assert.ok(name.endsWith('_idx'));
        assert.ok(!name.includes('\uFFFD') || (name1 + name2).includes('\uFFFD'));
      }),
    );
  });

  it('tell equal columns of one index apart by a number', () => {
    assert.deepEqual(indexColumnNames(['lower', 'lower', 'expr', 'expr', 'expr']), [
      'lower',
      'lower1',
      'expr',
      'expr1',
      'expr2',
    ]);
    assert.equal(columnNamesAddition(['a', 'b', 'c']), 'a_b_c');
  });

  it('count up on collision: relations for indexes and sequences, constraints for keys too', () => {
    const { catalog } = replayed(
      `CREATE TABLE t_a_idx (x int); CREATE TABLE t (a int, b int CHECK (b > 0)); CREATE INDEX ON t (a); ALTER TABLE t ADD CHECK (b > 1);`,
    );
    const names = tableIn(catalog, 't').constraints.map(({ name }) => name);
    assert.deepEqual(names, ['t_b_check', 't_b_check1']);
    assert.ok([...catalog.relations.values()].some(({ name }) => name === 't_a_idx1'));
  });

  it('name NOT NULL from 18 on only', () => {
    const sql = 'CREATE TABLE t (a int NOT NULL, b serial);';
    const names = (major: 17 | 18) =>
      tableIn(replayed(sql, { major }).catalog, 't').constraints.map(({ name }) => name);
    assert.deepEqual(names(17), []);
    assert.deepEqual(names(18), ['t_a_not_null', 't_b_not_null']);
  });
});
