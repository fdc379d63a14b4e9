import { strict as assert } from 'node:assert';
import { sizeLookup } from '../../src/core/rules/sizes.ts';
import type { TypedSizes } from '../../src/core/rules/sizes.ts';
import { hoverText } from '../../src/vscode/engine/hoverText.ts';
import { analyzeFiles } from '../support/lint.ts';

/** The hover over the first statement after a table has been made. */
function hover(sql: string, sizes: TypedSizes = {}): string {
  const { migrations } = analyzeFiles([
    { path: '1.sql', text: 'CREATE TABLE orders (id int PRIMARY KEY, note text);' },
    { path: '2.sql', text: sql },
  ]);
  const [first] = migrations[1]?.statements ?? [];
  assert.ok(first);
  return hoverText(first, sizeLookup(sizes, []));
}

describe('hover over a statement', () => {
  it('tells lock, whom it blocks, work and source', () => {
    const text = hover('CREATE INDEX ON orders (note);');
    assert.match(text, /`public\.orders`: \*\*SHARE\*\*, blocks writes until the transaction ends; builds an index/);
    assert.match(text, /\[PostgreSQL documentation\]\(https:\/\/www\.postgresql\.org\//);
    assert.doesNotMatch(text, /rows \\\(/);
  });

  it('tells how large the table is, and how long that takes', () => {
    const sizes = { orders: { rows: 40e6, bytes: null } };
    assert.match(
      hover('CREATE INDEX ON orders (note);', sizes),
      /; 40 million rows \\\(lockkeeper\.jsonc\\\): \*\*[^*]*minutes\*\*, a guess from the size alone/,
    );
    assert.match(
      hover('ALTER TABLE orders ADD x int;', sizes),
      /metadata only; 40 million rows \\\(lockkeeper\.jsonc\\\)\n/,
    );
  });

  it('shows names of the text as text', () => {
    assert.match(hover('CREATE TABLE "a`b*c" (id int);'), /``public\.a`b\*c``/);
  });
});
