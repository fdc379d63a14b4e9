import type { StatementAnalysis } from '../analyze.ts';
import { lockStrength, type Effect, type LockMode } from '../effects/effect.ts';
import { qualifiedName } from '../sql/quote.ts';
import type { Difference, HeldLock } from './stagingRun.ts';

/** What a server was seen to do for one statement; relations as they were named before it. */
export interface Observation {
  /** The strongest lock per relation that the statement added. */
  readonly added: readonly HeldLock[];
  /** All modes held after it, those of earlier statements of the same transaction too. */
  readonly held: ReadonlyMap<string, ReadonlySet<LockMode>>;
  /** False where a second session polled: then a lock that was not seen says nothing. */
  readonly complete: boolean;
  readonly rewritten: readonly string[];
  /** Tables with a file on disk: only those can be seen to be rewritten. */
  readonly withFile: ReadonlySet<string>;
}

/**
 * Holds an observation against the effects that were predicted. Statements that could not be fully analysed predict
 * nothing, so they differ in nothing.
 */
export function differences(analysis: StatementAnalysis, seen: Observation): Difference[] {
  const { effects, statement } = analysis;
  if (effects.opaque.length > 0 || statement.tree === null || effects.unknownRelations.length > 0) return [];
  const predicted = new Map(effects.effects.map((effect) => [nameOf(effect), effect]));
  const found: Difference[] = [];
  const differ = (relation: string, what: Difference['what'], expected: string, observed: string): void =>
    void found.push({ statement: statement.index, relation, what, predicted: expected, observed });

  for (const { relation, lock } of seen.added) {
    const effect = predicted.get(relation);
    if (effect === undefined) differ(relation, 'lock', 'no lock', lock);
    else if (lockStrength(lock) > lockStrength(effect.lock)) differ(relation, 'lock', effect.lock, lock);
  }
  for (const [relation, effect] of predicted) {
    const held = seen.held.get(relation);
    if (seen.complete && effect.held === 'transaction' && held?.has(effect.lock) !== true) {
      // Stronger than predicted was said above already.
      if (!found.some((one) => one.relation === relation)) differ(relation, 'lock', effect.lock, strongest(held));
    }
    if (!comparesRewrite(analysis, effect, relation, seen)) continue;
    const rewritten = seen.rewritten.includes(relation);
    if (effect.work.includes('rewrite') !== rewritten) {
      differ(relation, 'rewrite', rewritten ? 'not rewritten' : 'rewritten', rewritten ? 'rewritten' : 'not rewritten');
    }
  }
  return found;
}

/** TRUNCATE gets a new, empty file too, which is no rewrite; what is new in this transaction is nobody's concern. */
function comparesRewrite(
  { statement, effects }: StatementAnalysis,
  effect: Effect,
  relation: string,
  seen: Observation,
): boolean {
  return (
    effect.relation.kind === 'table' &&
    !effect.newRelation &&
    seen.withFile.has(relation) &&
    !effect.work.includes('unknown') &&
    effects.effects.length > 0 &&
    statement.kind !== 'TRUNCATE' &&
    statement.kind !== 'TRUNCATE TABLE'
  );
}

function nameOf({ relation }: Effect): string {
  return qualifiedName(relation.schema, relation.name);
}

function strongest(modes: ReadonlySet<LockMode> | undefined): string {
  const sorted = [...(modes ?? [])].sort((a, b) => lockStrength(b) - lockStrength(a));
  return sorted[0] ?? 'no lock';
}
