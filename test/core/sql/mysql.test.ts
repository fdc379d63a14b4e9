import { strict as assert } from 'node:assert';
import { mysqlScriptEffects } from '../../../src/core/effects/mysql.ts';
import type { StatementEffects } from '../../../src/core/effects/effect.ts';
import { parseScript } from '../../../src/core/sql/script.ts';
import type { Script } from '../../../src/core/sql/statement.ts';
import { mysqlParser } from '../../support/mysql.ts';
import { parser } from '../../support/parser.ts';

const parse = (text: string): Script => parseScript(text, { parser: mysqlParser, dialect: 'mysql' });
const effects = (text: string): readonly StatementEffects[] => mysqlScriptEffects(parse(text));
/** `operation lock work` of the only effect's causes. */
const said = (text: string): string[] =>
  effects(text).flatMap(({ effects: each }) =>
    each.flatMap(({ causes }) => causes.map(({ operation, lock, work }) => [operation, lock, ...work].join(' / '))),
  );

describe('a MySQL script', () => {
  const cut = (text: string): string[] => parse(text).statements.map(({ start, end }) => text.slice(start, end));

  it('is cut as the mysql client cuts it', () => {
    assert.deepEqual(
      cut("INSERT INTO a VALUES ('it\\'s;'); # c;\nSELECT 1;-- x;\nSELECT 2--1;/* ; */ SELECT `a;``b`;"),
      ["INSERT INTO a VALUES ('it\\'s;');", 'SELECT 1;', 'SELECT 2--1;', 'SELECT `a;``b`;'],
    );
  });

  it('follows DELIMITER', () => {
    const text =
      'DELIMITER $$\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END$$\nDELIMITER ;\nDROP TABLE a;';
    assert.deepEqual(
      cut(text).map((each) => each.slice(0, 14)),
      ['CREATE TRIGGER', 'DROP TABLE a;'],
    );
  });

  it('has lines, kinds and trees', () => {
    const { statements } = parse('\n-- a\nALTER TABLE `a` ADD COLUMN b int;\nRENAME TABLE a TO b;\n');
    assert.deepEqual(
      statements.map(({ startLine, kind, notAnalysed }) => [startLine, kind, notAnalysed]),
      [
        [3, 'ALTER TABLE', null],
        [4, 'RENAME TABLE', null],
      ],
    );
    assert.ok(statements.every(({ mysqlTree, tree }) => mysqlTree !== null && tree === null));
  });

  it('says what it can not read', () => {
    assert.match(parse('ALTER TABLE a FORCE;').statements[0]?.notAnalysed ?? '', /does not know/);
    assert.match(effects('ALTER TABLE a FORCE;')[0]?.opaque[0]?.reason ?? '', /does not know/);
    assert.match(parse('DROP TABLE ${t};').statements[0]?.notAnalysed ?? '', /template placeholder \$\{t\}/);
    assert.match(parseScript('SELECT 1', { parser, dialect: 'mysql' }).statements[0]?.notAnalysed ?? '', /not loaded/);
  });
});

describe('what MySQL does', () => {
  const cases: Record<string, string[]> = {
    'ALTER TABLE a MODIFY b bigint': ['alter column type / SHARE / rewrite'],
    'ALTER TABLE a CHANGE b c bigint': ['rename column / ACCESS EXCLUSIVE'],
    'ALTER TABLE a ADD COLUMN b int, ALGORITHM=COPY': ['add column / SHARE / rewrite'],
    'ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 1': ['add column / ACCESS EXCLUSIVE'],
    'ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS (c + 1) STORED': [
      'add column generated stored / SHARE / rewrite',
    ],
    'ALTER TABLE a ADD INDEX i (b)': ['create index / SHARE UPDATE EXCLUSIVE / index build'],
    'CREATE UNIQUE INDEX i ON d.a (b)': ['create index / SHARE UPDATE EXCLUSIVE / index build'],
    'CREATE FULLTEXT INDEX i ON a (b)': ['create index / SHARE / index build'],
    'ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (id)': ['add foreign key / SHARE / rewrite'],
    'ALTER TABLE a ADD PRIMARY KEY (id)': ['add primary key / SHARE UPDATE EXCLUSIVE / rewrite / index build'],
    'ALTER TABLE a DROP PRIMARY KEY': ['drop constraint / SHARE / rewrite'],
    'ALTER TABLE a RENAME TO b': ['rename table / ACCESS EXCLUSIVE'],
    'ALTER TABLE a RENAME COLUMN b TO c': ['rename column / ACCESS EXCLUSIVE'],
    'ALTER TABLE a DROP COLUMN b': ['drop column / ACCESS EXCLUSIVE'],
    'RENAME TABLE a TO b, c TO d': ['rename table / ACCESS EXCLUSIVE', 'rename table / ACCESS EXCLUSIVE'],
    'DROP TABLE a': ['drop table / ACCESS EXCLUSIVE'],
    'TRUNCATE TABLE a': ['truncate / ACCESS EXCLUSIVE'],
    'DELETE FROM a': ['delete all rows / ROW EXCLUSIVE / rows'],
    'UPDATE a SET b = 1 WHERE c = 2': ['update / ROW EXCLUSIVE / rows'],
  };
  for (const [sql, expected] of Object.entries(cases)) {
    it(sql, () => {
      assert.deepEqual(said(sql), expected);
    });
  }

  it('to a table that the migration made does not count as to one that others use', () => {
    const all = effects(
      'CREATE TABLE a (id int); ALTER TABLE a ADD INDEX i (id); RENAME TABLE a TO b; DROP TABLE b; ALTER TABLE b ADD INDEX i (id);',
    );
    assert.deepEqual(
      all.map(({ effects: each }) => each[0]?.newRelation),
      [true, true, true, true, false],
    );
  });

  it('names table, column and source', () => {
    const cause = effects('ALTER TABLE `shop`.`orders` MODIFY total decimal(12,2)')[0]?.effects[0];
    assert.deepEqual(
      [cause?.relation.schema, cause?.relation.name, cause?.causes[0]?.object],
      ['shop', 'orders', 'total'],
    );
    assert.match(cause?.causes[0]?.source.url ?? '', /^https:\/\/dev\.mysql\.com/);
  });
});
