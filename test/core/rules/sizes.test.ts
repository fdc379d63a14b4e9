import { strict as assert } from 'node:assert';
import { lintHistory } from '../../../src/core/lint.ts';
import { matchesGlob } from '../../../src/core/rules/glob.ts';
import type { TypedSizes } from '../../../src/core/rules/sizes.ts';
import { parseStatistics } from '../../../src/core/statistics/parseStatistics.ts';
import type { Statistics } from '../../../src/core/statistics/statistics.ts';
import { EXAMPLE_SCHEMA } from '../../support/exampleSchema.ts';
import { NO_HINT, analyzeFiles } from '../../support/lint.ts';

const rows = (counts: Record<string, number>): TypedSizes =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { rows: count, bytes: null }]));

/** `rule severity class` of each finding with a size to weigh by. */
function weighed(
  sql: string,
  sizes: TypedSizes,
  more: { rules?: Record<string, 'warning'>; statistics?: readonly Statistics[]; earlier?: string } = {},
): string[] {
  const analysis = analyzeFiles([
    { path: '1.sql', text: `${EXAMPLE_SCHEMA}${more.earlier ?? ''}` },
    { path: '2.sql', text: sql },
  ]);
  const { files } = lintHistory(analysis, {
    speaks: ({ path }) => path === '2.sql',
    config: { sizes, rules: { ...NO_HINT, ...more.rules } },
    facts: { statistics: more.statistics ?? [] },
  });
  return files[0]!.findings.map(
    ({ rule, severity, estimate }) => `${rule} ${severity}${estimate ? ` ${estimate.class}` : ''}`,
  );
}

describe('severity by size', () => {
  const scan = 'ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);';
  const rewrite = 'ALTER TABLE orders ALTER COLUMN number TYPE bigint;';

  it('makes a scan of 200 rows a note and a rewrite of 40 million an error', () => {
    assert.deepEqual(weighed(scan, rows({ orders: 200 })), ['check-not-valid information instant']);
    assert.deepEqual(weighed(rewrite, rows({ 'public.orders': 40_000_000 })), ['change-column-type error minutes']);
    assert.deepEqual(weighed(rewrite, rows({ orders: 2_000_000_000 })), ['change-column-type error hours']);
    assert.deepEqual(weighed(scan, rows({ orders: 5_000_000 })), ['check-not-valid warning seconds']);
  });

  it('goes by the kind of work where a size is missing', () => {
    assert.deepEqual(weighed(scan, {}), ['check-not-valid warning']);
    assert.deepEqual(weighed(rewrite, rows({ customers: 5 })), ['change-column-type error']);
    const both = 'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id);';
    const keyed = (found: string[]): string[] => found.filter((each) => each.startsWith('foreign-key-not-valid'));
    assert.deepEqual(keyed(weighed(both, rows({ customers: 200 }))), ['foreign-key-not-valid error']);
  });

  it('takes what was measured, and what is typed before that', () => {
    const text = JSON.stringify({
      format: 1,
      takenAt: '2026-11-01T00:00:00Z',
      relations: [{ schema: 'public', name: 'orders', kind: 'table', rows: 300, bytes: 65536 }],
    });
    const { statistics } = parseStatistics(text);
    assert.ok(statistics);
    assert.deepEqual(weighed(rewrite, {}, { statistics: [statistics] }), ['change-column-type information instant']);
    assert.deepEqual(weighed(rewrite, rows({ orders: 40_000_000 }), { statistics: [statistics] }), [
      'change-column-type error minutes',
    ]);
  });

  it('leaves a severity that the project has set', () => {
    assert.deepEqual(weighed(rewrite, rows({ orders: 200 }), { rules: { 'change-column-type': 'warning' } }), [
      'change-column-type warning instant',
    ]);
  });

  it('knows bytes, and a table by the name that it had before new migrations renamed it', () => {
    assert.deepEqual(weighed(rewrite, { orders: { rows: null, bytes: 5_000_000_000 } }), [
      'change-column-type error minutes',
    ]);
    const renamed = 'ALTER TABLE orders RENAME TO purchases;\nCREATE INDEX ON purchases (note);';
    assert.deepEqual(
      weighed(renamed, rows({ orders: 200 })).filter((each) => each.startsWith('require-')),
      ['require-concurrent-index information instant'],
    );
  });

  it('adds the partitions up by the one that takes longest, and passes over their empty parent', () => {
    const index = 'CREATE INDEX ON events (at);';
    assert.deepEqual(weighed(index, rows({ events_2024: 40_000_000 })), ['require-concurrent-index error minutes']);
    assert.deepEqual(weighed(index, rows({ events_2024: 200 })), ['require-concurrent-index information instant']);
  });

  it('says that what fails on rows does not on an empty table', () => {
    const required = 'ALTER TABLE orders ADD COLUMN channel text NOT NULL;';
    const own = (found: string[]): string[] => found.filter((each) => each.startsWith('add-required-column'));
    assert.deepEqual(own(weighed(required, rows({ orders: 0 }))), ['add-required-column information']);
    assert.deepEqual(own(weighed(required, rows({ orders: 1 }))), ['add-required-column error']);
  });
});

describe('the glob of a waiver', () => {
  it('matches within a name, over folders, and a folder as a whole', () => {
    const all = (glob: string, paths: readonly string[]): boolean[] => paths.map((path) => matchesGlob(glob, path));
    const paths = ['db/2024_a.sql', 'db/2024/b.sql', 'db/2025_c.sql', 'other/2024_a.sql'];
    assert.deepEqual(all('db/2024*', paths), [true, true, false, false]);
    assert.deepEqual(all('db/**', paths), [true, true, true, false]);
    assert.deepEqual(all('**/2024_?.sql', paths), [true, false, false, true]);
    assert.deepEqual(all('./db/', paths), [true, true, true, false]);
    assert.deepEqual(all('{db,other}/2024_a.sql', paths), [true, false, false, true]);
    assert.deepEqual(all('db/2024_a.sq', paths), [false, false, false, false]);
    assert.deepEqual(all('db/(2024', ['db/(2024_a.sql', 'db/(2024']), [false, true]);
    assert.deepEqual(all('db/{2024', ['db/{2024', 'db/2024']), [true, false]);
    assert.deepEqual(all('**/b.sql', ['b.sql', 'a/b.sql', 'a/c/b.sql', 'ab.sql']), [true, true, true, false]);
    assert.deepEqual(all('a/**/b', ['a/b', 'a/x/y/b', 'a/xb', 'ab']), [true, true, false, false]);
    // Takes a regular expression longer than anybody waits.
    assert.equal(matchesGlob('*a'.repeat(40), 'a'.repeat(300) + 'b'), false);
    assert.equal(matchesGlob('**/*a'.repeat(40), 'b/'.repeat(200) + 'b'), false);
  });
});

describe('a rule that speaks once in a project', () => {
  it('is silent in the second history', () => {
    const analysis = analyzeFiles([
      { path: '1.sql', text: 'CREATE TABLE a (b int PRIMARY KEY);' },
      { path: '2.sql', text: 'ALTER TABLE a ADD COLUMN c int;' },
    ]);
    const options = { speaks: ({ path }: { path: string }) => path === '2.sql', config: {} };
    const first = lintHistory(analysis, options);
    assert.deepEqual(
      first.files[0]!.findings.map(({ rule }) => rule),
      ['lock-timeout'],
    );
    const second = lintHistory(analysis, { ...options, said: first.said });
    assert.deepEqual(second.files[0]!.findings, []);
  });
});
