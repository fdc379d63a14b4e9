import { EXIT, UsageError } from './command.ts';
import type { CommandEntry, ExitCode, Terminal } from './command.ts';
import { packageVersion } from './version.ts';
import { visibleControls } from './visibleControls.ts';

/** Runs the command that the arguments name, and leaves its exit code to the process. */
export async function runProgram(commands: readonly CommandEntry[]): Promise<void> {
  process.exitCode = await run(commands, process.argv.slice(2));
}

async function run(commands: readonly CommandEntry[], [name, ...words]: readonly string[]): Promise<ExitCode> {
  const abort = new AbortController();
  const terminal = processTerminal(words);
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      const { overview } = await import('./help.ts');
      terminal.out(overview(commands));
      return name === undefined ? EXIT.usage : EXIT.ok;
    }
    if (name === '--version' || name === '-V') {
      terminal.out(`${packageVersion()}\n`);
      return EXIT.ok;
    }
    const entry = commands.find((command) => command.name === name);
    if (entry === undefined) {
      throw new UsageError(`there is no command "${name}": ${commands.map((command) => command.name).join(', ')}.`);
    }
    const command = await entry.load();
    if (words.includes('--help') || words.includes('-h')) {
      const { commandHelp } = await import('./help.ts');
      terminal.out(commandHelp(command));
      return EXIT.ok;
    }
    const { readArguments } = await import('./arguments.ts');
    if (command.endsInOrder === true) endInOrder(abort);
    return await command.run(readArguments(command, words, { terminal, signal: abort.signal }));
  } catch (error) {
    const { explainError } = await import('./errors.ts');
    const { message, exitCode } = explainError(error, abort.signal);
    terminal.error(`lockkeeper: ${message}\n`);
    return exitCode;
  }
}

/** The first signal cancels, so that servers and scratch databases are cleared away; a second one ends at once. */
function endInOrder(abort: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // `on`, not `once`: a throw-away server ends itself on a signal that nobody else listens to.
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(EXIT.cancelled);
      abort.abort();
    });
  }
}

function processTerminal(given: readonly string[]): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that goes away (`| head`) is not an error of ours, and must not end an apply half-way.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
  }
  const colour = process.stdout.isTTY && !given.includes('--no-color') && !process.env['NO_COLOR'];
  return {
    out: (text) => {
      process.stdout.write(visibleControls(text, { colour }));
    },
    verbatim: (text) => {
      process.stdout.write(process.stdout.isTTY ? visibleControls(text) : text);
    },
    error: (text) => {
      process.stderr.write(visibleControls(text));
    },
    colour,
    cwd: process.cwd(),
    environment: process.env,
  };
}
