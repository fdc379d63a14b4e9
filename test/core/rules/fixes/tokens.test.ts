import { strict as assert } from 'node:assert';
import { alterTableText } from '../../../../src/core/rules/fixes/alterTable.ts';
import { columnDefaultText } from '../../../../src/core/rules/fixes/columnDefault.ts';
import { tokensOf } from '../../../../src/core/rules/fixes/tokens.ts';
import { parseScript } from '../../../../src/core/sql/script.ts';
import { parser } from '../../../support/parser.ts';

describe('the tokens of a statement', () => {
  const texts = (sql: string): string[] => tokensOf(sql).map(({ text }) => text);

  it('leave comments and white space out', () => {
    assert.deepEqual(texts('A /* b /* c */ d */ e -- f\n g'), ['a', 'e', 'g']);
  });

  it('keep strings and quoted names whole', () => {
    assert.deepEqual(texts(`'a''b' E'c\\'d' "E""f" $x$ y, $$ z $x$ n'g'`), [
      "'a''b'",
      "E'c\\'d'",
      'E"f',
      '$x$ y, $$ z $x$',
      "n'g'",
    ]);
  });

  it('know how deep they are', () => {
    assert.deepEqual(
      tokensOf('f(a[1], b), c').map(({ text, depth }) => `${text}${String(depth)}`),
      ['f0', '(0', 'a1', '[1', '12', ']1', ',1', 'b1', ')0', ',0', 'c0'],
    );
  });
});

describe('an ALTER TABLE', () => {
  const altered = (sql: string) => {
    const [statement] = parseScript(sql, { parser, dialect: 'postgresql' }).statements;
    const found = alterTableText(statement!);
    return found && { target: found.target, parts: found.parts.map(({ start, end }) => sql.slice(start, end)) };
  };

  it('is cut into its commands', () => {
    assert.deepEqual(
      altered(`-- first
ALTER TABLE IF EXISTS ONLY "a,b".t ADD COLUMN x numeric(3, 2) DEFAULT 1, -- two, with a comma
  ADD CHECK (x IN (1, 2)), ALTER y TYPE int USING coalesce(y, ',')::int;`),
      {
        target: 'IF EXISTS ONLY "a,b".t',
        parts: [
          'ADD COLUMN x numeric(3, 2) DEFAULT 1',
          'ADD CHECK (x IN (1, 2))',
          "ALTER y TYPE int USING coalesce(y, ',')::int",
        ],
      },
    );
  });

  it('is left alone where it is no ALTER TABLE', () => {
    assert.equal(altered('ALTER INDEX a RENAME TO b;'), null);
    assert.equal(altered('SELECT 1, 2;'), null);
  });
});

describe("a column's default", () => {
  it('is cut out as written', () => {
    const text =
      "ALTER TABLE t ADD a int, ADD b text DEFAULT coalesce(f('x, y'), 'NOT') || 'z' NOT NULL CHECK (b <> '');";
    const [statement] = parseScript(text, { parser, dialect: 'postgresql' }).statements;
    assert.equal(columnDefaultText(statement!, 'b'), "coalesce(f('x, y'), 'NOT') || 'z'");
    assert.equal(columnDefaultText(statement!, 'a'), null);
    const [later] = parseScript('SELECT 1; ALTER TABLE t ADD c bool DEFAULT f() NOT NULL;', {
      parser,
      dialect: 'postgresql',
    }).statements.slice(1);
    assert.equal(columnDefaultText(later!, 'c'), 'f()');
  });
});
