import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Client } from 'pg';
import pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../../core/sql/quote.ts';
import { isAlive, processStart } from '../servers/runDirectory.ts';

/** What every database that Lockkeeper makes is called, and no other: prefix, seconds since 1970, chance; both hexadecimal. */
const PREFIX = 'lockkeeper_scratch_';
const PATTERN = new RegExp(`^${PREFIX}([0-9a-f]{8})([0-9a-f]{8})$`);

/** A database without an owner's comment, or another host's, is nobody's when it is older than this and nobody is in it. */
const ABANDONED_AFTER_SECONDS = 3_600;

/** From this size on, copying files is quicker than writing the copy to WAL, and spares the WAL. Measured: docs/staging.md. */
const LARGE = 64_000_000;

export interface Template {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Makes a database of ours, empty or a copy, and writes into its comment which process it belongs to, so that a later
 * start finds it if that process dies.
 *
 * @param client as a role that may create databases
 * @param options.name from `ownDatabaseName`, where the caller must know it beforehand
 * @param options.template nobody may be connected to it; undefined: empty
 * @returns its name
 */
export async function createOwnDatabase(
  client: Client,
  options: { readonly major: number; readonly template?: Template | undefined; readonly name?: string },
): Promise<string> {
  const { major, template, name = ownDatabaseName() } = options;
  // template0: nothing that somebody left in template1, and nobody is ever connected to it.
  const source = template === undefined ? 'template0' : quoteIdentifier(template.name);
  const copies = template !== undefined && template.bytes > LARGE && major >= 15;
  if (copies && major >= 18) await cloneFiles(client);
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${source}${copies ? ' STRATEGY file_copy' : ''}`);
  await client.query(`COMMENT ON DATABASE ${name} IS ${quoteLiteral(JSON.stringify(await ownerFacts()))}`);
  return name;
}

/** Sessions in it or not; not being there is no error. @param name must be one of ours */
export async function dropOwnDatabase(client: Client, name: string): Promise<void> {
  if (!PATTERN.test(name)) throw new Error(`${name} is not a database that Lockkeeper made`);
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** A database of ours that was found on a server. */
export interface FoundDatabase {
  readonly name: string;
  /** RFC 3339. */
  readonly made: string;
  readonly bytes: number | null;
  /** `ann@laptop, process 4711`, or `unknown`. */
  readonly owner: string;
  readonly state: 'in use' | 'left behind' | 'perhaps in use';
}

/** All databases of ours on a server, whoever made them. */
export async function ownDatabases(client: Client): Promise<FoundDatabase[]> {
  const { rows } = await client.query<{
    name: string;
    comment: string | null;
    sessions: string;
    now: string;
    bytes: string | null;
  }>(
    `SELECT d.datname::text AS name, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
            (SELECT count(*) FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) AS sessions,
            EXTRACT(epoch FROM pg_catalog.clock_timestamp())::int8 AS now,
            CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END AS bytes
       FROM pg_catalog.pg_database d WHERE d.datname ~ $1 ORDER BY d.datname`,
    [PATTERN.source],
  );
  const found: FoundDatabase[] = [];
  for (const row of rows) {
    const made = Number.parseInt(PATTERN.exec(row.name)?.[1] ?? '0', 16);
    const owner = readOwner(row.comment);
    found.push({
      name: row.name,
      made: new Date(made * 1000).toISOString(),
      bytes: row.bytes === null ? null : Number(row.bytes),
      owner: owner === null ? 'unknown' : `${owner.user}@${owner.host}, process ${owner.pid}`,
      state: await stateOf({ owner, sessions: Number(row.sessions), age: Number(row.now) - made }),
    });
  }
  return found;
}

/**
 * Drops what crashed runs left behind on this server; never what may still be in use. Errors of single databases are
 * passed over (another role's, or somebody connected since): DROP without FORCE.
 *
 * @returns the names of those that are gone
 */
export async function dropLeftDatabases(client: Client): Promise<string[]> {
  const gone: string[] = [];
  for (const { name, state } of await ownDatabases(client)) {
    if (state !== 'left behind') continue;
    try {
      await client.query(`DROP DATABASE IF EXISTS ${name}`);
      gone.push(name);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
    }
  }
  return gone;
}

async function stateOf(found: {
  readonly owner: Owner | null;
  readonly sessions: number;
  readonly age: number;
}): Promise<FoundDatabase['state']> {
  const { owner, sessions, age } = found;
  if (owner !== null && owner.host === hostname()) {
    if (isAlive(owner.pid) && (await processStart(owner.pid)) === owner.started) return 'in use';
    // Its process is gone; sessions in it are those of a server that has not noticed yet.
    return sessions === 0 ? 'left behind' : 'perhaps in use';
  }
  return sessions === 0 && age > ABANDONED_AFTER_SECONDS ? 'left behind' : 'perhaps in use';
}

interface Owner {
  readonly host: string;
  readonly user: string;
  readonly pid: number;
  /** The process's start in the kernel's own count, null where that can't be had: a number may be used again. */
  readonly started: string | null;
}

async function ownerFacts(): Promise<Owner> {
  return { host: hostname(), user: userName(), pid: process.pid, started: await processStart(process.pid) };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user without an entry in /etc/passwd.
    return 'unknown';
  }
}

/** Anybody may have changed a comment: only what looks like ours is taken. */
function readOwner(comment: string | null): Owner | null {
  try {
    const content = JSON.parse(comment ?? '') as Partial<Owner> | null;
    if (typeof content?.host !== 'string' || typeof content.user !== 'string' || !Number.isInteger(content.pid))
      return null;
    return {
      host: content.host,
      user: content.user,
      pid: content.pid ?? 0,
      started: typeof content.started === 'string' ? content.started : null,
    };
  } catch {
    return null;
  }
}

/** A new name of ours. */
export function ownDatabaseName(): string {
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0');
  return `${PREFIX}${seconds}${randomBytes(4).toString('hex')}`;
}

/**
 * On a file system with reflinks the copy then takes no time and no space; on others the kernel copies as before. The
 * setting does not exist where PostgreSQL was built without it.
 * https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-FILE-COPY-METHOD
 */
async function cloneFiles(client: Client): Promise<void> {
  await client.query("SET file_copy_method = 'clone'").catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError)) throw error;
  });
}
