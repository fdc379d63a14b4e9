import { setFlagsFromString } from 'node:v8';
import { EXIT, UsageError } from './command.ts';
import type { ExitCode, Terminal } from './command.ts';
import { COMMANDS } from './commands.ts';
import { packageVersion } from './version.ts';
import { visibleControls } from './visibleControls.ts';

// Before any WebAssembly is compiled: V8's optimising compiler would spend 0.3 s of a second core on PostgreSQL's grammar
// for a run that ends sooner (measured with Node 20).
setFlagsFromString('--wasm-tiering-budget=200000000');
// Check a function when it is first called, not all 1.7 MB at once: half of the 7 ms that loading the parser takes.
setFlagsFromString('--wasm-lazy-validation');

const [name, ...words] = process.argv.slice(2);
const abort = new AbortController();
process.exitCode = await main();

async function main(): Promise<ExitCode> {
  const terminal = processTerminal(words);
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      const { overview } = await import('./help.ts');
      terminal.out(overview(COMMANDS));
      return name === undefined ? EXIT.usage : EXIT.ok;
    }
    if (name === '--version' || name === '-V') {
      terminal.out(`${packageVersion()}\n`);
      return EXIT.ok;
    }
    const entry = COMMANDS.find((command) => command.name === name);
    if (entry === undefined) {
      throw new UsageError(`there is no command "${name}": ${COMMANDS.map((command) => command.name).join(', ')}.`);
    }
    const command = await entry.load();
    if (words.includes('--help') || words.includes('-h')) {
      const { commandHelp } = await import('./help.ts');
      terminal.out(commandHelp(command));
      return EXIT.ok;
    }
    const { readArguments } = await import('./arguments.ts');
    if (command.endsInOrder === true) endInOrder();
    return await command.run(readArguments(command, words, { terminal, signal: abort.signal }));
  } catch (error) {
    const { explainError } = await import('./errors.ts');
    const { message, exitCode } = explainError(error, abort.signal);
    terminal.error(`lockkeeper: ${message}\n`);
    return exitCode;
  }
}

/** The first signal cancels, so that servers and scratch databases are cleared away; a second one ends at once. */
function endInOrder(): void {
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
