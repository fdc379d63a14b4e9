import { COMMON_OPTIONS } from './command.ts';
import type { Command, Option } from './command.ts';

/** `lockkeeper --help`. */
export function overview(commands: readonly Pick<Command, 'name' | 'summary'>[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'lockkeeper: PostgreSQL schema migrations without downtime or data loss',
    '',
    'Usage: lockkeeper COMMAND [ARGUMENTS]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'lockkeeper COMMAND --help says more; lockkeeper --version prints the version.',
    'Exit codes: 0 nothing stands against it, 1 something does, 2 wrong call or configuration, 3 could not be done, 130 stopped.',
    '',
  ].join('\n');
}

/** `lockkeeper COMMAND --help`. */
export function commandHelp(command: Command): string {
  return [
    `Usage: lockkeeper ${command.name} [OPTIONS] ${command.operands}`.trimEnd(),
    '',
    command.description,
    '',
    'Options:',
    ...optionLines([...command.options, ...commonOptions(command)]),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

/** The common options that the command does not define itself. */
export function commonOptions(command: Command): readonly Option[] {
  return COMMON_OPTIONS.filter(({ name }) => !command.options.some((own) => own.name === name));
}

function optionLines(options: readonly Option[]): string[] {
  const heads = options.map(({ name, value }) => `--${name}${value === undefined ? '' : ` ${value}`}`);
  const width = Math.max(...heads.map((head) => head.length));
  return options.map(({ description }, index) => `  ${(heads[index] ?? '').padEnd(width)}  ${description}`);
}
