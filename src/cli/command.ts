/** What every command of the CLI is made of. Help texts and docs/cli.md are generated from this. */
export interface Command {
  readonly name: string;
  /** One line, in the imperative. */
  readonly summary: string;
  /** What follows the name: `[PATH…]`. */
  readonly operands: string;
  /** Paragraphs for `--help` and the documentation. */
  readonly description: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** Has servers or sessions to clear away: a signal aborts `Invocation.signal`. Every other command ends at once. */
  readonly endsInOrder?: boolean;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

/** A command before it is called: the overview needs name and summary only, the rest is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export interface Option {
  readonly name: string;
  /** The value's name in help texts (`N`); absent for a flag. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly description: string;
}

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly Option[] = [
  {
    name: 'root',
    value: 'DIR',
    description: 'the workspace root (default: the nearest folder upwards with lockkeeper.jsonc or .git, else here)',
  },
  { name: 'format', value: 'text|json', description: "people's text (default) or JSON for programs" },
  {
    name: 'postgres',
    value: 'N',
    description: 'assume this PostgreSQL major version (default: lockkeeper.jsonc, else 16)',
  },
  { name: 'no-color', description: 'no colours (also with NO_COLOR, or where the output is not a terminal)' },
  { name: 'help', description: 'say what the command does' },
];

/** Documented in docs/cli.md; scripts may rely on them. */
export const EXIT = {
  /** Done, and nothing stands against it. */
  ok: 0,
  /** Looked at, and something stands against it: findings, a closed gate, a failed verification. */
  against: 1,
  /** The call or a configuration file is wrong. */
  usage: 2,
  /** It could not be carried out: no server, wrong password, a statement failed. */
  failed: 3,
  /** Stopped by the user. */
  cancelled: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One call of a command: its arguments and the world around it. */
export interface Invocation {
  readonly operands: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
  /** One of the formats that the command's `--format` names. */
  readonly format: string;
  readonly json: boolean;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C (and SIGTERM, SIGHUP), for commands that end in order. */
  readonly signal: AbortSignal;
}

export interface Terminal {
  /** For people: control characters in it are made visible. */
  readonly out: (text: string) => void;
  /** JSON, a script, a document: byte for byte, unless it goes to a terminal. */
  readonly verbatim: (text: string) => void;
  /** For people only: progress and errors. */
  readonly error: (text: string) => void;
  readonly colour: boolean;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The call is wrong: said in one line, with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
