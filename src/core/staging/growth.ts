import type { MigrationAnalysis } from '../analyze.ts';
import type {
  CalibrationBasis,
  Growth,
  MeasuredStatement,
  Repeats,
  StagingRun,
  StepEstimate,
} from '../report/stagingRun.ts';
import { qualifiedName } from '../sql/quote.ts';
import type { Effect } from '../effects/effect.ts';
import { estimateAt, sumOf, type Estimate, type NoEstimate } from './estimate.ts';
import { median, type SizedTimes } from './growthFit.ts';

/** One migration's runs at one size, each on a clone of its own, all of the same data. */
export interface SizeRuns {
  /** Of production's rows. */
  readonly fraction: number;
  /** At least one; the first is the one that is shown. */
  readonly runs: readonly StagingRun[];
}

export interface GrowthRequest {
  readonly migration: MigrationAnalysis;
  /** Ascending. All runs completed. */
  readonly sizes: readonly SizeRuns[];
  /** Production's rows by the table's quoted name when the migration begins; null: not known. */
  readonly production: (table: string) => number | null;
  readonly calibration: CalibrationBasis | null;
}

/** Estimates for production's size from runs at smaller ones. */
export function growthOf({ migration, sizes, production, calibration }: GrowthRequest): Growth {
  const largest = sizes.at(-1)?.runs[0];
  const factor = calibration?.factor ?? 1;
  const estimates: StepEstimate[] = [];
  for (const { index } of largest?.statements ?? []) {
    const analysis = migration.statements[index];
    const works = (analysis?.effects.effects ?? []).filter(({ work, newRelation }) => work.length > 0 && !newRelation);
    const tables = works.map(({ relation }) => nameAtStart(migration, relation));
    const request = {
      points: points(sizes, tables, (run) => ownTime(run.statements.find((one) => one.index === index))),
      target: target(sizes, tables, production),
      // Where the table is rewritten, that outweighs the sorts of its indexes.
      sorts:
        works.some(({ work }) => work.includes('index build')) && !works.some(({ work }) => work.includes('rewrite')),
      scattered: reachesInNoOrder(analysis?.effects.effects ?? [], works),
      factor,
    };
    const onlyCatalog = works.length === 0 && analysis?.effects.opaque.length === 0;
    estimates.push({ statement: index, points: request.points, estimate: estimateStep(request, onlyCatalog) });
  }
  for (const { id } of largest?.transactions ?? []) {
    const commit = {
      points: points(sizes, [], (run) => run.transactions.find((one) => one.id === id)?.commitMilliseconds),
      target: target(sizes, [], production),
      sorts: false,
      factor,
    };
    estimates.push({ statement: null, points: commit.points, estimate: estimateStep(commit, false) });
  }
  const shares = sizes.map(({ fraction }) => Math.round(fraction * 1000) / 10);
  const basis = `measured at ${shares.slice(0, -1).join(', ')} and ${shares.at(-1) ?? ''} % of production's rows`;
  return {
    sizes: sizes.map(({ fraction, runs }) => ({
      fraction,
      rows: rowsOf(runs[0], []),
      milliseconds: runs.map(({ milliseconds }) => milliseconds),
    })),
    estimates,
    total: sumOf(
      estimates.map(({ estimate }) => estimate),
      basis,
    ),
    calibration,
  };
}

/** Rows that change, with their indexes, and the look-ups of a foreign key in the other table. */
function reachesInNoOrder(effects: readonly Effect[], works: readonly Effect[]): boolean {
  const checks = works.flatMap(({ causes }) => causes.map(({ operation }) => operation));
  return (
    works.some(({ work }) => work.includes('rows')) ||
    checks.includes('add foreign key') ||
    // The table that a foreign key refers to is locked so while it is looked up in.
    (checks.includes('validate constraint') && effects.some(({ lock }) => lock === 'ROW SHARE'))
  );
}

/** Minimum, median and maximum of a statement over runs of the same data; null for a single run. */
export function repeatsOf(runs: readonly StagingRun[], index: number): Repeats | null {
  const times = runs.flatMap(({ statements }) => statements.find((one) => one.index === index)?.milliseconds ?? []);
  if (times.length < 2) return null;
  return { count: times.length, min: Math.min(...times), median: median(times), max: Math.max(...times) };
}

/** Without what other programs on the machine took: that does not grow with the table. */
function ownTime(one: MeasuredStatement | undefined): number | undefined {
  return one === undefined ? undefined : Math.max(one.milliseconds - (one.processorWait ?? 0), one.milliseconds / 100);
}

/** What only changes the catalog takes no longer on a large table; if it did here, it is fitted like the others. */
function estimateStep(request: Parameters<typeof estimateAt>[0], onlyCatalog: boolean): Estimate | NoEstimate {
  const longest = Math.max(0, ...request.points.flatMap(({ milliseconds }) => milliseconds));
  if (onlyCatalog && longest < 250) return { class: 'instant', reason: 'changes the catalog only, whatever the size' };
  return estimateAt(request);
}

function points(
  sizes: readonly SizeRuns[],
  tables: readonly string[],
  time: (run: StagingRun) => number | undefined,
): SizedTimes[] {
  return sizes.map(({ runs }) => ({
    rows: rowsOf(runs[0], tables),
    milliseconds: runs.flatMap((run) => time(run) ?? []),
  }));
}

/** Rows of the tables that the work is on; of all touched tables where that is not known, or they are empty. */
function rowsOf(run: StagingRun | undefined, tables: readonly string[]): number {
  const filled = run?.tables ?? [];
  const on = filled.filter(({ table }) => tables.includes(table)).reduce((sum, { rows }) => sum + rows, 0);
  return on > 0 ? on : filled.filter(({ role }) => role === 'touched').reduce((sum, { rows }) => sum + rows, 0);
}

/** Production's rows of the same tables; a table whose size there is not known is scaled like the others. */
function target(
  sizes: readonly SizeRuns[],
  tables: readonly string[],
  production: GrowthRequest['production'],
): number {
  const last = sizes.at(-1);
  const run = last?.runs[0];
  const fraction = last?.fraction ?? 1;
  const filled = run?.tables ?? [];
  const named = filled.filter(({ table, rows }) => tables.includes(table) && rows > 0);
  const on = named.length > 0 ? named : filled.filter(({ role }) => role === 'touched');
  return on.reduce((sum, { table, rows }) => sum + (production(table) ?? rows / fraction), 0);
}

function nameAtStart(
  { before }: MigrationAnalysis,
  relation: { readonly id: number | null; readonly schema: string; readonly name: string },
): string {
  const original = relation.id === null ? undefined : before.relations.get(relation.id);
  return original ? qualifiedName(original.schema, original.name) : qualifiedName(relation.schema, relation.name);
}
