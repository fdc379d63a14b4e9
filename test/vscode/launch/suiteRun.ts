/** One window with one mocha suite. */
export interface SuiteRun {
  readonly scenario: string;
  /** The extension's folder. */
  readonly extension: string;
  /** The suite's bundle. */
  readonly suite: string;
  /** What is opened; null: an empty window. */
  readonly folder: string | null;
  /** `false`: Workspace Trust is on, and the folder is not trusted. */
  readonly trusted: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the suite leaves in the file that `LOCKKEEPER_TEST_RESULTS` names. */
export interface SuiteResult {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  /** Mocha's own output. */
  readonly output: string;
}
