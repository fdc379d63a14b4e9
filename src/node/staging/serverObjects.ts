import type { Client } from 'pg';
import { LOCK_MODES, lockStrength, type LockMode } from '../../core/effects/effect.ts';
import { qualifiedName } from '../../core/sql/quote.ts';

/** A relation as the server knows it at one moment; system catalogs, TOAST and temporary relations left out. */
export interface ServerRelation {
  readonly oid: number;
  /** `schema.name`, quoted where it has to be. */
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  /** Of the file on disk: another number means another file. Null for what has none (views, partitioned tables). */
  readonly file: number | null;
  /** Indexes only: the table's OID. */
  readonly table: number | null;
}
export type ServerRelations = ReadonlyMap<number, ServerRelation>;

/** pg_get_userbyid and friends may lock; this reads syscaches and two catalogs only. Inside a transaction it sees that transaction's own changes. */
const RELATIONS = `
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         pg_catalog.pg_relation_filenode(c.oid)::int8 AS file, i.indrelid::int8 AS "table"
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
     AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** All user relations, by OID. */
export async function serverRelations(client: Client): Promise<ServerRelations> {
  const { rows } = await client.query<{
    oid: string;
    schema: string;
    name: string;
    kind: string;
    file: string | null;
    table: string | null;
  }>(RELATIONS);
  return new Map(
    rows.map((row) => [
      Number(row.oid),
      {
        oid: Number(row.oid),
        name: qualifiedName(row.schema, row.name),
        kind: row.kind,
        file: row.file === null ? null : Number(row.file),
        table: row.table === null ? null : Number(row.table),
      },
    ]),
  );
}

/** Locks on relations: OID to the modes that are held. */
export type HeldModes = ReadonlyMap<number, ReadonlySet<LockMode>>;

/** The relation locks that a backend holds now, from `pg_locks`. */
export async function heldModes(client: Client, backend: number): Promise<HeldModes> {
  const { rows } = await client.query<{ relation: string; mode: string }>(
    `SELECT l.relation::int8 AS relation, l.mode FROM pg_catalog.pg_locks l
      WHERE l.pid = $1 AND l.locktype = 'relation' AND l.granted
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())`,
    [backend],
  );
  const held = new Map<number, Set<LockMode>>();
  for (const row of rows) {
    const mode = LOCK_BY_SERVER_NAME.get(row.mode);
    if (mode === undefined) continue;
    const relation = Number(row.relation);
    held.set(relation, (held.get(relation) ?? new Set()).add(mode));
  }
  return held;
}

/** `ShareUpdateExclusiveLock` in pg_locks is SHARE UPDATE EXCLUSIVE in the documentation. */
const LOCK_BY_SERVER_NAME = new Map<string, LockMode>(
  LOCK_MODES.map((mode) => [
    `${mode
      .split(' ')
      .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
      .join('')}Lock`,
    mode,
  ]),
);

/** Relations before a statement, and after it. */
export type Known = readonly [ServerRelations, ServerRelations];

/** An index that was not there before the statement. */
export function isNewIndex(relation: ServerRelation, [before]: Known): boolean {
  return relation.table !== null && !before.has(relation.oid);
}

/**
 * Locks per table that `after` has and `before` had not; an index counts for its table, but one that the statement
 * itself makes does not count: nobody else can see it yet. Keys are OIDs of tables, views and sequences that `known`
 * names (before the statement, after it); all else (system catalogs, TOAST) is dropped.
 */
export function addedLocks(before: HeldModes, after: HeldModes, known: Known): Map<number, LockMode> {
  const strongest = new Map<number, LockMode>();
  for (const [oid, modes] of after) {
    const relation = known.map((relations) => relations.get(oid)).find((found) => found !== undefined);
    if (relation === undefined || isNewIndex(relation, known)) continue;
    const owner = relation.table ?? oid;
    for (const mode of modes) {
      if (before.get(oid)?.has(mode) === true) continue;
      const current = strongest.get(owner);
      if (current === undefined || lockStrength(mode) > lockStrength(current)) strongest.set(owner, mode);
    }
  }
  return strongest;
}

/** What got a new file between two moments. Indexes go by name, since a type change makes them anew under the same name. */
export function newFiles(
  before: ServerRelations,
  after: ServerRelations,
): { rewritten: string[]; indexesBuilt: string[] } {
  const rewritten: string[] = [];
  const indexesBuilt: string[] = [];
  const filesByIndex = new Map(
    [...before.values()].filter((one) => one.table !== null).map((one) => [one.name, one.file]),
  );
  for (const now of after.values()) {
    if (now.file === null) continue;
    if (now.table !== null) {
      const old = before.get(now.oid)?.file ?? filesByIndex.get(now.name);
      if (before.has(now.table) && old !== now.file) indexesBuilt.push(now.name);
    } else if (now.kind !== 'S') {
      const old = before.get(now.oid);
      if (old !== undefined && old.file !== now.file) rewritten.push(old.name);
    }
  }
  return { rewritten: rewritten.sort(), indexesBuilt: indexesBuilt.sort() };
}
