import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { DEFAULT_SERVER_MAJOR } from './catalog.ts';
import type { Catalog, ServerMajor, Session } from './catalog.ts';

/** Where a session starts: `search_path` is `"$user", public`. */
export const DEFAULT_SEARCH_PATH: readonly string[] = ['$user', 'public'];

const SESSION: Session = {
  searchPath: DEFAULT_SEARCH_PATH,
  timeZone: null,
  role: null,
  settings: ImmutableMap(),
  restore: ImmutableMap(),
  dropOnCommit: [],
};

/** A fresh database of one server major, as CREATE DATABASE makes it from template1. */
export function emptyCatalog(major: ServerMajor = DEFAULT_SERVER_MAJOR): Catalog {
  const usage = { grantee: 'public', privilege: 'USAGE', grantable: false };
  const create = { grantee: 'public', privilege: 'CREATE', grantable: false };
  return {
    major,
    relations: ImmutableMap(),
    relationByName: ImmutableMap(),
    types: ImmutableMap(),
    typeByName: ImmutableMap(),
    functions: ImmutableMap(),
    functionsByName: ImmutableMap(),
    schemas: ImmutableMap([
      [
        'public',
        {
          name: 'public',
          // From 15 on nobody but the database's owner may create objects in it.
          owner: major >= 15 ? 'pg_database_owner' : null,
          comment: 'standard public schema',
          privileges: major >= 15 ? [usage] : [create, usage],
        },
      ],
    ]),
    extensions: ImmutableMap([['plpgsql', { name: 'plpgsql', schema: 'pg_catalog', version: null }]]),
    others: ImmutableMap(),
    defaultPrivileges: [],
    constraintNames: ImmutableMap(),
    dependents: ImmutableMap(),
    gone: ImmutableSet(),
    session: SESSION,
    gaps: [],
    nextId: 1,
  };
}
