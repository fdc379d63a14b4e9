import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { RULES } from '../../src/core/rules/registry.ts';
import { SQUAWK_RULES } from '../../src/core/rules/squawk.ts';
import { SQUAWK } from '../../scripts/rule-docs/squawkPage.ts';
import { stalePages } from '../../scripts/generate-docs.ts';

describe('the rules', () => {
  it('have one file each, named by the id', () => {
    const files = readdirSync(new URL('../../src/core/rules/catalogue/', import.meta.url));
    assert.deepEqual(RULES.map(({ id }) => `${id}.ts`).toSorted(), files.toSorted());
  });

  it('say why, what to do instead, and show both sides in examples', () => {
    for (const { id, meta, examples } of RULES) {
      assert.ok(meta.title !== '' && meta.why !== '' && meta.instead !== '', id);
      assert.ok(examples.bad.length > 0 && examples.good.length > 0, id);
    }
  });

  it('end with the net that catches what the others leave', () => {
    assert.equal(RULES.at(-1)?.id, 'blocking-work');
  });

  it('have a counterpart for every rule of squawk, under the name that squawk has', () => {
    assert.deepEqual([...SQUAWK_RULES.keys()].toSorted(), Object.keys(SQUAWK).toSorted());
  });

  it('have fresh pages in docs/rules', () => {
    assert.deepEqual(stalePages(), []);
  });
});
