import { describe, type PairVerdict, type Verdict } from './compare.ts';

/** One (statement, relation) pair that is not equal, with what is needed to see why. */
export interface Mismatch {
  /** Family of cases, or the history. */
  readonly where: string;
  readonly statement: string;
  /** After which extra set-up, in which time zone, in which file. */
  readonly condition: string;
  readonly pair: PairVerdict;
}

const VERDICTS: readonly Verdict[] = ['weaker', 'stronger', 'opaque', 'unknown', 'unseen', 'equal'];

/** Counts pairs by verdict, and keeps those that are not equal. */
export class Tally {
  readonly counts: Record<Verdict, number> = { equal: 0, unknown: 0, opaque: 0, unseen: 0, stronger: 0, weaker: 0 };
  readonly mismatches: Mismatch[] = [];
  statements = 0;
  /** Statements that the server refused: nothing to compare. */
  refused = 0;

  add(where: string, statement: string, condition: string, pairs: readonly PairVerdict[]): void {
    this.statements += 1;
    for (const pair of pairs) {
      this.counts[pair.verdict] += 1;
      if (pair.verdict !== 'equal') this.mismatches.push({ where, statement, condition, pair });
    }
  }

  merge(other: Tally): void {
    for (const verdict of VERDICTS) this.counts[verdict] += other.counts[verdict];
    this.mismatches.push(...other.mismatches);
    this.statements += other.statements;
    this.refused += other.refused;
  }

  /** Those that could be compared. */
  get pairs(): number {
    const { equal, unknown, opaque, stronger, weaker } = this.counts;
    return equal + unknown + opaque + stronger + weaker;
  }

  /** `99.63 % of 812 pairs equal (${String(weaker)} weaker, ${String(stronger)} stronger, ${String(unknown + opaque)} unknown or opaque; ${String(unseen)} more not seen) in 700 statements`. */
  toString(): string {
    const { equal, unknown, opaque, unseen, stronger, weaker } = this.counts;
    const share = this.pairs === 0 ? 100 : (100 * equal) / this.pairs;
    // Rounded down: 99.999 % is not all.
    return `${(Math.floor(share * 100) / 100).toFixed(2)} % of ${String(this.pairs)} pairs equal (${String(weaker)} weaker, ${String(stronger)} stronger, ${String(unknown + opaque)} unknown or opaque; ${String(unseen)} more not seen) in ${String(this.statements)} statements${this.refused > 0 ? `, ${String(this.refused)} refused by the server` : ''}`;
  }
}

/** The list of mismatches as text, weaker ones first. */
export function listMismatches(mismatches: readonly Mismatch[]): string {
  return [...mismatches]
    .sort((a, b) => VERDICTS.indexOf(a.pair.verdict) - VERDICTS.indexOf(b.pair.verdict))
    .map(({ where, statement, condition, pair }) =>
      [
        `${pair.verdict.toUpperCase()}  ${pair.relation}  ${where}`,
        `  said      ${describe(pair.predicted)}`,
        `  observed  ${describe(pair.observed)}`,
        `  ${statement.replaceAll(/\s+/g, ' ').slice(0, 400)}${condition === '' ? '' : `   -- ${condition}`}`,
      ].join('\n'),
    )
    .join('\n');
}
