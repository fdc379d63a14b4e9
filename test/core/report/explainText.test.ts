import { strictEqual } from 'node:assert';
import { explainText } from '../../../src/core/report/explainText.ts';
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

  it('tells how many statements were analysed', () => {
    const [migration] = analyze([
      'CREATE TABLE a (id int); DO $$ BEGIN EXECUTE current_user; END $$; CREATE TABEL b;',
    ]).migrations;
    const text = migration === undefined ? '' : explainText(migration, { colours: false, name: 'x', told: new Set() });
    strictEqual(text.split('\n')[0], 'x  1 of 3 statements analysed');
  });
});
