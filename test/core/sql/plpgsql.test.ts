import { strict as assert } from 'node:assert';
import { innerStatements } from '../../../src/core/sql/plpgsql.ts';
import type { InnerStatements } from '../../../src/core/sql/innerStatement.ts';
import { parser } from '../../support/parser.ts';

function inner(text: string): InnerStatements {
  const outcome = parser.parse(text);
  assert.ok(outcome.ok);
  const found = innerStatements(outcome.statements[0]!.tree, text, parser);
  assert.ok(found);
  return found;
}
const body = (lines: string, declare = ''): string => `DO $$\n${declare}BEGIN\n${lines}\nEND $$`;
const texts = (lines: string, declare?: string): string[] =>
  inner(body(lines, declare)).statements.map(({ text }) => text);

describe('SQL inside of PL/pgSQL', () => {
  it('gives static statements with their place', () => {
    const text = '/* é */ DO $$\nBEGIN\n  ALTER TABLE a ADD b int;\n\n  DROP TABLE c; DROP TABLE d;\nEND $$';
    const { statements, opaque } = inner(text);
    assert.deepEqual(
      statements.map(({ text: sql, line, offset, tree }) => [
        sql,
        line,
        text.slice(offset, offset + sql.length),
        tree !== null,
      ]),
      [
        ['ALTER TABLE a ADD b int', 3, 'ALTER TABLE a ADD b int', true],
        ['DROP TABLE c', 5, 'DROP TABLE c', true],
        ['DROP TABLE d', 5, 'DROP TABLE d', true],
      ],
    );
    assert.deepEqual(opaque, []);
  });

  it('marks what may not run, or run more than once', () => {
    const { statements } = inner(
      body(
        'IF true THEN DROP TABLE a; END IF; FOR i IN 1..n LOOP DROP TABLE b; END LOOP;' +
          ' BEGIN DROP TABLE c; EXCEPTION WHEN OTHERS THEN DROP TABLE d; END; DROP TABLE e;',
        'DECLARE n int := random();\n',
      ),
    );
    assert.deepEqual(
      statements.filter(({ expression }) => !expression).map(({ text, conditional }) => [text.at(-1), conditional]),
      [
        ['a', true],
        ['b', true],
        ['c', false],
        ['d', true],
        ['e', false],
      ],
    );
  });

  const known: Record<string, [lines: string, expected: string[], declare?: string]> = {
    'a constant': ["EXECUTE 'DROP TABLE a; DROP TABLE b';", ['DROP TABLE a', 'DROP TABLE b']],
    'constants joined': ["EXECUTE 'DROP ' || 'TABLE ' || quote_ident('A b');", ['DROP TABLE "A b"']],
    'format() of constants': [
      "EXECUTE format('COMMENT ON TABLE %I IS %L', 'user', 'it''s');",
      [`COMMENT ON TABLE "user" IS 'it''s'`],
    ],
    'format() with positions': [
      "EXECUTE format('ALTER TABLE %2$s RENAME TO %1$I', 'b', 'a');",
      ['ALTER TABLE a RENAME TO b'],
    ],
    'a variable that never changes': ["EXECUTE 'DROP TABLE ' || t;", ['DROP TABLE a'], "DECLARE t text := 'a';\n"],
    'a loop over constants': [
      "FOREACH t IN ARRAY ARRAY['a','b'] LOOP EXECUTE format('DROP TABLE %I', t); END LOOP;",
      ['DROP TABLE a', 'DROP TABLE b'],
      'DECLARE t text;\n',
    ],
    'a loop over numbers': [
      "FOR i IN 1..2 LOOP EXECUTE 'DROP TABLE p' || i; END LOOP;",
      ['DROP TABLE p1', 'DROP TABLE p2'],
    ],
    'an array written as text': [
      "FOREACH t IN ARRAY '{a,b}'::text[] LOOP EXECUTE 'DROP TABLE ' || t; END LOOP;",
      ['DROP TABLE a', 'DROP TABLE b'],
      'DECLARE t text;\n',
    ],
  };
  for (const [name, [lines, expected, declare]] of Object.entries(known)) {
    it(`knows what EXECUTE runs: ${name}`, () => {
      const { statements, opaque } = inner(body(lines, declare));
      assert.deepEqual(
        statements.map(({ text }) => text),
        expected,
      );
      assert.ok(statements.every(({ dynamic }) => dynamic));
      assert.deepEqual(opaque, []);
    });
  }

  const unknown: Record<string, [lines: string, declare?: string]> = {
    'a variable that changes': ["t := t || 'b'; EXECUTE 'DROP TABLE ' || t;", "DECLARE t text := 'a';\n"],
    'a variable that a query fills': [
      "SELECT relname INTO t FROM pg_class; EXECUTE 'DROP TABLE ' || t;",
      "DECLARE t text := 'a';\n",
    ],
    'a row of a loop': [
      "FOR r IN SELECT * FROM x LOOP EXECUTE 'DROP TABLE ' || r.name; END LOOP;",
      'DECLARE r record;\n',
    ],
    'a function of the server': ["EXECUTE 'DROP TABLE ' || current_schema();"],
    'format() with too few values': ["EXECUTE format('DROP TABLE %I');"],
  };
  for (const [name, [lines, declare]] of Object.entries(unknown)) {
    it(`says that EXECUTE is not known: ${name}`, () => {
      const { statements, opaque } = inner(body(lines, declare));
      assert.deepEqual(
        statements.filter(({ dynamic }) => dynamic),
        [],
      );
      assert.equal(opaque.length, 1);
      assert.match(opaque[0]?.reason ?? '', /known only when it runs/);
    });
  }

  it('knows what a function runs for the arguments that it is called with', () => {
    const text =
      "CREATE FUNCTION f(role text, tab text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'GRANT SELECT ON ' || quote_ident(tab) || ' TO ' || quote_ident($1); END $$";
    const outcome = parser.parse(text);
    assert.ok(outcome.ok);
    const known = new Map([
      ['role', 'Ann'],
      ['$1', 'Ann'],
      ['tab', 'a'],
    ]);
    const found = innerStatements(outcome.statements[0]!.tree, text, parser, known);
    assert.deepEqual(
      found?.statements.map(({ text: sql, placeholder }) => [sql, placeholder]),
      [['GRANT SELECT ON a TO "Ann"', false]],
    );
  });

  it('puts a placeholder for a role that is not quoted, and for nothing on which a lock may hang', () => {
    const lines = [
      "EXECUTE 'GRANT SELECT ON a TO ' || who || ', b';",
      "EXECUTE 'ALTER TABLE a OWNER TO ' || who;",
      "EXECUTE format('ALTER DATABASE %s SET work_mem = 1', current_database());",
      "EXECUTE format('ALTER FUNCTION f() SET search_path = %s', quote_ident(current_schema()));",
      "EXECUTE format('SET search_path = %s', who);",
      "EXECUTE 'ALTER TABLE a ADD COLUMN x ' || who;",
      "EXECUTE 'GRANT ' || who;",
    ];
    const { statements, opaque } = inner(
      body(lines.join(' '), "DECLARE who text := coalesce(current_setting('app.role', true), 'b');\n"),
    );
    assert.deepEqual(
      statements.filter(({ dynamic }) => dynamic).map(({ text, placeholder }) => [text, placeholder]),
      [
        ['GRANT SELECT ON a TO lockkeeper_unknown_name, b', true],
        ['ALTER TABLE a OWNER TO lockkeeper_unknown_name', true],
        ['ALTER DATABASE lockkeeper_unknown_name SET work_mem = 1', true],
        ['ALTER FUNCTION f() SET search_path = lockkeeper_unknown_name', true],
      ],
    );
    assert.equal(opaque.length, 3);
  });

  it('knows what coalesce() gives of constants', () => {
    const { statements } = inner(body("EXECUTE 'DROP TABLE ' || coalesce(NULL, 'a');"));
    assert.deepEqual(
      statements.filter(({ dynamic }) => dynamic).map(({ text, placeholder }) => [text, placeholder]),
      [['DROP TABLE a', false]],
    );
  });

  it('puts a placeholder where a quoted name or literal is not known, and only there', () => {
    const declare = 'DECLARE r record;\n';
    const { statements, opaque } = inner(
      body(
        "FOR r IN SELECT 1 LOOP EXECUTE 'GRANT SELECT ON a TO ' || quote_ident(r.x); EXECUTE format('COMMENT ON TABLE %I IS %L', 'a', r.y); " +
          "EXECUTE format('DROP TABLE %s', r.x); EXECUTE format(r.x, 'a'); END LOOP;",
        declare,
      ),
    );
    assert.deepEqual(
      statements.filter(({ dynamic }) => dynamic).map(({ text, placeholder }) => [text, placeholder]),
      [
        ['GRANT SELECT ON a TO lockkeeper_unknown_name', true],
        ["COMMENT ON TABLE a IS 'lockkeeper_unknown_name'", true],
      ],
    );
    assert.equal(opaque.length, 2);
  });

  it('reads tables in expressions, cursors, assignments and PERFORM', () => {
    assert.deepEqual(
      texts(
        'IF EXISTS (SELECT 1 FROM a) THEN NULL; END IF; x := (SELECT max(b) FROM b); PERFORM f(1);',
        'DECLARE x int; k CURSOR FOR SELECT * FROM d;\n',
      ),
      ['SELECT * FROM d', 'SELECT EXISTS (SELECT 1 FROM a)', 'SELECT  (SELECT max(b) FROM b)', 'SELECT f(1)'],
    );
  });

  it('reads functions of SQL, and says what it can not read', () => {
    const sql = inner("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DROP TABLE a;\n DROP TABLE b'");
    assert.deepEqual(
      sql.statements.map(({ text, line }) => [text, line]),
      [
        ['DROP TABLE a', 1],
        ['DROP TABLE b', 2],
      ],
    );
    assert.match(inner('DO LANGUAGE plperl $$ x $$').opaque[0]?.reason ?? '', /language plperl/);
    assert.match(inner('DO $$ BEGIN x END $$').opaque[0]?.reason ?? '', /does not parse/);
    assert.match(inner(body("EXECUTE 'DROP TABEL a';")).opaque[0]?.reason ?? '', /does not parse/);
  });

  it('reads BEGIN ATOMIC and RETURN', () => {
    const texts = [
      'CREATE FUNCTION f() RETURNS int RETURN 1',
      'CREATE PROCEDURE f() BEGIN ATOMIC INSERT INTO a VALUES (1); DELETE FROM b; END',
    ];
    const kinds = texts.map((text) => {
      const outcome = parser.parse(text);
      assert.ok(outcome.ok);
      const inner = innerStatements(outcome.statements[0]!.tree, text, parser);
      return inner?.statements.map(({ tree }) => Object.keys(tree ?? {})[0]);
    });
    assert.deepEqual(kinds, [['SelectStmt'], ['InsertStmt', 'DeleteStmt']]);
  });

  it('has nothing to say of other statements', () => {
    for (const text of ['DROP TABLE a', "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'a', 'b'"]) {
      const outcome = parser.parse(text);
      assert.ok(outcome.ok);
      assert.equal(innerStatements(outcome.statements[0]!.tree, text, parser), null, text);
    }
  });
});
