import { strict as assert } from 'node:assert';
import { canonicalJson, type JsonValue } from '../../../src/core/records/canonicalJson.ts';
import { stagingEvidence } from '../../../src/core/report/evidence.ts';
import { bytes, duration, roughly } from '../../../src/core/report/figures.ts';
import { stagingHeadline } from '../../../src/core/report/headline.ts';
import { stagingHtml, stagingReportBody } from '../../../src/core/report/stagingHtml.ts';
import { stagingJson } from '../../../src/core/report/stagingJson.ts';
import { stagingMarkdown } from '../../../src/core/report/stagingMarkdown.ts';
import type { StagingRun } from '../../../src/core/report/stagingRun.ts';
import { ticks, timelineLanes } from '../../../src/core/report/timeline.ts';
import { compareRuns, comparisonText, isUnchanged } from '../../../src/core/report/stagingComparison.ts';
import { stagingText } from '../../../src/core/report/stagingText.ts';
import { stagingRunOf, stagingRuns } from '../../../src/core/report/readStagingRun.ts';
import { grownRun, sampleRun } from './sampleRun.ts';

describe('the staging report', () => {
  describe('headline', () => {
    it('names what users felt, the worst first', () => {
      assert.equal(
        stagingHeadline(sampleRun),
        'Reads of and writes to orders blocked about 1.1 s; writes to customers blocked about 0.1 s (whole run 1.4 s)',
      );
    });
    it('says so when nobody noticed', () => {
      const quiet: StagingRun = {
        ...sampleRun,
        stalls: [{ table: 'public.orders', operation: 'write', start: 0, milliseconds: 30, statement: 0 }],
      };
      assert.equal(stagingHeadline(quiet), 'Nobody waited longer than 0.05 s (whole run 1.4 s)');
    });
    it('does not say blocked where no lock explains it', () => {
      const slow: StagingRun = {
        ...sampleRun,
        stalls: [{ table: 'public.customers', operation: 'read', start: 0, milliseconds: 90, statement: 0 }],
      };
      assert.equal(stagingHeadline(slow), 'Reads of customers slowed down by up to 0.09 s (whole run 1.4 s)');
    });
    it('does not claim that nobody waited where nothing was probed', () => {
      const unprobed = { ...sampleRun, probes: [], stalls: [] };
      assert.equal(stagingHeadline(unprobed), 'Ran in 1.4 s; what others would feel was not measured');
      assert.equal(stagingHeadline({ ...unprobed, tables: [] }), 'Ran in 1.4 s; it touches no table that holds rows');
    });
    it('says where a migration failed', () => {
      const failed = failedRun('column "channel" contains null values');
      assert.equal(
        stagingHeadline(failed),
        'Failed at statement 5, after 4 statements: column "channel" contains null values',
      );
    });
  });

  describe('for production', () => {
    it('says how long people would wait there, and what else takes long', () => {
      assert.equal(
        stagingHeadline(grownRun),
        'Reads of and writes to orders blocked 46 to 83 seconds in production, 1.1 s here; writes to customers blocked 5.9 to 10 seconds in production, 0.1 s here (in production 44 to 80 seconds in all, 1.4 s here)',
      );
    });
    it('names long work that blocks nobody', () => {
      const estimates = grownRun.growth!.estimates.map((one) =>
        one.statement === 3
          ? { ...one, estimate: { class: 'minutes' as const, middle: 1.5e6, low: 1.2e6, high: 1.8e6, basis: '' } }
          : one,
      );
      const run: StagingRun = { ...grownRun, stalls: [], growth: { ...grownRun.growth!, estimates } };
      assert.match(
        stagingHeadline(run),
        /^Nobody waited longer than 0\.05 s; CREATE INDEX in line 11 takes 20 to 30 minutes \(/,
      );
    });
    it('gives the class where there is no number, and nothing where there is no class', () => {
      const without = (estimate: { class: 'minutes' | null; reason: string }): StagingRun => ({
        ...grownRun,
        growth: {
          ...grownRun.growth!,
          total: { class: null, reason: 'noise' },
          estimates: grownRun.growth!.estimates.map((one) => ({ ...one, estimate })),
        },
      });
      assert.match(
        stagingHeadline(without({ class: 'minutes', reason: 'far' })),
        /orders blocked for minutes in production, 1\.1 s here;/,
      );
      assert.match(
        stagingHeadline(without({ class: null, reason: 'noise' })),
        /orders blocked about 1\.1 s; .*\(whole run 1\.4 s here\)$/,
      );
    });
    it('has every estimate with its basis in text, HTML and Markdown', () => {
      for (const text of [
        stagingText(grownRun, { colours: false }),
        stagingHtml(grownRun),
        stagingMarkdown(grownRun),
      ]) {
        assert.match(text, /33 to 60 seconds/);
        assert.match(text, /44 to 80 seconds/);
      }
      assert.match(stagingHtml(grownRun), /took 1\.20 times what was estimated/);
    });
  });

  describe('compared with the run before', () => {
    const faster: StagingRun = {
      ...sampleRun,
      at: '2026-03-02T12:00:00.000Z',
      statements: sampleRun.statements
        .slice(0, 3)
        .map((one) => (one.index === 0 ? { ...one, milliseconds: 3, rewritten: [], indexesBuilt: [] } : one)),
      stalls: [],
    };
    it('says what changed and leaves the rest out', () => {
      const comparison = compareRuns(sampleRun, faster);
      assert.deepEqual(
        comparison.statements.map(({ change, index, differences }) => [change, index, differences]),
        [
          [
            'changed',
            0,
            [
              'orders no longer rewritten',
              'orders_pkey no longer index built',
              'orders_customer_id_idx no longer index built',
            ],
          ],
          ['removed', 3, []],
        ],
      );
      assert.deepEqual(comparison.stalls[0], { what: 'writes to orders', before: 1098, after: 0 });
      const text = comparisonText(comparison);
      assert.match(text, /changed 1: 3 ms, was 0\.81 s \(271 times faster\); orders no longer rewritten/);
      assert.match(text, /writes to orders: nobody waited, was waited 1\.1 s/);
    });
    it('takes small differences of time for noise', () => {
      const again = {
        ...sampleRun,
        statements: sampleRun.statements.map((one) => ({ ...one, milliseconds: one.milliseconds * 1.2 })),
      };
      const comparison = compareRuns(sampleRun, again);
      assert.ok(isUnchanged(comparison), JSON.stringify(comparison));
      assert.match(comparisonText(comparison), /no difference beyond noise/);
    });
    it('does not take a lock that polling missed for one that is gone', () => {
      const missed = {
        ...sampleRun,
        statements: sampleRun.statements.map((one) => (one.locksSeenBy === 'polled' ? { ...one, locks: [] } : one)),
      };
      assert.ok(isUnchanged(compareRuns(sampleRun, missed)));
    });
    it('warns where rows, server or settings are others', () => {
      const other: StagingRun = {
        ...sampleRun,
        settings: { ...sampleRun.settings, lock_timeout: '0' },
        tables: sampleRun.tables.map((one) => ({ ...one, rows: one.rows * 2 })),
        server: { ...sampleRun.server, version: '18.4' },
      };
      assert.deepEqual(compareRuns(sampleRun, other).conditions, [
        'server: 18.4, was 16.4 (Debian 16.4-1.pgdg120+1)',
        'rows in customers: 20,000, was 10,000',
        'rows in orders: 200,000, was 100,000',
        'rows in order_flags: 4, was 2',
        'lock_timeout: 0, was 2s',
      ]);
    });
    it('is a part of HTML and Markdown, hostile text escaped', () => {
      const hostile = {
        ...faster,
        statements: [...faster.statements, { ...sampleRun.statements[0]!, index: 9, text: '<img src=x> | `x`' }],
      };
      const comparison = compareRuns(sampleRun, hostile);
      const page = stagingHtml(hostile, comparison);
      assert.match(page, /Compared with the run of 2026-03-01 12:00 UTC/);
      assert.doesNotMatch(page, /<img/);
      assert.doesNotMatch(stagingMarkdown(hostile, comparison), /<img|\| `/);
    });
    it('finds earlier runs in evidence, those of another form left out', () => {
      const evidence = stagingEvidence(sampleRun, { saw: [] });
      const old = { ...evidence, details: { version: 1 } };
      assert.equal(stagingRunOf(old), null);
      assert.equal(stagingRunOf({ ...evidence, details: null }), null);
      const later = stagingEvidence(faster, { saw: [] });
      assert.deepEqual(
        stagingRuns([{ record: later }, { record: old }, { record: evidence }], sampleRun).map(({ at }) => at),
        [sampleRun.at, faster.at],
      );
    });
  });

  describe('figures', () => {
    it('have as many digits as they are worth', () => {
      assert.deepEqual([0.2, 3.4, 812, 1414, 59_999, 125_000, 7_300_000].map(duration), [
        'under 1 ms',
        '3 ms',
        '0.81 s',
        '1.4 s',
        '1 min 0 s',
        '2 min 5 s',
        '2 h 1 min',
      ]);
      assert.deepEqual([51, 97, 1098, 43_210, 600_000].map(roughly), ['0.05 s', '0.1 s', '1.1 s', '43 s', '10 min']);
      assert.deepEqual([12, 2_300_000, 751_000_000].map(bytes), ['12 B', '2.3 MB', '751 MB']);
    });
    it('give the axis round numbers', () => {
      assert.deepEqual(ticks(1414).slice(0, 3), [0, 200, 400]);
      assert.ok(ticks(123_456).length <= 10);
    });
  });

  it('draws a lock to the end of its transaction, and no weaker one over it', () => {
    const lane = timelineLanes(sampleRun).find(({ label }) => label === 'orders');
    assert.deepEqual(
      lane?.bars.map(({ text, milliseconds }) => [text, Math.round(milliseconds)]),
      [['ACCESS EXCLUSIVE', 1099]],
    );
  });

  describe('as HTML', () => {
    it('puts the headline first and every figure of the picture into a table', () => {
      const page = stagingHtml(sampleRun);
      const text = page.replace(/<style>.*<\/style>/s, '').replaceAll(/<[^>]+>/g, ' ');
      assert.ok(text.indexOf('blocked about 1.1 s') < text.indexOf('What other sessions felt'));
      for (const figure of ['0.81 s', '0.14 s', '96 ms', '0.31 s', '23 MB', 'ACCESS EXCLUSIVE', 'allows only 2']) {
        assert.ok(text.includes(figure), figure);
      }
    });
    it('needs nothing from outside and holds nothing that a strict CSP refuses', () => {
      const body = stagingReportBody(sampleRun, { goTo: true });
      assert.doesNotMatch(body, /\sstyle=|<script|\son\w+=|javascript:|src=|url\(/i);
      assert.deepEqual(
        [...stagingHtml(sampleRun).matchAll(/https?:\/\/[^"' )]+/g)].map(([address]) => address),
        ['http://www.w3.org/2000/svg'],
      );
      assert.match(body, /<button type="button" class="lk-goto" data-line="2" data-statement="0">/);
    });
    it('shows hostile names and messages as text', () => {
      const hostile = hostileRun();
      const harmless = stagingHtml(sampleRun);
      const page = stagingHtml(hostile);
      assert.doesNotMatch(page, /<img|<script|<\/style>(?!\s*<\/head>)/i);
      assert.ok(page.includes('&lt;img src=x onerror=alert(1)&gt;'));
      // No tag or attribute more than the harmless one has, but for what the data asks for.
      const tags = (html: string): string[] =>
        [...new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag!))].sort();
      assert.deepEqual(tags(page), tags(harmless));
    });
  });

  it('as Markdown, shows hostile names and messages as text and keeps its tables whole', () => {
    const text = stagingMarkdown(hostileRun());
    assert.doesNotMatch(text, /<img|<script|@everyone|\]\(/);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.ok(rows.length > 5);
    for (const row of rows)
      assert.equal(row.split('|').length - 2, rows[rows.indexOf(row) < 6 ? 0 : 6]!.split('|').length - 2, row);
  });

  it('as JSON, is the run and its headline', () => {
    const read = JSON.parse(stagingJson(sampleRun)) as StagingRun & { headline: string };
    assert.equal(read.headline, stagingHeadline(sampleRun));
    assert.deepEqual(read.statements, sampleRun.statements);
  });

  describe('as evidence', () => {
    it('has passed only if the server did what was predicted', () => {
      assert.equal(stagingEvidence({ ...sampleRun, differences: [] }, { saw: [] }).outcome, 'passed');
      const differing = stagingEvidence(sampleRun, { saw: ['abc'] });
      assert.equal(differing.outcome, 'failed');
      assert.match(differing.summary, /did not do what was predicted$/);
      assert.deepEqual(differing.saw, ['abc']);
    });
    it('has failed if the migration failed', () => {
      assert.equal(stagingEvidence({ ...failedRun('no'), differences: [] }, { saw: [] }).outcome, 'failed');
    });
    it('has failed if the server is not of production’s major, the way back differs, or a budget is exceeded', () => {
      const good: StagingRun = { ...sampleRun, differences: [] };
      assert.equal(stagingEvidence(good, { saw: [] }).outcome, 'passed');
      const other = stagingEvidence(
        { ...good, notComparable: 'measured on PostgreSQL 18, production is PostgreSQL 16' },
        { saw: [] },
      );
      assert.equal(other.outcome, 'failed');
      assert.match(other.summary, /^Not comparable: measured on PostgreSQL 18, production is PostgreSQL 16; Reads/);
      const back = { ...good, rollback: { ...good.rollback!, differences: sampleRun.differences } };
      assert.equal(stagingEvidence(back, { saw: [] }).outcome, 'failed');
      const over = stagingEvidence(good, { saw: [], budget: { stall: 500, duration: 1000 } });
      assert.equal(over.outcome, 'failed');
      assert.match(
        over.summary,
        /^Over budget: writes to orders waited 1\.1 s, at most 0\.50 s is allowed, it took 1\.4 s, at most 1\.0 s is allowed; Reads/,
      );
      assert.equal(stagingEvidence(good, { saw: [], budget: { stall: 5000, duration: 5000 } }).outcome, 'passed');
    });
    it('stays small enough to be read again, however many statements there are', () => {
      const statements = Array.from({ length: 9000 }, (_, index) => ({
        ...sampleRun.statements[index % 4]!,
        index,
        milliseconds: index === 7 ? 500 : 2,
        rewritten: [],
        text: `ALTER TABLE t${String(index)} ADD COLUMN ${'x'.repeat(200)} int`,
      }));
      const evidence = stagingEvidence({ ...grownRun, statements }, { saw: [] });
      const run = stagingRunOf(evidence)!;
      assert.ok(canonicalJson(evidence as unknown as JsonValue).length < 8_000_000);
      assert.equal(run.statements.length, 9000);
      assert.equal(run.statements[7]!.text.length, statements[7]!.text.length);
    });
    it('can be written canonically', () => {
      assert.ok(
        canonicalJson(stagingEvidence(sampleRun, { saw: [] }) as unknown as JsonValue).includes('"staging run"'),
      );
    });
  });
});

function failedRun(message: string): StagingRun {
  return { ...sampleRun, outcome: 'failed', failure: { statement: 4, message, sqlState: '23502' } };
}

const HOSTILE =
  '"><img src=x onerror=alert(1)></title></style><script>alert(1)</script>| `x` [a](javascript:b) @everyone\n# h';

/** Every string that can come from a repository or a database, made hostile. */
function hostileRun(): StagingRun {
  return {
    ...sampleRun,
    history: HOSTILE,
    migration: HOSTILE,
    path: HOSTILE,
    server: { ...sampleRun.server, place: 'scratch database', environment: HOSTILE, version: HOSTILE },
    settings: { TimeZone: HOSTILE },
    tables: sampleRun.tables.map((one) => ({ ...one, table: HOSTILE, shortfall: HOSTILE })),
    statements: sampleRun.statements.map((one) => ({
      ...one,
      text: HOSTILE,
      kind: HOSTILE,
      locks: one.locks.map((lock) => ({ ...lock, relation: HOSTILE })),
      rewritten: [HOSTILE],
      indexesBuilt: [HOSTILE],
    })),
    probes: sampleRun.probes.map((one) => ({ ...one, table: HOSTILE })),
    stalls: sampleRun.stalls.map((one) => ({ ...one, table: HOSTILE })),
    differences: sampleRun.differences.map((one) => ({
      ...one,
      relation: HOSTILE,
      predicted: HOSTILE,
      observed: HOSTILE,
    })),
    failure: { statement: 4, message: HOSTILE, sqlState: null },
    outcome: 'failed',
    notes: [HOSTILE],
  };
}
