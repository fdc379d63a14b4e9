import type { MigrationAnalysis, StatementAnalysis } from '../analyze.ts';
import { hasColumns } from '../catalog/lookup.ts';
import { rollbackPlace } from '../tools/history.ts';
import type { History, TransactionMode } from '../tools/tool.ts';
import { keptRows, speaksOfKept } from './archive.ts';
import type { KeptRows } from './archive.ts';
import { noteRows } from './dataNotes.ts';
import { deleteInserted } from './insertedRows.ts';
import { inverse } from './inverse.ts';
import { Lifetimes } from './lifetimes.ts';
import { NotKnown } from './naming.ts';
import type { DataNotes, InverseContext, PlannedStep } from './plan.ts';
import { whyNotKnown } from './notUndone.ts';
import { scriptText } from './script.ts';

/** A synthesized down script, with what it brings back and what not. */
export interface Rollback {
  /** The whole script, ready to be written to its place. Ends with a line end. */
  readonly text: string;
  readonly steps: readonly RollbackStep[];
  readonly grade: RollbackGrade;
  /** Why the schema can't be brought back: then the script raises an exception before it does anything. Null: it can. */
  readonly declined: string | null;
}

/** One statement of the script. */
export interface RollbackStep {
  /** Without the closing `;`. */
  readonly sql: string;
  /** Index of the statement of the up script that it undoes. */
  readonly undoes: number;
  /** CONCURRENTLY: can't run in a transaction block. */
  readonly nonTransactional: boolean;
  /** Wants a transaction of its own. */
  readonly ownTransaction: boolean;
  /** For people, above it. */
  readonly remark: string | null;
}

export interface RollbackGrade {
  readonly schema: {
    /** `columnOrder`: as before, but columns stand in another order. `different`: not as before, and `reasons` says what is. */
    readonly state: 'restored' | 'columnOrder' | 'different';
    readonly reasons: readonly string[];
  };
  readonly data: {
    /** Rows from before the migration. */
    readonly before: { readonly state: 'kept' | 'lost'; readonly lost: readonly string[] };
    /** Rows and values written since: what is lost, and what makes the script fail. */
    readonly since: {
      readonly state: 'kept' | 'lost' | 'may fail';
      readonly lost: readonly string[];
      readonly fails: readonly string[];
    };
    /** Rows that the migration itself wrote and that stay. */
    readonly stays: readonly string[];
  };
}

export interface RollbackOptions {
  /** Take away enum values that the migration added: that rewrites the tables that use the type. Default: they stay. */
  readonly rebuildEnums?: boolean;
}

/**
 * The way back from a migration: one inverse a statement, in reverse order, each read off the catalogs before and after
 * it, so that what CASCADE took comes back too. What the migration made is dropped as a whole.
 *
 * Pure, and total: where something is not known the script declines, with the reason.
 */
export function synthesizeRollback(
  migration: MigrationAnalysis,
  history: History,
  { rebuildEnums = false }: RollbackOptions = {},
): Rollback {
  if (history.dialect === 'mysql') return noRollback(NOT_FOR_MYSQL);
  const reasons = whyNotKnown(migration);
  // How the tool runs the down script, which may differ from how it runs the up script.
  const mode = rollbackPlace(history, migration.migration).transactionMode;
  // Alone in its file, a statement that is sent as one query runs outside a transaction block.
  if (reasons.length === 0 && mode === 'implicit') {
    const alone = undo(migration, { outsideTransaction: true, rebuildEnums });
    if (alone.steps.length === 1 && alone.steps[0]?.nonTransactional === true) return finish(migration, alone, mode);
  }
  const outsideTransaction = reasons.length === 0 && mode === 'autocommit';
  const undone = undo(migration, { outsideTransaction, rebuildEnums });
  const declined = [...reasons, ...undone.declined];
  // What raises an exception must not have done half of its work before.
  if (declined.length > 0 && outsideTransaction) {
    return finish(migration, { ...undo(migration, { outsideTransaction: false, rebuildEnums }), declined }, mode);
  }
  return finish(migration, { ...undone, declined }, mode);
}

const NOT_FOR_MYSQL = 'Lockkeeper writes rollbacks for PostgreSQL alone; this is a MySQL history';

