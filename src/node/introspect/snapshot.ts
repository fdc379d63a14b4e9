import * as queries from './queries.ts';
import type * as rows from './rows.ts';

/** What introspection asks of a connection: `pg`'s Client and PoolClient have it. */
export interface QueryClient {
  query(text: string): Promise<{ readonly rows: unknown[] }>;
}

/** The catalog as the server gives it. */
export interface Snapshot {
  readonly version: number;
  readonly comments: readonly { class: string; oid: string; sub: number; description: string }[];
  readonly members: readonly { class: string; oid: string; extension: string }[];
  readonly schemas: readonly rows.SchemaRow[];
  readonly extensions: readonly { name: string; schema: string; version: string }[];
  readonly types: readonly rows.TypeRow[];
  readonly userTypes: readonly rows.UserTypeRow[];
  readonly relations: readonly rows.RelationRow[];
  readonly columns: readonly rows.ColumnRow[];
  readonly constraints: readonly rows.ConstraintRow[];
  readonly indexes: readonly rows.IndexRow[];
  readonly triggers: readonly rows.TriggerRow[];
  readonly policies: readonly rows.PolicyRow[];
  readonly rules: readonly rows.RuleRow[];
  readonly inheritance: readonly { child: string; parent: string }[];
  readonly sequences: readonly rows.SequenceRow[];
  readonly functions: readonly rows.FunctionRow[];
  readonly dependencies: readonly rows.DependencyRow[];
  readonly others: readonly rows.OtherRow[];
  readonly defaultPrivileges: readonly rows.DefaultPrivilegeRow[];
}

/** Reads it all. The caller's connection should be in one snapshot, else a change in between shows half. */
export async function takeSnapshot(client: QueryClient): Promise<Snapshot> {
  const all = async <T>(text: string): Promise<readonly T[]> => (await client.query(text)).rows as readonly T[];
  const [setting] = await all<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
  return {
    version: Math.floor(Number(setting?.version ?? 0) / 10000),
    comments: await all(queries.COMMENTS),
    members: await all(queries.MEMBERS),
    schemas: await all(queries.SCHEMAS),
    extensions: await all(queries.EXTENSIONS),
    types: await all(queries.TYPES),
    userTypes: await all(queries.USER_TYPES),
    relations: await all(queries.RELATIONS),
    columns: await all(queries.COLUMNS),
    constraints: await all(queries.CONSTRAINTS),
    indexes: await all(queries.INDEXES),
    triggers: await all(queries.TRIGGERS),
    policies: await all(queries.POLICIES),
    rules: await all(queries.RULES),
    inheritance: await all(queries.INHERITANCE),
    sequences: await all(queries.SEQUENCES),
    functions: await all(queries.FUNCTIONS),
    dependencies: await all(queries.DEPENDENCIES),
    others: await all(queries.OTHERS),
    defaultPrivileges: await all(queries.DEFAULT_PRIVILEGES),
  };
}
