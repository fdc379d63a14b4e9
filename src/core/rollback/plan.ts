import type { OtherObject } from '../catalog/catalog.ts';
import type { Naming } from './naming.ts';

/**
 * The order in which the parts of one inverse are done, so that nothing is dropped while something hangs on it, and
 * nothing is made before what it needs. Before `rename`, things are called as they are after the migration; from
 * `schemas` on, as they were before it.
 */
export const PHASES = [
  'detach partitions',
  'drop triggers',
  'drop views',
  'drop foreign keys',
  'drop constraints',
  'drop indexes',
  'release sequences',
  'drop tables',
  'drop columns',
  'rename parts',
  'rename',
  'schemas',
  'make',
  'columns',
  'drop routines',
  'drop types',
  'drop schemas',
  'constraints',
  'indexes',
  'foreign keys',
  'partitions',
  'views',
  'triggers',
  'settings',
  'rights',
  'comments',
] as const;
export type Phase = (typeof PHASES)[number];

export interface PlannedStep {
  readonly phase: Phase;
  /** Without the closing `;`. */
  readonly sql: string;
  /** Can't run in a transaction block. */
  readonly nonTransactional: boolean;
  /** May run in a transaction, but wants one of its own, to hold its locks for a short time only. */
  readonly ownTransaction: boolean;
  /** Makes a function whose body may name what comes back only later. */
  readonly unchecked: boolean;
  /** One action of ALTER TABLE: the part before it, so that neighbours can be joined into one statement. */
  readonly alter: string | null;
  /** Said in a comment above it. */
  readonly remark: string | null;
}

export interface PlanOptions {
  readonly nonTransactional?: boolean;
  readonly ownTransaction?: boolean;
  readonly unchecked?: boolean;
  readonly remark?: string;
}

/** What becomes of rows; each a sentence for people. */
export interface DataNotes {
  /** Rows and values from before the migration that don't come back. */
  readonly before: string[];
  /** Rows and values written since that are lost. */
  readonly sinceLost: string[];
  /** Rows that the migration itself wrote and that stay. */
  readonly stays: string[];
  /** What makes the script fail, because of rows written since. */
  readonly sinceFails: string[];
  /** Who waits while the script works through rows: what its tool leaves no way round. */
  readonly waits: string[];
}

/** What `inverse` has to know besides the two catalogs. */
export interface InverseContext {
  /** The catalog to leave: the names that things have when the inverse starts. */
  readonly from: Naming;
  /** The catalog to come back to. */
  readonly to: Naming;
  /** Made by this migration, so dropped as a whole by an earlier statement's inverse: what was done to it since needs no undoing. */
  readonly isBorn: (id: number) => boolean;
  /** Made and dropped within the migration: never made again. */
  readonly isTransient: (id: number) => boolean;
  /** The same for what is known by name only. */
  readonly isBornOther: (object: OtherObject) => boolean;
  readonly isTransientOther: (object: OtherObject) => boolean;
  /** Was added by this migration to a table that was there before; dropped as a whole by an earlier statement's inverse. */
  readonly isBornColumn: (relation: number, column: number) => boolean;
  /** Was added and dropped within the migration: never added again. */
  readonly isTransientColumn: (relation: number, column: number) => boolean;
  /** A relation of this name was there before the migration: the name has to be free in time. */
  readonly nameWasTaken: (schema: string, name: string) => boolean;
  /** A constraint of the table was called so before the migration: the name has to be free in time. */
  readonly constraintNameWasTaken: (table: number, name: string) => boolean;
  /** Names that a type or relation has had during the migration. */
  readonly namesOf: (id: number) => readonly string[];
  /** The tool runs the script outside a transaction, so CONCURRENTLY and separate validation are possible. */
  readonly outsideTransaction: boolean;
  /** Enum values are taken away again, though that rewrites tables. */
  readonly rebuildEnums: boolean;
}

/** Collects the steps of one inverse and puts them into order. */
export class Plan {
  readonly context: InverseContext;
  readonly notes: DataNotes;
  /** Why the schema won't be as before, though the script runs. */
  readonly remains: string[] = [];
  /** Columns that the steps drop from, and add to, tables that stay: what the order of columns will be. */
  readonly columnEvents: { readonly table: number; readonly column: number; readonly added: boolean }[] = [];
  /** Tables that the steps make again as a whole, with the columns that they have then. */
  readonly tablesMade: { readonly table: number; readonly columns: readonly number[] }[] = [];
  readonly #steps: PlannedStep[] = [];

  constructor(context: InverseContext, notes: DataNotes) {
    this.context = context;
    this.notes = notes;
  }

  /** A statement of its own. */
  add(phase: Phase, sql: string, options: PlanOptions = {}): void {
    this.#steps.push({
      phase,
      sql,
      nonTransactional: options.nonTransactional ?? false,
      ownTransaction: options.ownTransaction ?? false,
      unchecked: options.unchecked ?? false,
      alter: null,
      remark: options.remark ?? null,
    });
  }

  /** One action of an ALTER statement: `alter` is `ALTER TABLE orders`. */
  alter(phase: Phase, alter: string, action: string, options: { readonly remark?: string } = {}): void {
    this.#steps.push({
      phase,
      sql: `${alter} ${action}`,
      nonTransactional: false,
      ownTransaction: false,
      unchecked: false,
      alter,
      remark: options.remark ?? null,
    });
  }

  /** The steps in order of phase, neighbouring actions on one table joined. */
  steps(): readonly PlannedStep[] {
    const sorted = [...this.#steps].sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase));
    const joined: PlannedStep[] = [];
    for (const step of sorted) {
      const last = joined.at(-1);
      if (step.alter !== null && last?.alter === step.alter && step.remark === null && joins(last.phase, step.phase)) {
        const action = step.sql.slice(step.alter.length + 1);
        joined[joined.length - 1] = { ...last, phase: step.phase, sql: joinActions(last.sql, step.alter, action) };
      } else {
        joined.push(step);
      }
    }
    return joined;
  }
}

/** Renames stand alone by grammar; the others may share one ALTER TABLE, which saves a second rewrite. */
function joins(a: Phase, b: Phase): boolean {
  return a === b && a !== 'rename' && a !== 'rename parts' && a !== 'partitions' && a !== 'detach partitions';
}

function joinActions(sql: string, alter: string, action: string): string {
  const rest = sql.slice(alter.length).trimStart();
  return `${alter}\n  ${rest},\n  ${action}`;
}
