import type { AlterTableCmd, AlterTableType } from '@pgsql/types';
import type { TableRelation } from '../../catalog/catalog.ts';
import { descendants } from '../../catalog/lookup.ts';
import { definitionElement } from '../../sql/tree.ts';
import { LOCK_MODES, lockStrength } from '../effect.ts';
import type { Work } from '../effect.ts';
import { evaluateIndexes } from '../evaluated.ts';
import { lockOf } from '../fact.ts';
import type { Fact } from '../fact.ts';
import type { Detail, EffectRecorder } from '../recorder.ts';

/**
 * One ALTER TABLE while its parts are looked at. PostgreSQL takes the strongest lock that any part needs, on the table
 * and on all children that a part reaches (AlterTableGetLockLevel(), ATPrepCmd() in tablecmds.c).
 */
export class AlteredTable {
  readonly recorder: EffectRecorder;
  readonly table: TableRelation;
  /** ALTER TABLE ONLY. */
  readonly only: boolean;
  /** All parts of the statement: what comes first does not hang on their order. */
  readonly commands: readonly AlterTableCmd[];
  /** Names of constraints that the same statement drops: that comes first, whatever the order. */
  readonly droppedConstraints: ReadonlySet<string>;
  /** Names of columns that the same statement drops. */
  readonly droppedColumns: ReadonlySet<string>;
  #strength = 1;
  readonly #touched = new Set<number>();
  #family: readonly TableRelation[] | null = null;

  constructor(
    recorder: EffectRecorder,
    table: TableRelation,
    options: { readonly only: boolean; readonly commands?: readonly AlterTableCmd[] },
  ) {
    this.recorder = recorder;
    this.table = table;
    this.only = options.only;
    this.commands = options.commands ?? [];
    this.droppedConstraints = this.#namesOf('AT_DropConstraint');
    this.droppedColumns = this.#namesOf('AT_DropColumn');
  }

  #namesOf(kind: AlterTableType): ReadonlySet<string> {
    const names = this.commands.flatMap(({ subtype, name }) => (subtype === kind ? [name ?? ''] : []));
    return names.length === 0 ? NONE : new Set(names);
  }

  /** Whether a table of the family has the column when its turn to be added comes: what is dropped, in children too, is gone by then. */
  hasColumn(table: TableRelation, name: string): boolean {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined || !this.droppedColumns.has(name)) return column !== undefined;
    return table !== this.table && (column.local || this.only);
  }

  /** The table alone. */
  get self(): readonly TableRelation[] {
    return [this.table];
  }

  /** The table, its inheritance children and partitions, of all levels; ONLY the table if so written. */
  get family(): readonly TableRelation[] {
    return this.only ? this.self : this.everything;
  }

  /** The table and its partitions, unless ONLY; inheritance children are left out. */
  get partitions(): readonly TableRelation[] {
    return this.table.kind === 'partitioned table' ? this.family : this.self;
  }

  /** The family even if ONLY was written. */
  get everything(): readonly TableRelation[] {
    this.#family ??= [this.table, ...descendants(this.recorder.before, this.table)];
    return this.#family;
  }

  /** A part of the statement that concerns these of the family. `work` is asked for those that hold rows. */
  on(
    tables: readonly TableRelation[],
    fact: Fact,
    detail: Detail,
    work?: (table: TableRelation) => readonly Work[],
  ): void {
    const lock = detail.lock ?? lockOf(fact.lock, this.recorder.major);
    this.#strength = Math.max(this.#strength, lockStrength(lock));
    for (const table of tables) {
      this.#touched.add(table.id);
      const own = work === undefined || !holdsRows(table) ? undefined : work(table);
      this.recorder.touch(table.id, fact, own === undefined || own.length === 0 ? detail : { ...detail, work: own });
      if (own?.includes('rewrite') === true) evaluateIndexes(this.recorder, table);
    }
  }

  finish(): void {
    const lock = LOCK_MODES[this.#strength - 1];
    if (lock === undefined) return;
    for (const id of this.#touched) this.recorder.raise(id, lock);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Stands for a table that the history never made. */
export function isUnknownTable(table: TableRelation): boolean {
  return table.id < 0;
}

/** Partitioned tables hold none themselves; foreign ones hold them elsewhere. */
export function holdsRows(table: TableRelation): boolean {
  return table.kind === 'table';
}

const SCAN: readonly Work[] = ['scan'];
const REWRITE: readonly Work[] = ['rewrite'];
const REWRITE_AND_INDEXES: readonly Work[] = ['rewrite', 'index build'];
const INDEX_BUILD: readonly Work[] = ['index build'];

export const scan = (): readonly Work[] => SCAN;
export const indexBuild = (): readonly Work[] => INDEX_BUILD;
/** A new copy of the table; its indexes are built again. */
export const rewrite = (table: TableRelation): readonly Work[] =>
  table.indexes.length > 0 ? REWRITE_AND_INDEXES : REWRITE;

/** Storage parameters that are not safe to change under readers (relOpts in src/backend/access/common/reloptions.c). */
const STRONG_PARAMETERS = new Set([
  'user_catalog_table',
  'security_barrier',
  'check_option',
  'security_invoker',
  'buffering',
  'fastupdate',
  'gin_pending_list_limit',
  'autosummarize',
  'pages_per_range',
]);

/** SET or RESET of a parameter that needs the strongest lock. */
export function hasStrongParameter(command: AlterTableCmd): boolean {
  const options = command.def !== undefined && 'List' in command.def ? (command.def.List.items ?? []) : [];
  return [...STRONG_PARAMETERS].some((name) => definitionElement(options, name) !== undefined);
}
