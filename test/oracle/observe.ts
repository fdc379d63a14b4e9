import type pg from 'pg';
import { LOCK_MODES, lockStrength, type LockMode, type Work } from '../../src/core/effects/effect.ts';

/** What a real server did to one relation when one statement ran. The same shape as a line's effect in `explain --format json`. */
export interface ObservedEffect {
  readonly oid: number;
  /** `schema.name`, as it was named before the statement; after it, for what the statement made. */
  readonly relation: string;
  readonly lock: LockMode;
  readonly work: readonly Exclude<Work, 'unknown'>[];
  /** One of its indexes was read: may be the whole of a scan or one row's look-up, which the counters can't tell apart. */
  readonly indexRead: boolean;
  /** Holds no row (its file has no page). */
  readonly empty: boolean;
  /** Made by this very statement. */
  readonly made: boolean;
}

export interface Observation {
  readonly effects: readonly ObservedEffect[];
  /** The state afterwards, for the next statement's `before`. */
  readonly relations: Relations;
}

interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly filenode: number;
  readonly table: number | null;
}
/** All relations of the database that are neither PostgreSQL's own, nor TOAST, nor temporary; by OID. */
export type Relations = ReadonlyMap<number, RelationRow>;

interface Entry {
  lock: LockMode;
  work: Set<Exclude<Work, 'unknown'>>;
  indexRead: boolean;
  empty: boolean;
}

interface LockRow {
  readonly oid: number;
  readonly modes: readonly string[];
  readonly scans: number;
  readonly changed: number;
  readonly bytes: number | null;
}

/** Tables, partitioned tables, views, materialized views, sequences, foreign tables: what the contract of `explain` speaks of. */
const CONTRACT_KINDS = 'rpvmSf';
/** OIDs below are PostgreSQL's own, the information schema too (FirstNormalObjectId). */
const FIRST_OWN_OID = 16_384;

export async function readRelations(client: pg.Client): Promise<Relations> {
  const { rows } = await client.query<RelationRow>({
    name: 'lockkeeper_oracle_relations',
    text: `SELECT c.oid::int8::float8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
                  c.relfilenode::int8::float8 AS filenode, i.indrelid::int8::float8 AS "table"
             FROM pg_catalog.pg_class c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
            WHERE c.oid >= ${String(FIRST_OWN_OID)} AND c.relpersistence <> 't' AND c.relkind <> 't' AND n.nspname NOT LIKE 'pg\\_toast%'`,
  });
  return new Map(rows.map((row) => [row.oid, row]));
}

/** Scans and changed rows per relation that the session's earlier transactions have not reported yet: `pg_stat_xact_…` counts them too. */
export type Counters = ReadonlyMap<number, { readonly scans: number; readonly changed: number }>;

/** To be read at the start of the transaction: nothing is reported inside of one, so the difference is its own. */
export async function readCounters(client: pg.Client): Promise<Counters> {
  const { rows } = await client.query<{ oid: number; scans: number; changed: number }>({
    name: 'lockkeeper_oracle_counters',
    text: `SELECT * FROM (
             SELECT c.oid::int8::float8 AS oid, pg_catalog.pg_stat_get_xact_numscans(c.oid)::float8 AS scans,
                    (pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
                     + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid))::float8 AS changed
               FROM pg_catalog.pg_class c WHERE c.oid >= ${String(FIRST_OWN_OID)} AND c.relkind IN ('r', 'i', 'm')
           ) AS counted WHERE scans + changed > 0`,
  });
  return new Map(rows.map(({ oid, scans, changed }) => [oid, { scans, changed }]));
}

/**
 * What the transaction that is open on `client` has done since it began, against the state before it. Exact: locks are
 * kept until the transaction ends, and so are the counters.
 */
