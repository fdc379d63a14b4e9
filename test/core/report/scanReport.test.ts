import { strict as assert } from 'node:assert';
import { scanBody } from '../../../src/core/report/scanHtml.ts';
import { scanHeadline, scanReport, scanText } from '../../../src/core/report/scanReport.ts';
import type { ScanReport } from '../../../src/core/report/scanReport.ts';
import { sizeLookup } from '../../../src/core/rules/sizes.ts';
import type { TypedSizes } from '../../../src/core/rules/sizes.ts';
import { scanHistory } from '../../../src/core/scanHistory.ts';
import { analyzeFiles } from '../../support/lint.ts';

function report(sizes: TypedSizes): ScanReport {
  const analysis = analyzeFiles([
    { path: '1.sql', text: 'CREATE TABLE small (id int, n int); CREATE TABLE "<big>" (id int, n int);' },
    { path: '2.sql', text: '\nALTER TABLE small ALTER n TYPE bigint;' },
    { path: '3.sql', text: 'CREATE INDEX ON "<big>" (n);' },
    { path: '4.sql', text: 'COMMENT ON TABLE small IS $$x$$;' },
    { path: '5.sql', text: 'DROP TABLE small;' },
  ]);
  const speaks = ({ id }: { readonly id: string }): boolean => id === '5.sql';
  const scanned = scanHistory(analysis, { speaks, config: { sizes } });
  return scanReport([{ id: 'db', scanned, count: 4, pathOf: (path) => `/db/${path}` }], sizeLookup(sizes, []));
}

const SIZES: TypedSizes = { small: { rows: 20, bytes: null }, '<big>': { rows: 40e6, bytes: null } };

describe('Scan History', () => {
  it('ranks by the sizes that tables have', () => {
    const order = (sizes: TypedSizes): readonly string[] => report(sizes).rows.map(({ path }) => path);
    const other: TypedSizes = { small: { rows: 40e6, bytes: null }, '<big>': { rows: 20, bytes: null } };
    assert.deepEqual(order(SIZES), ['/db/3.sql', '/db/2.sql']);
    assert.deepEqual(order(other), ['/db/2.sql', '/db/3.sql']);
    assert.equal(report(SIZES).rows[0]?.stall, 'minutes');
    assert.equal(report({}).rows[0]?.stall, 'grows with the table');
  });

  it('says how many were looked at, and what the order rests on', () => {
    assert.match(scanHeadline(report({})), /^2 of 4 old migrations would hurt .* no sizes are known/);
    assert.match(
      scanHeadline({ rows: [], scanned: 4, sizesKnown: true }),
      /^None of 4 old migrations .* sizes that tables have/,
    );
  });

  it('is a list for a terminal, cut where asked', () => {
    const text = scanText(report(SIZES), { limit: 1 });
    assert.match(text, /\n {2}1\. \/db\/3\.sql:1\n {5}SHARE on "<big>": /);
    assert.ok(text.endsWith('… and 1 more (--limit).\n'), text);
  });

  it('is a page in which names are only text', () => {
    const page = scanBody(report(SIZES));
    assert.match(page, /<button data-row="0" title="Open at line 1">3\.sql<\/button>/);
    assert.doesNotMatch(page, /<big>/);
    assert.match(page, /&lt;big&gt;/);
    assert.doesNotMatch(scanBody({ rows: [], scanned: 0, sizesKnown: false }), /<table/);
  });
});
