import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import { lintMarkdown } from '../../../src/core/report/lintMarkdown.ts';
import { sizeLookup } from '../../../src/core/rules/sizes.ts';
import type { TypedSizes } from '../../../src/core/rules/sizes.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { analyzeFiles } from '../../support/lint.ts';

function markdown(sql: string, name = 'db/2.sql', sizes: TypedSizes = {}): string {
  const analysis = analyzeFiles([
    { path: '1.sql', text: EXAMPLE_SCHEMA },
    { path: '2.sql', text: sql, mode: 'explicit' },
  ]);
  const { files } = lintHistory(analysis, { speaks: ({ id }) => id === '2.sql', mayEdit: () => true, config: {} });
  return lintMarkdown(
    files.map((file) => ({ file, history: analysis.history, name })),
    sizeLookup(sizes, []),
  );
}

const row = (text: string): string[] => {
  const line = text.split('\n').find((each) => each.startsWith('| `')) ?? '';
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
};

describe('lint as Markdown', () => {
  it('has a line a migration: worst lock, stall, way back, deploy order', () => {
    const text = markdown('CREATE INDEX orders_note_idx ON orders (note);\nALTER TABLE orders DROP COLUMN note;');
    assert.deepEqual(row(text), [
      '`db/2.sql`',
      'SHARE on `orders` (line 1)',
      '**grows with the table**: writes wait while the index is built',
      'schema (columns in another order); lost: values of orders.note',
      'after the code that no longer uses orders.note',
    ]);
    assert.match(text, /^### Lockkeeper: 1 error, 1 warning, .*in 1 migration\n/);
  });

  it('says what the code has to wait for', () => {
    assert.equal(row(markdown('CREATE TABLE parcels (id bigint);'))[4], 'before the code that uses parcels');
    assert.equal(row(markdown('COMMENT ON TABLE orders IS $$x$$;'))[4], 'any');
    assert.match(
      row(markdown('ALTER TABLE orders RENAME note TO remark;'))[4] ?? '',
      /^no order is safe: orders\.note becomes remark$/,
    );
  });

  it('names the class of the stall where sizes are known', () => {
    const text = markdown('CREATE INDEX orders_note_idx ON orders (note);', 'x', {
      orders: { rows: 40e6, bytes: null },
    });
    assert.match(row(text)[2] ?? '', /^\*\*minutes\*\*: writes wait while the index is built, .* minutes$/);
  });

  it('lists waivers for reviewers', () => {
    const text = markdown(
      '-- lockkeeper-ignore drop-column until 2999-01-31: a|b @ann\nALTER TABLE orders DROP COLUMN note;',
    );
    assert.match(
      text,
      /\n\| `db\/2\.sql` \| line 1 \| `drop-column` \| a\\\|b @\u200Bann \| 2999-01-31 \| 1 finding \|\n/,
    );
  });

  it('shows a statement once, whole, above all that is said of it', () => {
    const text = markdown(
      'ALTER TABLE orders\n  ADD COLUMN a json,\n  DROP COLUMN note;\nUPDATE orders SET number = 1;',
    );
    assert.equal(text.split('**Line 1**').length, 2);
    assert.match(
      text,
      /\*\*Line 1\*\*\n\n```sql\nALTER TABLE orders\n {2}ADD COLUMN a json,\n {2}DROP COLUMN note\n```\n/,
    );
    assert.ok(text.split(/\*\*(?:error|warning|note|hint)\*\*: /).length > 4);
    const long = markdown(
      `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$\n${'SELECT 1;\n'.repeat(30)}$$;`,
    );
    assert.match(long, /SELECT 1;\n…\n```/);
  });

  it('shows each of two statements on one line above what is said of it', () => {
    const text = markdown('ALTER TABLE orders DROP COLUMN note; DROP TABLE customers;');
    assert.match(
      text,
      /\*\*Line 1\*\*\n\n```sql\nALTER TABLE orders DROP COLUMN note\n```\n[^]*\(`drop-column`\)[^]*\*\*Line 1\*\*\n\n```sql\nDROP TABLE customers\n```\n/,
    );
  });

  it('shows what to do instead as SQL', () => {
    assert.match(
      markdown('CREATE INDEX orders_note_idx ON orders (note);'),
      /```sql\nCREATE INDEX CONCURRENTLY orders_note_idx/,
    );
  });

  it('lets no name of the text be markup, a mention or a column of the table', () => {
    const text = markdown('DROP TABLE "a|b `@team` <img src=x> #1";\nCREATE TABLE "x|y" (id int);', 'db/`@all`|2.sql');
    assert.equal(row(text).length, 5);
    const prose = text.replaceAll(/(`+)[^`][^]*?\1/g, '');
    assert.doesNotMatch(prose, /@team|(?<!\\)<|#1|(?<!\\)`/);
  });

  it('fits into a comment, and counts what it leaves out', () => {
    const text = markdown(Array.from({ length: 300 }, (_, n) => `CREATE INDEX i${n} ON orders (note);`).join('\n'));
    assert.ok(text.length < 65_536);
    assert.match(text, /\d+ findings more: `lockkeeper lint` shows them\.\n$/);
  });

  it('says that there is nothing new', () => {
    assert.equal(lintMarkdown([]), '### Lockkeeper: no new migrations\n');
  });
});
