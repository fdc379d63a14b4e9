import { strictEqual } from 'node:assert';
import { isLike, prefixOf } from '../../../src/core/effects/like.ts';

describe('LIKE', () => {
  const CASES: readonly (readonly [text: string, pattern: string, found: boolean | null])[] = [
    ['orders', 'orders', true],
    ['orders', 'order', false],
    ['orders', 'ord%', true],
    ['orders', '%ders', true],
    ['orders', '%r%r%', true],
    ['orders', '%r%r', false],
    ['orders', '_rders', true],
    ['orders', '_orders', false],
    ['', '%', true],
    ['', '_', false],
    ['a.b', 'a_b', true],
    ['axb', 'a.b', false],
    ['a_b', 'a\\_b', true],
    ['axb', 'a\\_b', false],
    ['100%', '100\\%', true],
    ['a\\b', 'a\\\\b', true],
    ['é', '_', true],
    ['😀', '_', true],
    ['a', 'a\\', null],
    ['aab', '%ab', true],
  ];

  for (const [text, pattern, found] of CASES)
    it(`'${text}' LIKE '${pattern}' is ${String(found)}`, () => {
      strictEqual(isLike(text, pattern), found);
    });

  it('tells how what fits begins', () => {
    strictEqual(prefixOf('orders_%_fk'), 'orders');
    strictEqual(prefixOf('a\\_b\\\\%'), 'a_b\\');
    strictEqual(prefixOf('%a'), '');
    strictEqual(prefixOf('plain'), 'plain');
  });

  it('ends with patterns that a backtracking matcher never gets through', () => {
    strictEqual(isLike('a'.repeat(10_000), `${'%a'.repeat(60)}%b`), false);
  });
});