/** Nothing is known of what the migration did, so nothing is claimed to come back. */
function noRollback(reason: string): Rollback {
  return {
    text: `-- ${reason}.\n`,
    steps: [],
    grade: {
      schema: { state: 'different', reasons: [reason] },
      data: {
        before: { state: 'lost', lost: [reason] },
        since: { state: 'lost', lost: [reason], fails: [] },
        stays: [],
      },
    },
    declined: reason,
  };
}

/** What came of undoing all statements. */
export interface Undone {
  readonly steps: readonly RollbackStep[];
  readonly notes: DataNotes;
  readonly remains: readonly string[];
  readonly declined: readonly string[];
  /** Tables whose columns come back in another order. */
  readonly reordered: readonly string[];
  readonly searchPath: readonly string[] | null;
}

function undo(
  migration: MigrationAnalysis,
  { outsideTransaction, rebuildEnums }: { readonly outsideTransaction: boolean; readonly rebuildEnums: boolean },
): Undone {
  const lifetimes = new Lifetimes(migration);
  const notes: DataNotes = { before: [], sinceLost: [], sinceFails: [], stays: [], waits: [] };
  const steps: RollbackStep[] = [];
  const remains: string[] = [];
  const declined: string[] = [];
  const searchPath = otherSearchPath(migration);
  const kept = migration.statements.flatMap((statement) => {
    const rows = keptRows(statement, migration);
    return rows === null ? [] : [{ rows, statement }];
  });
  const broughtBack = new Set<KeptRows>();
  let unchecked = false;
  for (const statement of [...migration.statements].reverse()) {
    const remove = deleteInserted(statement, lifetimes);
    if (remove === null) noteRows(statement, lifetimes, notes);
    else {
      steps.push({
        sql: remove.sql,
        undoes: statement.statement.index,
        nonTransactional: false,
        ownTransaction: false,
        remark: null,
      });
      if (remove.referenced !== null)
        notes.sinceFails.push(
          `a row refers to one of ${remove.referenced} that line ${statement.statement.startLine} wrote`,
        );
    }
    const { before, after } = statement;
    if (before === after) continue;
    const bareSchema = searchPath === null ? 'public' : null;
    const context: InverseContext = {
      from: { catalog: after, bareSchema },
      to: { catalog: before, bareSchema },
      isBorn: (id) => lifetimes.isBorn(id),
      isTransient: (id) => lifetimes.isTransient(id),
      isBornOther: (object) => lifetimes.isBornOther(object),
      isTransientOther: (object) => lifetimes.isTransientOther(object),
      isBornColumn: (relation, column) => lifetimes.isBornColumn(relation, column),
      isTransientColumn: (relation, column) => lifetimes.isTransientColumn(relation, column),
      nameWasTaken: (schema, name) => lifetimes.nameWasTaken(schema, name),
      constraintNameWasTaken: (table, name) => lifetimes.constraintNameWasTaken(table, name),
      namesOf: (id) => lifetimes.namesOf(id),
      outsideTransaction,
      rebuildEnums,
    };
    try {
      const plan = inverse(context, notes);
      for (const { rows } of kept) {
        if (broughtBack.has(rows) || !isLostIn(rows, statement)) continue;
        broughtBack.add(rows);
        // Before constraints and triggers come back.
        plan.add('drop routines', rows.sql, { remark: remarkOf(rows) });
      }
      const planned = plan.steps().map((step) => withoutLoss(step, broughtBack));
      // Only a function that is undone after something else can name what that left in another state.
      if (!unchecked && planned.some((step) => step.unchecked) && (steps.length > 0 || planned.length > 1)) {
        unchecked = true;
        steps.unshift(uncheckedStep(steps[0]?.undoes ?? statement.statement.index, outsideTransaction));
      }
      const rows = kept.find((one) => one.statement === statement)?.rows;
      if (rows !== undefined && !broughtBack.has(rows)) steps.push(restoreStep(rows, statement));
      steps.push(...planned.map((step) => rollbackStep(step, statement)));
      remains.push(...plan.remains);
      for (const made of plan.tablesMade) lifetimes.noteTable(made);
      for (const event of plan.columnEvents) lifetimes.noteColumn(event);
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      declined.push(`line ${statement.statement.startLine}: ${error.what} is not known`);
    }
  }
  const lost = notes.before.filter((note) => !kept.some(({ rows }) => speaksOfKept(note, rows)));
  return {
    steps,
    notes: unique({ ...notes, before: lost }),
    remains,
    declined,
    reordered: lifetimes.reorderedTables(),
    searchPath,
  };
}

