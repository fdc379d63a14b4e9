import type { DeployedCode } from '../deployedCode/deployedCode.ts';
import type { Statistics } from '../statistics/statistics.ts';
import type { AppliedState } from '../status.ts';

/**
 * What lint may know besides the texts of the migrations: read by `src/node`, passed in as values. Everything may be
 * missing; what hangs on it is then silent. Keep the objects for as long as what they say is the same: findings that are
 * known already are found again by them.
 */
export interface LintFacts {
  /** The content of `.lockkeeper/statistics/<environment>.json`; of several the first that knows a table counts. */
  readonly statistics?: readonly Statistics[];
  /** What the deployed code says of what the new migrations take away: `src/node/deployedCode.ts`. */
  readonly deployedCode?: DeployedCode;
  /** Migrations of the default branch whose text is another one now, by path relative to the history's root. */
  readonly merged?: ReadonlyMap<string, MergedText>;
  /** By migration id; null: no environment was asked. */
  readonly applied?: ReadonlyMap<string, readonly AppliedState[]> | null;
  /** From evidence and records: the digests from which a migration was applied, by its id. */
  readonly appliedAs?: ReadonlyMap<string, readonly AppliedDigest[]>;
  /** Today's date, `2026-11-22`: waivers may end. Without it none does. */
  readonly today?: string;
}

/** A migration as it was where the branch left the default branch. */
export interface MergedText {
  readonly text: string;
  /** What it was compared with, for people: `origin/main`. */
  readonly ref: string;
}

/** An apply that Lockkeeper did itself. */
export interface AppliedDigest {
  readonly environment: string | null;
  readonly digest: string;
}

export const NO_FACTS: LintFacts = {};

/** Whether findings made with the one hold for the other. */
export function sameFacts(a: LintFacts, b: LintFacts): boolean {
  return (
    a === b ||
    (a.deployedCode === b.deployedCode &&
      a.merged === b.merged &&
      a.applied === b.applied &&
      a.appliedAs === b.appliedAs &&
      a.today === b.today &&
      sameList(a.statistics, b.statistics))
  );
}

function sameList(a: readonly Statistics[] = [], b: readonly Statistics[] = []): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
