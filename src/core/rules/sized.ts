import type { StatementAnalysis } from '../analyze.ts';
import type { Effect, Work } from '../effects/effect.ts';
import { durationRangeText } from '../statistics/durationClass.ts';
import type { DurationClass, DurationRange } from '../statistics/durationClass.ts';
import { estimate, sizeText } from './estimate.ts';
import type { Cause, Report, Severity } from './rule.ts';
import type { SizeLookup } from './sizes.ts';
import { relationName } from './wording.ts';

/** How grave it is that others wait for so long. */
const SEVERITY: Readonly<Record<DurationClass, Severity>> = {
  instant: 'information',
  seconds: 'warning',
  minutes: 'error',
  hours: 'error',
};

/** What a known size adds to a report. */
export interface Sized {
  readonly severity: Severity;
  readonly sentence: string;
  readonly estimate: DurationRange | null;
}

/**
 * Severity by size: of work that others wait for, on tables that are all known. Null where a table's size is not known,
 * so that the kind of work decides, and for reports that are not about work.
 */
export function sized(made: Report, cause: Cause, analysed: StatementAnalysis, sizes: SizeLookup): Sized | null {
  if ((cause !== 'blocks' && cause !== 'fails' && cause !== 'rows') || made.claims === undefined) return null;
  const claims = new Set(made.claims);
  const found = analysed.effects.effects.flatMap((effect) => {
    const causes = effect.causes.filter((each) => claims.has(each));
    // A partitioned table holds no rows of its own: its partitions have effects of their own.
    const holdsRows = effect.relation.kind !== 'partitioned table' || claims.size === 1;
    return causes.length === 0 || !holdsRows ? [] : [{ effect, work: workOf(effect, causes, cause) }];
  });
  const known = found.flatMap(({ effect, work }) => {
    const size = sizes(effect.relation);
    return size === null ? [] : [{ effect, work, size }];
  });
  if (known.length === 0 || known.length < found.length) return null;
  if (cause === 'fails') {
    const rows = known.map(({ size }) => size.rows);
    const [first] = known;
    if (first === undefined || rows.some((count) => count !== 0)) return null;
    const sentence = `${relationName(first.effect.relation)} holds ${sizeText(first.size)}.`;
    return { severity: 'information', sentence, estimate: null };
  }
  const guesses = known.map((each) => ({ ...each, guess: estimate(each.work, each.size) }));
  const longest = guesses.reduce((a, b) => ((b.guess?.high ?? -1) > (a.guess?.high ?? -1) ? b : a));
  const { guess, effect, size } = longest;
  if (guess === null) return null;
  const severity = cause === 'rows' && SEVERITY[guess.class] === 'error' ? 'warning' : SEVERITY[guess.class];
  const where = relationName(effect.relation);
  const sentence = `Estimate for ${where}: ${durationRangeText(guess)} (${guess.class}), ${sizeText(size)}; a guess from the size alone.`;
  return { severity, sentence, estimate: guess };
}

function workOf(effect: Effect, causes: Effect['causes'], cause: Cause): readonly Work[] {
  if (cause === 'rows') return ['rows'];
  const own = [...new Set(causes.flatMap(({ work }) => work))];
  return own.length > 0 ? own : effect.work;
}
