/** What *Verify* found on a database: plain data, made in src/node/integrity, kept inside evidence. Never holds row values, URLs or passwords. */
export interface IntegrityResult {
  readonly version: 1;
  readonly history: string;
  /** The migration that was verified, with its digest; null: the whole database, up to what is applied. */
  readonly migration: { readonly id: string; readonly digest: string } | null;
  readonly environment: string | null;
  /** RFC 3339, UTC, from the server's clock. */
  readonly at: string;
  readonly server: { readonly version: string; readonly major: number };
  readonly outcome: 'passed' | 'failed';
  readonly checks: readonly IntegrityCheck[];
  readonly milliseconds: number;
}

export type IntegrityCheckKind = 'applied' | 'row counts' | 'invalid indexes' | 'unvalidated constraints' | 'catalog';

export interface IntegrityCheck {
  readonly kind: IntegrityCheckKind;
  /** `not run`: and `summary` says why. Never counted as passed. */
  readonly state: 'passed' | 'failed' | 'not run';
  /** One sentence. */
  readonly summary: string;
  readonly findings: readonly IntegrityFinding[];
}

export interface IntegrityFinding {
  /** A `problem` fails the check; a `note` is for the reader: it was there before, or it is meant so. */
  readonly severity: 'problem' | 'note';
  readonly object: string;
  readonly message: string;
}
