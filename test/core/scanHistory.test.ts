import { strict as assert } from 'node:assert';
import { scanHistory } from '../../src/core/scanHistory.ts';
import { analyzeFiles } from '../support/lint.ts';

describe('Scan History', () => {
  const analysis = analyzeFiles([
    { path: '1.sql', text: 'CREATE TABLE small (id int); CREATE TABLE large (id int); CREATE TABLE other (id int);' },
    { path: '2.sql', text: 'CREATE INDEX ON small (id);' },
    { path: '3.sql', text: 'ALTER TABLE large ALTER COLUMN id TYPE bigint;' },
    { path: '4.sql', text: 'ALTER TABLE large ADD COLUMN note text;' },
    { path: '5.sql', text: 'CREATE INDEX ON large (note);' },
    { path: '6.sql', text: 'DROP TABLE other;' },
  ]);
  const speaks = ({ path }: { path: string }): boolean => path === '6.sql';
  const order = (sizes: Record<string, number>): string[] =>
    scanHistory(analysis, {
      speaks,
      config: {
        sizes: Object.fromEntries(Object.entries(sizes).map(([name, rows]) => [name, { rows, bytes: null }])),
      },
    }).map(({ migration }) => migration.path);

  it('names what would hurt, and neither the new migrations nor the harmless ones', () => {
    assert.deepEqual(order({}).toSorted(), ['2.sql', '3.sql', '5.sql']);
  });

  it('ranks by what the tables hold today', () => {
    assert.deepEqual(order({ small: 200, large: 40_000_000 }), ['3.sql', '5.sql', '2.sql']);
    assert.deepEqual(order({ small: 40_000_000, large: 200 }), ['2.sql', '3.sql', '5.sql']);
  });

  it('knows a table by the name that it has today', () => {
    const renamed = analyzeFiles([
      { path: '1.sql', text: 'CREATE TABLE old_name (id int);' },
      { path: '2.sql', text: 'CREATE INDEX ON old_name (id);' },
      { path: '3.sql', text: 'ALTER TABLE old_name RENAME TO new_name;' },
    ]);
    const config = { sizes: { new_name: { rows: 40_000_000, bytes: null } } };
    const [first] = scanHistory(renamed, { speaks: () => false, config });
    assert.equal(first?.migration.path, '2.sql');
    assert.match(first.findings[0]!.message, /40 million rows/);
  });
});