/** Does the statement drop the table, or a column, whose rows were kept? */
function isLostIn({ table, columns }: KeptRows, { before, after }: StatementAnalysis): boolean {
  if (!before.relations.has(table.id)) return false;
  const now = after.relations.get(table.id);
  if (now === undefined) return true;
  const left = hasColumns(now) ? now.columns.map(({ name }) => name) : [];
  const was = before.relations.get(table.id);
  const had = was !== undefined && hasColumns(was) ? was.columns.map(({ name }) => name) : [];
  return columns?.some((name) => had.includes(name) && !left.includes(name)) === true;
}

/** What comes back is not said to be lost. */
function withoutLoss(step: PlannedStep, broughtBack: ReadonlySet<KeptRows>): PlannedStep {
  const kept = [...broughtBack].some(({ table, columns }) =>
    columns === null
      ? step.remark === `The rows of ${table.name} are lost.`
      : columns.some((column) => step.remark === `The values of ${column} are lost.`),
  );
  return kept ? { ...step, remark: null } : step;
}

function remarkOf({ table }: KeptRows): string {
  return `What was kept of ${table.name} comes back.`;
}

/** The rows that the up script kept, put back before the archive goes. */
function restoreStep(rows: KeptRows, { statement }: StatementAnalysis): RollbackStep {
  return {
    sql: rows.sql,
    undoes: statement.index,
    nonTransactional: false,
    ownTransaction: false,
    remark: remarkOf(rows),
  };
}

/** As pg_dump does: the body of an SQL function is checked when it is called, not when it is made. */
function uncheckedStep(undoes: number, outsideTransaction: boolean): RollbackStep {
  return {
    sql: `SET ${outsideTransaction ? '' : 'LOCAL '}check_function_bodies = false`,
    undoes,
    nonTransactional: false,
    ownTransaction: outsideTransaction,
    remark: 'A function may name what comes back only later.',
  };
}

function rollbackStep(step: PlannedStep, { statement }: StatementAnalysis): RollbackStep {
  const { sql, nonTransactional, ownTransaction, remark } = step;
  return { sql, undoes: statement.index, nonTransactional, ownTransaction, remark };
}

function finish(migration: MigrationAnalysis, undone: Undone, mode: TransactionMode): Rollback {
  const declined = undone.declined.length === 0 ? null : undone.declined.join('; ');
  const grade = gradeOf(undone);
  return { text: scriptText({ migration, undone, grade, mode }), steps: undone.steps, grade, declined };
}

function gradeOf({ notes, declined, remains, reordered }: Undone): RollbackGrade {
  const { before, sinceLost, sinceFails, stays } = notes;
  const reasons = [...declined, ...remains];
  const order = reordered.map((table) => `columns of ${table} come back at its end`);
  return {
    schema:
      reasons.length > 0
        ? { state: 'different', reasons: [...reasons, ...order] }
        : { state: order.length > 0 ? 'columnOrder' : 'restored', reasons: order },
    data: {
      before: { state: before.length > 0 ? 'lost' : 'kept', lost: before },
      since: {
        state: sinceLost.length > 0 ? 'lost' : sinceFails.length > 0 ? 'may fail' : 'kept',
        lost: sinceLost,
        fails: sinceFails,
      },
      stays,
    },
  };
}

function unique(notes: DataNotes): DataNotes {
  const once = (list: readonly string[]) => [...new Set(list)];
  return {
    before: once(notes.before),
    sinceLost: once(notes.sinceLost),
    sinceFails: once(notes.sinceFails),
    stays: once(notes.stays),
    waits: once(notes.waits),
  };
}

/** The search_path that the migration set for itself: expressions that it left unqualified mean objects found there. */
function otherSearchPath(migration: MigrationAnalysis): readonly string[] | null {
  for (const { before } of migration.statements) {
    const path = before.session.searchPath;
    if (path.join() !== '$user,public' && path.join() !== 'public') return path;
  }
  return null;
}
