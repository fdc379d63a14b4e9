import type { Node } from '@pgsql/types';
import type { Catalog } from './catalog.ts';
import { replayStatement } from './replay.ts';
import type { ReplayError, ReplayStatement } from './replay.ts';
import { endLocalSettings } from './statements/session.ts';

/**
 * A replay that follows BEGIN, COMMIT, ROLLBACK and savepoints: a value, moved on by `replayNext`. Catalogs share
 * structure, so keeping the one before each savepoint costs nothing.
 */
export interface Replay {
  readonly catalog: Catalog;
  readonly transaction: OpenTransaction | null;
}

export interface OpenTransaction {
  /** The catalog that ROLLBACK goes back to. */
  readonly before: Catalog;
  readonly savepoints: readonly { readonly name: string; readonly catalog: Catalog }[];
  /** A statement failed: everything is refused until the end (25P02). */
  readonly failed: boolean;
}

/** Starts outside any transaction. */
export function startReplay(catalog: Catalog): Replay {
  return { catalog, transaction: null };
}

/** Opens a transaction, as BEGIN or a tool's wrapper does; a second BEGIN only warns. */
export function beginTransaction(replay: Replay): Replay {
  if (replay.transaction !== null) return replay;
  return { ...replay, transaction: { before: replay.catalog, savepoints: [], failed: false } };
}

/** COMMIT: what SET LOCAL changed goes back, ON COMMIT DROP tables go. A failed transaction is rolled back. */
export function commitTransaction(replay: Replay): Replay {
  if (replay.transaction === null) return replay;
  if (replay.transaction.failed) return rollbackTransaction(replay);
  return { catalog: afterCommit(replay.catalog), transaction: null };
}

/** ROLLBACK: the catalog from before BEGIN. Settings go back with it, as the server does it. */
export function rollbackTransaction(replay: Replay): Replay {
  if (replay.transaction === null) return replay;
  return { catalog: backTo(replay.transaction.before, replay.catalog), transaction: null };
}

const wentBack = new WeakMap<Catalog, Catalog>();

/**
 * An earlier catalog of a transaction after what was done since is undone. Ids of that are not given again: two things
 * never share one. The same object each time it is asked for, so that what follows an edit is found again.
 */
export function backTo(earlier: Catalog, { nextId }: Catalog): Catalog {
  if (earlier.nextId === nextId) return earlier;
  let back = wentBack.get(earlier);
  if (back?.nextId !== nextId) {
    back = { ...earlier, nextId };
    wentBack.set(earlier, back);
  }
  return back;
}

/** One more statement; transaction control is followed, everything else is applied. */
export function replayNext(
  replay: Replay,
  statement: ReplayStatement,
): { readonly replay: Replay; readonly error: ReplayError | null } {
  const { tree } = statement;
  if (tree !== null && 'TransactionStmt' in tree) return { replay: control(replay, tree), error: null };
  if (replay.transaction?.failed === true) {
    return { replay, error: { code: '25P02', message: 'current transaction is aborted' } };
  }
  const inTransaction = replay.transaction !== null;
  const { catalog, error } = replayStatement(replay.catalog, statement, { inTransaction });
  const transaction =
    replay.transaction !== null && error !== null ? { ...replay.transaction, failed: true } : replay.transaction;
  return { replay: { catalog, transaction }, error };
}

function control(replay: Replay, tree: Extract<Node, { TransactionStmt: unknown }>): Replay {
  const { kind, savepoint_name: name, chain } = tree.TransactionStmt;
  const next = (ended: Replay): Replay => (chain === true ? beginTransaction(ended) : ended);
  const { transaction } = replay;
  switch (kind) {
    case 'TRANS_STMT_COMMIT':
      return next(commitTransaction(replay));
    case 'TRANS_STMT_PREPARE':
      return commitTransaction(replay);
    case 'TRANS_STMT_ROLLBACK':
      return next(rollbackTransaction(replay));
    case 'TRANS_STMT_SAVEPOINT':
      if (transaction === null || transaction.failed) return replay;
      return {
        ...replay,
        transaction: {
          ...transaction,
          savepoints: [...transaction.savepoints, { name: name ?? '', catalog: replay.catalog }],
        },
      };
    case 'TRANS_STMT_RELEASE': {
      const at = transaction?.savepoints.findLastIndex((savepoint) => savepoint.name === name) ?? -1;
      if (transaction === null || at < 0) return replay;
      return { ...replay, transaction: { ...transaction, savepoints: transaction.savepoints.slice(0, at) } };
    }
    case 'TRANS_STMT_ROLLBACK_TO': {
      const at = transaction?.savepoints.findLastIndex((savepoint) => savepoint.name === name) ?? -1;
      const savepoint = transaction?.savepoints[at];
      if (transaction === null || savepoint === undefined) return replay;
      const savepoints = transaction.savepoints.slice(0, at + 1);
      const catalog = backTo(savepoint.catalog, replay.catalog);
      return { catalog, transaction: { ...transaction, savepoints, failed: false } };
    }
    case 'TRANS_STMT_COMMIT_PREPARED':
    case 'TRANS_STMT_ROLLBACK_PREPARED':
      return replay;
    default:
      // BEGIN and START TRANSACTION; the first value of the enum.
      return beginTransaction(replay);
  }
}

const committed = new WeakMap<Catalog, Catalog>();

/** The same object each time it is asked for, as `backTo`. */
function afterCommit(catalog: Catalog): Catalog {
  let after = committed.get(catalog);
  if (after === undefined) {
    const session = endLocalSettings(catalog.session);
    const ended = session === catalog.session ? catalog : { ...catalog, session };
    after = session.dropOnCommit.length === 0 ? ended : dropOnCommit(ended);
    committed.set(catalog, after);
  }
  return after;
}

function dropOnCommit(catalog: Catalog): Catalog {
  const { session } = catalog;
  let result: Catalog = { ...catalog, session: { ...session, dropOnCommit: [] } };
  for (const id of session.dropOnCommit) {
    const table = result.relations.get(id);
    if (table === undefined) continue;
    const object = { List: { items: [{ String: { sval: table.schema } }, { String: { sval: table.name } }] } };
    const tree: Node = {
      DropStmt: { removeType: 'OBJECT_TABLE', objects: [object], behavior: 'DROP_CASCADE' },
    };
    result = replayStatement(result, { tree }).catalog;
  }
  return result;
}
