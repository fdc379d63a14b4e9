export type ConnectionErrorReason =
  | 'bad address'
  | 'unreachable'
  | 'wrong password'
  | 'no such database'
  | 'no such user'
  | 'not permitted'
  | 'too many connections'
  | 'server not ready'
  | 'no encryption'
  | 'bad setting'
  | 'lost'
  | 'cancelled'
  | 'other';

/** A connection could not be had, or was lost. The message names host, port and database; never a password. */
export class ConnectionError extends Error {
  readonly reason: ConnectionErrorReason;
  readonly sqlState: string | null;

  constructor(
    reason: ConnectionErrorReason,
    message: string,
    options: { sqlState?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectionError';
    this.reason = reason;
    this.sqlState = options.sqlState ?? null;
  }
}
