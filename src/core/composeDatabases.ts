import { parse } from 'yaml';

/** A PostgreSQL that a compose file publishes on this machine: a proposal for a person, never connected to by itself. */
export interface ComposeDatabase {
  readonly service: string;
  /** On 127.0.0.1: a compose file says which port of this machine it publishes, and names no other host. */
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** As it stands in the file; null: it is not in the file itself. Never print it. */
  readonly password: string | null;
}

/** The names that Docker Compose looks for, in its order. https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file */
export const COMPOSE_FILES: readonly string[] = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
];

/** Official, and what is built on it with the same variables. */
const IMAGES = /(?:^|\/)(?:postgres|postgresql|postgis|pgvector|timescaledb(?:-ha)?|alpine-postgres)(?::|@|$)/;
const POSTGRESQL_PORT = 5432;

/**
 * The databases of a compose file whose port is published and that anybody may read off it. Variables are not expanded:
 * their values lie in files and environments that may hold secrets. A default that the file itself gives counts
 * (`${DB_USER:-app}`); a port without one is unknown, and the database is left out.
 *
 * @returns empty for what is no YAML, or no compose file
 */
export function composeDatabases(text: string): readonly ComposeDatabase[] {
  const services = record(record(parsed(text))['services']);
  return Object.entries(services).flatMap(([service, value]): ComposeDatabase[] => {
    const { image, environment, ports } = record(value);
    const variables = environmentOf(environment);
    if (!(typeof image === 'string' && IMAGES.test(image)) && !variables.has('POSTGRES_PASSWORD')) return [];
    const port = publishedPort(ports);
    if (port === null) return [];
    // As the image's entry point does it: the user's default is postgres, the database's is the user.
    const user = variables.has('POSTGRES_USER') ? variables.get('POSTGRES_USER') : 'postgres';
    const database = variables.has('POSTGRES_DB') ? variables.get('POSTGRES_DB') : user;
    if (!user || !database) return [];
    return [{ service, port, user, database, password: variables.get('POSTGRES_PASSWORD') ?? null }];
  });
}

/** Holds the password, where the file has it: never print it. */
export function composeUrl({ port, user, database, password }: ComposeDatabase): string {
  const secret = password === null ? '' : `:${encodeURIComponent(password)}`;
  return `postgresql://${encodeURIComponent(user)}${secret}@127.0.0.1:${String(port)}/${encodeURIComponent(database)}`;
}

function parsed(text: string): unknown {
  try {
    // Aliases expand to no more than a hundred copies: a file that says more is no compose file but an attack.
    return parse(text, { logLevel: 'silent', maxAliasCount: 100, merge: true });
  } catch {
    return null;
  }
}

/** A list of NAME=value, or a map. Null: the value comes from elsewhere. */
function environmentOf(value: unknown): Map<string, string | null> {
  const entries: (readonly [string, unknown])[] = Array.isArray(value)
    ? value.filter((one) => typeof one === 'string').map((one) => [one.split('=')[0] ?? '', afterFirst(one, '=')])
    : Object.entries(record(value));
  return new Map(entries.map(([name, given]) => [name, literal(given)]));
}

function afterFirst(text: string, separator: string): string | null {
  const at = text.indexOf(separator);
  return at === -1 ? null : text.slice(at + 1);
}

/** A value that stands in the file, or a variable's default there. `$$` is a dollar. */
function literal(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).replaceAll(/\$\{\w+:?-([^${}]*)\}/g, '$1');
  return /(?<!\$)(?:\$\$)*\$(?!\$)/.test(text) ? null : text.replaceAll('$$', '$');
}

function publishedPort(ports: unknown): number | null {
  if (!Array.isArray(ports)) return null;
  for (const one of ports as readonly unknown[]) {
    const found = typeof one === 'object' && one !== null ? longPort(record(one)) : shortPort(literal(one));
    if (found !== null) return found;
  }
  return null;
}

/** `[HOST:]PUBLISHED:CONTAINER[/PROTOCOL]`; a range, or no published port, is one that nobody can tell. */
function shortPort(text: string | null): number | null {
  const match = /^(?:.*:)?(\d+):(\d+)(?:\/tcp)?$/.exec(text ?? '');
  return Number(match?.[2]) === POSTGRESQL_PORT ? portNumber(match?.[1]) : null;
}

function longPort({ target, published, protocol }: Readonly<Record<string, unknown>>): number | null {
  if (protocol !== undefined && protocol !== 'tcp') return null;
  return Number(literal(target)) === POSTGRESQL_PORT ? portNumber(literal(published) ?? undefined) : null;
}

function portNumber(text: string | undefined): number | null {
  const port = /^\d+$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : null;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
