import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { Script } from '../../../src/core/sql/statement.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import { parser } from '../../support/parser.ts';

const parse = (text: string, previous?: Script): Script =>
  parseScript(text, { parser, dialect: 'postgresql', previous });
const texts = (script: Script): string[] => script.statements.map((each) => script.text.slice(each.start, each.end));

describe('cutting a script', () => {
  const cases: Record<string, [text: string, statements: string[]]> = {
    'two statements': ['SELECT 1; SELECT 2;', ['SELECT 1;', 'SELECT 2;']],
    'no closing semicolon': ['SELECT 1;\nSELECT 2\n', ['SELECT 1;', 'SELECT 2']],
    'an empty file': ['', []],
    'comments only': ['-- a;\n/* b; /* c; */ */\n', []],
    'a semicolon in a string': ["SELECT 'a;b';", ["SELECT 'a;b';"]],
    'a doubled quote': ["SELECT 'a'';b'; SELECT 2;", ["SELECT 'a'';b';", 'SELECT 2;']],
    'a backslash is not an escape': ["SELECT '\\'; SELECT 2;", ["SELECT '\\';", 'SELECT 2;']],
    'an escape string': ["SELECT E'\\';', 1; SELECT 2;", ["SELECT E'\\';', 1;", 'SELECT 2;']],
    'an escape string that goes on in the next line': [
      "SELECT E'a'\n'\\';'; SELECT 2;",
      ["SELECT E'a'\n'\\';';", 'SELECT 2;'],
    ],
    'a name that ends in e before a string': ["SELECT type'\\'; SELECT 2;", ["SELECT type'\\';", 'SELECT 2;']],
    'a quoted name': ['SELECT 1 AS "a;""b"; SELECT 2;', ['SELECT 1 AS "a;""b";', 'SELECT 2;']],
    'dollar quotes': ['DO $$ BEGIN PERFORM 1; END $$; SELECT 2;', ['DO $$ BEGIN PERFORM 1; END $$;', 'SELECT 2;']],
    'dollar quotes in dollar quotes': [
      'DO $a$ BEGIN EXECUTE $$;$$; END $a$; SELECT 2;',
      ['DO $a$ BEGIN EXECUTE $$;$$; END $a$;', 'SELECT 2;'],
    ],
    'a dollar in a name': ['SELECT 1 AS a$b$; SELECT 2 AS c$b$;', ['SELECT 1 AS a$b$;', 'SELECT 2 AS c$b$;']],
    'nested comments': ['SELECT /* a /* ; */ ; */ 1; SELECT 2;', ['SELECT /* a /* ; */ ; */ 1;', 'SELECT 2;']],
    'BEGIN ATOMIC': [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;',
      ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;', 'SELECT 3;'],
    ],
    'a transaction is not BEGIN ATOMIC': ['BEGIN; SELECT 1; END;', ['BEGIN;', 'SELECT 1;', 'END;']],
    'CREATE RULE': [
      'CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2); SELECT 3;',
      ['CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2);', 'SELECT 3;'],
    ],
    CRLF: ['SELECT 1;\r\nSELECT 2;\r\n', ['SELECT 1;', 'SELECT 2;']],
    'a byte order mark': ['\ufeffSELECT 1;', ['SELECT 1;']],
    emoji: ["SELECT '😀;'; SELECT 2;", ["SELECT '😀;';", 'SELECT 2;']],
    'psql meta-commands': ['\\set ON_ERROR_STOP on\nSELECT 1;\n\\echo a; b\nSELECT 2;', ['SELECT 1;', 'SELECT 2;']],
    'a psql command that sends': ['SELECT 1 \\gexec\nSELECT 2;', ['SELECT 1', 'SELECT 2;']],
    'COPY data': ["COPY a FROM stdin;\n1\t';\n\\.\nSELECT 2;", ['COPY a FROM stdin;', 'SELECT 2;']],
    'COPY that is being typed': ['COPY a FROM stdin;\nSELECT 2;', ['COPY a FROM stdin;', 'SELECT 2;']],
    'COPY from a file': ["COPY a FROM '/tmp/a';\nSELECT 2;\n\\.\n", ["COPY a FROM '/tmp/a';", 'SELECT 2;']],
    'a placeholder with a semicolon': ['SELECT {{ "a;b" }} ; SELECT 2;', ['SELECT {{ "a;b" }} ;', 'SELECT 2;']],
  };
  for (const [name, [text, expected]] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(texts(parse(text)), expected);
    });
  }

  it('names lines from 1, of the first token', () => {
    assert.deepEqual(
      parse('-- a\n\nSELECT\n1;\r\n /* b\n */ SELECT 2;').statements.map((each) => each.startLine),
      [3, 6],
    );
  });

  it('gives a comment behind a statement on its line to that statement, and one above to the next', () => {
    const [first, second] = parse('SELECT 1; -- one\n-- two\nSELECT /* in */ 2;').statements;
    assert.deepEqual(
      first?.comments.map(({ text }) => text),
      ['-- one'],
    );
    assert.deepEqual(
      second?.comments.map(({ text }) => text),
      ['-- two', '/* in */'],
    );
  });

  it('reads only the range it is given', () => {
    const text = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n';
    const script = parseScript(text, {
      parser,
      dialect: 'postgresql',
      range: { start: 0, end: text.indexOf('-- migrate:down') },
    });
    assert.deepEqual(texts(script), ['SELECT 1;']);
    assert.deepEqual(
      script.other.map(({ kind }) => kind),
      ['tool directive'],
    );
  });

  it('puts every token into exactly one statement or other part, whatever the text', () => {
    fc.assert(
      fc.property(scripts, (text) => {
        const script = parse(text);
        const parts = [...script.statements, ...script.other.filter(({ kind }) => kind !== 'tool directive')].toSorted(
          (a, b) => a.start - b.start,
        );
        let end = 0;
        for (const part of parts) {
          assert.ok(part.start >= end, `overlap at ${String(part.start)}`);
          assert.ok(part.end > part.start);
          assert.equal(withoutComments(text.slice(end, part.start)), '', 'between two parts');
          end = part.end;
        }
        assert.equal(withoutComments(text.slice(end)), '', 'behind the last part');
      }),
      { numRuns: 400 },
    );
  });

  it('gives the same with `previous` as without, after any edit', () => {
    fc.assert(
      fc.property(scripts, fc.nat(), fc.nat(12), fc.oneof(fc.constant(''), pieces), (text, at, drop, add) => {
        const start = at % (text.length + 1);
        const edited = text.slice(0, start) + add + text.slice(start + drop);
        assert.deepEqual(parse(edited, parse(text)), parse(edited));
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the trees of statements that an edit did not touch', () => {
    const before = parse('CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE TABLE c (id int);\n');
    const after = parse(before.text.replace('TABLE b (id', 'TABLE b (\n  ident'), before);
    assert.equal(after.statements[0], before.statements[0]);
    assert.notEqual(after.statements[1]?.tree, before.statements[1]?.tree);
    assert.equal(after.statements[2]?.tree, before.statements[2]?.tree);
    assert.equal(after.statements[2]?.startLine, 4);
  });
});

/** White space, a BOM and comments may stand between parts. */
function withoutComments(text: string): string {
  let rest = text.replace(/^\ufeff/, '').trimStart();
  while (rest.startsWith('--') || rest.startsWith('/*')) {
    if (rest.startsWith('--')) rest = rest.replace(/^--[^\r\n]*/, '');
    else {
      let depth = 0;
      rest = rest.replace(/^(?:[^])*$/, (all) => {
        for (let at = 0; at < all.length - 1; at++) {
          const two = all.slice(at, at + 2);
          if (two === '/*' || two === '*/') depth += two === '/*' ? 1 : -1;
          if (two === '/*' || two === '*/') at++;
          if (depth === 0) return all.slice(at + 1);
        }
        return all;
      });
      if (depth > 0) break;
    }
    rest = rest.trimStart();
  }
  return rest.trim();
}

const pieces = fc.constantFrom(
  ...[
    "'",
    '"',
    '$$',
    '$a$',
    ';',
    '\n',
    '\r\n',
    ' ',
    '(',
    ')',
    '--',
    '/*',
    '*/',
    '\\',
    '\\.',
    '\\echo',
    "E'",
    '\\g',
    '{{ a }}',
    '${b}',
  ],
  ...[
    'CREATE TABLE a (id int)',
    'SELECT 1',
    'DO',
    'BEGIN',
    'ATOMIC',
    'END',
    'CASE',
    'x',
    '1',
    '😀',
    'é',
    '\ufeff',
    ':v',
    '::',
  ],
  ...[
    'CREATE FUNCTION f()',
    'RETURNS int',
    'CREATE RULE r AS',
    'COPY a FROM stdin',
    'DROP TABLE a',
    "INSERT INTO a VALUES ('x')",
  ],
  ...['-- migrate:up', 'ALTER TABLE a ADD b int'],
);
const scripts = fc
  .array(fc.tuple(pieces, fc.constantFrom('', ' ', '\n', ';\n')), { maxLength: 25 })
  .map((parts) => parts.flat().join(''));
