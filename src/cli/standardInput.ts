import { readFileSync } from 'node:fs';
import { targetOfText } from '../node/pipedTarget.ts';
import type { Project } from '../node/project.ts';
import type { Target } from '../node/targets.ts';
import { UsageError } from './command.ts';
import type { Invocation, Option } from './command.ts';

/** For commands that read a migration from standard input. */
export const STDIN_OPTIONS: readonly Option[] = [
  { name: 'stdin', description: 'read one migration from standard input: the newest of the only history, or alone' },
  {
    name: 'stdin-filename',
    value: 'PATH',
    description: 'where that text lies or would lie, so that it is read in its place of its history',
  },
];

/** The text that was piped in, in its place. @throws UsageError */
export function pipedTarget(call: Invocation, project: Project): Target {
  if (call.operands.length > 0) {
    throw new UsageError('--stdin reads one migration, so no paths are given. --stdin-filename says where it lies.');
  }
  const text = decoded(readStandardInput());
  // A pipe whose other end failed must not pass for "in order".
  if (text === '') throw new UsageError('--stdin: standard input was empty, so nothing was looked at.');
  const target = targetOfText({
    text,
    fileName: call.value('stdin-filename') ?? null,
    cwd: call.terminal.cwd,
    project,
  });
  if ('problem' in target) throw new UsageError(target.problem);
  return target;
}

/** @throws UsageError */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError('--stdin: not UTF-8; PostgreSQL would refuse the text or store a wrong one.', {
      cause: error,
    });
  }
}

function readStandardInput(): Uint8Array {
  try {
    return readFileSync(0);
  } catch (error) {
    // Nothing is connected there, or it is closed.
    if (error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBADF')) {
      throw new UsageError('--stdin: nothing can be read from standard input.', { cause: error });
    }
    throw error;
  }
}
