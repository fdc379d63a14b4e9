import { strict as assert } from 'node:assert';
import type { Statement } from '../../../src/core/sql/statement.ts';
import { LARGEST_STATEMENT, parseScript } from '../../../src/core/sql/script.ts';
import { parser } from '../../support/parser.ts';

const statements = (text: string): readonly Statement[] =>
  parseScript(text, { parser, dialect: 'postgresql' }).statements;
const summary = (text: string): string[] =>
  statements(text).map(({ kind, error, notAnalysed }) =>
    error ? `error: ${kind}` : notAnalysed ? `not analysed: ${kind}` : kind,
  );

const BEFORE = 'CREATE TABLE a (id int);\n\n';
const AFTER =
  "\n\nCREATE TABLE b (id int, t text DEFAULT 'x');\nINSERT INTO b VALUES (1, 'y');\nDO $$ BEGIN NULL; END $$;\n";
const OTHERS = ['CREATE TABLE', 'CREATE TABLE', 'INSERT', 'DO'];

describe('half-typed SQL', () => {
  const broken: Record<string, string> = {
    'a missing semicolon': 'ALTER TABLE a ADD b int',
    'a missing semicolon after a SELECT': 'SELECT * FROM a',
    'a verb': 'ALT',
    'a statement without its end': 'ALTER TABLE a ADD COLUMN',
    'an open parenthesis': 'CREATE TABLE c (\n  id int,\n  name text',
    'an open quote': "INSERT INTO a VALUES ('x",
    'an open quote and the rest of the statement': "INSERT INTO a VALUES ('x);",
    'an open quoted name': 'ALTER TABLE "a ADD b int;',
    'an open comment': '/* why',
    'an open dollar quote': 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND',
    'a word that does not belong': 'ALTER TABLE a ADDD b int;',
    'a stray parenthesis': 'DROP TABLE x);',
  };
  for (const [name, text] of Object.entries(broken)) {
    it(`costs one finding: ${name}`, () => {
      const found = summary(BEFORE + text + AFTER);
      assert.deepEqual(
        found.filter((each) => !each.startsWith('error')),
        OTHERS,
        found.join(' | '),
      );
      assert.equal(found.length, OTHERS.length + 1, found.join(' | '));
    });
  }

  it('says that a semicolon is missing, where it is', () => {
    const text = 'DROP TABLE a -- gone\n\nDROP TABLE b;';
    const [first] = statements(text);
    assert.deepEqual(first?.error, { message: 'a ";" is missing before "DROP TABLE"', offset: 'DROP TABLE a'.length });
    assert.equal(first.text, 'DROP TABLE a');
  });

  it('gives the error of the first statement, not of the join of two', () => {
    const [first] = statements('ALTER TABLE a ADD COLUMN\n\nCREATE TABLE b ();');
    assert.equal(first?.error?.message, 'syntax error at end of input');
  });

  it('does not take the body of a function for statements', () => {
    const text =
      'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\nINSERT INTO a VALUES (1);\nDROP TABLE a;\nRETURN 1;\nEND $$ STABEL;\nDROP TABLE b;';
    assert.deepEqual(summary(text), ['error: CREATE FUNCTION', 'DROP TABLE']);
    assert.deepEqual(summary(text.replaceAll('$$', "'")), ['error: CREATE FUNCTION', 'DROP TABLE']);
  });

  it('does not cut what is well formed', () => {
    const text =
      'CREATE SCHEMA s\nCREATE TABLE a (id int)\nCREATE VIEW v AS SELECT 1;\nINSERT INTO a\nSELECT 1;\nGRANT\nSELECT ON a TO b;';
    assert.deepEqual(summary(text), ['CREATE SCHEMA', 'INSERT', 'GRANT']);
  });
});

describe('what is not SQL', () => {
  it('is named: a template placeholder', () => {
    for (const [text, placeholder] of [
      ['CREATE TABLE {{ schema }}.a (id int);', '{{ schema }}'],
      ['CREATE TABLE ${schema}.a (id int);', '${schema}'],
      ['CREATE TABLE "${schema}"."a" (id int);', '${schema}'],
      ['{% if big %} DROP TABLE a;', '{% if big %}'],
      ['CREATE TABLE @NAMESPACE@.a (id int);', '@NAMESPACE@'],
      ['CREATE TABLE @{tableName} (id int);', '@{tableName}'],
      ['CREATE TABLE {schema}.a (id int);', '{schema}'],
      ["INSERT INTO a VALUES ('x', #{value});", '#{value}'],
      ['INSERT INTO a VALUES (%(value)s);', '%(value)s'],
      ['DROP TABLE <%= table %>;', '<%= table %>'],
      ['ALTER TABLE a OWNER TO $(owner);', '$(owner)'],
    ] as const) {
      const [first, second] = statements(`${text}\nDROP TABLE b;`);
      assert.equal(first?.notAnalysed, `template placeholder ${placeholder}`);
      assert.equal(second?.kind, 'DROP TABLE');
    }
  });

  it('is SQL where it parses, and an error where it stands elsewhere', () => {
    assert.deepEqual(summary("SELECT a @> '{x}', @ b, c #> '{d}' FROM e;"), ['SELECT']);
    assert.equal(statements("SELECT '@NAME@' FROM FROM a;")[0]?.notAnalysed, null);
    assert.deepEqual(summary('ALTER TABLE a ADD COLUMN b jsonb DEFAULT {};'), ['error: ALTER TABLE']);
  });

  it('is SQL inside of a string or a body', () => {
    assert.deepEqual(
      summary("INSERT INTO mails VALUES ('Dear {{ name }}, ${x}'); DO $$ BEGIN RAISE NOTICE '{{'; END $$;"),
      ['INSERT', 'DO'],
    );
  });

  it('is named: a psql variable, but not where the text parses', () => {
    assert.equal(statements("ALTER ROLE a PASSWORD :'secret';")[0]?.notAnalysed, "psql variable :'secret'");
    assert.equal(statements('GRANT SELECT ON a TO :role;')[0]?.notAnalysed, 'psql variable :role');
    assert.deepEqual(summary('SELECT a[1:n], b::int FROM c;'), ['SELECT']);
  });

  it('is named: a NUL byte', () => {
    const script = parseScript('DROP TABLE a;\nDROP TABLE b\0;\nDROP TABLE c;', { parser, dialect: 'postgresql' });
    assert.deepEqual(
      script.statements.map(({ notAnalysed }) => notAnalysed),
      [null, 'NUL byte', null],
    );
    assert.equal(script.problems[0]?.offset, 26);
  });

  it('is named: a statement that is too large', () => {
    const large = `INSERT INTO a VALUES ('${'x'.repeat(LARGEST_STATEMENT)}');`;
    assert.deepEqual(summary(`${large}\nDROP TABLE b;`), ['not analysed: INSERT', 'DROP TABLE']);
    assert.equal(statements(large)[0]?.notAnalysed, 'too large');
  });

  it('is cut in time that grows with the file, and parsed no further than wanted', () => {
    const text = `${"INSERT INTO a VALUES (1, 'x');\n".repeat(40_000)}${"('".repeat(600_000)}`;
    const before = process.cpuUsage();
    const { statements: all } = parseScript(text, { parser, dialect: 'postgresql', parseAtMost: 100_000 });
    const { user } = process.cpuUsage(before);
    assert.ok(user < 5_000_000, `${String(user / 1000)} ms of a processor`);
    assert.equal(all.length, 40_001);
    assert.equal(all[30_000]?.notAnalysed, 'file too large');
    assert.equal(all.at(-1)?.notAnalysed, 'too large');
  });
});
