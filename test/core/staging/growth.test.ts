import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { calibrate } from '../../../src/core/staging/calibration.ts';
import { estimateAt, isEstimate, sumOf, WIDEST, type Estimate } from '../../../src/core/staging/estimate.ts';
import { fitGrowth, fittedTime, growthUnits, median, type SizedTimes } from '../../../src/core/staging/growthFit.ts';
import { growthOf, repeatsOf, type SizeRuns } from '../../../src/core/staging/growth.ts';
import type { MeasuredStatement, StagingRun } from '../../../src/core/report/stagingRun.ts';
import { analyzeFiles } from '../../support/lint.ts';
import { sampleRun } from '../report/sampleRun.ts';
import { chooseFractions } from '../../../src/core/staging/sizes.ts';

const models = fc.constantFrom('linear' as const, 'n log n' as const);
/** A table in production, measured at 5, 10 and 20 %. */
const target = fc.integer({ min: 200_000, max: 2_000_000_000 });
const SHARES = [0.05, 0.1, 0.2];

describe('growth of a time with the size of a table', () => {
  describe('fit', () => {
    it('finds the curve that exact times lie on', () => {
      fc.assert(
        fc.property(
          models,
          target,
          fc.double({ min: 0, max: 500, noNaN: true }),
          fc.double({ min: 0.001, max: 0.5, noNaN: true }),
          (model, rows, fixed, perRow) => {
            const each = (perRow * rows) / growthUnits(rows, model);
            const time = (n: number): number => fixed + each * growthUnits(n, model);
            const points = SHARES.map((share) => ({ rows: rows * share, milliseconds: [time(rows * share)] }));
            const fit = fitGrowth(points, model)!;
            assert.ok(fit.residual < 1e-6, JSON.stringify(fit));
            assert.ok(Math.abs(fittedTime(fit, rows) / time(rows) - 1) < 1e-5);
            assert.equal(fit.spread, 0);
          },
        ),
      );
    });
    it('never goes below zero, whatever was measured', () => {
      const point = fc.record({
        rows: fc.integer({ min: 1, max: 1e9 }),
        milliseconds: fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 5 }),
      });
      fc.assert(
        fc.property(models, fc.array(point, { minLength: 2, maxLength: 6 }), (model, points) => {
          const fit = fitGrowth(points, model);
          if (fit === null) {
            assert.equal(new Set(points.map(({ rows }) => growthUnits(rows, model))).size, 1);
            return;
          }
          assert.ok(fit.fixed >= 0 && fit.each >= 0 && fit.residual >= 0 && fit.spread >= 0, JSON.stringify(fit));
          assert.ok(Number.isFinite(fittedTime(fit, 1e9)));
          assert.ok(fittedTime(fit, 2e9) >= fittedTime(fit, 1e9));
        }),
      );
    });
    it('is the same in another unit of time and another order', () => {
      const points = [0.9, 2.1, 3.9].map((time, index) => ({ rows: 2 ** index * 1000, milliseconds: [time * 100] }));
      const seconds = points.map(({ rows, milliseconds }) => ({
        rows,
        milliseconds: milliseconds.map((ms) => ms / 1000),
      }));
      const [a, b, c] = [points, seconds, points.toReversed()].map((one) => fitGrowth(one, 'linear')!);
      assert.ok(Math.abs(a!.each / b!.each / 1000 - 1) < 1e-9);
      assert.ok(Math.abs(a!.residual - b!.residual) < 1e-9 && Math.abs(a!.each - c!.each) < 1e-12);
    });
    it('takes the quickest of repeats: noise only adds', () => {
      const quiet = SHARES.map((share) => ({ rows: share * 1e6, milliseconds: [share * 5000] }));
      const noisy = quiet.map(({ rows, milliseconds: [time] }) => ({
        rows,
        milliseconds: [time! * 1.4, time!, time! * 1.1],
      }));
      assert.equal(fitGrowth(noisy, 'linear')!.each, fitGrowth(quiet, 'linear')!.each);
      assert.ok(Math.abs(fitGrowth(noisy, 'linear')!.spread - 0.1) < 1e-9);
    });
    it('follows a cost of a row that rises, and takes a part of the rise to go on', () => {
      // VALIDATE of a foreign key whose hash table outgrows the processor's caches: 2,348 ms at a million rows.
      const points = SHARES.map((share, index) => ({ rows: share * 1e6, milliseconds: [[40, 99, 359][index]!] }));
      const fit = fitGrowth(points, 'linear')!;
      assert.ok(fit.fixed === 0 && fit.steepness > 0.4 && fit.residual < 0.2, JSON.stringify(fit));
      const far = fittedTime(fit, 1e6);
      assert.ok(far > 5 * 359 && far < 5 ** (1 + fit.steepness) * 359, String(far));
      assert.ok(Math.abs(far / 2348 - 1) < 0.1, String(far));
    });
    it('refuses one size, and times that are none', () => {
      assert.equal(fitGrowth([{ rows: 5, milliseconds: [1, 2] }], 'linear'), null);
      assert.equal(
        fitGrowth(
          [
            { rows: 5, milliseconds: [0] },
            { rows: 9, milliseconds: [] },
          ],
          'linear',
        ),
        null,
      );
    });
  });

  describe('estimate', () => {
    it('holds the truth, and is never wider than a factor of two, where each time is off by up to 8 %', () => {
      const noise = fc.array(fc.double({ min: 0, max: 0.08, noNaN: true }), { minLength: 3, maxLength: 3 });
      fc.assert(
        fc.property(target, fc.boolean(), noise, (rows, sorts, off) => {
          const model = sorts ? 'n log n' : 'linear';
          const each = 5000 / growthUnits(rows * 0.05, model);
          const points = SHARES.map((share, index) => ({
            rows: rows * share,
            milliseconds: [each * growthUnits(rows * share, model) * (1 + off[index]!)],
          }));
          const estimate = estimateAt({ points, target: rows, sorts });
          assert.ok(isEstimate(estimate), JSON.stringify(estimate));
          const truth = each * growthUnits(rows, model);
          assert.ok(estimate.low <= truth && truth <= estimate.high, JSON.stringify({ estimate, truth }));
          assert.ok(estimate.high <= WIDEST * estimate.low * 1.001);
        }),
      );
    });
    it('is never wider than a factor of two, whatever was measured', () => {
      const times = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(fc.tuple(times, times, times), fc.boolean(), target, (all, sorts, rows) => {
          const points = all.map((milliseconds, index) => ({ rows: rows * SHARES[index]!, milliseconds }));
          const estimate = estimateAt({ points, target: rows, sorts });
          if (!isEstimate(estimate)) {
            assert.notEqual(estimate.reason, '');
            return;
          }
          assert.ok(estimate.low > 0 && estimate.low <= estimate.middle && estimate.middle <= estimate.high);
          assert.ok(estimate.high <= WIDEST * estimate.low * 1.001);
        }),
      );
    });
    it('gives no number where the times do not grow evenly, and says why', () => {
      const bad = estimateAt({ points: at([1000, 900, 4000]), target: 1e6, sorts: false });
      assert.ok(!isEstimate(bad));
      assert.match(bad.reason, /^the times do not grow evenly \(one is \d+ % off the curve\)$/);
    });
    it('gives no number where repeats disagree, production is too far off, or sizes are missing', () => {
      const points = at([500, 1000, 2000]);
      const repeated = points.map(({ rows, milliseconds: [time] }) => ({ rows, milliseconds: [time!, time! * 2.5] }));
      const reasons = [
        estimateAt({ points: repeated, target: 1e6, sorts: false }),
        estimateAt({ points, target: 1e8, sorts: false }),
        estimateAt({ points: points.slice(1), target: 1e6, sorts: false }),
        estimateAt({ points: points.slice(2), target: 1e6, sorts: false }),
      ];
      assert.deepEqual(
        reasons.map((one) => [one.class, isEstimate(one) ? '' : one.reason]),
        [
          ['seconds', 'repeats of the same work lie too far apart (75 %)'],
          ['minutes', 'production is 500 times the largest size that was measured'],
          [null, 'measured at 2 sizes only'],
          [null, 'measured at one size only'],
        ],
      );
    });
    it('calls instant what is too short to be fitted, unless production is far larger', () => {
      assert.deepEqual(estimateAt({ points: at([2, 1, 3]), target: 1e6, sorts: false }), {
        class: 'instant',
        reason: 'under 3 ms at every size: too short for a number',
      });
      assert.equal(estimateAt({ points: at([2, 4, 8]), target: 1e9, sorts: false }).class, null);
    });
    it('names its basis, and the calibration in it', () => {
      const estimate = estimateAt({ points: at([500, 1000, 2000]), target: 1e6, sorts: true, factor: 1.5 }) as Estimate;
      assert.equal(
        estimate.basis,
        "measured at 5, 10 and 20 % of the rows, grows as a sort does; times 1.50 by the team's own history",
      );
      const plain = estimateAt({ points: at([500, 1000, 2000]), target: 1e6, sorts: true }) as Estimate;
      assert.ok(Math.abs(estimate.middle / plain.middle - 1.5) < 1e-9);
      assert.equal(estimate.class, 'seconds');
    });
    it('is higher beyond the largest size where rows are reached in no order', () => {
      const points = at([500, 1000, 2000]);
      const middle = (rows: number, scattered: boolean): number =>
        (estimateAt({ points, target: rows, sorts: false, scattered }) as Estimate).middle;
      assert.ok(Math.abs(middle(1e6, true) / middle(1e6, false) - 5 ** 0.17) < 1e-9);
      assert.equal(middle(2e5, true), middle(2e5, false));
    });
    it('of several steps is their sum, or none where one has none', () => {
      const one: Estimate = { class: 'seconds', middle: 3000, low: 2000, high: 4000, basis: 'a' };
      const instant = { class: 'instant', reason: 'short' } as const;
      assert.deepEqual(sumOf([one, instant, { ...one, middle: 50_000, low: 40_000, high: 60_000 }], 'b'), {
        class: 'minutes',
        middle: 53_000,
        low: 42_000,
        high: 64_000,
        basis: 'b',
      });
      assert.deepEqual(sumOf([one, { class: null, reason: 'noise' }], 'b'), {
        class: null,
        reason: 'a statement has no estimate: noise',
      });
      assert.equal(sumOf([instant], 'b').class, 'instant');
    });
  });

  describe('of a migration', () => {
    const migration = analyzeFiles([
      { path: '1.sql', text: 'CREATE TABLE orders (id int, note text); CREATE TABLE logs (id int);' },
      {
        path: '2.sql',
        text: `ALTER TABLE orders ADD COLUMN a int;
ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0);
CREATE INDEX orders_note ON orders (note);
ALTER TABLE logs ALTER COLUMN id TYPE bigint;`,
        mode: 'explicit',
      },
    ]).migrations[1]!;
    /** `orders` has 10 million rows in production, of `logs` nothing is known. */
    const production = (table: string): number | null => (table === 'public.orders' ? 10_000_000 : null);
    const run = (fraction: number, change: Partial<MeasuredStatement> = {}): StagingRun => {
      const rows = fraction * 10_000_000;
      const times = [4, rows / 1000, rows / 500, rows / 400];
      return {
        ...sampleRun,
        tables: ['public.orders', 'public.logs'].map((table) => ({
          ...sampleRun.tables[0]!,
          table,
          role: 'touched',
          rows,
        })),
        statements: times.map((milliseconds, index) => ({
          ...sampleRun.statements[0]!,
          index,
          milliseconds,
          processorWait: null,
          ...change,
        })),
        transactions: [{ ...sampleRun.transactions[0]!, commitMilliseconds: 5, statements: [0, 1, 2, 3] }],
      };
    };
    const sizes = (change: Partial<MeasuredStatement> = {}): SizeRuns[] =>
      SHARES.map((fraction) => ({ fraction, runs: [run(fraction, change), run(fraction, change)] }));

    it('estimates each statement by the rows of the tables that it works on, and their sum', () => {
      const growth = growthOf({ migration, sizes: sizes(), production, calibration: null });
      const middles = growth.estimates.map(({ statement, estimate }) => [
        statement,
        isEstimate(estimate) ? Math.round(estimate.middle / 1000) : estimate.reason,
      ]);
      assert.deepEqual(middles, [
        [0, 'changes the catalog only, whatever the size'],
        [1, 10],
        [2, 22],
        // As large in production as `orders` is to its share.
        [3, 25],
        [null, 'under 5 ms at every size: too short for a number'],
      ]);
      assert.ok(
        isEstimate(growth.total) && Math.abs(growth.total.middle - 57_000) < 1000,
        JSON.stringify(growth.total),
      );
      assert.deepEqual(
        growth.sizes.map(({ fraction, rows, milliseconds }) => [fraction, rows, milliseconds.length]),
        SHARES.map((fraction) => [fraction, fraction * 20_000_000, 2]),
      );
    });
    it('allows for caches where a constraint looks rows up in another table, and only there', () => {
      const keyed = analyzeFiles([
        { path: '1.sql', text: 'CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int, user_id int);' },
        {
          path: '2.sql',
          text: `ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT c;
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT f;`,
          mode: 'explicit',
        },
      ]).migrations[1]!;
      const { estimates } = growthOf({ migration: keyed, sizes: sizes(), production, calibration: null });
      const middle = (index: number): number => (estimates[index]!.estimate as Estimate).middle;
      assert.ok(Math.abs(middle(1) - 10_000) < 1, JSON.stringify(estimates[1]));
      assert.ok(Math.abs(middle(3) - 25_000 * 5 ** 0.17) < 1, JSON.stringify(estimates[3]));
    });
    it('leaves out what other programs took, and scales by the team’s history', () => {
      const waited = sizes().map(({ fraction, runs }) => ({
        fraction,
        runs: runs.map((one) => ({
          ...one,
          statements: one.statements.map((each) => ({
            ...each,
            milliseconds: each.milliseconds + 9000,
            processorWait: 9000,
          })),
        })),
      }));
      const calibration = { environment: 'production', factor: 2, migrations: 3 };
      const growth = growthOf({ migration, sizes: waited, production, calibration });
      const check = growth.estimates[1]!.estimate;
      assert.ok(isEstimate(check) && Math.abs(check.middle - 20_000) < 1, JSON.stringify(check));
      assert.equal(growth.calibration, calibration);
    });
    it('gives minimum, median and maximum of repeats', () => {
      assert.equal(repeatsOf([run(0.05)], 1), null);
      assert.deepEqual(repeatsOf([run(0.1), run(0.05), run(0.2)], 1), { count: 3, min: 500, median: 1000, max: 2000 });
    });
  });

  describe('calibration', () => {
    const pair = (took: number, estimated = 10_000) => ({ migration: 'm', estimated, took });
    it('is the median of what production took over what was estimated', () => {
      assert.deepEqual(calibrate([pair(15_000), pair(12_000), pair(20_000)]), { factor: 1.5, migrations: 3 });
    });
    it('needs three migrations of more than a second', () => {
      assert.equal(calibrate([pair(15_000), pair(12_000), pair(900, 500)]), null);
    });
    it('is none where they disagree', () => {
      assert.equal(calibrate([pair(2_000), pair(2_100), pair(20_000), pair(21_000)]), null);
    });
  });

  describe('sizes', () => {
    it('are 5, 10 and 20 % where the budget allows, else as much as it does', () => {
      const pilot = { rows: 25_000, milliseconds: 500 };
      assert.deepEqual(chooseFractions({ rows: 1_000_000, pilot, budget: 120_000 }), [0.05, 0.1, 0.2]);
      const [a, b, c] = chooseFractions({ rows: 1e9, pilot, budget: 120_000 });
      assert.ok(c! < 0.01 && Math.abs(c! / b! - 2) < 1e-9 && Math.abs(b! / a! - 2) < 1e-9);
    });
    it('keep to the budget, but never go below what the pilot had', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 200_001, max: 1e10 }),
          fc.integer({ min: 1, max: 60_000 }),
          fc.integer({ min: 1000, max: 600_000 }),
          (rows, milliseconds, budget) => {
            const pilot = { rows: Math.min(25_000, rows / 20), milliseconds };
            const fractions = chooseFractions({ rows, pilot, budget });
            assert.ok(fractions.every((one) => one > 0 && one <= 0.2 + 1e-9));
            assert.ok(fractions[0]! * rows >= pilot.rows * 0.999);
            const cost = ((rows * milliseconds) / pilot.rows) * fractions.reduce((a, b) => a + b, 0);
            assert.ok(cost <= budget || fractions[0]! * rows <= pilot.rows * 1.001);
          },
        ),
      );
    });
  });

  it('knows the middle of a list', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });
});

function at(times: readonly number[]): SizedTimes[] {
  return times.map((time, index) => ({ rows: SHARES[index]! * 1e6, milliseconds: [time] }));
}
