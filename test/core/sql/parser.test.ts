import { strict as assert } from 'node:assert';
import { parser } from '../../support/parser.ts';

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
});
