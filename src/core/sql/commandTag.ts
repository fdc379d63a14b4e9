import type { Node, ObjectType, TransactionStmtKind } from '@pgsql/types';
import { nodeKind } from './tree.ts';

/**
 * The command tag of a statement, as PostgreSQL spells it (`ALTER TABLE`): what an event trigger sees as `tg_tag`.
 *
 * Follows CreateCommandTag() of PostgreSQL 18's src/backend/tcop/utility.c; `SELECT … INTO`, which the raw grammar
 * has as a SELECT, gives `SELECT INTO`, as after analysis. `???` for what PostgreSQL itself has no tag for.
 */
export function commandTag(tree: Node): string {
  const kind = nodeKind(tree);
  const fixed = FIXED_TAGS[kind];
  if (fixed !== undefined) return fixed;
  const body = (tree as unknown as Record<string, Fields>)[kind];
  return (body && TAGS_BY_FIELD[kind]?.(body)) ?? UNKNOWN_TAG;
}

/** PostgreSQL's own spelling of a tag that it does not know (src/include/tcop/cmdtaglist.h). */
export const UNKNOWN_TAG = '???';

interface Fields {
  readonly [field: string]: unknown;
}

/** Statements that have one tag, whatever is in them. */
const FIXED_TAGS: Readonly<Record<string, string>> = {
  InsertStmt: 'INSERT',
  DeleteStmt: 'DELETE',
  UpdateStmt: 'UPDATE',
  MergeStmt: 'MERGE',
  DeclareCursorStmt: 'DECLARE CURSOR',
  CreateDomainStmt: 'CREATE DOMAIN',
  CreateSchemaStmt: 'CREATE SCHEMA',
  CreateStmt: 'CREATE TABLE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterTableSpaceOptionsStmt: 'ALTER TABLESPACE',
  CreateExtensionStmt: 'CREATE EXTENSION',
  AlterExtensionStmt: 'ALTER EXTENSION',
  AlterExtensionContentsStmt: 'ALTER EXTENSION',
  CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
  AlterFdwStmt: 'ALTER FOREIGN DATA WRAPPER',
  CreateForeignServerStmt: 'CREATE SERVER',
  AlterForeignServerStmt: 'ALTER SERVER',
  CreateUserMappingStmt: 'CREATE USER MAPPING',
  AlterUserMappingStmt: 'ALTER USER MAPPING',
  DropUserMappingStmt: 'DROP USER MAPPING',
  CreateForeignTableStmt: 'CREATE FOREIGN TABLE',
  ImportForeignSchemaStmt: 'IMPORT FOREIGN SCHEMA',
  TruncateStmt: 'TRUNCATE TABLE',
  CommentStmt: 'COMMENT',
  SecLabelStmt: 'SECURITY LABEL',
  CopyStmt: 'COPY',
  AlterDomainStmt: 'ALTER DOMAIN',
  AlterDefaultPrivilegesStmt: 'ALTER DEFAULT PRIVILEGES',
  CompositeTypeStmt: 'CREATE TYPE',
  CreateEnumStmt: 'CREATE TYPE',
  CreateRangeStmt: 'CREATE TYPE',
  AlterEnumStmt: 'ALTER TYPE',
  ViewStmt: 'CREATE VIEW',
  IndexStmt: 'CREATE INDEX',
  RuleStmt: 'CREATE RULE',
  CreateSeqStmt: 'CREATE SEQUENCE',
  AlterSeqStmt: 'ALTER SEQUENCE',
  DoStmt: 'DO',
  CreatedbStmt: 'CREATE DATABASE',
  AlterDatabaseStmt: 'ALTER DATABASE',
  AlterDatabaseRefreshCollStmt: 'ALTER DATABASE',
  AlterDatabaseSetStmt: 'ALTER DATABASE',
  DropdbStmt: 'DROP DATABASE',
  NotifyStmt: 'NOTIFY',
  ListenStmt: 'LISTEN',
  UnlistenStmt: 'UNLISTEN',
  LoadStmt: 'LOAD',
  CallStmt: 'CALL',
  ClusterStmt: 'CLUSTER',
  ExplainStmt: 'EXPLAIN',
  RefreshMatViewStmt: 'REFRESH MATERIALIZED VIEW',
  AlterSystemStmt: 'ALTER SYSTEM',
  VariableShowStmt: 'SHOW',
  CreateTransformStmt: 'CREATE TRANSFORM',
  CreateTrigStmt: 'CREATE TRIGGER',
  CreateEventTrigStmt: 'CREATE EVENT TRIGGER',
  AlterEventTrigStmt: 'ALTER EVENT TRIGGER',
  CreatePLangStmt: 'CREATE LANGUAGE',
  CreateRoleStmt: 'CREATE ROLE',
  AlterRoleStmt: 'ALTER ROLE',
  AlterRoleSetStmt: 'ALTER ROLE',
  DropRoleStmt: 'DROP ROLE',
  DropOwnedStmt: 'DROP OWNED',
  ReassignOwnedStmt: 'REASSIGN OWNED',
  LockStmt: 'LOCK TABLE',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
  CheckPointStmt: 'CHECKPOINT',
  ReindexStmt: 'REINDEX',
  CreateConversionStmt: 'CREATE CONVERSION',
  CreateCastStmt: 'CREATE CAST',
  CreateOpClassStmt: 'CREATE OPERATOR CLASS',
  CreateOpFamilyStmt: 'CREATE OPERATOR FAMILY',
  AlterOpFamilyStmt: 'ALTER OPERATOR FAMILY',
  AlterOperatorStmt: 'ALTER OPERATOR',
  AlterTypeStmt: 'ALTER TYPE',
  AlterTSDictionaryStmt: 'ALTER TEXT SEARCH DICTIONARY',
  AlterTSConfigurationStmt: 'ALTER TEXT SEARCH CONFIGURATION',
  CreatePolicyStmt: 'CREATE POLICY',
  AlterPolicyStmt: 'ALTER POLICY',
  CreateAmStmt: 'CREATE ACCESS METHOD',
  CreatePublicationStmt: 'CREATE PUBLICATION',
  AlterPublicationStmt: 'ALTER PUBLICATION',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
  AlterSubscriptionStmt: 'ALTER SUBSCRIPTION',
  DropSubscriptionStmt: 'DROP SUBSCRIPTION',
  AlterCollationStmt: 'ALTER COLLATION',
  PrepareStmt: 'PREPARE',
  ExecuteStmt: 'EXECUTE',
  CreateStatsStmt: 'CREATE STATISTICS',
  AlterStatsStmt: 'ALTER STATISTICS',
};

