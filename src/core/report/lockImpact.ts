import type { StatementAnalysis } from '../analyze.ts';
import { blockedBy, lockStrength } from '../effects/effect.ts';
import type { Effect, LockMode, Work } from '../effects/effect.ts';
import { estimate } from '../rules/estimate.ts';
import type { SizeLookup } from '../rules/sizes.ts';
import { relationName } from '../rules/wording.ts';
import { nodeAs } from '../sql/tree.ts';
import { durationRange, durationRangeText } from '../statistics/durationClass.ts';
import type { DurationRange } from '../statistics/durationClass.ts';

/**
 * How long others wait, as far as the text tells:
 * - `none`: nobody who reads or writes waits;
 * - `rows`: only who writes the same rows;
 * - `brief`: metadata only, but what waits for the lock queues behind it;
 * - `grows`: as long as work takes that grows with a table.
 */
export type StallClass = 'none' | 'rows' | 'brief' | 'grows';

/** What one statement, or a whole migration at its worst, means for others on a table that existed before. */
export interface LockImpact {
  /** Quoted as in SQL, without `public`. */
  readonly relation: string;
  readonly lock: LockMode;
  readonly blocks: 'reads and writes' | 'writes' | 'schema changes' | 'nobody';
  readonly work: readonly Work[];
  readonly stall: StallClass;
  /** Index of the statement in its file, and its line from 1. */
  readonly statement: number;
  readonly line: number;
  /** The lock is kept while a later statement of the same transaction works: that one's line. Null: it is this statement's own work. */
  readonly heldThrough: number | null;
  /** How long they wait for work that grows, where the size of every table in it is known; else null. */
  readonly estimate: DurationRange | null;
}

const WEIGHT: Readonly<Record<StallClass, number>> = { none: 0, rows: 1, brief: 2, grows: 3 };

/** What a transaction still does after a statement. */
interface LaterWork {
  /** Of the last statement that works. */
  readonly line: number;
  readonly estimate: DurationRange | null;
}

/**
 * The impact of one statement that people would feel most. Null: it locks nothing that existed before.
 *
 * @param sizes how large tables are; null: nobody told
 */
export function statementImpact(
  { statement, effects }: StatementAnalysis,
  sizes: SizeLookup | null,
  later: LaterWork | null = null,
): LockImpact | null {
  const place = { statement: statement.index, line: statement.startLine };
  const own = ownWork(statement, effects.effects, sizes);
  const impacts = effects.effects.flatMap((effect) =>
    effect.newRelation ? [] : [{ ...place, ...impactOf(effect, sizes, { later, own }) }],
  );
  return worst(impacts);
}

/** What a statement does while it holds its locks on all of its tables. */
interface OwnWork {
  readonly work: readonly Work[];
  readonly estimate: DurationRange | null;
}

/** ALTER TABLE takes its locks before it works: a partitioned table is locked while the indexes of its partitions are built. */
function ownWork(
  { tree }: StatementAnalysis['statement'],
  effects: readonly Effect[],
  sizes: SizeLookup | null,
): OwnWork | null {
  if (nodeAs(tree, 'AlterTableStmt') === undefined) return null;
  const working = effects.filter(({ newRelation, work }) => !newRelation && work.length > 0);
  if (working.length === 0) return null;
  const estimates = working.map((effect) => estimateOf(effect, sizes));
  return {
    work: [...new Set(working.flatMap(({ work }) => work))],
    estimate: estimates.reduce((sum, each) =>
      sum === null || each === null ? null : durationRange(sum.low + each.low, sum.high + each.high, each.basis),
    ),
  };
}

/** The worst of all statements, counting how long the transaction keeps each lock. Null: nothing that existed before is locked. */
export function migrationImpact(statements: readonly StatementAnalysis[], sizes: SizeLookup | null): LockImpact | null {
  const later = new Map<number, LaterWork>();
  let found: LockImpact | null = null;
  // From the end, to know what each transaction still does. Of two that are as bad the earlier one is told.
  for (const each of statements.toReversed()) {
    const { id } = each.transaction;
    const after = id === null ? undefined : later.get(id);
    const impact = statementImpact(each, sizes, after ?? null);
    if (impact !== null && (found === null || weight(impact) >= weight(found))) found = impact;
    if (id !== null) {
      for (const effect of each.effects.effects) {
        const known = later.get(id);
        if (!effect.newRelation && effect.work.length > 0) later.set(id, together(known, each, effect, sizes));
      }
    }
  }
  return found;
}

