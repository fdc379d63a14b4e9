/** Progress of a profile, an apply or a verify. */
export interface RunProgress {
  /** One line for people: "Filling public.orders". */
  readonly message: string;
  /** Percent that this step adds; all steps together give about 100. */
  readonly increment?: number;
  /** While a statement runs: its index in the file. */
  readonly statement?: number;
}

/** Milliseconds. Longer waits for a lock end the statement: what queues behind it waits as long, and no longer. */
export const DEFAULT_LOCK_TIMEOUT = 2000;
