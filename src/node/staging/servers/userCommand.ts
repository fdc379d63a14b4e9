import { spawn } from 'node:child_process';
import { RunError } from '../../runError.ts';

export interface UserCommand {
  /** For the user's shell. */
  readonly line: string;
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default ten minutes. */
  readonly timeout?: number;
}

const LONGEST_OUTPUT = 65_536;
const TEN_MINUTES = 600_000;

/**
 * Runs a command line of the user's own settings, with the user's own environment, to its end.
 *
 * @returns what it printed to standard output
 * @throws RunError 'not possible' (it failed, or took too long), 'cancelled'. The words hold no password of a URL.
 */
export function runUserCommand({
  line,
  folder,
  variables,
  signal,
  timeout = TEN_MINUTES,
}: UserCommand): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new RunError('cancelled', 'Cancelled before the staging command was run.'));
      return;
    }
    const child = spawn(line, {
      shell: true,
      cwd: folder,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own: what the shell started ends with it.
      detached: process.platform !== 'win32',
    });
    const output = { out: '', error: '' };
    child.stdout.on(
      'data',
      (chunk: Buffer) => (output.out = (output.out + chunk.toString('utf8')).slice(-LONGEST_OUTPUT)),
    );
    child.stderr.on(
      'data',
      (chunk: Buffer) => (output.error = (output.error + chunk.toString('utf8')).slice(-LONGEST_OUTPUT)),
    );
    let ended: RunError | null = null;
    const end = (error: RunError): void => {
      ended = error;
      if (child.pid === undefined) return;
      try {
        if (process.platform === 'win32') child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const abort = (): void => {
      end(new RunError('cancelled', 'The staging command was stopped.'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(() => {
      end(new RunError('not possible', `The staging command was stopped after ${timeout / 60_000} minutes.`));
    }, timeout);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.once('error', (error) => {
      settle();
      reject(new RunError('not possible', `The staging command can't be run: ${error.message}.`, { cause: error }));
    });
    child.once('close', (code) => {
      settle();
      if (ended !== null) reject(ended);
      else if (code === 0) resolve(output.out);
      else {
        const said = lastLine(output.error) || lastLine(output.out) || 'it said nothing';
        reject(
          new RunError(
            'not possible',
            `The staging command failed (exit code ${code ?? 'unknown'}): ${withoutPasswords(said)}`,
          ),
        );
      }
    });
  });
}

/** The last line with something on it. */
export function lastLine(text: string): string {
  return text.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? '';
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w+:\/\/[^\s:@/]*):[^\s@]*@/g, '$1:…@').slice(0, 500);
}