function together(
  known: LaterWork | undefined,
  { statement }: StatementAnalysis,
  effect: Effect,
  sizes: SizeLookup | null,
): LaterWork {
  const own = estimateOf(effect, sizes);
  if (known === undefined) return { line: statement.startLine, estimate: own };
  if (own === null || known.estimate === null) return { line: known.line, estimate: null };
  const sum = durationRange(own.low + known.estimate.low, own.high + known.estimate.high, own.basis);
  return { line: known.line, estimate: sum };
}

function estimateOf({ relation, work }: Effect, sizes: SizeLookup | null): DurationRange | null {
  const size = sizes?.(relation) ?? null;
  return size === null ? null : estimate(work, size);
}

function impactOf(
  effect: Effect,
  sizes: SizeLookup | null,
  { later, own }: { readonly later: LaterWork | null; readonly own: OwnWork | null },
): Omit<LockImpact, 'statement' | 'line'> {
  const { reads, writes, ddl } = blockedBy(effect.lock);
  const through = writes && effect.work.length === 0 ? own : null;
  const held = through === null && writes && effect.held === 'transaction' && effect.work.length === 0 ? later : null;
  const stall = stallOf(effect, writes, held !== null || through !== null);
  const alone = through === null ? estimateOf(effect, sizes) : through.estimate;
  return {
    relation: relationName(effect.relation),
    lock: effect.lock,
    blocks: reads ? 'reads and writes' : writes ? 'writes' : ddl ? 'schema changes' : 'nobody',
    work: through?.work ?? effect.work,
    stall,
    heldThrough: held?.line ?? null,
    estimate: stall !== 'grows' ? null : held === null ? alone : held.estimate,
  };
}

function stallOf({ work }: Effect, blocksWrites: boolean, held: boolean): StallClass {
  if (!blocksWrites) return work.includes('rows') ? 'rows' : 'none';
  return work.length > 0 || held ? 'grows' : 'brief';
}

function worst(impacts: readonly LockImpact[]): LockImpact | null {
  return impacts.reduce<LockImpact | null>(
    (found, each) => (found === null || weight(each) > weight(found) ? each : found),
    null,
  );
}

function weight({ stall, lock, blocks, estimate: known }: LockImpact): number {
  // Where the time is known, it counts before the lock; an hour not sixty times as much as a minute.
  const time = stall === 'grows' && known !== null ? Math.log10(1 + known.high) * 10 : 0;
  return WEIGHT[stall] * 1000 + time + (blocks === 'reads and writes' ? 5 : 0) + lockStrength(lock);
}

const WORK_WORDS: Readonly<Record<Work, string>> = {
  rewrite: 'it is rewritten',
  'index build': 'the index is built',
  scan: 'every row is read',
  rows: 'rows are changed',
  unknown: 'work runs that the text alone does not tell',
};

/** One or two words: `none`, `brief`, `grows with the table`; where sizes are known `instant`, `seconds`, `minutes`, `hours`. */
export function stallClassWords({ stall, estimate: known }: LockImpact): string {
  if (stall === 'grows') return known?.class ?? 'grows with the table';
  return stall === 'rows' ? 'row locks' : stall;
}

/** Who waits, and for what: "writes wait while the index is built, 4 to 9 minutes". */
export function stallWords(impact: LockImpact): string {
  const { stall, blocks, estimate: known } = impact;
  switch (stall) {
    case 'none':
      return 'nobody who reads or writes waits';
    case 'rows':
      return 'writes of the same rows wait';
    case 'brief':
      return `${blocks} queue behind it, briefly`;
    case 'grows':
      return `${blocks} wait ${untilWhen(impact)}${known === null ? '' : `, ${durationRangeText(known)}`}`;
  }
}

/** The same in few words, for a line above a file: "reads and writes wait, 4 to 9 minutes". */
export function briefStallWords({ stall, blocks, estimate: known }: LockImpact): string {
  if (stall === 'grows') return `${blocks} wait${known === null ? '' : `, ${durationRangeText(known)}`}`;
  return { none: 'nobody waits', rows: 'writes of the same rows wait', brief: 'brief' }[stall];
}

function untilWhen({ work, heldThrough }: LockImpact): string {
  if (heldThrough !== null) return `until the transaction ends, through the work of line ${heldThrough}`;
  const kinds = (['rewrite', 'index build', 'scan', 'rows', 'unknown'] as const).filter((kind) => work.includes(kind));
  return `while ${WORK_WORDS[kinds[0] ?? 'unknown']}`;
}
