import { performance } from 'node:perf_hooks';
import type { StagingRun } from '../../core/report/stagingRun.ts';
import type { SizeRuns } from '../../core/staging/growth.ts';
import { chooseFractions, DEFAULT_REPEATS, PILOT_ROWS } from '../../core/staging/sizes.ts';
import { asTemplate, withSibling } from './clones.ts';
import { prepareFirst, runSeries, type Profile, type Sizing } from './series.ts';
import type { ScratchServer } from './servers/stagingServer.ts';

export interface GrowthPlan {
  /** Shares of production's rows, ascending; null: chosen so that the budget is kept. */
  readonly fractions: readonly number[] | null;
  /** Runs at each size, on clones; undefined: three. */
  readonly repeats: number | undefined;
  /** Milliseconds. */
  readonly budget: number;
  /** Production's rows of all touched tables. */
  readonly rows: number;
  readonly sizing: (fraction: number) => Sizing;
  /** Run the rollbacks too, at the largest size. */
  readonly back: boolean;
}

/**
 * The series at several sizes: each in a database of its own, each repeat in a clone of that. One entry a size,
 * ascending; inner lists by migration, as far as every run got.
 */
export async function growthRuns(
  profile: Profile,
  server: ScratchServer,
  plan: GrowthPlan,
): Promise<readonly SizeRuns[][]> {
  const fractions = plan.fractions ?? (await fractionsInBudget(profile, server, plan));
  const bySize: { fraction: number; series: StagingRun[][] }[] = [];
  for (const [index, fraction] of fractions.entries()) {
    const repeats = plan.repeats ?? DEFAULT_REPEATS;
    profile.progress(`At ${percent(fraction)} of production’s rows`);
    const series = await seriesAt(profile, server, {
      sizing: plan.sizing(fraction),
      repeats,
      back: plan.back && index === fractions.length - 1,
    });
    bySize.push({ fraction, series });
    if (series.some((runs) => runs.at(-1)?.outcome === 'failed')) break;
  }
  return profile.wanted.map((_, migration) =>
    bySize.flatMap(({ fraction, series }): SizeRuns[] => {
      const runs = series.flatMap((one) => one[migration] ?? []);
      return runs.length === 0 ? [] : [{ fraction, runs }];
    }),
  );
}

export interface SizeRequest {
  readonly sizing: Sizing;
  readonly repeats: number;
  /** Run the rollbacks too, in the first run. */
  readonly back: boolean;
}

/** One size in a database of its own: prepared once, run as often as asked, each time on a clone; the last time on the original itself. */
export async function seriesAt(profile: Profile, server: ScratchServer, request: SizeRequest): Promise<StagingRun[][]> {
  return withSibling(server, undefined, (database, name) => seriesIn(profile, database, name, request));
}

/** The same in a database that is there and empty. @param name of the database, for clones of it; null only if it is run once */
export async function seriesIn(
  profile: Profile,
  database: ScratchServer,
  name: string | null,
  { sizing, repeats, back: rollingBack }: SizeRequest,
): Promise<StagingRun[][]> {
  const begun = { ...(await prepareFirst(profile, database, sizing)), sizing };
  const series: StagingRun[][] = [];
  const template = name !== null && repeats > 1 ? await asTemplate(database.url, name) : undefined;
  for (let round = 0; round < repeats; round += 1) {
    const back = rollingBack && round === 0;
    const onOriginal = template === undefined || round === repeats - 1;
    series.push(
      onOriginal
        ? await runSeries(profile, database, { ...begun, back })
        : await withSibling(database, template, (clone) => runSeries(profile, clone, { ...begun, back })),
    );
    if (series.at(-1)?.at(-1)?.outcome === 'failed') break;
  }
  return series;
}

/** A small run first: what the machine manages. */
async function fractionsInBudget(
  profile: Profile,
  server: ScratchServer,
  plan: GrowthPlan,
): Promise<readonly number[]> {
  const rows = Math.min(PILOT_ROWS, plan.rows / 20);
  const begin = performance.now();
  profile.progress('A small run first, to see what this machine manages');
  await seriesAt(profile, server, { sizing: plan.sizing(rows / plan.rows), repeats: 1, back: false });
  const pilot = { rows, milliseconds: performance.now() - begin };
  return chooseFractions({ rows: plan.rows, pilot, budget: plan.budget });
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}
