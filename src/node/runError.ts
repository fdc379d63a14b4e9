export type RunErrorReason =
  | 'cancelled'
  /** The staging URL is production's, by class, by its own marker or by its system identifier. */
  | 'production'
  /** No environment of that name is configured. */
  | 'environment'
  /** The role may not make a scratch database, or the server is a standby. */
  | 'not possible'
  /** A migration before this one failed on the scratch server. */
  | 'replay failed'
  /** Something in a script that no server can run: psql meta-commands, templating, a NUL byte. */
  | 'script'
  /** No such migration in the history, or it is applied already. */
  | 'migration'
  /** The gate is shut, or not for this. */
  | 'gate'
  /** What lies on disk is no longer what was checked. */
  | 'changed'
  /** A connection pooler in transaction mode is between. */
  | 'pooler'
  /** Somebody else is applying. */
  | 'locked'
  /** An earlier migration is missing or failed in the tool's own table. */
  | 'history'
  /** Lockkeeper does not apply for this tool. */
  | 'tool';

/** Why a profile, an apply or a verify did not take place or was given up. The message is whole sentences for people and holds no password. */
export class RunError extends Error {
  readonly reason: RunErrorReason;
  readonly sqlState: string | null;
  /** The phase that it happened in, as the progress callback named it. */
  readonly phase: string | null;

  constructor(
    reason: RunErrorReason,
    message: string,
    options: { sqlState?: string | null; phase?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RunError';
    this.reason = reason;
    this.sqlState = options.sqlState ?? null;
    this.phase = options.phase ?? null;
  }
}
