import pg from 'pg';
import { quoteIdentifier } from '../core/sql/quote.ts';
import { ConnectionError } from './connectionError.ts';
import type { ConnectionErrorReason } from './connectionError.ts';

/** Settings of a session, sent in the start-up packet, so that no reconnect can lose them. Times in milliseconds. */
export interface SessionOptions {
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
  readonly timeZone?: string;
  readonly applicationName?: string;
  /** Any other server setting: `{ search_path: 'app' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default 10 s. */
  readonly connectTimeout?: number;
  /** Closes the connection when it fires; what runs then fails with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` with one direct connection that is closed in any case.
 * @param url `postgresql://…`; what it leaves out comes from libpq's environment variables and the password file
 * @throws ConnectionError, where connecting fails or the server goes away; errors of statements are passed on as they are
 */
export async function withClient<T>(
  url: string,
  options: SessionOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(url, options);
  const losses: Error[] = [];
  client.on('error', (error) => losses.push(error));
  const abort = (): void => {
    // Not `end()`, which waits for the running statement: a cut connection.
    (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
  };
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await work(client);
  } catch (error) {
    if (options.signal?.aborted === true)
      throw new ConnectionError('cancelled', `Work on ${describeUrl(url)} was cancelled.`, {
        cause: scrubbed(error, url),
      });
    if (losses.length > 0 || isConnectionLoss(error)) {
      throw new ConnectionError(
        'lost',
        `The connection to ${describeUrl(url)} was lost: ${withoutPassword(messageOf(losses[0] ?? error), url)}`,
        {
          sqlState: sqlStateOf(error),
          cause: scrubbed(error, url),
        },
      );
    }
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await client.end().catch(() => undefined);
  }
}

/**
 * Makes an empty database with a random name beside the URL's own one, and drops it afterwards, sessions in it or not.
 * @param url needs a role that may create databases
 */
export async function withScratchDatabase<T>(
  url: string,
  work: (scratchUrl: string, database: { readonly name: string }) => Promise<T>,
): Promise<T> {
  const name = `lockkeeper_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await withClient(url, {}, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  try {
    return await work(databaseUrl(url, name), { name });
  } finally {
    await withClient(url, {}, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  }
}

/** The same server and user, another database. */
export function databaseUrl(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

/** `db.example.org:5432/app`, for people: no user, no password, no parameters. */
export function describeUrl(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    return `${hostname || searchParams.get('host') || 'localhost'}:${port || searchParams.get('port') || '5432'}${decodeURIComponent(pathname)}`;
  } catch {
    return 'the configured address';
  }
}

async function connect(url: string, options: SessionOptions): Promise<pg.Client> {
  if (options.signal?.aborted === true)
    throw new ConnectionError('cancelled', `Connecting to ${describeUrl(url)} was cancelled.`);
  let client: pg.Client;
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== 'postgresql:' && parsed.protocol !== 'postgres:')
      throw new Error('not a postgresql:// URL');
    const given = parsed.searchParams.get('options');
    // Both `options=` and `application_name=` of the URL win over nothing and lose to ours.
    parsed.searchParams.delete('options');
    // Prisma's URLs may name a schema, which PostgreSQL's own do not know.
    const schema = parsed.searchParams.get('schema') ?? '';
    parsed.searchParams.delete('schema');
    const searchPath = schema === '' ? '' : startupOptions({ settings: { search_path: quoteIdentifier(schema) } });
    client = new pg.Client({
      connectionString: parsed.href,
      connectionTimeoutMillis: options.connectTimeout ?? 10_000,
      options: [searchPath, given ?? '', startupOptions(options)].filter((part) => part !== '').join(' '),
      application_name: options.applicationName ?? 'lockkeeper',
      keepAlive: true,
    });
  } catch (error) {
    throw new ConnectionError(
      'bad address',
      'The database address is not a URL of the form postgresql://user@host:5432/database.',
      { cause: scrubbed(error, url) },
    );
  }
  client.on('error', () => undefined);
  const abort = (): void => void client.end().catch(() => undefined);
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (isAborted(options.signal))
      throw new ConnectionError('cancelled', `Connecting to ${describeUrl(url)} was cancelled.`);
    throw connectionError(error, url);
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** `-c name=value …` for the start-up packet; a space or backslash in a value is escaped with a backslash (libpq's `options`). */
export function startupOptions(options: SessionOptions): string {
  const settings: Record<string, string> = { ...options.settings };
  if (options.lockTimeout !== undefined) settings['lock_timeout'] = String(options.lockTimeout);
  if (options.statementTimeout !== undefined) settings['statement_timeout'] = String(options.statementTimeout);
  if (options.timeZone !== undefined) settings['TimeZone'] = options.timeZone;
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

function connectionError(error: unknown, url: string): ConnectionError {
  const place = describeUrl(url);
  const sqlState = sqlStateOf(error);
  const said = withoutPassword(messageOf(error), url);
  const [reason, message] = explain(error, sqlState, place, said);
  return new ConnectionError(reason, message, { sqlState, cause: scrubbed(error, url) });
}

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html; errors before the server answers have Node's codes. */
function explain(
  error: unknown,
  sqlState: string | null,
  place: string,
  said: string,
): readonly [ConnectionErrorReason, string] {
  switch (sqlState ?? '') {
    case '28P01':
      return ['wrong password', `${place} refused the password.`];
    case '28000':
      return ['not permitted', `${place} does not let this user in: ${said}`];
    case '3D000':
      return ['no such database', `There is no such database: ${place}.`];
    case '42704':
    case '22023':
    case '55P02':
      return ['bad setting', `${place} refused a session setting: ${said}`];
    case '42501':
      return ['not permitted', `${place}: ${said}`];
    case '53300':
      return ['too many connections', `${place} has no connection left: ${said}`];
    case '57P03':
      return ['server not ready', `${place} is starting up or shutting down: ${said}`];
  }
  if (sqlState?.startsWith('28') === true) return ['no such user', `${place}: ${said}`];
  const code = (error as { code?: unknown }).code;
  const network = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ECONNRESET',
    'EPIPE',
    'ENOENT',
    'EACCES',
  ];
  if (typeof code === 'string' && network.includes(code))
    return ['unreachable', `No server answers at ${place} (${code}).`];
  // pg raises these without a code.
  if (/password must be a string|no password supplied/.test(said))
    return ['wrong password', `${place} asks for a password, and none is configured.`];
  if (/does not support SSL|self.signed|certificate/i.test(said))
    return ['no encryption', `No encrypted connection to ${place}: ${said}`];
  if (/timeout|terminated/i.test(said)) return ['unreachable', `No server answers at ${place}: ${said}.`];
  return ['other', `Connecting to ${place} failed: ${said}`];
}

/** A function, since TypeScript would take an earlier look at `aborted` for final. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null) return state.startsWith('08') || state === '57P01' || state === '57P02' || state === '57P03';
  const code = (error as { code?: unknown } | null)?.code;
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    /^(Connection terminated|Client was closed|Client has encountered a connection error)/.test(messageOf(error))
  );
}

function sqlStateOf(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The original, unless the password could be in it (a library quoting the URL). */
function scrubbed(error: unknown, url: string): unknown {
  const text = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error);
  return withoutPassword(text, url) === text && !Object.values(error ?? {}).some((value) => value === url)
    ? error
    : new Error(withoutPassword(messageOf(error), url));
}

function withoutPassword(text: string, url: string): string {
  const raw = /^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url)?.[1];
  if (raw === undefined || raw === '') return text;
  let plain = raw;
  try {
    plain = decodeURIComponent(raw);
  } catch {
    // Not percent-encoded.
  }
  return text.replaceAll(url, describeUrl(url)).replaceAll(raw, '…').replaceAll(plain, '…');
}
