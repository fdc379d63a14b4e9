import type { StatementAnalysis } from '../analyze.ts';
import { blockedBy, lockStrength } from '../effects/effect.ts';
import type { Effect, LockMode, Work } from '../effects/effect.ts';
import { relationName } from '../rules/wording.ts';

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
}

const WEIGHT: Readonly<Record<StallClass, number>> = { none: 0, rows: 1, brief: 2, grows: 3 };

/** The impact of one statement that people would feel most. Null: it locks nothing that existed before. */
export function statementImpact(
  { statement, effects }: StatementAnalysis,
  later: { readonly line: number } | null = null,
): LockImpact | null {
  const impacts = effects.effects.flatMap((effect) =>
    effect.newRelation ? [] : [impactOf(effect, statement.index, statement.startLine, later?.line ?? null)],
  );
  return worst(impacts);
}

/** The worst of all statements, counting how long the transaction keeps each lock. Null: nothing that existed before is locked. */
export function migrationImpact(statements: readonly StatementAnalysis[]): LockImpact | null {
  const lastWork = new Map<number, number>();
  for (const { statement, effects, transaction } of statements) {
    if (transaction.id !== null && effects.effects.some(works)) lastWork.set(transaction.id, statement.startLine);
  }
  const impacts = statements.flatMap((each) => {
    const line = each.transaction.id === null ? undefined : lastWork.get(each.transaction.id);
    const held = line !== undefined && line > each.statement.startLine ? { line } : null;
    return statementImpact(each, held) ?? [];
  });
  return worst(impacts);
}

function works({ newRelation, work }: Effect): boolean {
  return !newRelation && work.length > 0;
}

function impactOf(effect: Effect, statement: number, line: number, workLater: number | null): LockImpact {
  const { reads, writes, ddl } = blockedBy(effect.lock);
  const heldThrough = effect.held === 'transaction' && effect.work.length === 0 ? workLater : null;
  return {
    relation: relationName(effect.relation),
    lock: effect.lock,
    blocks: reads ? 'reads and writes' : writes ? 'writes' : ddl ? 'schema changes' : 'nobody',
    work: effect.work,
    stall: stallOf(effect, writes, heldThrough !== null),
    statement,
    line,
    heldThrough: writes ? heldThrough : null,
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

function weight({ stall, lock, blocks }: LockImpact): number {
  return WEIGHT[stall] * 100 + (blocks === 'reads and writes' ? 50 : 0) + lockStrength(lock);
}

const WORK_WORDS: Readonly<Record<Work, string>> = {
  rewrite: 'it is rewritten',
  'index build': 'the index is built',
  scan: 'every row is read',
  rows: 'rows are changed',
  unknown: 'work runs that the text alone does not tell',
};

/** Who waits, and for what: "writes wait while the index is built". */
export function stallWords({ stall, blocks, work, heldThrough }: LockImpact): string {
  switch (stall) {
    case 'none':
      return 'nobody who reads or writes waits';
    case 'rows':
      return 'writes of the same rows wait';
    case 'brief':
      return `brief: ${blocks} queue behind it`;
    case 'grows': {
      if (heldThrough !== null)
        return `${blocks} wait until the transaction ends, through the work of line ${heldThrough}`;
      const kinds = (['rewrite', 'index build', 'scan', 'rows', 'unknown'] as const).filter((kind) =>
        work.includes(kind),
      );
      return `${blocks} wait while ${WORK_WORDS[kinds[0] ?? 'unknown']}`;
    }
  }
}
