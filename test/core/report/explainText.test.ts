import { doesNotMatch, match, strictEqual } from 'node:assert';
import { explainText } from '../../../src/core/report/explainText.ts';
import type { TransactionMode } from '../../../src/core/tools/tool.ts';
import { analyzeFiles } from '../../support/lint.ts';
import { analyze } from '../effects/support.ts';

describe('explain for people', () => {
  it('says once what no migration makes, and once how to take a baseline', () => {
    const sql = 'ALTER TABLE orders ADD COLUMN n int; UPDATE customers SET x = 1; ALTER TABLE orders ADD COLUMN m int;';
    const told = new Set<string>();
    const text = analyze([sql, sql])
      .migrations.map((each) => explainText(each, { colours: false, name: each.migration.path, told }))
      .join('');
    strictEqual(text.split('no migration makes orders').length - 1, 1);
    strictEqual(text.split('no migration makes customers').length - 1, 1);
    strictEqual(text.split('pg_dump').length - 1, 1);
  });

  it('tells that a file is one transaction where its text does not, and that the same rows wait', () => {
    const head = (text: string, mode: TransactionMode): string => {
      const { migrations } = analyzeFiles([
        { path: '1.sql', text: 'CREATE TABLE orders (id int);' },
        { path: '2.sql', text, mode },
      ]);
      return explainText(migrations[1]!, { colours: false, name: 'x', told: new Set() });
    };
    const two = 'ALTER TABLE orders ADD COLUMN n int;\nUPDATE orders SET n = 1;';
    match(head(two, 'explicit'), /^x {2}2 of 2 statements analysed; one transaction, so each lock is kept until/);
    match(head(two, 'implicit'), /one transaction/);
    doesNotMatch(head(two, 'autocommit'), /one transaction/);
    doesNotMatch(head(`BEGIN;\n${two}\nCOMMIT;`, 'autocommit'), /one transaction/);
    match(head(two, 'autocommit'), /ROW EXCLUSIVE, rows; others can read and write; writes of the same rows wait\n/);
  });

  it('tells how many statements were analysed', () => {
    const [migration] = analyze([
      'CREATE TABLE a (id int); DO $$ BEGIN EXECUTE current_user; END $$; CREATE TABEL b;',
    ]).migrations;
    const text = migration === undefined ? '' : explainText(migration, { colours: false, name: 'x', told: new Set() });
    strictEqual(text.split('\n')[0], 'x  1 of 3 statements analysed');
  });
});
