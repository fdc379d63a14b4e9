import { blockedBy, lockStrength, type LockMode } from '../effects/effect.ts';
import { duration } from './figures.ts';
import { withoutPublic } from './headline.ts';
import type { StagingRun } from './stagingRun.ts';

/** A row of the timeline. */
export interface Lane {
  readonly kind: 'statements' | 'lock' | 'blocked';
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly start: number;
  readonly milliseconds: number;
  /** What it looks like: the legend's classes. */
  readonly style: BarStyle;
  /** Beside the bar, short. */
  readonly text: string;
  /** The whole of it, for the pointer and for screen readers. */
  readonly title: string;
  readonly statement: number | null;
}

export type BarStyle = 'statement' | 'commit' | 'stops-all' | 'stops-writes' | 'stops-ddl' | 'stops-nothing' | 'stall';

const LOCK_LANES = 8;
const STALL_LANES = 6;

/** Lanes for statements, for locks by table (from the statement to the end of its transaction), for sessions that had to wait. */
export function timelineLanes(run: StagingRun): Lane[] {
  return [statementLane(run), ...lockLanes(run).slice(0, LOCK_LANES), ...blockedLanes(run).slice(0, STALL_LANES)];
}

/** The end of the time axis, milliseconds. */
export function timelineEnd(run: StagingRun): number {
  return Math.max(1, run.milliseconds, ...run.stalls.map(({ start, milliseconds }) => start + milliseconds));
}

/** Round times for the axis: at most about eight. */
export function ticks(end: number): number[] {
  const step = [1, 2, 5]
    .flatMap((digit) => [-1, 0, 1, 2, 3, 4, 5, 6, 7].map((power) => digit * 10 ** power))
    .sort((a, b) => a - b)
    .find((size) => end / size <= 8);
  if (step === undefined) return [0, end];
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

function statementLane(run: StagingRun): Lane {
  const bars: Bar[] = run.statements.map((one) => ({
    start: one.start,
    milliseconds: one.milliseconds,
    style: 'statement',
    text: `${one.index + 1}`,
    title: `Statement ${one.index + 1}, ${one.kind}: ${duration(one.milliseconds)}`,
    statement: one.index,
  }));
  for (const one of run.transactions) {
    bars.push({
      start: one.start + one.milliseconds - one.commitMilliseconds,
      milliseconds: one.commitMilliseconds,
      style: 'commit',
      text: '',
      title: `COMMIT: ${duration(one.commitMilliseconds)}`,
      statement: null,
    });
  }
  return { kind: 'statements', label: 'Statements', bars };
}

function lockLanes(run: StagingRun): Lane[] {
  const lanes = new Map<string, { strongest: number; bars: Bar[] }>();
  /** The strongest lock so far per transaction and relation: a weaker one beside it changes nothing for anybody. */
  const held = new Map<string, number>();
  for (const one of run.statements) {
    const transaction = run.transactions.find(({ id }) => id === one.transaction);
    const end = transaction ? transaction.start + transaction.milliseconds : one.start + one.milliseconds;
    for (const { relation, lock, newRelation } of one.locks) {
      if (newRelation) continue;
      if (one.transaction !== null) {
        const key = `${one.transaction} ${relation}`;
        if ((held.get(key) ?? 0) >= lockStrength(lock)) continue;
        held.set(key, lockStrength(lock));
      }
      const lane = lanes.get(relation) ?? { strongest: 0, bars: [] };
      lane.strongest = Math.max(lane.strongest, lockStrength(lock));
      lane.bars.push({
        start: one.start,
        milliseconds: end - one.start,
        style: lockStyle(lock),
        text: lock,
        title: `${lock} on ${withoutPublic(relation)} for ${duration(end - one.start)}, ${lockMeaning(lock)}`,
        statement: one.index,
      });
      lanes.set(relation, lane);
    }
  }
  return [...lanes]
    .sort(([, a], [, b]) => b.strongest - a.strongest)
    .map(([relation, { bars }]) => ({ kind: 'lock', label: withoutPublic(relation), bars }));
}

function blockedLanes(run: StagingRun): Lane[] {
  const lanes = new Map<string, Bar[]>();
  for (const stall of run.stalls) {
    const label = `${stall.operation === 'read' ? 'reads of' : 'writes to'} ${withoutPublic(stall.table)}`;
    const bars = lanes.get(label) ?? [];
    bars.push({
      start: stall.start,
      milliseconds: stall.milliseconds,
      style: 'stall',
      text: duration(stall.milliseconds),
      title: `${label} waited ${duration(stall.milliseconds)}`,
      statement: stall.statement,
    });
    lanes.set(label, bars);
  }
  const longest = (bars: readonly Bar[]): number => Math.max(...bars.map(({ milliseconds }) => milliseconds));
  return [...lanes]
    .sort(([, a], [, b]) => longest(b) - longest(a))
    .map(([label, bars]) => ({ kind: 'blocked', label, bars }));
}

export function lockStyle(lock: LockMode): BarStyle {
  const blocked = blockedBy(lock);
  if (blocked.reads) return 'stops-all';
  if (blocked.writes) return 'stops-writes';
  return blocked.ddl ? 'stops-ddl' : 'stops-nothing';
}

/** What a lock means for the application, in words. */
export function lockMeaning(lock: LockMode): string {
  const blocked = blockedBy(lock);
  if (blocked.reads) return 'stops reads and writes';
  if (blocked.writes) return 'stops writes';
  return blocked.ddl ? 'stops other schema changes only' : 'stops nobody';
}