/** Statements whose tag depends on a field. */
const TAGS_BY_FIELD: Readonly<Record<string, (body: Fields) => string | undefined>> = {
  SelectStmt: (body) => (body['intoClause'] ? 'SELECT INTO' : 'SELECT'),
  TransactionStmt: (body) => TRANSACTION_TAGS[body['kind'] as TransactionStmtKind],
  ClosePortalStmt: (body) => (body['portalname'] === undefined ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR'),
  FetchStmt: (body) => (body['ismove'] ? 'MOVE' : 'FETCH'),
  DropStmt: (body) => objectTag('DROP', body['removeType']),
  DefineStmt: (body) => objectTag('CREATE', body['kind']),
  // The tag of a renamed column is that of the relation which it is in.
  RenameStmt: (body) =>
    objectTag('ALTER', body['renameType'] === 'OBJECT_COLUMN' ? body['relationType'] : body['renameType']),
  AlterObjectDependsStmt: (body) => objectTag('ALTER', body['objectType']),
  AlterObjectSchemaStmt: (body) => objectTag('ALTER', body['objectType']),
  AlterOwnerStmt: (body) => objectTag('ALTER', body['objectType']),
  AlterTableMoveAllStmt: (body) => objectTag('ALTER', body['objtype']),
  AlterTableStmt: (body) => objectTag('ALTER', body['objtype']),
  AlterFunctionStmt: (body) => objectTag('ALTER', body['objtype']),
  GrantStmt: (body) => (body['is_grant'] ? 'GRANT' : 'REVOKE'),
  GrantRoleStmt: (body) => (body['is_grant'] ? 'GRANT ROLE' : 'REVOKE ROLE'),
  CreateFunctionStmt: (body) => (body['is_procedure'] ? 'CREATE PROCEDURE' : 'CREATE FUNCTION'),
  VacuumStmt: (body) => (body['is_vacuumcmd'] ? 'VACUUM' : 'ANALYZE'),
  CreateTableAsStmt: (body) =>
    body['objtype'] === 'OBJECT_MATVIEW'
      ? 'CREATE MATERIALIZED VIEW'
      : body['is_select_into']
        ? 'SELECT INTO'
        : 'CREATE TABLE AS',
  VariableSetStmt: (body) => (String(body['kind']).startsWith('VAR_RESET') ? 'RESET' : 'SET'),
  DiscardStmt: (body) => String(body['target']).replace('DISCARD_', 'DISCARD '),
  DeallocateStmt: (body) => (body['name'] === undefined ? 'DEALLOCATE ALL' : 'DEALLOCATE'),
};

const TRANSACTION_TAGS: Readonly<Record<TransactionStmtKind, string>> = {
  TRANS_STMT_BEGIN: 'BEGIN',
  TRANS_STMT_START: 'START TRANSACTION',
  TRANS_STMT_COMMIT: 'COMMIT',
  TRANS_STMT_ROLLBACK: 'ROLLBACK',
  TRANS_STMT_SAVEPOINT: 'SAVEPOINT',
  TRANS_STMT_RELEASE: 'RELEASE',
  TRANS_STMT_ROLLBACK_TO: 'ROLLBACK',
  TRANS_STMT_PREPARE: 'PREPARE TRANSACTION',
  TRANS_STMT_COMMIT_PREPARED: 'COMMIT PREPARED',
  TRANS_STMT_ROLLBACK_PREPARED: 'ROLLBACK PREPARED',
};

/** What an object type is called in a tag; parts of objects have the tag of the whole. */
const OBJECT_NAMES: Partial<Record<ObjectType, string>> = {
  OBJECT_ACCESS_METHOD: 'ACCESS METHOD',
  OBJECT_AGGREGATE: 'AGGREGATE',
  OBJECT_ATTRIBUTE: 'TYPE',
  OBJECT_CAST: 'CAST',
  OBJECT_COLLATION: 'COLLATION',
  OBJECT_COLUMN: 'TABLE',
  OBJECT_CONVERSION: 'CONVERSION',
  OBJECT_DATABASE: 'DATABASE',
  OBJECT_DOMAIN: 'DOMAIN',
  OBJECT_DOMCONSTRAINT: 'DOMAIN',
  OBJECT_EVENT_TRIGGER: 'EVENT TRIGGER',
  OBJECT_EXTENSION: 'EXTENSION',
  OBJECT_FDW: 'FOREIGN DATA WRAPPER',
  OBJECT_FOREIGN_SERVER: 'SERVER',
  OBJECT_FOREIGN_TABLE: 'FOREIGN TABLE',
  OBJECT_FUNCTION: 'FUNCTION',
  OBJECT_INDEX: 'INDEX',
  OBJECT_LANGUAGE: 'LANGUAGE',
  OBJECT_LARGEOBJECT: 'LARGE OBJECT',
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_OPCLASS: 'OPERATOR CLASS',
  OBJECT_OPERATOR: 'OPERATOR',
  OBJECT_OPFAMILY: 'OPERATOR FAMILY',
  OBJECT_POLICY: 'POLICY',
  OBJECT_PROCEDURE: 'PROCEDURE',
  OBJECT_PUBLICATION: 'PUBLICATION',
  OBJECT_ROLE: 'ROLE',
  OBJECT_ROUTINE: 'ROUTINE',
  OBJECT_RULE: 'RULE',
  OBJECT_SCHEMA: 'SCHEMA',
  OBJECT_SEQUENCE: 'SEQUENCE',
  OBJECT_STATISTIC_EXT: 'STATISTICS',
  OBJECT_SUBSCRIPTION: 'SUBSCRIPTION',
  OBJECT_TABCONSTRAINT: 'TABLE',
  OBJECT_TABLE: 'TABLE',
  OBJECT_TABLESPACE: 'TABLESPACE',
  OBJECT_TRANSFORM: 'TRANSFORM',
  OBJECT_TRIGGER: 'TRIGGER',
  OBJECT_TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  OBJECT_TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  OBJECT_TSPARSER: 'TEXT SEARCH PARSER',
  OBJECT_TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
  OBJECT_TYPE: 'TYPE',
  OBJECT_VIEW: 'VIEW',
};

function objectTag(verb: string, objectType: unknown): string | undefined {
  const name = OBJECT_NAMES[objectType as ObjectType];
  return name === undefined ? undefined : `${verb} ${name}`;
}

/** A command that begins a transaction, by its tag. */
export function opensTransaction(kind: string): boolean {
  return kind === 'BEGIN' || kind === 'START TRANSACTION';
}

/** A command that ends one, whether or not it keeps what was done, by its tag. */
export function closesTransaction(kind: string): boolean {
  return CLOSING.has(kind);
}

const CLOSING: ReadonlySet<string> = new Set(['COMMIT', 'END', 'ROLLBACK', 'ABORT', 'PREPARE TRANSACTION']);
