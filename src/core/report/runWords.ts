import { bytes, duration } from './figures.ts';
import { withoutPublic } from './headline.ts';
import type { LockQueueRun, MeasuredRollback, StagingRun } from './stagingRun.ts';

/** Where it ran: "an embedded server", "a scratch database beside staging". */
export function placeWords({ server: { place, environment } }: Pick<StagingRun, 'server'>): string {
  const name = environment ?? 'the environment';
  switch (place) {
    case 'embedded':
      return 'a throw-away server on this machine';
    case 'scratch database':
      return `a scratch database beside ${name}`;
    case 'template':
      return `a clone on ${name}`;
    case 'in-place':
      return `${name} itself, rolled back`;
    case 'command':
      return 'a server that your staging command made';
  }
}

/** The data: "made-up rows by production's statistics of 2026-02-27, 751 MB, 20 % of production's rows". */
export function snapshotWords({ snapshot }: Pick<StagingRun, 'snapshot'>): string {
  const { source, statistics, takenAt, bytes: size, fraction } = snapshot;
  const by =
    statistics === null
      ? ''
      : ` by the statistics of ${statistics.environment}${statistics.at === null ? '' : ` of ${statistics.at.slice(0, 10)}`}`;
  const age = takenAt === null ? '' : ` of ${takenAt.slice(0, 10)}`;
  const share = fraction === null ? '' : `, ${fraction >= 0.9995 ? 'all' : percent(fraction)} of production's rows`;
  return `${source}${age}${by}, ${bytes(size)}${share}`;
}

/** One sentence on what happens behind somebody's long transaction. */
export function lockQueueWords(queue: LockQueueRun): string {
  const { table, lock, ahead, lockTimeout, outcome, milliseconds, longestStall } = queue;
  const before = `behind a long transaction that ${ahead === 'read' ? 'read' : 'wrote to'} ${withoutPublic(table)}, ${lock}`;
  const others =
    longestStall < 50 ? 'nobody stood behind it' : `others stood behind it for up to ${duration(longestStall)}`;
  if (outcome === 'gave up')
    return `${before} waited ${duration(milliseconds)} until lock_timeout (${duration(lockTimeout)}) ended it; ${others}`;
  return `${before} waited ${duration(milliseconds)}, until that ended; ${others}${lockTimeout === 0 ? ': lock_timeout is not set, so nothing would end the wait' : ''}`;
}

export function rollbackWords({
  source,
  outcome,
  failure,
  milliseconds,
  statements,
  differences,
}: MeasuredRollback): string {
  const script = source === 'written' ? 'the written script' : "Lockkeeper's script";
  if (outcome === 'failed') return `${script} failed: ${failure?.message ?? ''}`;
  const rewrites = statements.flatMap(({ rewritten }) => rewritten.map(withoutPublic));
  const anew = rewrites.length === 0 ? '' : `, rewrote ${[...new Set(rewrites)].join(', ')}`;
  const differs = differences.length === 0 ? '' : '; the server did not do what was predicted';
  return `${script} ran in ${duration(milliseconds)}${anew}${differs}`;
}

export function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}
