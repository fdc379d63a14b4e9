import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CLI = resolve('dist/cli/main.js');
const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** A chapter of the story. */
export function chapter(title: string, ...lines: readonly string[]): void {
  process.stdout.write(`\n${paint('1;34', `━━ ${title} ${'━'.repeat(Math.max(0, 96 - title.length))}`)}\n`);
  for (const line of lines) say(line);
  process.stdout.write('\n');
}

export function say(line: string): void {
  process.stdout.write(`${paint('2', line)}\n`);
}

/**
 * Runs the real CLI as a user would, its output straight to the terminal.
 *
 * @param expected exit codes that the story is made of; another one ends the demo
 */
export async function lockkeeper(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly expected: readonly number[];
  },
): Promise<void> {
  process.stdout.write(`${paint('1', `$ lockkeeper ${args.map(word).join(' ')}`)}\n`);
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number>((done, fail) => {
    child.on('close', (status) => {
      done(status ?? 1);
    });
    child.on('error', fail);
  });
  if (!options.expected.includes(code)) {
    throw new Error(`lockkeeper ${args.join(' ')} ended with ${code}, not ${options.expected.join(' or ')}`);
  }
  process.stdout.write('\n');
}

function word(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
