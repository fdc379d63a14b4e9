import type { Node } from '@pgsql/types';
import type { Catalog } from './catalog.ts';
import { Draft } from './draft.ts';
import { Refusal, Unknown } from './refusal.ts';
import { alterTable } from './statements/alterTable.ts';
import { comment } from './statements/comments.ts';
import { createForeignTable, createTable } from './statements/createTable.ts';
import { define } from './statements/define.ts';
import { alterDomain, createDomain } from './statements/domains.ts';
import { dropStatement } from './statements/dropStatement.ts';
import { alterExtension, createExtension } from './statements/extensions.ts';
import { alterFunction, createFunction } from './statements/functions.ts';
import { createIndex } from './statements/indexes.ts';
import { clusterTable, dropOwned, reindex } from './statements/maintenance.ts';
import { OTHER_STATEMENTS } from './statements/otherObjects.ts';
import { alterOwner } from './statements/owners.ts';
import { alterPolicy, createPolicy, createRule } from './statements/policies.ts';
import { alterDefaultPrivileges, grant } from './statements/privileges.ts';
import { rename } from './statements/rename.ts';
import { createSchema } from './statements/schemas.ts';
import { alterSequence, createSequence } from './statements/sequences.ts';
import { discard, setConfigCalls, setVariable } from './statements/session.ts';
import { setSchema } from './statements/setSchema.ts';
import { alterStatistics, createStatistics } from './statements/statistics.ts';
import { createTrigger } from './statements/triggers.ts';
import { alterEnum, createCompositeType, createEnum, createRange } from './statements/types.ts';
import { createTableAs, createView, refreshMaterializedView, selectInto } from './statements/views.ts';

/** What of a statement the replay needs: also statements inside a DO block or a function fit. */
export interface ReplayStatement {
  readonly tree: Node | null;
  /** The statement's own text; functions keep it, so that they can be made again. */
  readonly text?: string;
}

/** Where a statement runs. */
export interface ReplayContext {
  /** In a transaction, whoever opened it: SET LOCAL has no effect outside one. Assumed when absent. */
  readonly inTransaction?: boolean;
}

/** Why the server would refuse a statement. */
export interface ReplayError {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
}

export interface ReplayOutcome {
  readonly catalog: Catalog;
  /** The statement fails on a server whose catalog is the one given; the catalog stayed as it was. */
  readonly error: ReplayError | null;
}

/**
 * The catalog after a statement, on the catalog's server major. Never throws: what the server would refuse leaves the
 * catalog as it was (the same object), what refers to things that the history never made is said once in `gaps`.
 * Transaction control is not looked at here: see `transactions.ts`.
 */
export function applyStatement(catalog: Catalog, statement: ReplayStatement, context: ReplayContext = {}): Catalog {
  return replayStatement(catalog, statement, context).catalog;
}

/** As `applyStatement`, and tells whether and why the server would refuse the statement. */
export function replayStatement(
  catalog: Catalog,
  statement: ReplayStatement,
  context: ReplayContext = {},
): ReplayOutcome {
  const { tree } = statement;
  if (tree === null) return { catalog, error: null };
  const draft = new Draft(catalog);
  try {
    const applied = apply(draft, tree, {
      text: statement.text ?? null,
      inTransaction: context.inTransaction !== false,
    });
    return applied ? { catalog: draft.finish(), error: null } : { catalog, error: null };
  } catch (error) {
    return recover(catalog, error);
  }
}

function recover(catalog: Catalog, error: unknown): ReplayOutcome {
  if (error instanceof Refusal) return { catalog, error: { code: error.code, message: error.message } };
  const draft = new Draft(catalog);
  if (error instanceof Unknown) {
    draft.gap({ kind: 'missing baseline', what: error.what });
    return { catalog: draft.finish(), error: null };
  }
  // A tree that the replay did not foresee must not take the history down with it.
  draft.gap({ kind: 'not followed', what: error instanceof Error ? error.message : 'statement' });
  return { catalog: draft.finish(), error: null };
}

