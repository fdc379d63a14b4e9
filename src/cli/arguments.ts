import { parseArgs } from 'node:util';
import { COMMON_OPTIONS, UsageError } from './command.ts';
import type { Command, Invocation, Terminal } from './command.ts';

/**
 * Reads a command's arguments.
 *
 * @param words everything after the command's name
 * @throws UsageError on an unknown option, a missing value, or a format that the command does not know
 */
export function readArguments(
  command: Command,
  words: readonly string[],
  surroundings: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Invocation {
  const { terminal } = surroundings;
  const options = [...COMMON_OPTIONS, ...command.options];
  const { values, positionals } = parse(command, words, options);
  const value = (name: string): string | undefined => {
    const given = values[name];
    return typeof given === 'string' ? given : undefined;
  };
  const format = value('format') ?? 'text';
  const formats = command.options.find(({ name }) => name === 'format')?.value?.split('|') ?? ['text', 'json'];
  if (!formats.includes(format)) {
    throw new UsageError(`--format ${format}: it is one of ${formats.join(', ')}.`);
  }
  return {
    operands: positionals,
    flag: (name) => values[name] === true,
    value,
    values: (name) => {
      const given = values[name];
      return Array.isArray(given) ? given.filter((item) => typeof item === 'string') : [];
    },
    format,
    json: format === 'json',
    signal: surroundings.signal,
    terminal: format === 'text' ? terminal : { ...terminal, out: terminal.verbatim },
  };
}

function parse(command: Command, words: readonly string[], options: Command['options']) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        options.map(({ name, value, multiple }) => [
          name,
          { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: multiple ?? false },
        ]),
      ),
    });
  } catch (error) {
    const first = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    throw new UsageError(`${first}. "lockkeeper ${command.name} --help" lists the options.`);
  }
}
