import type { Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import type { Parser } from '../sql/parser.ts';
import type { Statement } from '../sql/statement.ts';
import { definitionIsOn } from '../sql/tree.ts';
import type { StatementEffects } from './effect.ts';
import type { CalledFunction, QueryWalker } from './queryWalker.ts';
import { EffectRecorder } from './recorder.ts';
import { alterTable } from './statements/alterTable.ts';
import { createTable, createTableAs, selectInto } from './statements/createTable.ts';
import {
  comment,
  createPolicy,
  createRule,
  createStatistics,
  createTrigger,
  createView,
  grant,
  publication,
  securityLabel,
} from './statements/definitions.ts';
import { drop } from './statements/drop.ts';
import { createFunction } from './statements/functions.ts';
import { createIndex, reindex } from './statements/indexes.ts';
import { cluster, lockTable, refresh, truncate, vacuum } from './statements/maintenance.ts';
import { copy, query } from './statements/modify.ts';
import { rename, setSchema } from './statements/rename.ts';
import { alterDomain, alterSequence, createSequence } from './statements/types.ts';
import { touchRemoved } from './removal.ts';

/** What the effects of one statement are derived from. */
export interface StatementInput {
  readonly statement: Statement;
  readonly before: Catalog;
  readonly after: Catalog;
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

/** What one statement does itself, and the functions that it runs, whose bodies are looked into elsewhere. */
export interface DirectEffects {
  readonly recorder: EffectRecorder;
  readonly called: readonly CalledFunction[];
}

/** What one statement does to every relation that it touches, functions that it calls left out. */
export function statementEffects(input: StatementInput): StatementEffects {
  return directEffects(input).recorder.finish();
}

/** The same, not finished yet: what called functions do can still be added. */
export function directEffects(input: StatementInput): DirectEffects {
  const recorder = new EffectRecorder(input);
  const { statement } = input;
  const place = { offset: statement.start, line: statement.startLine };
  if (statement.notAnalysed !== null) recorder.opaque({ ...place, reason: statement.notAnalysed });
  if (statement.tree === null) return { recorder, called: [] };
  const walker = record(recorder, statement.tree, (reason) => {
    recorder.opaque({ ...place, reason });
  });
  return { recorder, called: walker?.called ?? [] };
}

/** One statement's tree, by family. Gives the walker of its query if it has one. */
function record(recorder: EffectRecorder, tree: Node, opaque: (reason: string) => void): QueryWalker | null {
  if ('SelectStmt' in tree) {
    return tree.SelectStmt.intoClause === undefined
      ? query(recorder, tree, 'execute')
      : selectInto(recorder, tree.SelectStmt);
  }
  if ('InsertStmt' in tree || 'UpdateStmt' in tree || 'DeleteStmt' in tree || 'MergeStmt' in tree) {
    return query(recorder, tree, 'execute');
  }
  if ('AlterTableStmt' in tree) alterTable(recorder, tree.AlterTableStmt);
  else if ('CreateStmt' in tree) createTable(recorder, tree.CreateStmt);
  else if ('IndexStmt' in tree) createIndex(recorder, tree.IndexStmt);
  else if ('DropStmt' in tree) drop(recorder, tree.DropStmt);
  else if ('RenameStmt' in tree) rename(recorder, tree.RenameStmt);
  else if ('CommentStmt' in tree) comment(recorder, tree.CommentStmt);
  else if ('CreateFunctionStmt' in tree) createFunction(recorder, tree.CreateFunctionStmt);
  else if ('ViewStmt' in tree) createView(recorder, tree.ViewStmt);
  else if ('GrantStmt' in tree) grant(recorder, tree.GrantStmt);
  else if ('CreateTrigStmt' in tree) createTrigger(recorder, tree.CreateTrigStmt);
  else if ('CreateSeqStmt' in tree) createSequence(recorder, tree.CreateSeqStmt);
  else if ('AlterSeqStmt' in tree) alterSequence(recorder, tree.AlterSeqStmt);
  else if ('CreatePolicyStmt' in tree) createPolicy(recorder, tree.CreatePolicyStmt, true);
  else if ('AlterPolicyStmt' in tree) createPolicy(recorder, tree.AlterPolicyStmt, false);
  else if ('RuleStmt' in tree) createRule(recorder, tree.RuleStmt);
  else return recordRare(recorder, tree, opaque);
  return null;
}

function recordRare(recorder: EffectRecorder, tree: Node, opaque: (reason: string) => void): QueryWalker | null {
  if ('CreateTableAsStmt' in tree) return createTableAs(recorder, tree.CreateTableAsStmt);
  if ('CopyStmt' in tree) return copy(recorder, tree.CopyStmt);
  if ('RefreshMatViewStmt' in tree) return refresh(recorder, tree.RefreshMatViewStmt);
  if ('CallStmt' in tree && tree.CallStmt.funccall !== undefined) {
    return query(recorder, { FuncCall: tree.CallStmt.funccall }, 'execute');
  }
  if ('ExplainStmt' in tree && tree.ExplainStmt.query !== undefined) {
    const runs = definitionIsOn(tree.ExplainStmt.options, 'analyze');
    return query(recorder, tree.ExplainStmt.query, runs ? 'execute' : 'plan');
  }
  if ('PrepareStmt' in tree && tree.PrepareStmt.query !== undefined) {
    return query(recorder, tree.PrepareStmt.query, 'rewrite');
  }
  if ('DeclareCursorStmt' in tree && tree.DeclareCursorStmt.query !== undefined) {
    return query(recorder, tree.DeclareCursorStmt.query, 'plan');
  }
  if ('TruncateStmt' in tree) truncate(recorder, tree.TruncateStmt);
  else if ('LockStmt' in tree) lockTable(recorder, tree.LockStmt);
  else if ('VacuumStmt' in tree) vacuum(recorder, tree.VacuumStmt);
  else if ('ClusterStmt' in tree) cluster(recorder, tree.ClusterStmt);
  else if ('ReindexStmt' in tree) reindex(recorder, tree.ReindexStmt);
  else if ('AlterObjectSchemaStmt' in tree) setSchema(recorder, tree.AlterObjectSchemaStmt);
  else if ('AlterDomainStmt' in tree) alterDomain(recorder, tree.AlterDomainStmt);
  else if ('CreateStatsStmt' in tree) createStatistics(recorder, tree.CreateStatsStmt);
  else if ('CreatePublicationStmt' in tree) publication(recorder, tree.CreatePublicationStmt);
  else if ('AlterPublicationStmt' in tree) publication(recorder, tree.AlterPublicationStmt);
  else if ('SecLabelStmt' in tree) securityLabel(recorder, tree.SecLabelStmt);
  else if ('CreateForeignTableStmt' in tree) {
    if (tree.CreateForeignTableStmt.base !== undefined) createTable(recorder, tree.CreateForeignTableStmt.base);
  } else if ('CreateSchemaStmt' in tree) {
    for (const element of tree.CreateSchemaStmt.schemaElts ?? []) record(recorder, element, opaque);
  } else if ('DropOwnedStmt' in tree) dropOwned(recorder);
  else return recordOther(recorder, tree, opaque);
  return null;
}

function dropOwned(recorder: EffectRecorder): void {
  const why = 'DROP OWNED drops everything that the role owns in this database.';
  const fact = { operation: 'drop owned', lock: 'ACCESS EXCLUSIVE', why, source: {} } as const;
  touchRemoved(recorder, null, fact, 'DROP OWNED', fact);
}

/** Statements that touch no relation, but can't run in a transaction block; and those that nobody can follow. */
function recordOther(recorder: EffectRecorder, tree: Node, opaque: (reason: string) => void): null {
  if (outsideTransactions(tree)) recorder.transactional = false;
  if ('ExecuteStmt' in tree) opaque('EXECUTE of a prepared statement is not followed');
  else if ('ReassignOwnedStmt' in tree) opaque('which objects the role owns is not known');
  else if ('AlterTableMoveAllStmt' in tree) opaque('which relations lie in the tablespace is not known');
  else if ('ImportForeignSchemaStmt' in tree) opaque('which foreign tables are made is not known');
  else if ('AlterExtensionStmt' in tree) opaque('what the extension’s update script does is not known');
  return null;
}

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