interface Context {
  readonly text: string | null;
  readonly inTransaction: boolean;
}

/** False: nothing of this statement concerns the catalog. */
function apply(draft: Draft, tree: Node, context: Context): boolean {
  if ('AlterTableStmt' in tree) alterTable(draft, tree.AlterTableStmt);
  else if ('CreateStmt' in tree) createTable(draft, tree.CreateStmt);
  else if ('IndexStmt' in tree) createIndex(draft, tree.IndexStmt);
  else if ('DropStmt' in tree) dropStatement(draft, tree.DropStmt);
  else if ('CommentStmt' in tree) comment(draft, tree.CommentStmt);
  else if ('SelectStmt' in tree) {
    const { intoClause } = tree.SelectStmt;
    if (intoClause !== undefined) selectInto(draft, intoClause, tree);
    else if (tree.SelectStmt.fromClause === undefined) setConfigCalls(draft, tree.SelectStmt, context);
  } else return applyOther(draft, tree, context);
  return true;
}

function applyOther(draft: Draft, tree: Node, context: Context): boolean {
  for (const kind in tree) {
    const handler = HANDLERS[kind] ?? OTHER_STATEMENTS[kind];
    if (handler === undefined) return false;
    (handler as Handler)(draft, (tree as Readonly<Record<string, unknown>>)[kind], context.text, context);
  }
  return true;
}

type Handler = (draft: Draft, node: unknown, text: string | null, context: Context) => void;
type Handlers = {
  readonly [K in NodeKind]?: (draft: Draft, node: NodeOf<K>, text: string | null, context: Context) => void;
};
type NodeKind = Node extends infer N ? (N extends Node ? keyof N : never) : never;
type NodeOf<K extends string> =
  Extract<Node, Record<K, unknown>> extends infer N ? (K extends keyof N ? N[K] : never) : never;

const TYPED_HANDLERS: Handlers = {
  CreateForeignTableStmt: createForeignTable,
  CreateTableAsStmt: createTableAs,
  ViewStmt: createView,
  RefreshMatViewStmt: refreshMaterializedView,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateEnumStmt: createEnum,
  AlterEnumStmt: alterEnum,
  CompositeTypeStmt: createCompositeType,
  CreateRangeStmt: createRange,
  CreateDomainStmt: createDomain,
  AlterDomainStmt: alterDomain,
  DefineStmt: define,
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  CreateTrigStmt: createTrigger,
  CreatePolicyStmt: createPolicy,
  AlterPolicyStmt: alterPolicy,
  RuleStmt: createRule,
  GrantStmt: grant,
  AlterDefaultPrivilegesStmt: alterDefaultPrivileges,
  CreateSchemaStmt: (draft, node, text, context) => {
    createSchema(draft, node, (element) => {
      apply(draft, element, { ...context, text });
    });
  },
  CreateExtensionStmt: createExtension,
  AlterExtensionStmt: alterExtension,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: alterOwner,
  CreateStatsStmt: createStatistics,
  AlterStatsStmt: alterStatistics,
  VariableSetStmt: (draft, node, _text, context) => {
    setVariable(draft, node, context);
  },
  DiscardStmt: discard,
  ClusterStmt: clusterTable,
  ReindexStmt: reindex,
  DropOwnedStmt: dropOwned,
  ImportForeignSchemaStmt: (draft, node) => {
    draft.gap({ kind: 'not followed', what: `IMPORT FOREIGN SCHEMA ${node.remote_schema ?? ''}` });
  },
  AlterTableMoveAllStmt: (draft, node) => {
    const to = node.new_tablespacename === 'pg_default' ? null : (node.new_tablespacename ?? null);
    const from = node.orig_tablespacename === 'pg_default' ? null : (node.orig_tablespacename ?? null);
    for (const relation of [...draft.relations.values()]) {
      if (relation.tablespace === from) draft.put({ ...relation, tablespace: to });
    }
  },
};
const HANDLERS = TYPED_HANDLERS as Readonly<Record<string, Handler | undefined>>;
