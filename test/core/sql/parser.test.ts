import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { utf16FromBytes, utf16FromCodePoints } from '../../../src/core/sql/offsets.ts';
import { createParser } from '../../../src/core/sql/parser.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import { parser } from '../../support/parser.ts';

const wasm = readFileSync(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm'));

describe('the parser', () => {
  it('gives the tree of a statement', () => {
    const outcome = parser.parse('DROP TABLE a');
    assert.ok(outcome.ok);
    assert.ok('DropStmt' in (outcome.statements[0]?.tree ?? {}));
  });

  it('places an error in UTF-16 units, after emoji too', () => {
    const outcome = parser.parse("SELECT '😀', FROM");
    assert.ok(!outcome.ok);
    assert.equal(outcome.offset, "SELECT '😀', ".length);
  });

  it('tells several statements apart', () => {
    const text = "SELECT '😀'; /* é */ SELECT 2 ;";
    const outcome = parser.parse(text);
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.statements.map(({ start, end }) => text.slice(start, end)),
      ["SELECT '😀'", 'SELECT 2 '],
    );
  });

  it('takes an empty text for no statement', () => {
    for (const text of ['', ' \n', '-- c', ';']) {
      const outcome = parser.parse(text);
      assert.ok(outcome.ok, text);
      assert.equal(outcome.statements.length, 0);
    }
  });

  // An expression of 20,000 terms overflows the stack, which damages libpg-query's memory.
  it('goes on at once with a new instance after an expression that is too deep', async () => {
    const own = await createParser(wasm);
    const deep = `SELECT ${'1+'.repeat(20_000)}1`;
    for (let round = 0; round < 3; round++) {
      const outcome = own.parse(deep);
      assert.ok(!outcome.ok && outcome.fatal);
      assert.ok(own.parse('DROP TABLE a').ok);
    }
    const error = own.parse('SELECT FROM WHERE');
    assert.ok(!error.ok && !error.fatal);
    assert.equal(error.offset, 12);
    assert.ok(own.parsePlpgsql('DO $$ BEGIN NULL; END $$').ok);
    await Promise.resolve();
    assert.ok(own.parse('DROP TABLE a').ok);
  }).timeout(30_000);

  it('says of a statement that is too deep that it was not analysed, and reads the next', () => {
    const script = parseScript(`SELECT ${'1+'.repeat(20_000)}1; DROP TABLE a;`, { parser, dialect: 'postgresql' });
    assert.deepEqual(
      script.statements.map(({ kind, notAnalysed }) => [kind, notAnalysed]),
      [
        ['SELECT', 'too deeply nested'],
        ['DROP TABLE', null],
      ],
    );
  });
});

describe('positions', () => {
  const text = fc.string({ unit: 'grapheme' });
  const at = fc.nat();

  it('in bytes become UTF-16 offsets', () => {
    fc.assert(
      fc.property(text, at, (all, seed) => {
        const points = Array.from(all);
        const before = points.slice(0, seed % (points.length + 1)).join('');
        assert.equal(utf16FromBytes(all, Buffer.byteLength(before)), before.length);
      }),
    );
  });

  it('in code points become UTF-16 offsets', () => {
    fc.assert(
      fc.property(text, at, (all, seed) => {
        const points = Array.from(all);
        const count = seed % (points.length + 1);
        assert.equal(utf16FromCodePoints(all, count), points.slice(0, count).join('').length);
      }),
    );
  });
});
