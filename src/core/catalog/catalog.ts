import type { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { Node } from '@pgsql/types';
import { NameKey } from './nameKey.ts';
import type { Lookup } from './overlay.ts';

/**
 * A schema's state at one moment: an immutable value with structural sharing. Replayed from the history
 * (`replay.ts`), or read from a live server (`src/node/introspect`); both give this same shape.
 *
 * Objects are known by an `id` that plays the part of PostgreSQL's OID: it survives renames, and an object that is
 * dropped and made again has another. Ids mean nothing outside one replay.
 */
export interface Catalog {
  readonly major: ServerMajor;
  readonly relations: ImmutableMap<number, Relation>;
  /** Key: `qualifiedKey(schema, name)`. Tables, views, sequences, indexes and composite types share one name space, as in pg_class. */
  readonly relationByName: ImmutableMap<NameKey, number>;
  readonly types: ImmutableMap<number, UserType>;
  readonly typeByName: ImmutableMap<NameKey, number>;
  readonly functions: ImmutableMap<number, UserFunction>;
  /** Overloads of one name. */
  readonly functionsByName: ImmutableMap<NameKey, readonly number[]>;
  readonly schemas: ImmutableMap<string, Schema>;
  readonly extensions: ImmutableMap<string, Extension>;
  /** Everything that only needs to be known by name: publications, casts, text search, event triggers, statistics, operators … Key: `otherKey(kind, schema, name)`. */
  readonly others: ImmutableMap<string, OtherObject>;
  /** ALTER DEFAULT PRIVILEGES, in order. */
  readonly defaultPrivileges: readonly DefaultPrivilege[];
  /**
   * How many constraints (of tables and domains) of one name a schema holds; key: `qualifiedKey(schema, name)`.
   * PostgreSQL keeps generated names unique in the schema, so they can't be made without it.
   */
  readonly constraintNames: ImmutableMap<NameKey, number>;
  /**
   * For an object's id, the ids of objects that hang, or once hung, on it: a superset, so check each. `lookup.ts` has
   * the questions that it answers (foreign keys that refer to a table, views over it, columns of a type …).
   */
  readonly dependents: ImmutableMap<number, readonly number[]>;
  /** Names of relations, and of schemas (`schemaKey`), that the history made and took away again: who refers to them errs, and no baseline is missing. */
  readonly gone: ImmutableSet<NameKey>;
  readonly session: Session;
  /** What the replay could not know, so that nobody takes silence for an empty schema. */
  readonly gaps: readonly CatalogGap[];
  readonly nextId: number;
}

/** What lookups need of a catalog: a finished one has it, and the draft of one that a statement is changing. */
export type CatalogView = {
  readonly [P in keyof Catalog]: Catalog[P] extends ImmutableMap<infer K, infer V> ? Lookup<K, V> : Catalog[P];
};

/** PostgreSQL major versions that Lockkeeper knows facts about. */
export type ServerMajor = 14 | 15 | 16 | 17 | 18;
export const SERVER_MAJORS: readonly ServerMajor[] = [14, 15, 16, 17, 18];
/** What is assumed until a project says otherwise. */
export const DEFAULT_SERVER_MAJOR: ServerMajor = 16;

/**
 * An expression: from a script as PostgreSQL's raw parse tree, from a server as the text that it prints. Servers
 * rewrite expressions, so two catalogs are compared by presence only. `expressionText` gives SQL for either.
 */
export interface Expression {
  readonly tree: Node | null;
  readonly text: string | null;
  /** Ids of functions, sequences, types and relations that it uses; absent when there are none. */
  readonly uses?: readonly number[];
}

/** A type as written in a column: `numeric(10,2)[]`. Built-in names are PostgreSQL's internal ones (`int4`, `varchar`, `timestamptz`). */
export interface TypeReference {
  /** `pg_catalog` for built-ins; null where it could not be resolved. */
  readonly schema: string | null;
  readonly name: string;
  /** The modifiers as integers or words, as written: [10, 2]. */
  readonly modifiers: readonly (number | string)[];
  readonly arrayDimensions: number;
  /** Of the catalog's own types (`types`), or of the relation whose row type it is (`relations`); null for built-ins and for what is not known. */
  readonly id: number | null;
}

export interface Schema {
  readonly name: string;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly privileges: readonly Privilege[];
}

interface RelationBase {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  readonly owner: string | null;
  readonly comment: string | null;
  readonly privileges: readonly Privilege[];
  /** Storage parameters: `fillfactor=70`. */
  readonly options: Readonly<Record<string, string>>;
  readonly tablespace: string | null;
  /** Member of an extension; left out of comparisons. */
  readonly extension: string | null;
}

export type Relation = TableRelation | ViewRelation | SequenceRelation | IndexRelation | CompositeTypeRelation;

export interface TableRelation extends RelationBase {
  readonly kind: 'table' | 'partitioned table' | 'foreign table';
  /** In attnum order, dropped ones left out. */
  readonly columns: readonly Column[];
  /** attnum that the next column gets: dropped ones are never used again. */
  readonly nextColumn: number;
  readonly constraints: readonly Constraint[];
  /** Ids of indexes, those of constraints too. */
  readonly indexes: readonly number[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly rules: readonly RewriteRule[];
  readonly rowSecurity: 'off' | 'on';
  /** FORCE ROW LEVEL SECURITY: a switch of its own, which also counts for the owner. */
  readonly forceRowSecurity: boolean;
  readonly replicaIdentity:
    { readonly kind: 'default' | 'full' | 'nothing' } | { readonly kind: 'index'; readonly index: number };
  readonly accessMethod: string | null;
  /** The composite type of a typed table (CREATE TABLE … OF), by relation id. */
  readonly ofType: number | null;
  /** Foreign tables: the server's name. */
  readonly server: string | null;
  /** Inheritance parents (not partitioning), in order. */
  readonly inherits: readonly number[];
  /** Inheritance children and partitions, by id. */
  readonly children: readonly number[];
  readonly partitionKey: PartitionKey | null;
  readonly partitionOf: { readonly parent: number; readonly bound: PartitionBound } | null;
  readonly clusteredOn: number | null;
  /** ON COMMIT of a temporary table; a server does not tell. */
  readonly onCommit: 'preserve' | 'delete' | 'drop';
}

export interface Column {
  /** attnum: stable, never used again. */
  readonly number: number;
  readonly name: string;
  readonly type: TypeReference;
  readonly notNull: boolean;
  readonly default: Expression | null;
  readonly generated: { readonly kind: 'stored' | 'virtual'; readonly expression: Expression } | null;
  readonly identity: 'always' | 'by default' | null;
  readonly collation: string | null;
  readonly storage: string | null;
  readonly compression: string | null;
  readonly statistics: number | null;
  readonly comment: string | null;
  /** Per-column GRANTs. */
  readonly privileges: readonly Privilege[];
  /** Storage parameters of the column: `n_distinct=5`. */
  readonly options: Readonly<Record<string, string>>;
  /** Defined on this table itself (attislocal); a column can be both local and inherited. */
  readonly local: boolean;
  /** Number of direct parents that have it (attinhcount). */
  readonly inheritCount: number;
}

export interface ConstraintDeferral {
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

interface ConstraintBase extends ConstraintDeferral {
  readonly id: number;
  readonly name: string;
  /** False after NOT VALID until VALIDATE. */
  readonly validated: boolean;
  /** False for NOT ENFORCED (18). */
  readonly enforced: boolean;
  readonly noInherit: boolean;
  /** Defined on this table itself (conislocal). */
  readonly local: boolean;
  /** Number of direct parents that have it (coninhcount). */
  readonly inheritCount: number;
  /** Of a partition: the parent's constraint that it belongs to (conparentid), by id. */
  readonly parent: number | null;
  readonly comment: string | null;
}

export type Constraint =
  | (ConstraintBase & {
      readonly kind: 'check';
      readonly expression: Expression;
      /** Columns it reads, by number. */ readonly columns: readonly number[];
    })
  | (ConstraintBase & { readonly kind: 'not null'; readonly column: number })
  | (ConstraintBase & {
      readonly kind: 'primary key' | 'unique';
      readonly columns: readonly number[];
      readonly index: number;
      readonly nullsNotDistinct: boolean;
    })
  | (ConstraintBase & {
      readonly kind: 'exclude';
      readonly columns: readonly number[];
      readonly index: number;
      readonly definition: Expression;
    })
  | (ConstraintBase & {
      readonly kind: 'foreign key';
      /** Temporal (18): the last pair of columns is PERIOD. */
      readonly period: boolean;
      readonly columns: readonly number[];
      readonly referenced: number | null;
      /** As named when it was made, for what the history never made. */
      readonly referencedName: string;
      readonly referencedColumns: readonly number[];
      /** The unique index that it leans on (conindid): dropping it drops the key. */
      readonly referencedIndex: number | null;
      readonly match: 'simple' | 'full';
      readonly onUpdate: ForeignKeyAction;
      readonly onDelete: ForeignKeyAction;
      readonly onDeleteSetColumns: readonly number[];
    });
export type ForeignKeyConstraint = Constraint & { readonly kind: 'foreign key' };
export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export interface PartitionKey {
  readonly strategy: 'range' | 'list' | 'hash';
  readonly columns: readonly { readonly column: number | null; readonly expression: Expression | null }[];
}
export type PartitionBound =
  | { readonly kind: 'default' }
  | { readonly kind: 'range'; readonly from: readonly Expression[]; readonly to: readonly Expression[] }
  | { readonly kind: 'list'; readonly values: readonly Expression[] }
  | { readonly kind: 'hash'; readonly modulus: number; readonly remainder: number };

export interface ViewRelation extends RelationBase {
  readonly kind: 'view' | 'materialized view';
  readonly columns: readonly Column[];
  readonly query: Expression;
  readonly dependencies: Dependencies;
  /** Materialized views only. */
  readonly indexes: readonly number[];
  readonly populated: boolean;
  /** Materialized views only. */
  readonly accessMethod: string | null;
  readonly clusteredOn: number | null;
  readonly triggers: readonly Trigger[];
  readonly rules: readonly RewriteRule[];
}

/** What a query or an expression refers to, by id. Columns as `<relation id>.<column number>`; `<relation id>.*` where the whole row is used as a value, which keeps no column from being dropped. */
export interface Dependencies {
  readonly relations: readonly number[];
  readonly columns: readonly string[];
  readonly functions: readonly number[];
  readonly types: readonly number[];
}

export interface SequenceRelation extends RelationBase {
  readonly kind: 'sequence';
  readonly dataType: string;
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  /** OWNED BY; `internal` for identity columns. */
  readonly ownedBy: { readonly relation: number; readonly column: number; readonly internal: boolean } | null;
}

export interface IndexRelation extends RelationBase {
  readonly kind: 'index' | 'partitioned index';
  readonly table: number;
  readonly method: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  /** False after a failed CONCURRENTLY, and for CREATE INDEX … ON ONLY until all partitions are attached. */
  readonly valid: boolean;
  readonly keys: readonly IndexKey[];
  readonly include: readonly number[];
  readonly predicate: Expression | null;
  /** Columns that expressions and predicate read, by number. */
  readonly expressionColumns: readonly number[];
  /** The constraint that it implements. */
  readonly constraint: number | null;
  /** The partitioned index that it is attached to. */
  readonly parent: number | null;
  readonly children: readonly number[];
}

export interface IndexKey {
  readonly column: number | null;
  readonly expression: Expression | null;
  readonly collation: string | null;
  readonly operatorClass: string | null;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface CompositeTypeRelation extends RelationBase {
  readonly kind: 'composite type';
  readonly columns: readonly Column[];
  readonly nextColumn: number;
}

export type UserType = (
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | {
      readonly kind: 'domain';
      readonly base: TypeReference;
      readonly notNull: boolean;
      readonly default: Expression | null;
      readonly collation: string | null;
      readonly constraints: readonly DomainConstraint[];
      /** Name of its NOT NULL constraint: in pg_constraint from 17 on, null before. */
      readonly notNullName: string | null;
    }
  | { readonly kind: 'range'; readonly subtype: TypeReference; readonly multirange: string | null }
  | { readonly kind: 'base' | 'shell' }
) & {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly privileges: readonly Privilege[];
  readonly extension: string | null;
};

export interface DomainConstraint {
  readonly name: string;
  readonly expression: Expression;
  readonly validated: boolean;
  readonly comment: string | null;
}

export interface FunctionArgument {
  readonly name: string | null;
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table';
  readonly type: TypeReference;
  readonly hasDefault: boolean;
}

export interface UserFunction {
  readonly id: number;
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  readonly schema: string;
  readonly name: string;
  /** Identity argument types (IN, INOUT, VARIADIC), in order. */
  readonly argumentTypes: readonly TypeReference[];
  /** All arguments, those that only come out too. */
  readonly arguments: readonly FunctionArgument[];
  /** Null for procedures. `record` or the one OUT argument's type where there is no RETURNS. */
  readonly returns: TypeReference | null;
  readonly returnsSet: boolean;
  readonly language: string;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly strict: boolean;
  readonly leakproof: boolean;
  readonly parallel: 'safe' | 'restricted' | 'unsafe';
  readonly securityDefiner: boolean;
  /** `search_path=…` and others, of CREATE FUNCTION … SET. */
  readonly settings: readonly string[];
  /** Body as a string; null for BEGIN ATOMIC and for C. */
  readonly body: string | null;
  /** The statement that made it, for going back to it: CREATE OR REPLACE …. Null from a server where `definition` could not be had. */
  readonly definition: string | null;
  /** ALTER FUNCTION has changed what `definition` says of volatility, security, settings …: those here count. */
  readonly altered?: true;
  /** What argument types, defaults and a BEGIN ATOMIC body hang on; string bodies are never followed by the server. */
  readonly uses: readonly number[];
  readonly owner: string | null;
  readonly comment: string | null;
  readonly privileges: readonly Privilege[];
  readonly extension: string | null;
}

export interface Trigger {
  readonly id: number;
  readonly name: string;
  /** CREATE TRIGGER …, as it could be run again. */
  readonly definition: Expression;
  readonly function: number | null;
  readonly constraint: boolean;
  readonly timing: 'before' | 'after' | 'instead of';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly forEachRow: boolean;
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always';
  /** Columns of UPDATE OF, by number. */
  readonly columns: readonly number[];
  /** Columns that WHEN looks at; absent when there are none. */
  readonly whenColumns?: readonly number[];
  /** Of a partition: the parent's trigger that it was cloned from, by id. */
  readonly parent: number | null;
  readonly comment: string | null;
}

export interface Policy {
  readonly name: string;
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete';
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using: Expression | null;
  readonly check: Expression | null;
  readonly dependencies: Dependencies;
  readonly comment: string | null;
}

export interface RewriteRule {
  readonly name: string;
  readonly definition: Expression;
  readonly dependencies: Dependencies;
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always';
  readonly comment: string | null;
}

/** A right that somebody other than the owner has; PUBLIC is the grantee `public`. */
export interface Privilege {
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface DefaultPrivilege {
  /** Null: the role that ran the statement. */
  readonly role: string | null;
  readonly schema: string | null;
  readonly objects: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas' | 'large objects';
  readonly grant: boolean;
  readonly privileges: readonly Privilege[];
}

export interface Extension {
  readonly name: string;
  readonly schema: string | null;
  readonly version: string | null;
}

export interface OtherObject {
  readonly kind: string;
  /** Null for what lies in no schema. */
  readonly schema: string | null;
  readonly name: string;
  readonly owner: string | null;
  readonly extension: string | null;
  /** The statement that made it, so that it can be made again. */
  readonly definition: string | null;
  /** Relations that it hangs on (a publication's tables, extended statistics' table). */
  readonly relations: readonly number[];
  /** Columns of them that it hangs on, as in `Dependencies`. */
  readonly columns: readonly string[];
  /** Functions and types that it hangs on: a cast's, an event trigger's. */
  readonly uses: readonly number[];
  /** The name of what it lies in: a server's wrapper, a user mapping's server, an operator class's family. */
  readonly of?: string;
  readonly comment: string | null;
}

/** Settings that statements of the same session left behind and that decide what later ones do. */
export interface Session {
  readonly searchPath: readonly string[];
  /** The session's TimeZone if a statement set it; null: the role's or server's default, not known. */
  readonly timeZone: string | null;
  readonly role: string | null;
  readonly settings: ImmutableMap<string, string>;
  /** What SET LOCAL hid: goes back to it at the end of the transaction (null: to the default). */
  readonly restore: ImmutableMap<string, string | null>;
  /** Temporary tables that the transaction's COMMIT drops. */
  readonly dropOnCommit: readonly number[];
}

/** Something that the replay met and could not follow. */
export interface CatalogGap {
  readonly kind: 'missing baseline' | 'dynamic SQL' | 'not parsed' | 'not followed';
  readonly what: string;
}

/** Key of the `…ByName` maps. */
export function qualifiedKey(schema: string, name: string): NameKey {
  return new NameKey(schema, name);
}

/** The key of a schema itself, among names that were taken away. */
export function schemaKey(schema: string): NameKey {
  return new NameKey(schema, '');
}
