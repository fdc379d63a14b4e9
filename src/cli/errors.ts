import { ConnectionError } from '../node/connectionError.ts';
import { UnreadableFileError } from '../node/files.ts';
import { RunError } from '../node/runError.ts';
import { ServerError } from '../node/servers/serverError.ts';
import { EXIT, UsageError } from './command.ts';
import type { ExitCode } from './command.ts';

/** Words and exit code for whatever a command threw: the one place of the command line that words errors. */
export function explainError(
  error: unknown,
  signal: AbortSignal,
): { readonly message: string; readonly exitCode: ExitCode } {
  if (signal.aborted) return { message: `stopped. ${messageOf(error)}`, exitCode: EXIT.cancelled };
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof UnreadableFileError) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof RunError)
    return { message: error.message, exitCode: RUN_ERROR_CODES[error.reason] ?? EXIT.failed };
  if (error instanceof ServerError && error.reason === 'consent needed')
    return { message: `${error.message} That consent is --fetch.`, exitCode: EXIT.failed };
  if (error instanceof ConnectionError || error instanceof ServerError)
    return { message: error.message, exitCode: EXIT.failed };
  return { message: unexpected(error), exitCode: EXIT.failed };
}

/** What stands against doing it, rather than a failure of doing it. */
const RUN_ERROR_CODES: Readonly<Partial<Record<RunError['reason'], ExitCode>>> = {
  gate: EXIT.against,
  changed: EXIT.against,
  history: EXIT.against,
  production: EXIT.against,
  tool: EXIT.usage,
  migration: EXIT.usage,
  environment: EXIT.usage,
  cancelled: EXIT.cancelled,
};

function unexpected(error: unknown): string {
  const known =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? FILE_ERRORS[error.code] : undefined;
  if (known !== undefined)
    return `${known}: ${'path' in (error as object) ? String((error as { path: unknown }).path) : messageOf(error)}`;
  // Not foreseen: the stack is what a bug report needs. It holds no texts of scripts, URLs or values.
  const stack = error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return `this should not have happened: ${messageOf(error)}${stack}`;
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'not allowed to open',
  EISDIR: 'this is a folder, not a file',
  ENOTDIR: 'this is a file, not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
