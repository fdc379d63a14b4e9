import { readFileSync } from 'node:fs';
import { EXIT, UsageError } from './command.ts';
import type { Command, ExitCode, Terminal } from './command.ts';

/** All commands: the overview needs name and summary only, the rest is loaded when it is called. */
export const COMMANDS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}[] = [
  {
    name: 'lint',
    summary: 'find what migrations would block, break or lose',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'explain',
    summary: 'say what each statement locks and costs',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'rollback',
    summary: 'write the down script of a migration',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'profile',
    summary: 'run a migration on staging and measure locks and time',
    load: async () => (await import('./profile.ts')).profile,
  },
  {
    name: 'approve',
    summary: 'record an approval for the exact bytes of a migration',
    load: async () => (await import('./approve.ts')).approve,
  },
  {
    name: 'check',
    summary: 'say whether the gate of an environment is open',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'apply',
    summary: 'apply pending migrations behind the gate',
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'verify',
    summary: 'check a database after migrations were applied',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'status',
    summary: 'show where every migration stands',
    load: async () => (await import('./status.ts')).status,
  },
];

const [name, ...words] = process.argv.slice(2);
const abort = new AbortController();
process.once('SIGINT', () => {
  abort.abort();
});
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
    return await command.run(readArguments(command, words, { terminal, signal: abort.signal }));
  } catch (error) {
    const { explainError } = await import('./errors.ts');
    const { message, exitCode } = explainError(error, abort.signal);
    terminal.error(`lockkeeper: ${message}\n`);
    return exitCode;
  }
}

function processTerminal(given: readonly string[]): Terminal {
  // A reader that goes away (`| head`) is not an error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    error: (text) => {
      process.stderr.write(text);
    },
    colour: process.stdout.isTTY && !given.includes('--no-color') && !process.env['NO_COLOR'],
    cwd: process.cwd(),
    environment: process.env,
  };
}

function packageVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
