import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { EnvironmentClass } from '../core/policy/policy.ts';

/** A named database to speak to. Holds a password: never print `url`, use `describeUrl`. */
export interface EnvironmentTarget {
  readonly name: string;
  readonly class: EnvironmentClass;
  readonly url: string;
}

/** What the user's own machine knows of an environment. */
export interface EnvironmentAddress {
  readonly url: string;
  /** `pg_control_system().system_identifier`, if the user wrote it down. */
  readonly systemIdentifier: string | null;
  /** A database on the same server that staging may clone: a snapshot of production that somebody keeps there. */
  readonly golden?: string;
  /** For people: the variable's or the file's name. */
  readonly source: string;
}

export interface EnvironmentAddresses {
  readonly byName: ReadonlyMap<string, EnvironmentAddress>;
  /** What was wrong with the file, in words; nothing of its content is repeated. */
  readonly problems: readonly string[];
}

/** The variable that holds an environment's URL: `LOCKKEEPER_URL_EU_PRODUCTION` for `eu-production`. */
export function urlVariable(name: string): string {
  return `LOCKKEEPER_URL_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** `environments.jsonc` in the user's configuration folder; never in a repository. */
export function environmentsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const folder =
    process.platform === 'win32'
      ? (environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'))
      : environment['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(folder, 'lockkeeper', 'environments.jsonc');
}

/**
 * The URLs of the named environments: from `LOCKKEEPER_URL_<NAME>`, else from `environments.jsonc`
 * (`{"staging": {"url": "postgresql://…", "golden": "app_golden"}, "production": {"url": "postgresql://…",
 * "systemIdentifier": "7…"}}`, or just the URL). Passwords may be left to libpq's own ways (PGPASSWORD, ~/.pgpass).
 *
 * @param names the environments that the project's configuration names; those of the file are found without it
 */
export async function environmentAddresses(
  names: readonly string[],
  options: { readonly environment?: NodeJS.ProcessEnv; readonly file?: string } = {},
): Promise<EnvironmentAddresses> {
  const environment = options.environment ?? process.env;
  const file = options.file ?? environmentsFile(environment);
  const problems: string[] = [];
  const byName = new Map(await fromFile(file, problems));
  for (const name of names) {
    const variable = urlVariable(name);
    const url = environment[variable];
    if (url !== undefined && url !== '')
      byName.set(name, {
        ...byName.get(name),
        systemIdentifier: byName.get(name)?.systemIdentifier ?? null,
        url,
        source: variable,
      });
  }
  return { byName, problems };
}

async function fromFile(file: string, problems: string[]): Promise<[string, EnvironmentAddress][]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0)
      problems.push(`${file} holds passwords and can be read by other users of this machine: chmod 600 '${file}'`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    problems.push(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  const errors: ParseError[] = [];
  const content: unknown = parse(text, errors, { allowTrailingComma: true });
  const error = errors[0];
  if (error) {
    const line = text.slice(0, error.offset).split('\n').length;
    problems.push(`${file}, line ${line}: ${printParseErrorCode(error.error)}`);
  }
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([name, value]: [string, unknown]) => {
    const address = addressOf(value, file);
    if (address === null) problems.push(`${file}: "${name}" should be a URL, or an object with "url"`);
    return address === null ? [] : [[name, address]];
  });
}

function addressOf(value: unknown, source: string): EnvironmentAddress | null {
  if (typeof value === 'string') return { url: value, systemIdentifier: null, source };
  if (typeof value !== 'object' || value === null || !('url' in value) || typeof value.url !== 'string') return null;
  const identifier = 'systemIdentifier' in value ? value.systemIdentifier : null;
  const golden = 'golden' in value ? value.golden : null;
  return {
    url: value.url,
    systemIdentifier: typeof identifier === 'string' ? identifier : null,
    ...(typeof golden === 'string' && golden !== '' ? { golden } : {}),
    source,
  };
}
