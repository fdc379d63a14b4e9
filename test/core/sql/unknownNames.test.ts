import { strict as assert } from 'node:assert';
import { namesSomethingUnknown } from '../../../src/core/sql/unknownNames.ts';
import { parser } from '../../support/parser.ts';

describe('a name or value that is not known', () => {
  const asked: readonly (readonly [string, boolean])[] = [
    ['GRANT SELECT ON a TO lockkeeper_unknown_name', false],
    ['ALTER TABLE lockkeeper_unknown_name ADD COLUMN b int', true],
    ['SET search_path = lockkeeper_unknown_name', true],
    ["SELECT set_config('search_path', 'lockkeeper_unknown_name', false)", true],
    ["SELECT nextval('lockkeeper_unknown_name')", true],
    ["SELECT count(*) FROM pg_index WHERE indrelid = 'lockkeeper_unknown_name'::regclass", true],
    ["SELECT 'lockkeeper_unknown_name'::text, nextval('a'::regclass)", false],
  ];
  for (const [sql, matters] of asked) {
    it(`${matters ? 'matters' : 'does not matter'} in ${sql}`, () => {
      const parsed = parser.parse(sql);
      assert.ok(parsed.ok);
      assert.equal(namesSomethingUnknown(parsed.statements[0]!.tree), matters);
    });
  }
});
