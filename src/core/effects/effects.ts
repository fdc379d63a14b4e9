import type { Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import type { Parser } from '../sql/parser.ts';
import type { Statement } from '../sql/statement.ts';
import { definitionIsOn, nodeKind } from '../sql/tree.ts';
import type { NodeBody, NodeKind } from '../sql/tree.ts';
import { EffectRecorder } from './recorder.ts';
import { alterTable } from './statements/alterTable.ts';
import { createSchema, createTable, createTableAs, selectInto } from './statements/createTable.ts';
import {
  comment,
  createPolicy,
  createRule,
  createStatistics,
  createTrigger,
  createView,
  dependsOnExtension,
  extensionMember,
  grant,
  publication,
  securityLabel,
} from './statements/definitions.ts';
import { drop, dropOwned } from './statements/drop.ts';
import { createFunction } from './statements/functions.ts';
import { createIndex, reindex } from './statements/indexes.ts';
import { cluster, lockTable, refresh, truncate, vacuum } from './statements/maintenance.ts';
import { copy, query } from './statements/modify.ts';
import { rename, setSchema } from './statements/rename.ts';
import { alterDomain, alterSequence, createSequence } from './statements/types.ts';

/** What the effects of one statement are derived from. */
export interface StatementInput {
  readonly statement: Statement;
  readonly before: Catalog;
  /** `nextId` of the catalog when the migration started: relations with it or a higher one are new. */
  readonly firstNewId: number;
  /** TimeZone of the session that applies; null: not known. */
  readonly timeZone: string | null;
  readonly parser: Parser;
  /** In a transaction, whoever opened it: SET LOCAL does nothing outside one. */
  readonly inTransaction: boolean;
  /** New relations that earlier statements of the migration put rows into. */
  readonly filled: ReadonlySet<number>;
}

/**
 * What one statement does to every relation that it touches. Functions that it calls are left out: what those in
 * `recorder.called` do can still be added.
 *
 * @param after the catalog after the statement
 */
export function directEffects(input: StatementInput, after: Catalog): EffectRecorder {
  const recorder = new EffectRecorder(input, after);
  const { statement } = input;
  if (statement.notAnalysed !== null) recorder.opaqueHere(statement.notAnalysed);
  if (statement.tree === null) return recorder;
  try {
    record(recorder, statement.tree);
  } catch (error) {
    // A tree that nobody foresaw must not take the whole analysis down with it; and nobody must take it for harmless.
    recorder.opaqueHere(`Lockkeeper failed on it: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  // It may be a view over others, and so lock more than its name.
  if (recorder.unknown.length > 0 && input.before.gaps.some(({ kind }) => kind === 'dynamic SQL')) {
    const names = recorder.unknown.join(', ');
    recorder.opaqueHere(`${names} may have been made by dynamic SQL that could not be followed`);
  }
  return recorder;
}

/** One statement's tree, by family. */
function record(recorder: EffectRecorder, tree: Node): void {
  const kind = nodeKind(tree);
  const handler = HANDLERS[kind];
  if (handler !== undefined) handler(recorder, (tree as Readonly<Record<string, unknown>>)[kind]);
  else if (outsideTransactions(tree)) recorder.transactional = false;
  const reason = NOT_FOLLOWED[kind];
  if (reason !== undefined) recorder.opaqueHere(reason);
}

type Handlers = { readonly [Kind in NodeKind]?: (recorder: EffectRecorder, body: NodeBody<Kind>) => void };

const TYPED_HANDLERS: Handlers = {
  SelectStmt: (recorder, body) => {
    if (body.intoClause === undefined) query(recorder, { SelectStmt: body }, 'execute');
    else selectInto(recorder, body);
  },
  InsertStmt: (recorder, body) => void query(recorder, { InsertStmt: body }, 'execute'),
  UpdateStmt: (recorder, body) => void query(recorder, { UpdateStmt: body }, 'execute'),
  DeleteStmt: (recorder, body) => void query(recorder, { DeleteStmt: body }, 'execute'),
  MergeStmt: (recorder, body) => void query(recorder, { MergeStmt: body }, 'execute'),
  CopyStmt: copy,
  CallStmt: (recorder, { funccall }) => {
    if (funccall !== undefined) query(recorder, { FuncCall: funccall }, 'execute');
  },
  ExplainStmt: (recorder, body) => {
    const runs = definitionIsOn(body.options, 'analyze');
    if (body.query !== undefined && 'ExecuteStmt' in body.query) recorder.opaqueHere(PREPARED);
    if (body.query !== undefined) query(recorder, body.query, runs ? 'execute' : 'plan');
  },
  PrepareStmt: (recorder, body) => {
    if (body.query !== undefined) query(recorder, body.query, 'rewrite');
  },
  DeclareCursorStmt: (recorder, body) => {
    if (body.query !== undefined) query(recorder, body.query, 'plan');
  },
  CreateStmt: createTable,
  CreateForeignTableStmt: (recorder, body) => {
    if (body.base !== undefined) createTable(recorder, body.base);
  },
  CreateTableAsStmt: createTableAs,
  CreateSchemaStmt: createSchema,
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  ReindexStmt: reindex,
  DropStmt: drop,
  DropOwnedStmt: dropOwned,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterObjectDependsStmt: dependsOnExtension,
  AlterExtensionContentsStmt: extensionMember,
  CommentStmt: comment,
  SecLabelStmt: securityLabel,
  GrantStmt: grant,
  CreateFunctionStmt: createFunction,
  ViewStmt: createView,
  RefreshMatViewStmt: refresh,
  CreateTrigStmt: createTrigger,
  RuleStmt: createRule,
  CreatePolicyStmt: (recorder, body) => {
    createPolicy(recorder, body, true);
  },
  AlterPolicyStmt: (recorder, body) => {
    createPolicy(recorder, body, false);
  },
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  AlterDomainStmt: alterDomain,
  CreateStatsStmt: createStatistics,
  CreatePublicationStmt: publication,
  AlterPublicationStmt: publication,
  TruncateStmt: truncate,
  LockStmt: lockTable,
  VacuumStmt: vacuum,
  ClusterStmt: cluster,
};
const HANDLERS = TYPED_HANDLERS as Readonly<
  Record<string, ((recorder: EffectRecorder, body: unknown) => void) | undefined>
>;

const PREPARED = 'EXECUTE of a prepared statement is not followed';

/** What nobody can know from the text. */
const NOT_FOLLOWED: Readonly<Partial<Record<NodeKind, string>>> = {
  ExecuteStmt: PREPARED,
  ReassignOwnedStmt: 'which objects the role owns is not known',
  AlterTableMoveAllStmt: 'which relations lie in the tablespace is not known',
  ImportForeignSchemaStmt: 'which foreign tables are made is not known',
  AlterExtensionStmt: 'what the extension’s update script does is not known',
};

/** PreventInTransactionBlock() in the server's sources; documented on each statement's page. */
function outsideTransactions(tree: Node): boolean {
  if ('CreatedbStmt' in tree || 'DropdbStmt' in tree || 'AlterSystemStmt' in tree) return true;
  if ('CreateTableSpaceStmt' in tree || 'DropTableSpaceStmt' in tree) return true;
  if ('CreateSubscriptionStmt' in tree) {
    const { options } = tree.CreateSubscriptionStmt;
    const connects = options?.some((node) => 'DefElem' in node && node.DefElem.defname === 'connect');
    return connects !== true || definitionIsOn(options, 'connect');
  }
  if ('DropSubscriptionStmt' in tree) return true;
  if ('DiscardStmt' in tree) return tree.DiscardStmt.target === 'DISCARD_ALL';
  if ('AlterDatabaseStmt' in tree) {
    return (tree.AlterDatabaseStmt.options ?? []).some(
      (node) => 'DefElem' in node && node.DefElem.defname === 'tablespace',
    );
  }
  if (!('TransactionStmt' in tree)) return false;
  const { kind } = tree.TransactionStmt;
  return kind === 'TRANS_STMT_COMMIT_PREPARED' || kind === 'TRANS_STMT_ROLLBACK_PREPARED';
}
