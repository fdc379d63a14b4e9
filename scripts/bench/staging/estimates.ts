import { mkdirSync, writeFileSync } from 'node:fs';
import { stagingJson } from '../../../src/core/report/stagingJson.ts';
import type { StagingRun } from '../../../src/core/report/stagingRun.ts';
import { isEstimate } from '../../../src/core/staging/estimate.ts';
import { profileMigration, type ProfileRequest } from '../../../src/node/profile.ts';
import { parser } from '../../../test/support/parser.ts';
import { serverCache } from '../../../test/support/server.ts';
import { quantile, type Figure } from '../measure.ts';
import { benchProgress } from '../progress.ts';
import { benchHistory } from './history.ts';
import { ROWS, SCALE, SCHEMA, STATEMENTS } from './statements.ts';

const FRACTIONS = [0.05, 0.1, 0.2];

/**
 * Profiles the statements at 5, 10 and 20 % of 5 million rows as a user would, then at 100 %, and holds the estimates
 * against what that took. Prints EXECUTION.md's table on the way.
 */
export async function estimates(): Promise<readonly Figure[]> {
  const text = STATEMENTS.map(({ sql }) => `${sql};`).join('\n');
  const history = benchHistory(SCHEMA, text);
  const progress = benchProgress();
  const request: ProfileRequest = {
    history,
    migration: '2.sql',
    parser,
    target: { kind: 'embedded', options: { major: 18, cacheDirectory: serverCache } },
    tableRows: ROWS,
    rollback: false,
    lockQueue: false,
    onProgress: ({ message, statement }) => {
      if (statement === undefined) progress.show(message);
      else progress.show('Measuring', STATEMENTS[statement]?.name);
    },
  };
  const estimated = await profileMigration({ ...request, sizes: FRACTIONS });
  keep('estimated', estimated);
  const whole = await profileMigration({ ...request, sizes: [1], repeats: 1 });
  keep('whole', whole);
  progress.clear();
  for (const run of [estimated, whole]) {
    if (run.failure !== null) throw new Error(`statement ${String(run.failure.statement)}: ${run.failure.message}`);
  }
  printTable(whole);
  return [...compare(estimated, whole), agreement(estimated, whole)];
}

/** Every figure, for whoever wants to look closer: `out/bench-staging-*.json`. */
function keep(name: string, run: StagingRun): void {
  mkdirSync('out', { recursive: true });
  writeFileSync(`out/bench-staging-${name}.json`, stagingJson(run));
}

function printTable(run: StagingRun): void {
  const out = (text: string): void => void process.stdout.write(`${text}\n`);
  const filled = run.tables.map(
    ({ table, rows, bytes }) => `${table} ${String(rows)} rows, ${String(Math.round(bytes / 1e6))} MB`,
  );
  out(`\nPostgreSQL ${run.server.version}; ${filled.join('; ')}`);
  out(
    `${'statement'.padEnd(42)} ${'ms'.padStart(7)} ${'SELECT'.padStart(7)} ${'writes'.padStart(7)} ${'WAL MB'.padStart(7)}  locks`,
  );
  for (const [index, { name }] of STATEMENTS.entries()) {
    const one = run.statements[index];
    if (one === undefined) continue;
    const worst = (operation: 'read' | 'write'): string => {
      const stalls = run.stalls.filter((stall) => stall.statement === index && stall.operation === operation);
      return stalls.length === 0
        ? '-'
        : String(Math.round(Math.max(...stalls.map(({ milliseconds }) => milliseconds))));
    };
    const locks = one.locks
      .filter(({ newRelation }) => !newRelation)
      .map(({ lock, relation }) => `${lock} ${relation}`);
    out(
      `${name.padEnd(42)} ${String(Math.round(one.milliseconds)).padStart(7)} ${worst('read').padStart(7)} ${worst('write').padStart(7)} ${String(Math.round(one.walBytes / 1e6)).padStart(7)}  ${locks.join(', ')}`,
    );
  }
}

/** Statements of more than a second at full size. */
function compare(estimated: StagingRun, whole: StagingRun): Figure[] {
  const errors: number[] = [];
  let [held, long, without, widest] = [0, 0, 0, 1];
  process.stdout.write(
    `\n${'estimated from 5, 10, 20 %'.padEnd(42)} ${'low'.padStart(7)} ${'middle'.padStart(7)} ${'high'.padStart(7)} ${'took'.padStart(7)}  error\n`,
  );
  for (const [index, { name }] of STATEMENTS.entries()) {
    const full = whole.statements[index];
    // What other programs on a busy machine took is no part of the statement's own time.
    const took = (full?.milliseconds ?? 0) - (full?.processorWait ?? 0);
    const estimate = estimated.growth?.estimates.find(({ statement }) => statement === index)?.estimate;
    if (took < 1000 * SCALE || estimate === undefined) continue;
    long += 1;
    if (!isEstimate(estimate)) {
      without += 1;
      process.stdout.write(
        `${name.padEnd(42)} ${'no number'.padStart(23)} ${String(Math.round(took)).padStart(7)}  ${estimate.reason}\n`,
      );
      continue;
    }
    const { low, middle, high } = estimate;
    const error = Math.abs(middle - took) / took;
    errors.push(error);
    if (took >= low && took <= high) held += 1;
    widest = Math.max(widest, high / low);
    const figures = [low, middle, high, took].map((value) => String(Math.round(value)).padStart(7)).join(' ');
    process.stdout.write(
      `${name.padEnd(42)} ${figures}  ${((100 * (middle - took)) / took).toFixed(0).padStart(4)} %${took >= low && took <= high ? '' : '  outside'}\n`,
    );
    if (process.env['LOCKKEEPER_BENCH_POINTS'])
      process.stdout.write(`    ${JSON.stringify(sizesOf(estimated, index))}\n`);
  }
  const median = quantile(errors, 0.5);
  const share = errors.length === 0 ? 0 : held / errors.length;
  return [
    {
      what: 'kinds of statement over 1 s',
      measured: `${String(long)}, ${String(without)} of them without a number`,
      goal: 'at least 12',
      reached: errors.length >= 12,
    },
    {
      what: 'median error of the estimate',
      measured: `${(100 * median).toFixed(0)} %`,
      goal: 'under 25 %',
      reached: median < 0.25,
    },
    {
      what: 'range holds what it took',
      measured: `${String(held)} of ${String(errors.length)}`,
      goal: 'at least 90 %',
      reached: share >= 0.9,
    },
    {
      what: 'widest range',
      measured: `a factor of ${widest.toFixed(2)}`,
      goal: 'at most 2',
      reached: widest <= 2.0001,
    },
  ];
}

function sizesOf(run: StagingRun, statement: number): unknown {
  return run.growth?.estimates.find((one) => one.statement === statement)?.points ?? null;
}

function agreement(...runs: readonly StagingRun[]): Figure {
  const differences = runs.flatMap((run) => run.differences);
  for (const one of differences) {
    process.stdout.write(
      `statement ${String(one.statement + 1)}, ${one.relation}: predicted ${one.predicted}, observed ${one.observed}\n`,
    );
  }
  return {
    what: 'locks and rewrites observed as predicted',
    measured: differences.length === 0 ? 'all' : `${String(differences.length)} differ`,
    goal: 'all',
    reached: differences.length === 0,
  };
}
