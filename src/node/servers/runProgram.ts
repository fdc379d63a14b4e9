import { spawn } from 'node:child_process';
import type { ServerUser } from './serverUser.ts';

export interface ProgramOutcome {
  readonly code: number | null;
  /** Standard output and error, as they came, at most the last 64 KB. */
  readonly output: string;
}

/** Runs a program to its end. Rejects with `AbortError` when the signal fires (the program is killed), or when it can't be started. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: {
    readonly user?: ServerUser | null;
    readonly cwd?: string;
    readonly signal?: AbortSignal | undefined;
    readonly env?: NodeJS.ProcessEnv;
    readonly shell?: boolean;
  } = {},
): Promise<ProgramOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.env === undefined ? {} : { env: options.env }),
      shell: options.shell ?? false,
      killSignal: 'SIGKILL',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-65_536);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}
