import { ConnectionError } from '../../node/connectionError.ts';
import { RunError } from '../../node/runError.ts';
import { ServerError } from '../../node/servers/serverError.ts';
import type { Failure } from './channel.ts';

/** A request that the engine refuses, worded for people. */
export class RequestError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.name = 'RequestError';
    this.reason = reason;
  }
}

/** The one place where the engine words errors. Messages of our own types are whole sentences and hold no password. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ServerError && (error.reason === 'consent needed' || error.reason === 'no binaries'))
    return { message: error.message, reason: 'download needed' };
  if (
    error instanceof RequestError ||
    error instanceof RunError ||
    error instanceof ConnectionError ||
    error instanceof ServerError
  )
    return { message: error.message, reason: error.reason };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'path' in error)
    return { message: `${error.message}.`, reason: error.code };
  return {
    message: `This is a bug in Lockkeeper: ${error instanceof Error ? error.message : String(error)}`,
    reason: 'bug',
  };
}
