import * as queries from './queries.ts';
import type * as rows from './rows.ts';

/** What introspection asks of a connection: `pg`'s Client and PoolClient have it. Several statements give several results. */
export interface QueryClient {
  query(text: string): Promise<unknown>;
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

const PARTS = {
  version: `SELECT current_setting('server_version_num') AS version`,
  comments: queries.COMMENTS,
  members: queries.MEMBERS,
  schemas: queries.SCHEMAS,
  extensions: queries.EXTENSIONS,
  types: queries.TYPES,
  userTypes: queries.USER_TYPES,
  relations: queries.RELATIONS,
  columns: queries.COLUMNS,
  constraints: queries.CONSTRAINTS,
  indexes: queries.INDEXES,
  triggers: queries.TRIGGERS,
  policies: queries.POLICIES,
  rules: queries.RULES,
  inheritance: queries.INHERITANCE,
  sequences: queries.SEQUENCES,
  functions: queries.FUNCTIONS,
  dependencies: queries.DEPENDENCIES,
  others: queries.OTHERS,
  defaultPrivileges: queries.DEFAULT_PRIVILEGES,
} satisfies Record<keyof Snapshot, string>;

/**
 * Reads it all in one round trip. Between `before` and `after` (BEGIN and so on), which are sent with it; without them
 * the caller's connection should be in one snapshot, else a change in between shows half.
 */
export async function takeSnapshot(
  client: QueryClient,
  { before = [], after = [] }: { readonly before?: readonly string[]; readonly after?: readonly string[] } = {},
): Promise<Snapshot> {
  const names = Object.keys(PARTS) as (keyof Snapshot)[];
  const text = [...before, ...Object.values(PARTS), ...after].join(';\n');
  const results = (await client.query(text)) as readonly { readonly rows: readonly unknown[] }[];
  const parts = names.map((name, at) => [name, results[before.length + at]?.rows ?? []] as const);
  const snapshot = Object.fromEntries(parts) as Record<keyof Snapshot, readonly unknown[]>;
  const [setting] = snapshot.version as readonly { readonly version: string }[];
  return { ...snapshot, version: Math.floor(Number(setting?.version ?? 0) / 10000) } as Snapshot;
}