export async function observeOwnTransaction(
  client: pg.Client,
  before: Relations,
  baseline: Counters = new Map(),
): Promise<Observation> {
  const { rows } = await client.query<LockRow>({
    name: 'lockkeeper_oracle_locks',
    text: `SELECT l.relation::int8::float8 AS oid, pg_catalog.array_agg(DISTINCT l.mode) AS modes,
                  pg_catalog.pg_stat_get_xact_numscans(l.relation)::float8 AS scans,
                  (pg_catalog.pg_stat_get_xact_tuples_inserted(l.relation) + pg_catalog.pg_stat_get_xact_tuples_updated(l.relation)
                   + pg_catalog.pg_stat_get_xact_tuples_deleted(l.relation))::float8 AS changed,
                  pg_catalog.pg_relation_size(l.relation)::float8 AS bytes
             FROM pg_catalog.pg_locks l
             JOIN pg_catalog.pg_database d ON d.oid = l.database
            WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND d.datname = pg_catalog.current_database()
              AND l.relation >= ${String(FIRST_OWN_OID)}
            GROUP BY l.relation`,
  });
  const relations = await readRelations(client);
  const own = rows.map((row) => {
    const earlier = baseline.get(row.oid);
    return earlier === undefined
      ? row
      : { ...row, scans: row.scans - earlier.scans, changed: row.changed - earlier.changed };
  });
  return { effects: effectsOf(own, before, relations), relations };
}

/** Locks that another session has or waits for, while it is parked. No work can be seen this way. */
export async function observeOtherSession(
  client: pg.Client,
  pid: number,
  before: Relations,
): Promise<readonly ObservedEffect[]> {
  const { rows } = await client.query<LockRow>(
    `SELECT l.relation::int8::float8 AS oid, pg_catalog.array_agg(DISTINCT l.mode) AS modes, 0::float8 AS scans, 0::float8 AS changed, NULL::float8 AS bytes
       FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
      WHERE l.pid = $1 AND l.locktype = 'relation' AND d.datname = pg_catalog.current_database() AND l.relation >= ${String(FIRST_OWN_OID)}
      GROUP BY l.relation`,
    [pid],
  );
  return effectsOf(rows, before, before);
}

function effectsOf(locks: readonly LockRow[], before: Relations, after: Relations): ObservedEffect[] {
  const found = new Map<number, Entry>();
  const entryOf = (oid: number): Entry => {
    // Without a lock where the statement has let go of it: the strongest mode is then sampled elsewhere.
    const entry = found.get(oid) ?? { lock: 'ACCESS SHARE', work: new Set(), indexRead: false, empty: false };
    found.set(oid, entry);
    return entry;
  };
  for (const row of locks) {
    const relation = before.get(row.oid) ?? after.get(row.oid);
    // TOAST, temporary, or made and dropped again inside the statement (the new heap of a rewrite).
    if (relation === undefined) continue;
    const isIndex = relation.table !== null;
    const owner = isIndex ? relation.table : row.oid;
    // A new index's own lock does not count.
    if (isIndex && !before.has(row.oid)) continue;
    const entry = entryOf(owner);
    if (!isIndex && row.bytes === 0) entry.empty = true;
    for (const mode of row.modes) {
      const lock = lockMode(mode);
      if (lockStrength(lock) > lockStrength(entry.lock)) entry.lock = lock;
    }
    if (row.scans > 0 && isIndex) entry.indexRead = true;
    if (row.scans > 0 && !isIndex) entry.work.add('scan');
    if (row.changed > 0 && !isIndex) entry.work.add('rows');
  }
  for (const [oid, old] of before) {
    const now = after.get(oid);
    if (now === undefined || now.filenode === old.filenode) continue;
    if (old.kind === 'S') continue;
    if (old.table === null) entryOf(oid).work.add('rewrite');
    else entryOf(old.table).work.add('index build');
  }
  // A type change makes an index anew over the old one's files where the types are binary compatible: nothing is built.
  const filenodes = new Set([...before.values()].map(({ filenode }) => filenode));
  for (const [oid, now] of after) {
    if (now.table !== null && !filenodes.has(now.filenode) && !before.has(oid))
      entryOf(now.table).work.add('index build');
  }
  const effects: ObservedEffect[] = [];
  for (const [oid, { lock, work, indexRead, empty }] of found) {
    const old = before.get(oid);
    const relation = old ?? after.get(oid);
    if (relation === undefined || !CONTRACT_KINDS.includes(relation.kind)) continue;
    effects.push({
      oid,
      relation: `${relation.schema}.${relation.name}`,
      lock,
      work: relation.kind === 'S' ? [] : [...work],
      indexRead,
      empty,
      made: old === undefined,
    });
  }
  return effects.sort((a, b) => (a.relation < b.relation ? -1 : 1));
}

/** `ShareRowExclusiveLock` -> `SHARE ROW EXCLUSIVE`. */
function lockMode(mode: string): LockMode {
  const words = mode
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  const known = LOCK_MODES.find((each) => each === words);
  if (known === undefined) throw new Error(`pg_locks names a mode that is not known: ${mode}`);
  return known;
}
