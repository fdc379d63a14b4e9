/** What *Apply* did to a database: plain data, made in src/node/apply, kept inside evidence. Never holds row values, URLs or passwords. */
export interface ApplyRun {
  readonly version: 1;
  readonly history: string;
  readonly migration: string;
  readonly digest: string;
  readonly environment: string;
  /** RFC 3339, UTC, from the server's clock. */
  readonly startedAt: string;
  readonly server: { readonly version: string; readonly major: number };
  /** Session settings as the server read them back before the first step. */
  readonly settings: Readonly<Record<string, string>>;
  readonly outcome: 'applied' | 'failed' | 'cancelled';
  readonly steps: readonly AppliedStep[];
  /** What state the server is in, in plain words. */
  readonly state: string;
  readonly milliseconds: number;
}

/** One transaction, or one statement that runs outside of any. */
export interface AppliedStep {
  /** Indexes of its statements in the file. */
  readonly statements: readonly number[];
  readonly transactional: boolean;
  /** 1, and one more for every retry after a lock timeout or a deadlock. */
  readonly attempts: number;
  /** Of the last attempt, to after COMMIT. */
  readonly milliseconds: number;
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'unknown';
  readonly error: {
    readonly message: string;
    readonly sqlState: string | null;
    readonly statement: number | null;
  } | null;
}
