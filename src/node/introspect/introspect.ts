import { Map as ImmutableMap } from 'immutable';
import { SERVER_MAJORS } from '../../core/catalog/catalog.ts';
import type { Catalog, DefaultPrivilege, ServerMajor } from '../../core/catalog/catalog.ts';
import { Draft } from '../../core/catalog/draft.ts';
import { emptyCatalog } from '../../core/catalog/emptyCatalog.ts';
import { otherKey } from '../../core/catalog/statements/others.ts';
import { readOthers } from './others.ts';
import { privileges, SnapshotReader } from './reader.ts';
import { readRelations } from './relations.ts';
import { readFunctions } from './functions.ts';
import { takeSnapshot } from './snapshot.ts';
import type { QueryClient, Snapshot } from './snapshot.ts';
import { readTypes } from './types.ts';

export interface IntrospectOptions {
  /** False when the caller has opened a transaction itself. Default true: a read-only one of its own. */
  readonly ownTransaction?: boolean;
}

/**
 * Reads the catalog of a live database, in the same shape as a replay gives. Objects of extensions are marked, system
 * schemas and temporary objects left out. Expressions have no trees, only the server's text.
 *
 * @throws the connection's errors; an Error for a server older than 14
 */
export async function introspect(
  client: QueryClient,
  { ownTransaction = true }: IntrospectOptions = {},
): Promise<Catalog> {
  if (!ownTransaction) return assemble(await takeSnapshot(client));
  try {
    return assemble(
      await takeSnapshot(client, {
        // Names in the server's texts are full ones then, whatever the role's own search_path.
        before: ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', "SET LOCAL search_path = 'pg_catalog'"],
        after: ['ROLLBACK'],
      }),
    );
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** The catalog of a snapshot. */
export function assemble(snapshot: Snapshot): Catalog {
  const major = knownMajor(snapshot.version);
  const reader = new SnapshotReader(snapshot);
  const draft = new Draft({ ...emptyCatalog(major), schemas: ImmutableMap(), extensions: ImmutableMap() });
  for (const row of snapshot.schemas) {
    draft.schemas = draft.schemas.set(row.name, {
      name: row.name,
      owner: row.owner,
      comment: reader.comment('pg_namespace', row.oid),
      privileges: privileges(row.acl),
    });
  }
  for (const { name, schema, version } of snapshot.extensions) {
    draft.extensions = draft.extensions.set(name, { name, schema, version });
  }
  readTypes(draft, reader, snapshot);
  readFunctions(draft, reader, snapshot);
  readRelations(draft, reader, snapshot);
  for (const other of readOthers(reader, snapshot)) {
    draft.others = draft.others.set(otherKey(other.kind, other.schema, other.name), other);
  }
  draft.defaultPrivileges = defaultPrivileges(snapshot);
  draft.nextId = reader.nextId;
  return draft.finish();
}

/** A newer major than known is read as the newest known. */
function knownMajor(version: number): ServerMajor {
  const oldest = SERVER_MAJORS[0] ?? 14;
  if (version < oldest) throw new Error(`PostgreSQL ${version} is older than ${oldest}, the oldest that is supported`);
  return SERVER_MAJORS.findLast((major) => major <= version) ?? oldest;
}

const DEFAULT_OBJECTS: Readonly<Record<string, DefaultPrivilege['objects']>> = {
  r: 'tables',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
  L: 'large objects',
};

function defaultPrivileges(snapshot: Snapshot): DefaultPrivilege[] {
  return snapshot.defaultPrivileges.map((row) => ({
    role: row.role,
    schema: row.schema,
    objects: DEFAULT_OBJECTS[row.objects] ?? 'tables',
    grant: true,
    privileges: privileges(row.acl),
  }));
}
