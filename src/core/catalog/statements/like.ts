import type { TableLikeClause } from '@pgsql/types';
import type { Column, IndexRelation, TableRelation } from '../catalog.ts';
import type { Draft } from '../draft.ts';
import {
  columnNames,
  columnNumbered,
  hasColumns,
  indexesOf,
  isTable,
  ownedSequences,
  resolveRelation,
} from '../lookup.ts';
import type { RelationWithColumns } from '../lookup.ts';
import { nameOfRangeVar } from '../nodes.ts';
import { missRelation } from '../targets.ts';
import { Refusal } from '../refusal.ts';
import { planSequence } from './columns.ts';
import type { ColumnPlan } from './columns.ts';
import { addIndex } from './indexes.ts';
import type { IndexPlan } from './indexes.ts';
import type { WantedNotNull } from './newTableNotNulls.ts';
import { copyStatistics } from './statistics.ts';

/** LIKE's options. nodes/parsenodes.h, enum TableLikeOption */
const COMMENTS = 1;
const COMPRESSION = 2;
const CONSTRAINTS = 4;
const DEFAULTS = 8;
const GENERATED = 16;
const IDENTITY = 32;
const INDEXES = 64;
const STATISTICS = 128;
const STORAGE = 256;

export interface LikeSource {
  readonly source: RelationWithColumns;
  readonly options: number;
}

interface LikeColumns extends LikeSource {
  readonly columns: readonly Column[];
  readonly plans: readonly ColumnPlan[];
}

export interface LikePlace {
  readonly schema: string;
  readonly table: string;
  readonly persistence: TableRelation['persistence'];
  readonly takenNames: Set<string>;
  readonly firstNumber: number;
}

/** The columns that LIKE copies; null when the source is not known (a gap says so). */
export function likeColumns(draft: Draft, clause: TableLikeClause, place: LikePlace): LikeColumns | null {
  const name = nameOfRangeVar(clause.relation);
  const source = resolveRelation(draft, name.schema, name.name);
  if (source === undefined) {
    missRelation(draft, name);
    return null;
  }
  if (!hasColumns(source)) throw new Refusal('42809', `relation "${source.name}" is invalid in LIKE clause`);
  const options = clause.options ?? 0;
  const has = (option: number): boolean => (options & option) !== 0;
  const plans: ColumnPlan[] = [];
  const columns = source.columns.map((column, at): Column => {
    const copied: Column = {
      ...column,
      number: place.firstNumber + at,
      default: has(DEFAULTS) ? column.default : null,
      generated: has(GENERATED) ? column.generated : null,
      identity: has(IDENTITY) ? column.identity : null,
      storage: has(STORAGE) ? column.storage : null,
      compression: has(COMPRESSION) ? column.compression : null,
      comment: has(COMMENTS) ? column.comment : null,
      statistics: null,
      privileges: [],
      options: {},
      local: true,
      inheritCount: 0,
    };
    if (copied.identity !== null) {
      const sequence = planSequence(draft, place, column.name, column.type.name, []);
      const [original] = ownedSequences(draft, source.id, column.number);
      const { id, schema, name: sequenceName, persistence, ownedBy } = sequence;
      const like =
        original === undefined ? sequence : { ...original, id, schema, name: sequenceName, persistence, ownedBy };
      plans.push({
        column: copied,
        // The server gives such a sequence CREATE SEQUENCE's default type, with the original's limits.
        sequence: { ...like, dataType: 'int8', comment: null, privileges: [] },
        constraints: [],
        notNull: null,
      });
    }
    return copied;
  });
  return { source, options, columns, plans };
}

/** NOT NULL is always copied, on 18 with its names. */
export function likeNotNulls(source: RelationWithColumns): WantedNotNull[] {
  const named = new Map<number, { readonly name: string; readonly noInherit: boolean }>();
  if (isTable(source)) {
    for (const constraint of source.constraints) {
      if (constraint.kind === 'not null') named.set(constraint.column, constraint);
    }
  }
  return source.columns.flatMap((column): WantedNotNull[] => {
    if (!column.notNull) return [];
    const constraint = named.get(column.number);
    return [{ column: column.name, name: constraint?.name ?? null, noInherit: constraint?.noInherit ?? false }];
  });
}

/** What LIKE copies once the table is there: checks, indexes with their constraints, statistics (expandTableLikeClause). */
export function copyLike(draft: Draft, tableId: number, { source, options }: LikeSource): void {
  const has = (option: number): boolean => (options & option) !== 0;
  if (!isTable(source)) return;
  if (has(CONSTRAINTS)) {
    for (const constraint of source.constraints) {
      if (constraint.kind !== 'check') continue;
      const table = draft.table(tableId);
      const columns = columnNames(source, constraint.columns).flatMap(
        (name) => table.columns.find((column) => column.name === name)?.number ?? [],
      );
      const existing = table.constraints.find(({ name }) => name === constraint.name);
      if (existing !== undefined) {
        // One that a parent brought becomes the table's own, too (MergeWithExistingConstraint() in heap.c).
        if (existing.kind === 'check' && existing.inheritCount > 0 && !existing.local) {
          draft.putConstraint(tableId, { ...existing, local: true });
          continue;
        }
        throw new Refusal('42710', `constraint "${constraint.name}" already exists`);
      }
      draft.addConstraint(tableId, {
        ...constraint,
        id: draft.newId(),
        columns,
        // A new table holds no rows; what is not enforced stays not validated.
        validated: constraint.enforced,
        local: true,
        inheritCount: 0,
        comment: has(COMMENTS) ? constraint.comment : null,
      });
    }
  }
  if (has(INDEXES)) {
    for (const index of indexesOf(draft, source)) {
      const made = addIndex(draft, draft.table(tableId), planFromIndex(source, index), { only: false, parent: null });
      if (!has(COMMENTS)) continue;
      draft.put({ ...draft.index(made), comment: index.comment });
    }
  }
  if (has(STATISTICS)) copyStatistics(draft, source, tableId, has(COMMENTS));
}

/** The plan of another index like this one, columns by name; its name is generated anew. */
export function planFromIndex(table: TableRelation, index: IndexRelation): IndexPlan {
  const constraint = table.constraints.find(({ id }) => id === index.constraint);
  return {
    name: null,
    method: index.method,
    unique: index.unique,
    nullsNotDistinct: index.nullsNotDistinct,
    elements: index.keys.map((key) => ({
      ...(key.column === null
        ? { expr: key.expression?.tree ?? { A_Const: { sval: { sval: key.expression?.text ?? '' } } } }
        : { name: columnNumbered(table, key.column)?.name ?? '' }),
      ...(key.collation === null ? {} : { collation: [{ String: { sval: key.collation } }] }),
      ...(key.operatorClass === null ? {} : { opclass: [{ String: { sval: key.operatorClass } }] }),
      ordering: key.descending ? 'SORTBY_DESC' : 'SORTBY_DEFAULT',
      nulls_ordering: key.nullsFirst ? 'SORTBY_NULLS_FIRST' : 'SORTBY_NULLS_LAST',
    })),
    include: columnNames(table, index.include),
    where: index.predicate?.tree ?? undefined,
    options: index.options,
    tablespace: index.tablespace,
    constraint:
      constraint?.kind === 'primary key' || constraint?.kind === 'unique' || constraint?.kind === 'exclude'
        ? {
            kind: constraint.kind,
            deferrable: constraint.deferrable,
            initiallyDeferred: constraint.initiallyDeferred,
            definition: constraint.kind === 'exclude' ? constraint.definition : { tree: null, text: null },
          }
        : null,
  };
}
