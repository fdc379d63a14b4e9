import type { TransactionState } from '../analyze.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { backTo, commitTransaction, rollbackTransaction } from '../catalog/transactions.ts';
import type { Statement } from '../sql/statement.ts';
import type { Migration, TransactionMode } from '../tools/tool.ts';

const NONE: TransactionState = { id: null, openedBy: null, first: null };

/**
 * Follows the transactions of a script as the tool runs it: its own BEGIN and COMMIT around all of it (`explicit`; around each
 * changeset, where there are several), one simple query (`implicit`: several statements are one transaction), or statement by statement (`autocommit`); and the
 * script's BEGIN, COMMIT and ROLLBACK.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
 */
export class TransactionTracker {
  #mode: TransactionMode;
  readonly #changesets: NonNullable<Migration['changesets']>;
  /** How many of these have begun. */
  #begun = 0;
  readonly #several: boolean;
  #id: number;
  #openedBy: TransactionState['openedBy'];
  /** Index of the transaction's first statement. */
  #first: number | null = null;
  #state: TransactionState | null = null;
  /** Catalogs to go back to: at the transaction's start, and at each savepoint. */
  #start: Catalog | null = null;
  readonly #savepoints: { readonly name: string; readonly catalog: Catalog }[] = [];

  constructor({ transactionMode, changesets = [] }: Pick<Migration, 'transactionMode' | 'changesets'>, count: number) {
    this.#mode = transactionMode;
    this.#changesets = changesets;
    this.#several = count > 1;
    this.#id = 1;
    this.#openedBy = this.#openedByTool();
  }

  /** The catalog that a statement finds: where its changeset begins, the transaction of the one before is over. */
  before(statement: Statement, catalog: Catalog): Catalog {
    const begun = this.#begun;
    while ((this.#changesets[this.#begun]?.start ?? Infinity) <= statement.start) this.#begun += 1;
    const changeset = this.#begun > begun ? this.#changesets[this.#begun - 1] : undefined;
    if (changeset === undefined) return catalog;
    const found = this.finish(catalog);
    this.#close();
    this.#mode = changeset.transactionMode;
    this.#openedBy = this.#openedByTool();
    return found;
  }

  #openedByTool(): TransactionState['openedBy'] {
    if (this.#mode === 'explicit') return 'tool';
    return this.#mode === 'implicit' && this.#several ? 'implicit' : null;
  }

  /** The transaction that a statement finds itself in; BEGIN counts to the one that it opens. */
  enter(statement: Statement, catalog: Catalog): TransactionState {
    const kind = controlOf(statement);
    if (kind === 'begin' && (this.#openedBy === null || this.#openedBy === 'implicit')) {
      // In one simple query, BEGIN takes the statements before it into its transaction.
      if (this.#openedBy === null) this.#open(catalog);
      this.#openedBy = 'script';
    }
    if (this.#openedBy === null) return NONE;
    this.#start ??= catalog;
    this.#first ??= statement.index;
    // One object for all statements of a transaction, since there are far more of them.
    if (this.#state?.id !== this.#id || this.#state.openedBy !== this.#openedBy || this.#state.first !== this.#first)
      this.#state = { id: this.#id, openedBy: this.#openedBy, first: this.#first };
    return this.#state;
  }

  /** Notes what the statement did. Gives the catalog that holds afterwards: an older one after ROLLBACK. */
  leave(statement: Statement, after: Catalog): Catalog {
    if (this.#openedBy === null) return after;
    switch (controlOf(statement)) {
      case 'commit':
        return this.#end(after);
      case 'rollback': {
        const before = this.#start ?? after;
        this.#close();
        return rollbackTransaction({ catalog: after, transaction: { before, savepoints: [], failed: false } }).catalog;
      }
      case 'savepoint':
        this.#savepoints.push({ name: savepointName(statement), catalog: after });
        return after;
      case 'rollback to': {
        const name = savepointName(statement);
        const back = this.#savepoints.findLast((each) => each.name === name)?.catalog;
        return back === undefined ? after : backTo(back, after);
      }
      default:
        return after;
    }
  }

  /** The script's end: a transaction that is still open is committed, by the tool or by the server. */
  finish(catalog: Catalog): Catalog {
    return this.#openedBy === null || this.#start === null ? catalog : this.#end(catalog);
  }

  #end(catalog: Catalog): Catalog {
    const before = this.#start ?? catalog;
    this.#close();
    return commitTransaction({ catalog, transaction: { before, savepoints: [], failed: false } }).catalog;
  }

  #open(catalog: Catalog): void {
    this.#first = null;
    this.#start = catalog;
    this.#savepoints.length = 0;
  }

  #close(): void {
    this.#id += 1;
    this.#first = null;
    this.#start = null;
    this.#savepoints.length = 0;
    // What follows in one simple query is a transaction of its own; after a COMMIT the tool's wrapper is gone.
    this.#openedBy = this.#mode === 'implicit' && this.#several ? 'implicit' : null;
  }
}

type Control = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'rollback to' | null;

function controlOf({ tree }: Statement): Control {
  if (tree === null || !('TransactionStmt' in tree)) return null;
  switch (tree.TransactionStmt.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return 'begin';
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_PREPARE':
      return 'commit';
    case 'TRANS_STMT_ROLLBACK':
      return 'rollback';
    case 'TRANS_STMT_SAVEPOINT':
      return 'savepoint';
    case 'TRANS_STMT_ROLLBACK_TO':
      return 'rollback to';
    default:
      return null;
  }
}

function savepointName({ tree }: Statement): string {
  return tree !== null && 'TransactionStmt' in tree ? (tree.TransactionStmt.savepoint_name ?? '') : '';
}
