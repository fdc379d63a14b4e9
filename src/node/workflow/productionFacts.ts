import type { Config } from '../../core/config.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Snapshot } from '../../core/report/stagingRun.ts';
import type { Statistics } from '../../core/statistics/statistics.ts';
import { environmentsWithStatistics, readStatistics } from '../statistics/files.ts';

/** What the repository knows of production's size, for staging runs. */
export interface ProductionFacts {
  /** Rows by quoted name. */
  readonly tableRows: Readonly<Record<string, number>>;
  readonly statistics: Snapshot['statistics'];
  /** The whole of them, for the shape of made-up rows. */
  readonly shapes: Statistics | null;
  /** By the statistics, else by the configuration; null: nobody says. */
  readonly productionMajor: number | null;
}

/**
 * Production's rows: from the statistics of an environment of class production (of any other environment, if only that
 * has some), and over them what a person typed in lockkeeper.jsonc.
 */
export async function productionFacts(
  root: string,
  { sizes, postgresVersion }: Pick<Config, 'sizes' | 'postgresVersion'>,
  policy: Policy,
): Promise<ProductionFacts> {
  const present = await environmentsWithStatistics(root);
  const production = policy.environments.filter((one) => one.class === 'production').map(({ name }) => name);
  const environment = production.find((name) => present.includes(name)) ?? present[0];
  const read = environment === undefined ? null : await readStatistics(root, environment);
  const statistics = read?.statistics ?? null;
  const pulled = [...(statistics?.relations ?? [])].flatMap(([name, { rows }]) =>
    rows === null ? [] : [[name, Math.round(rows)] as const],
  );
  const typed = Object.entries(sizes).flatMap(([table, { rows }]) =>
    rows === null ? [] : [[table.includes('.') ? table : `public.${table}`, rows] as const],
  );
  const major = /^\d+/.exec(statistics?.serverVersion ?? '')?.[0];
  return {
    tableRows: Object.fromEntries([...pulled, ...typed]),
    statistics: statistics === null || environment === undefined ? null : { environment, at: statistics.takenAt },
    shapes: statistics,
    productionMajor: major === undefined ? postgresVersion : Number(major),
  };
}
